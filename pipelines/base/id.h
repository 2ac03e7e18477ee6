/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* Ids that we name: [a-z0-9][a-z0-9-]{0,62}, the only thing that may stand in a topic level or a file name. */
#define SKY_ID_BYTES 64
gboolean sky_id_is_valid(const char *text);

/* A ULID (github.com/ulid/spec): 48 bits of UTC milliseconds, 80 random bits, 26 characters of Crockford base 32,
 * sortable by time. Upper case in messages; ids in topics are its lower case. */
#define SKY_ULID_BYTES 27
void sky_ulid_make(int64_t utc_ns, char ret_text[SKY_ULID_BYTES]);
void sky_ulid_make_lower(int64_t utc_ns, char ret_text[SKY_ULID_BYTES]);
