/* SPDX-License-Identifier: Apache-2.0 */
#include "message/public_text.h"

#include <string.h>

#define BLANKS " \t\r\n"
#define WORD_ENDS BLANKS "\"'<>`,;()[]"

/* A password pasted into a URL may hold blanks and quotes: what stands before the line's last @ goes too. */
static gsize address_length(const char *at) {
    const char *last = memrchr(at, '@', strcspn(at, "\r\n"));
    return last ? (gsize)(last - at) + strcspn(last, BLANKS) : strcspn(at, BLANKS);
}

/* An absolute path in a word begins where a slash follows no letter or digit: "key=/etc/skynetd/site.yaml:3:5:" keeps
 * "key=site.yaml:3:5:", and "1/2" or "RTSP/1.0" are no paths. */
static void append_without_path(GString *out, const char *word, gsize length) {
    const char *last = memrchr(word, '/', length);
    for (const char *at = word; last && at < last; at++) {
        if (*at == '/' && (at == word || !g_ascii_isalnum(at[-1]))) {
            g_string_append_len(out, word, at - word);
            length -= (gsize)(last + 1 - word);
            word = last + 1;
            break;
        }
    }
    g_string_append_len(out, word, (gssize)length);
}

char *sky_public_text(const char *text) {
    GString *out = g_string_new(NULL);
    for (const char *at = text ? text : ""; *at;) {
        gsize blank = strspn(at, WORD_ENDS);
        g_string_append_len(out, at, (gssize)blank);
        at += blank;
        gsize length = strcspn(at, WORD_ENDS);
        if (g_strstr_len(at, (gssize)length, "://")) {
            length = address_length(at);
            g_string_append(out, "(address)");
        } else {
            append_without_path(out, at, length);
        }
        at += length;
    }
    return g_string_free(out, FALSE);
}
