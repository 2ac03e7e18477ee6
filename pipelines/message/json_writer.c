/* SPDX-License-Identifier: Apache-2.0 */
#include "message/json_writer.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"

static void begin_value(GString *json, const char *name) {
    if (json->len > 0 && !strchr("{[", json->str[json->len - 1]))
        g_string_append_c(json, ',');
    if (name) {
        g_string_append_c(json, '"');
        g_string_append(json, name);
        g_string_append(json, "\":");
    }
}

void sky_json_open(GString *json, const char *name, char bracket) {
    begin_value(json, name);
    g_string_append_c(json, bracket);
}

void sky_json_close(GString *json, char bracket) {
    g_string_append_c(json, bracket);
}

void sky_json_null(GString *json, const char *name) {
    begin_value(json, name);
    g_string_append(json, "null");
}

void sky_json_bool(GString *json, const char *name, gboolean value) {
    begin_value(json, name);
    g_string_append(json, value ? "true" : "false");
}

void sky_json_int(GString *json, const char *name, int64_t value) {
    begin_value(json, name);
    g_string_append_printf(json, "%" G_GINT64_FORMAT, value);
}

void sky_json_uint(GString *json, const char *name, uint64_t value) {
    begin_value(json, name);
    g_string_append_printf(json, "%" G_GUINT64_FORMAT, value);
}

void sky_json_number(GString *json, const char *name, double value, int digits) {
    char format[8], text[G_ASCII_DTOSTR_BUF_SIZE];
    g_snprintf(format, sizeof format, "%%.%dg", digits);
    begin_value(json, name);
    /* not printf: a locale's decimal comma is no JSON */
    g_string_append(json, g_ascii_formatd(text, sizeof text, format, isfinite(value) ? value : 0.0));
}

/* One character as it stands between quotes. */
static void escape(const char *text, gsize length, char ret_text[8]) {
    guchar byte = (guchar)text[0];
    if (byte == '"' || byte == '\\')
        g_snprintf(ret_text, 8, "\\%c", byte);
    else if (byte == '\n')
        g_strlcpy(ret_text, "\\n", 8);
    else if (byte == '\t')
        g_strlcpy(ret_text, "\\t", 8);
    else if (byte < 0x20 || byte == 0x7f)
        g_snprintf(ret_text, 8, "\\u%04x", byte);
    else {
        memcpy(ret_text, text, length);
        ret_text[length] = '\0';
    }
}

void sky_json_text(GString *json, const char *name, const char *text, gsize most_bytes) {
    g_autofree char *mended = g_utf8_make_valid(text ? text : "", -1);
    begin_value(json, name);
    g_string_append_c(json, '"');
    gsize used = 0;
    for (const char *at = mended; *at; at = g_utf8_next_char(at)) {
        char escaped[8];
        escape(at, (gsize)(g_utf8_next_char(at) - at), escaped);
        used += strlen(escaped);
        if (used > most_bytes)
            break;
        g_string_append(json, escaped);
    }
    g_string_append_c(json, '"');
}

void sky_json_text_or_null(GString *json, const char *name, const char *text, gsize most_bytes) {
    if (text && text[0])
        sky_json_text(json, name, text, most_bytes);
    else
        sky_json_null(json, name);
}

void sky_json_time(GString *json, const char *name, int64_t utc_ns) {
    if (utc_ns == SKY_TIME_NONE) {
        sky_json_null(json, name);
        return;
    }
    char text[SKY_UTC_TEXT_BYTES];
    sky_clock_utc_text(utc_ns, text);
    sky_json_text(json, name, text, sizeof text);
}
