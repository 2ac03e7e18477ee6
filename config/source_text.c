/* SPDX-License-Identifier: Apache-2.0 */
#include "config/source_text.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define LINE_BYTES_MAX 8192
#define OPEN_BRACKETS_MAX 24

SkySourceText sky_source_text(const char *name, const char *text, gsize bytes) {
    gsize mark = bytes >= 3 && memcmp(text, BYTE_ORDER_MARK, 3) == 0 ? 3 : 0;
    return (SkySourceText){.name = name, .text = text + mark, .bytes = bytes - mark};
}

static gsize place_of(const SkySourceText *source, const char *c) {
    return source->base + (gsize)(c - source->text);
}

/* Any of them could also play tricks on the terminal that shows a report. */
static gboolean is_control(gunichar letter, const char *next, const char *end) {
    if (letter == '\n' || letter == '\t')
        return FALSE;
    if (letter == '\r')
        return next == end || *next != '\n';
    GUnicodeType type = g_unichar_type(letter);
    return type == G_UNICODE_CONTROL || type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR;
}

static gboolean check_letters(const SkySourceText *source, SkyReport *report) {
    const char *end = source->text + source->bytes, *bad;
    if (!g_utf8_validate_len(source->text, source->bytes, &bad)) {
        sky_report_add(report, place_of(source, bad), NULL, *bad == '\0' ? "a NUL byte, allowed is text in UTF-8"
                                                                                : "not UTF-8, allowed is text in UTF-8");
        return FALSE;
    }
    for (const char *c = source->text; c < end;) {
        const char *next = g_utf8_next_char(c);
        gunichar letter = g_utf8_get_char(c);
        if (is_control(letter, next, end)) {
            sky_report_add(report, place_of(source, c), NULL, "the control character U+%04X, allowed are text and line feeds",
                           letter);
            return FALSE;
        }
        c = next;
    }
    return TRUE;
}

/* YAML forbids them there, but its readers complain in other places and other words. */
static gboolean check_tab(const SkySourceText *source, const char *line, const char *end, SkyReport *report) {
    const char *tab = line;
    while (tab < end && *tab == ' ')
        tab++;
    const char *c = tab;
    while (c < end && (*c == ' ' || *c == '\t'))
        c++;
    if (c == tab || c == end || strchr("\r\n#", *c) != NULL)
        return TRUE;
    sky_report_add(report, place_of(source, tab), NULL, "a tab as indentation, allowed are blanks");
    return FALSE;
}

/* libfyaml looks ahead over the whole of a list or map in brackets, for it could be a key, and takes 200 bytes for each of it: what
 * is long in one line or is opened and not closed would take hundreds of megabytes. Counted without grammar, anew at each key
 * that stands at the margin. */
static gboolean check_brackets(const SkySourceText *source, const char *line, const char *end, guint *depth, SkyReport *report) {
    if (end - line > LINE_BYTES_MAX) {
        sky_report_add(report, place_of(source, line), NULL, "a line too long, allowed are %d bytes", LINE_BYTES_MAX);
        return FALSE;
    }
    if (g_ascii_isalpha(*line))
        *depth = 0;
    for (const char *c = line; c < end; c++) {
        if (*c == '[' || *c == '{')
            ++*depth;
        else if ((*c == ']' || *c == '}') && *depth > 0)
            --*depth;
        if (*depth > OPEN_BRACKETS_MAX) {
            sky_report_add(report, place_of(source, c), NULL, "too many brackets open, allowed are %d", OPEN_BRACKETS_MAX);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean check_lines(const SkySourceText *source, SkyReport *report) {
    gboolean fine = TRUE;
    guint depth = 0;
    const char *end = source->text + source->bytes;
    for (const char *line = source->text; line < end;) {
        const char *feed = memchr(line, '\n', (gsize)(end - line));
        const char *line_end = feed ? feed : end;
        if (!check_brackets(source, line, line_end, &depth, report))
            return FALSE;
        fine &= check_tab(source, line, line_end, report);
        line = feed ? feed + 1 : end;
    }
    return fine;
}

gboolean sky_source_check(const SkySourceText *source, SkyReport *report) {
    if (source->bytes > SKY_SOURCE_BYTES_MAX) {
        sky_report_add(report, source->base, NULL, "larger than allowed, which is %d bytes", SKY_SOURCE_BYTES_MAX);
        return FALSE;
    }
    return check_letters(source, report) && check_lines(source, report);
}

void sky_source_position(const SkySourceText *source, gsize at, guint *ret_line, guint *ret_column) {
    guint line = 1, column = 1;
    for (gsize i = 0; i < MIN(at - source->base, source->bytes); i++) {
        unsigned char byte = (unsigned char)source->text[i];
        if (byte == '\n') {
            line++;
            column = 1;
        } else if ((byte & 0xc0) != 0x80) { /* continuation bytes of UTF-8 are no characters */
            column++;
        }
    }
    *ret_line = line;
    *ret_column = column;
}

gsize sky_source_offset(const SkySourceText *source, guint line, guint column) {
    gsize at = 0;
    for (guint i = 1; i < line; i++) {
        const char *feed = memchr(source->text + at, '\n', source->bytes - at);
        if (!feed)
            return source->base + source->bytes;
        at = (gsize)(feed + 1 - source->text);
    }
    for (guint i = 1; i < column && at < source->bytes && source->text[at] != '\n'; i++) {
        do
            at++;
        while (at < source->bytes && ((unsigned char)source->text[at] & 0xc0) == 0x80);
    }
    return source->base + at;
}
