/* SPDX-License-Identifier: Apache-2.0 */
#include "message/reader_text.h"

#include "base/character.h"

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
        g_string_append_unichar(out, sky_character_is_dangerous(c) ? '?' : c);
    }
    return g_string_free(out, FALSE);
}
