/* SPDX-License-Identifier: Apache-2.0 */
#include "message/reader_text.h"

/* What could move the cursor, hide or reorder what a person reads. */
static gboolean is_dangerous(gunichar c) {
    switch (g_unichar_type(c)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT: /* bidirectional marks, zero-width joiners, tags */
    case G_UNICODE_SURROGATE:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
        return TRUE;
    default:
        return FALSE;
    }
}

char *sky_reader_text(const char *text, gsize most_characters) {
    g_autofree char *mended = g_utf8_make_valid(text ? text : "", -1);
    GString *out = g_string_new(NULL);
    gsize characters = 0;
    for (const char *at = mended; *at; at = g_utf8_next_char(at)) {
        if (characters++ == most_characters) {
            g_string_append(out, "…");
            break;
        }
        gunichar c = g_utf8_get_char(at);
        g_string_append_unichar(out, is_dangerous(c) ? '?' : c);
    }
    return g_string_free(out, FALSE);
}
