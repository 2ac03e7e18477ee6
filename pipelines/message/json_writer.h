/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* JSON text (RFC 8259) appended to a GString, member by member, so that a message can be cut off before its tail. The comma is
 * put by looking at the last byte: no state beside the text. `name` is NULL inside an array; names are ours and not escaped. */
void sky_json_open(GString *json, const char *name, char bracket); /* '{' or '[' */
void sky_json_close(GString *json, char bracket);                  /* '}' or ']' */
void sky_json_null(GString *json, const char *name);
void sky_json_bool(GString *json, const char *name, gboolean value);
void sky_json_int(GString *json, const char *name, int64_t value);
void sky_json_uint(GString *json, const char *name, uint64_t value);
/* `digits` significant ones; what is not finite is 0: JSON has no word for it. */
void sky_json_number(GString *json, const char *name, double value, int digits);
/* Any bytes: what is not UTF-8 is mended. At most most_bytes between the quotes AFTER escaping, cut between characters.
 * NULL = "". */
void sky_json_text(GString *json, const char *name, const char *text, gsize most_bytes);
/* null where the text is NULL or empty. */
void sky_json_text_or_null(GString *json, const char *name, const char *text, gsize most_bytes);
/* UTC text; null for SKY_TIME_NONE. */
void sky_json_time(GString *json, const char *name, int64_t utc_ns);
