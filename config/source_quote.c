/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "config/key_table.h"
#include "config/source_text.h"

/* A person who looks for a mistake needs the line; a log needs no password. Passwords stand in URLs, under keys that do not exist,
 * in comments, over several lines, and in files that are not even YAML, so nothing here relies on the parsed tree: what is shown
 * is what is known to be harmless. */
#define SHOWN_BYTES_MAX 160
#define LOOK_BACK_LINES 200

typedef struct {
    const char *begin, *end;
} Span;

static Span line_at(const SkySourceText *source, gsize at) {
    Span line = {source->text + MIN(at, source->bytes), source->text + MIN(at, source->bytes)};
    while (line.begin > source->text && line.begin[-1] != '\n')
        line.begin--;
    while (line.end < source->text + source->bytes && *line.end != '\n')
        line.end++;
    if (line.end > line.begin && line.end[-1] == '\r')
        line.end--;
    return line;
}

static gboolean is_blank(char c) {
    return c == ' ' || c == '\t';
}

static gboolean is_word(char c) {
    return g_ascii_isalnum(c) || c == '_' || c == '-';
}

/* The colon behind a key: before a blank, the line's end or behind a quote. */
static const char *next_colon(const char *from, Span line) {
    for (const char *c = from; c < line.end; c++)
        if (*c == ':' && (c + 1 == line.end || is_blank(c[1]) || (c > line.begin && strchr("\"'", c[-1]))))
            return c;
    return NULL;
}

/* Is what stands before the colon a key of the table whose value may be seen? */
static gboolean is_harmless_key(const char *colon, Span line) {
    const char *end = colon;
    while (end > line.begin && is_blank(end[-1]))
        end--;
    if (end > line.begin && strchr("\"'", end[-1]))
        end--;
    const char *begin = end;
    while (begin > line.begin && is_word(begin[-1]))
        begin--;
    g_autofree char *word = g_strndup(begin, (gsize)(end - begin));
    return sky_key_is_harmless(word);
}

static gboolean looks_like_url(Span line) {
    gsize length = (gsize)(line.end - line.begin);
    return memchr(line.begin, '@', length) || memmem(line.begin, length, "://", 3);
}

static const char *comment_of(Span line) {
    for (const char *c = line.begin; c < line.end; c++)
        if (*c == '#' && (c == line.begin || is_blank(c[-1])))
            return c;
    return line.end;
}

/* Up to where the line may be shown; its begin: not at all. */
static const char *harmless_end(Span line) {
    gboolean url = looks_like_url(line);
    Span code = {line.begin, comment_of(line)};
    const char *colon = next_colon(code.begin, code);
    if (url && !colon)
        return line.begin;
    for (; colon; colon = next_colon(colon + 1, code))
        if (url || !is_harmless_key(colon, code))
            return colon + 1;
    return code.end;
}

static gboolean begins_with_key(Span line) {
    const char *colon = next_colon(line.begin, line);
    if (!colon)
        return FALSE;
    for (const char *c = line.begin; c < colon; c++)
        if (!is_word(*c) && !strchr(" \t\"'[{?", *c))
            return FALSE;
    return TRUE;
}

/* A line without a key of its own goes on with the value of one above. */
static gboolean continues_secret(const SkySourceText *source, Span line) {
    for (guint i = 0; i < LOOK_BACK_LINES; i++) {
        if (begins_with_key(line))
            return harmless_end(line) < comment_of(line);
        if (looks_like_url(line))
            return TRUE;
        if (line.begin == source->text)
            return FALSE;
        line = line_at(source, (gsize)(line.begin - source->text) - 1);
    }
    return TRUE;
}

static void append_caret(GString *out, Span line, const char *at) {
    for (const char *c = line.begin; c < at; c = g_utf8_next_char(c)) {
        gunichar letter = g_utf8_get_char(c);
        if (letter == '\t')
            g_string_append_c(out, '\t');
        else if (!g_unichar_iszerowidth(letter))
            g_string_append(out, g_unichar_iswide(letter) ? "  " : " ");
    }
    g_string_append_c(out, '^');
}

char *sky_source_quote(const SkySourceText *source, gsize at) {
    if (!g_utf8_validate_len(source->text, source->bytes, NULL))
        return NULL;
    Span line = line_at(source, at);
    if (!begins_with_key(line) && continues_secret(source, line))
        return NULL;
    const char *end = harmless_end(line), *code_end = comment_of(line);
    gboolean hidden = end < code_end;
    while (end > line.begin && is_blank(end[-1]))
        end--;
    if (end == line.begin || end - line.begin > SHOWN_BYTES_MAX)
        return NULL;
    const char *caret = source->text + MIN(at, source->bytes);
    GString *out = g_string_new_len(line.begin, end - line.begin);
    if (hidden)
        g_string_append(out, " ***");
    g_string_append_c(out, '\n');
    append_caret(out, line, MIN(caret, end + (hidden ? 1 : 0)));
    return g_string_free(out, FALSE);
}
