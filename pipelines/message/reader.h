/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdio.h>

/* The other direction, for readers of the contract (skynetctl watch): any payload of a topic as one readable line. */
/* "09:12:03 ALERT   duty  intrusion 东门 (east-gate) raised, zone 院子 (yard), picture, seq 7, id 01jd...-1", times in the process's
 * zone. NULL: nothing worth a line (probe, metrics, cleared state). New memory. Whatever a broker sends, no control character and
 * no bidirectional override comes out, here or from sky_reader_field(). */
char *sky_reader_line(const char *topic, const void *payload, gsize payload_bytes);
/* One field of a JSON payload as text ("data.state", "data.seq"); NULL where it is not there. New memory. */
char *sky_reader_field(const void *payload, gsize payload_bytes, const char *dotted_path);
/* Request and answer on the local socket (skynetctl status): a flat list of names and texts <-> one line of JSON. */
char *sky_reader_pack(const char *const *names, const char *const *values, guint count);
GHashTable *sky_reader_unpack(const void *line, gsize bytes); /* char * -> char *; NULL: not such a line */
