/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* A payload as it may stand in one line of JSON: where it is JSON itself (RFC 8259, strictly; nested at most 32 deep), its own
 * characters without the blanks between them, so that no number changes its face; null where it is empty; else a text. */
void sky_ctl_json_payload(GString *line, const void *payload, gsize payload_bytes);
