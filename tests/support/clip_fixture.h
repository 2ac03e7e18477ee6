/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "media/packet.h"
#include "source/source.h"

/* Clips for tests, made with the ffmpeg program. A directory of its own that goes with the fixture. */
typedef struct {
    char *directory;
} ClipFixture;

ClipFixture *clip_fixture_new(void);
void clip_fixture_free(ClipFixture *fixture);
/* picture: a lavfi source, e.g. "testsrc2=s=160x128:r=25:d=2"; encoder: ffmpeg arguments. NULL: no ffmpeg, or it has no such
 * encoder. */
char *clip_fixture_make(ClipFixture *fixture, const char *name, const char *picture, const char *encoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ClipFixture, clip_fixture_free)

/* What a source gave until it ended. Owns the packets. */
typedef struct {
    GPtrArray *packets; /* SkyPacket */
    GError *error;
    uint64_t bad_packets, untimed, mended_times, plain_keys;
} ClipCatch;

/* Plays a file to its end, or until stop_after packets have come (0: to the end). */
ClipCatch *clip_catch_replay(const SkySourceParams *params, guint stop_after);
/* The same of a camera. */
ClipCatch *clip_catch_rtsp(const SkySourceParams *params, guint stop_after);
void clip_catch_free(ClipCatch *caught);
SkyPacket *clip_catch_at(const ClipCatch *caught, guint i); /* borrowed */
const SkyPacketTimes *clip_catch_times(const ClipCatch *caught, guint i);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ClipCatch, clip_catch_free)
