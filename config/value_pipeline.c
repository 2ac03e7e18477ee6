/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text_file.h"
#include "config/value.h"

#define PIPELINES_VARIABLE "SKYNET_PIPELINES" /* another folder of shipped texts: the source's, before anything is installed */
#define TEXT_BYTES_MAX 65536

char *sky_config_shipped_pipeline(const char *name) {
    const char *folder = g_getenv(PIPELINES_VARIABLE);
    g_autofree char *file = g_strconcat(name, ".pipeline", NULL);
    return g_build_filename(folder && folder[0] == '/' ? folder : SKY_PIPELINES_DIRECTORY, file, NULL);
}

/* "rtsp-tcp" is a shipped one; with a slash or a dot it is a file. */
static char *path_of(const SkyValueCall *call, const char *text) {
    if (g_path_is_absolute(text))
        return g_strdup(text);
    if (strpbrk(text, "/."))
        return g_build_filename(call->directory, text, NULL);
    return sky_config_shipped_pipeline(text);
}

gboolean sky_value_read_pipeline(const SkyValueCall *call, const SkyYamlNode *node, gpointer target) {
    if (node->text[0] == '\0')
        return sky_value_refuse(call, node, "no value");
    g_autoptr(GError) error = NULL;
    g_autofree char *path = path_of(call, node->text);
    g_autofree char *text = sky_text_file_read(path, TEXT_BYTES_MAX, &error);
    if (text && !g_utf8_validate(text, -1, NULL)) {
        g_clear_pointer(&text, g_free);
        g_set_error(&error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: not a text", path);
    }
    if (!text)
        return sky_value_refuse(call, node, error->message);
    g_free(*(char **)target);
    *(char **)target = g_steal_pointer(&text);
    return TRUE;
}
