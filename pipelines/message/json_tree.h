/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <json-glib/json-glib.h>

/* JSON that others wrote, as a tree. json-glib takes more than JSON (comments, a second text behind the first) and walks any depth
 * by recursion, so the text is looked over first: UTF-8 without NUL, ONE object, nested at most SKY_JSON_DEPTH_MAX. */
#define SKY_JSON_DEPTH_MAX 8

typedef enum {
    SKY_FIELD_ABSENT, /* or null */
    SKY_FIELD_TAKEN,
    SKY_FIELD_BAD,    /* of another type, too long, not UTF-8, out of range; nothing was written */
} SkyField;

/* The root object. Fails with DATA. */
JsonNode *sky_json_parse(const void *text, gsize bytes, gsize most_bytes, GError **error);
/* Copies with its NUL, whole or not at all. */
SkyField sky_json_take_text(JsonObject *object, const char *name, char *ret_text, gsize capacity);
SkyField sky_json_take_int(JsonObject *object, const char *name, int64_t least, int64_t most, int64_t *ret_value);
/* Whole numbers too; finite. */
SkyField sky_json_take_number(JsonObject *object, const char *name, double *ret_value);
SkyField sky_json_take_bool(JsonObject *object, const char *name, gboolean *ret_value);
/* For readers, who print what is there: "" where it is no text. Borrowed; may hold bytes that are no UTF-8. */
const char *sky_json_text_of(JsonObject *object, const char *name);
/* Borrowed; NULL where it is no object, or object is NULL. */
JsonObject *sky_json_object(JsonObject *object, const char *name);
