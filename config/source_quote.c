/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "config/key_table.h"
#include "config/secret_word.h"
#include "config/source_text.h"

/* A person who looks for a mistake needs the line; a log needs no password. Passwords stand in URLs, under keys that do not exist,
 * in comments, over several lines, and in files that are not even YAML, so nothing here relies on the parsed tree: what is shown
 * is what is known to be harmless. */
#define SHOWN_BYTES_MAX 160
#define LINE_BYTES_MAX 1000 /* nobody wrote a longer one by hand */
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

static gboolean has_control(Span line) {
    for (const char *c = line.begin; c < line.end; c = g_utf8_next_char(c))
        if (*c != '\t' && g_unichar_iscntrl(g_utf8_get_char(c)))
            return TRUE;
    return FALSE;
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
    while (begin > line.begin && sky_secret_word_goes_on(begin[-1]))
        begin--;
    g_autofree char *word = g_strndup(begin, (gsize)(end - begin));
    return sky_key_is_harmless(word);
}

static gboolean looks_like_url(Span line) {
    gsize length = (gsize)(line.end - line.begin);
    return memchr(line.begin, '@', length) || memmem(line.begin, length, "://", 3);
}

/* The colon of the key that holds the first URL; of the first key where an @ stands alone: what is before it may be the secret. */
static const char *url_colon(Span line, const char *first) {
    const char *url = memmem(line.begin, (gsize)(line.end - line.begin), "://", 3);
    const char *at = memchr(line.begin, '@', (gsize)(line.end - line.begin)), *last = first;
    for (const char *colon = first; colon && url && (!at || url < at) && colon < url; colon = next_colon(colon + 1, line))
        last = colon;
    return last;
}

static const char *comment_of(Span line) {
    for (const char *c = line.begin; c < line.end; c++)
        if (*c == '#') /* with or without the blank that YAML wants before it */
            return c;
    return line.end;
}

/* Up to where the line may be shown; its begin: not at all. */
static const char *harmless_end(Span line) {
    Span code = {line.begin, comment_of(line)};
    const char *word = sky_secret_word_end(code.begin, (gsize)(code.end - code.begin));
    const char *most = word ? word : code.end;
    const char *colon = next_colon(code.begin, code);
    gboolean url = looks_like_url(line);
    if (url && !colon)
        return line.begin;
    const char *stop = url ? url_colon(line, colon) : NULL;
    for (; colon; colon = next_colon(colon + 1, code))
        if (colon == stop || !is_harmless_key(colon, code))
            return word && word + 1 < colon ? word : colon + 1; /* behind the colon, if the word is the key */
    return most;
}

static gboolean begins_with_key(Span line) {
    const char *colon = next_colon(line.begin, line);
    if (!colon)
        return FALSE;
    const char *c = line.begin;
    while (c < colon && strchr(" \t\"'[{?-", *c))
        c++;
    while (c < colon && sky_secret_word_goes_on(*c))
        c++;
    while (c < colon && strchr(" \t\"'", *c))
        c++;
    return c == colon;
}

/* Coordinates and the like: nothing that could be a word, or a key whose colon was forgotten. */
static gboolean has_letters(Span line) {
    const char *end = comment_of(line);
    for (const char *c = line.begin; c < end; c++)
        if (g_ascii_isalpha(*c) || (unsigned char)*c >= 0x80)
            return TRUE;
    return FALSE;
}

/* A line without a key of its own goes on with the value of one above. */
static gboolean continues_secret(const SkySourceText *source, Span line) {
    for (guint i = 0; i < LOOK_BACK_LINES && line.end - line.begin <= LINE_BYTES_MAX; i++) {
        if (begins_with_key(line))
            return harmless_end(line) < comment_of(line);
        if (looks_like_url(line) || comment_of(line) < line.end) /* its key may be the one that was commented out */
            return TRUE;
        if (line.begin == source->text)
            return FALSE;
        line = line_at(source, (gsize)(line.begin - source->text) - 1);
    }
    return TRUE;
}

static gsize indentation(Span line) {
    gsize blanks = 0;
    while (line.begin + blanks < line.end && is_blank(line.begin[blanks]))
        blanks++;
    return blanks;
}

/* What looks like a key may be a piece of text under a key that begins one: `main: >`. */
static gboolean stands_in_secret(const SkySourceText *source, Span line) {
    gsize own = indentation(line);
    for (guint i = 0; i < LOOK_BACK_LINES && own > 0 && line.begin > source->text; i++) {
        line = line_at(source, (gsize)(line.begin - source->text) - 1);
        if (line.end - line.begin > LINE_BYTES_MAX)
            return TRUE;
        if (indentation(line) < own && line.begin + indentation(line) < line.end)
            return !begins_with_key(line) || harmless_end(line) < comment_of(line);
    }
    return own > 0 && line.begin > source->text;
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
    at -= source->base;
    if (at >= source->bytes || !g_utf8_validate_len(source->text, source->bytes, NULL))
        return NULL;
    Span line = line_at(source, at);
    if (line.end - line.begin > LINE_BYTES_MAX || has_control(line))
        return NULL;
    if (!begins_with_key(line) && (has_letters(line) || continues_secret(source, line)))
        return NULL;
    if (stands_in_secret(source, line))
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
