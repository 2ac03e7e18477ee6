/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text_file.h"
#include "config/value.h"

#define CREDENTIAL "credential:"
#define CREDENTIALS_VARIABLE "CREDENTIALS_DIRECTORY"

#define CREDENTIAL_ALLOWED "allowed: credential:NAME as in LoadCredential=NAME:FILE"
#define CREDENTIALS_NONE "no credentials here ($" CREDENTIALS_VARIABLE " is not set), allowed where the service manager gives them"

/* What is written here may be the password itself, put there by mistake: it is told only where a file of that name exists. */

static char *refuse_credential(const SkyValueCall *call, const SkyYamlNode *node, const char *words) {
    sky_report_add(call->report, node->at, call->path, "%s", words);
    return NULL;
}

static char *credential_path(const SkyValueCall *call, const SkyYamlNode *node) {
    const char *name = node->text + strlen(CREDENTIAL), *directory = g_getenv(CREDENTIALS_VARIABLE);
    if (name[0] == '\0' || name[0] == '.' || strchr(name, '/'))
        return refuse_credential(call, node, "not the name of a credential, " CREDENTIAL_ALLOWED);
    if (!directory || directory[0] != '/')
        return refuse_credential(call, node, CREDENTIALS_NONE);
    return g_build_filename(directory, name, NULL);
}

/* Absolute, or NULL: reported. */
static char *path_of(const SkyValueCall *call, const SkyYamlNode *node) {
    if (g_str_has_prefix(node->text, CREDENTIAL))
        return credential_path(call, node);
    if (g_path_is_absolute(node->text))
        return g_strdup(node->text);
    return g_build_filename(call->directory, node->text, NULL);
}

static gboolean has_control(const char *text) {
    for (; *text; text++)
        if (g_ascii_iscntrl(*text))
            return TRUE;
    return FALSE;
}

static gboolean find(const SkyValueCall *call, const SkyYamlNode *node, const char *path, struct stat *ret_stat) {
    g_autofree char *words = NULL;
    gboolean possible = node->text[0] != '\0' && !has_control(node->text);
    if (possible && stat(path, ret_stat) == 0) {
        if (S_ISREG(ret_stat->st_mode))
            return TRUE;
        words = g_strdup_printf("%s is not a regular file", path);
    } else if (!possible || errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG) {
        words = g_path_is_absolute(node->text) || g_str_has_prefix(node->text, CREDENTIAL)
                    ? g_strdup("there is no such file")
                    : g_strdup_printf("there is no such file in %s", call->directory);
    } else {
        words = g_strdup_printf("the file can not be read (%s)", g_strerror(errno));
    }
    return sky_value_refuse(call, node, words);
}

static gboolean read_secret(const SkyValueCall *call, const SkyYamlNode *node, const char *path, char **target) {
    g_autoptr(GError) error = NULL;
    g_autofree char *secret = sky_text_file_read_secret(path, &error);
    if (!secret) {
        sky_report_add(call->report, node->at, call->path, "%s, allowed: a file of plain text that this user can read", error->message);
        return FALSE;
    }
    if (secret[0] == '\0') {
        sky_report_add(call->report, node->at, call->path, "%s has nothing in its first line, allowed: the password there", path);
        return FALSE;
    }
    sky_text_wipe(*target);
    g_free(*target);
    *target = g_steal_pointer(&secret);
    return TRUE;
}

gboolean sky_value_read_file(const SkyValueCall *call, const SkyYamlNode *node, gpointer target) {
    g_autofree char *path = path_of(call, node);
    struct stat stat;
    if (!path || !find(call, node, path, &stat))
        return FALSE;
    if (call->files)
        g_ptr_array_add(call->files, g_strdup(path));
    if (call->key->type == SKY_VALUE_SECRET) {
        if (stat.st_mode & 007) {
            sky_report_add(call->report, node->at, call->path, "%s is open to others, allowed: to owner and group (chmod o= %s)",
                           path, path);
            return FALSE;
        }
        return read_secret(call, node, path, target);
    }
    g_free(*(char **)target);
    *(char **)target = g_steal_pointer(&path);
    return TRUE;
}
