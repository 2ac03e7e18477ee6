/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"

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
    char *text = sky_text_file_read(path, 4096, error);
    if (text != NULL)
        text[strcspn(text, "\r\n")] = '\0';
    return text;
}

void sky_text_wipe(char *text) {
    if (text != NULL)
        explicit_bzero(text, strlen(text));
}
