/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* Why a broker refused a message for good, in words; code: an MQTT 5 reason. */
const char *sky_queue_reason(uint32_t code);
/* The daemon's answer to "queue" for a terminal. New memory. */
char *sky_queue_view_text(GHashTable *answer);
/* "3 d 4 h", "12 min", "41 s" of a number of seconds. New memory. */
char *sky_queue_span(int64_t seconds);
