/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "base/error.h"
#include "daemon/ctl/rate.h"
#include "media/packet.h"
#include "source/source_params.h"

/* What a camera sent in a few seconds. */
typedef struct {
    uint64_t packets;         /* 0: nothing below but code and why */
    SkyCodec codec;
    uint32_t width_px, height_px;
    double fps, seconds;
    double bit_rate;          /* a second */
    uint64_t keys;            /* key frames */
    uint64_t gop_least, gop_most; /* pictures from one to the next (where there were two) */
    int64_t gop_most_ns;
    int64_t first_ns;         /* from the start to the first picture */
    SkyRate rate;
    double between_share;     /* of a key frame: half of the other pictures are smaller */
    gboolean has_clock;
    int64_t clock_ahead_ns;   /* the camera's clock before ours; behind: < 0 */
    SkyPacket *key;           /* the newest key frame; NULL: none */
    SkyRtspTransport transport; /* that was used; AUTO: it did not come so far */
    char *why;                /* why it ended, with a camera's words in it; NULL: it went on */
    SkyErrorCode code;        /* of why */
} SkyLook;

/* Connects once, as the daemon would, and looks for `seconds` from the first picture on. Blocks. */
void sky_look_at(const SkySourceParams *params, int seconds, SkyLook *ret_look);
/* The camera did not take the account. */
gboolean sky_look_is_refused(const SkyLook *look);
void sky_look_clear(SkyLook *look);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkyLook, sky_look_clear)
