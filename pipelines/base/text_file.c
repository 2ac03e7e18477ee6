/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"

#define SECRET_BYTES_MAX 4096u

char *sky_text_file_read(const char *path, gsize most_bytes, GError **error) {
    sky_autofd fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not hang us */
    struct stat stat;
    if (fd < 0 || fstat(fd, &stat) != 0) {
        sky_error_set_errno(error, errno, path);
        return NULL;
    }
    if (!S_ISREG(stat.st_mode)) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "%s: not a regular file", path);
        return NULL;
    }
    g_autofree char *text = g_malloc(most_bytes + 2);
    gsize have = 0;
    for (;;) {
        ssize_t got = read(fd, text + have, most_bytes + 1 - have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            sky_error_set_errno(error, errno, path);
            return NULL;
        }
        have += (gsize)got;
        if (got == 0 || have > most_bytes)
            break;
    }
    if (have > most_bytes) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "%s: larger than %" G_GSIZE_FORMAT " bytes", path, most_bytes);
        return NULL;
    }
    text[have] = '\0';
    return g_steal_pointer(&text);
}

char *sky_text_file_read_secret(const char *path, GError **error) {
    char *text = sky_text_file_read(path, SECRET_BYTES_MAX, error);
    if (text == NULL)
        return NULL;
    /* As some editors write it: a mark that nobody sees would be of the password, and five tries of that lock an account. */
    static const char mark[] = "\xef\xbb\xbf";
    gsize skip = g_str_has_prefix(text, mark) ? strlen(mark) : 0;
    if (g_str_has_prefix(text, "\xff\xfe") || g_str_has_prefix(text, "\xfe\xff")) {
        explicit_bzero(text, SECRET_BYTES_MAX); /* every other byte may be a NUL */
        g_free(text);
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "%s: UTF-16", path);
        return NULL;
    }
    gsize length = strcspn(text + skip, "\r\n");
    memmove(text, text + skip, length);
    explicit_bzero(text + length, SECRET_BYTES_MAX - length);
    return text;
}

void sky_text_wipe(char *text) {
    if (text != NULL)
        explicit_bzero(text, strlen(text));
}
