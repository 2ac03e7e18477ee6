/* SPDX-License-Identifier: Apache-2.0 */
#include "config/secret_word.h"

#include <string.h>

static const char *const words[] = {"pass", "pwd", "secret", "token", "credential", "private"};

gboolean sky_secret_word_goes_on(char c) {
    return g_ascii_isalnum(c) || c == '_' || c == '-';
}

static gboolean begins_here(const char *text, const char *end) {
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if ((gsize)(end - text) >= strlen(words[i]) && g_ascii_strncasecmp(text, words[i], strlen(words[i])) == 0)
            return TRUE;
    return FALSE;
}

const char *sky_secret_word_end(const char *text, gsize bytes) {
    const char *end = text + bytes;
    for (const char *c = text; c < end; c++) {
        if (!begins_here(c, end))
            continue;
        while (c < end && sky_secret_word_goes_on(*c))
            c++;
        return c;
    }
    return NULL;
}
