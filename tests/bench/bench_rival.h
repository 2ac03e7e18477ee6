/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* Another detector beside ours on the very same pictures: a program that reads gray 320x180 pictures from its standard input and at
 * its end prints "begin end detected", seconds, a line an event. */
typedef struct Rival Rival;
Rival *rival_start(const char *command, GError **error); /* words as a shell would take them */
void rival_show(Rival *rival, const uint8_t *luma, size_t bytes);
/* The pictures are over: waits for its events (Heard). FALSE: it failed, and has said why on stderr. Frees. */
gboolean rival_finish(Rival *rival, GArray *heard);
/* The same for a rival that only says what it took, milliseconds a picture. */
gboolean rival_finish_timed(Rival *rival, double *ret_ms);
/* Takes out of the list what can not even look at no pictures: it is not installed here. stderr says which, after its own words. */
void rivals_leave_out_absent(char **commands);
