/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "support/clip_fixture.h"

/* One cell of the table engine x server x case: /conformance/ENGINE/SERVER/CASE. */
typedef struct {
    const char *server, *name;
    void (*run)(gconstpointer data);
    gconstpointer data;
    const char *can_not; /* run NULL: why this cell can not be, with whatever engine */
} ConformanceCell;

/* Who has such cells, and how many there are. */
const ConformanceCell *conformance_camera_cells(guint *ret_count);  /* skynet-camera, the project's own */
const ConformanceCell *conformance_stage_cells(guint *ret_count);   /* a scripted server, for what no well-behaved one does */
const ConformanceCell *conformance_foreign_cells(guint *ret_count); /* servers that nobody here wrote */

/* A clip, made at its first use; NULL: ffmpeg has no such encoder, and the test is skipped. Borrowed. */
const char *conformance_clip(const char *name);
int64_t conformance_slack_ns(void); /* by which the engine's media time may differ from the camera's */
const char *conformance_directory(void); /* where clips lie; for other files too */
