/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/json_line.h"

#include <string.h>

#include "message/json_writer.h"

#define DEPTH_MAX 32
#define TEXT_BYTES_MAX (1024 * 1024)

/* Reads at `at` and copies to `out`; what is FALSE has left rubbish in out. */
typedef struct {
    const char *at, *end;
    GString *out;
    guint depth;
} Copy;

static gboolean copy_value(Copy *copy);

static void skip_blanks(Copy *copy) {
    while (copy->at < copy->end && strchr(" \t\r\n", *copy->at))
        copy->at++;
}

static gboolean copy_char(Copy *copy, char wanted) {
    if (copy->at == copy->end || *copy->at != wanted)
        return FALSE;
    g_string_append_c(copy->out, *copy->at++);
    return TRUE;
}

static gboolean copy_word(Copy *copy, const char *word) {
    gsize bytes = strlen(word);
    if ((gsize)(copy->end - copy->at) < bytes || memcmp(copy->at, word, bytes) != 0)
        return FALSE;
    g_string_append_len(copy->out, word, (gssize)bytes);
    copy->at += bytes;
    return TRUE;
}

static gboolean copy_digits(Copy *copy) {
    const char *from = copy->at;
    while (copy->at < copy->end && g_ascii_isdigit(*copy->at))
        g_string_append_c(copy->out, *copy->at++);
    return copy->at > from;
}

static gboolean copy_number(Copy *copy) {
    copy_char(copy, '-');
    if (!copy_char(copy, '0') && !copy_digits(copy))
        return FALSE;
    if (copy_char(copy, '.') && !copy_digits(copy))
        return FALSE;
    if (!copy_char(copy, 'e') && !copy_char(copy, 'E'))
        return TRUE;
    if (!copy_char(copy, '+'))
        copy_char(copy, '-');
    return copy_digits(copy);
}

static gboolean copy_escape(Copy *copy) {
    if (copy->at == copy->end || !strchr("\"\\/bfnrtu", *copy->at))
        return FALSE;
    gboolean code = *copy->at == 'u';
    g_string_append_c(copy->out, *copy->at++);
    for (int i = 0; code && i < 4; i++) {
        if (copy->at == copy->end || !g_ascii_isxdigit(*copy->at))
            return FALSE;
        g_string_append_c(copy->out, *copy->at++);
    }
    return TRUE;
}

static gboolean copy_text(Copy *copy) {
    if (!copy_char(copy, '"'))
        return FALSE;
    while (copy->at < copy->end && (guchar)*copy->at >= 0x20) {
        char c = *copy->at++;
        g_string_append_c(copy->out, c);
        if (c == '"')
            return TRUE;
        if (c == '\\' && !copy_escape(copy))
            return FALSE;
    }
    return FALSE;
}

static gboolean copy_member(Copy *copy, gboolean named) {
    if (!named)
        return copy_value(copy);
    if (!copy_text(copy))
        return FALSE;
    skip_blanks(copy);
    return copy_char(copy, ':') && copy_value(copy);
}

static gboolean copy_inside(Copy *copy, gboolean named, char close) {
    skip_blanks(copy);
    if (copy_char(copy, close))
        return TRUE;
    for (;;) {
        skip_blanks(copy);
        if (!copy_member(copy, named))
            return FALSE;
        skip_blanks(copy);
        if (copy_char(copy, close))
            return TRUE;
        if (!copy_char(copy, ','))
            return FALSE;
    }
}

static gboolean copy_value(Copy *copy) {
    skip_blanks(copy);
    if (copy->at == copy->end || copy->depth == DEPTH_MAX)
        return FALSE;
    gboolean good;
    copy->depth++;
    if (copy_char(copy, '{'))
        good = copy_inside(copy, TRUE, '}');
    else if (copy_char(copy, '['))
        good = copy_inside(copy, FALSE, ']');
    else if (*copy->at == '"')
        good = copy_text(copy);
    else
        good = copy_word(copy, "true") || copy_word(copy, "false") || copy_word(copy, "null") || copy_number(copy);
    copy->depth--;
    return good;
}

void sky_ctl_json_payload(GString *line, const void *payload, gsize payload_bytes) {
    if (payload_bytes == 0) {
        g_string_append(line, "null");
        return;
    }
    gsize before = line->len;
    Copy copy = {.at = payload, .end = (const char *)payload + payload_bytes, .out = line};
    gboolean good = g_utf8_validate_len(payload, payload_bytes, NULL) && copy_value(&copy);
    skip_blanks(&copy);
    if (good && copy.at == copy.end)
        return;
    g_string_truncate(line, before);
    g_autofree char *text = g_strndup(payload, payload_bytes);
    g_autoptr(GString) quoted = g_string_new(NULL); /* apart: the writer puts a comma by looking at what stands before */
    sky_json_text(quoted, NULL, text, TEXT_BYTES_MAX);
    g_string_append_len(line, quoted->str, (gssize)quoted->len);
}
