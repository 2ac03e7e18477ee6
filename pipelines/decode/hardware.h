/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <libavcodec/avcodec.h>
#include "decode/decode_params.h"
#include "media/stream_info.h"

/* Which decoder one stream gets: software, or a device that libavcodec drives (its VA-API hwaccel, its V4L2 wrapper). What did not
 * work is not tried again as long as this lives. Thread: the decoder's. */
typedef struct {
    SkyDecoderKind asked;
    SkyDecoderKind used;  /* never AUTO */
    unsigned failed;      /* 1 << SkyDecoderKind */
    char *why;            /* what kept it from what was asked for; NULL */
    guint errors;         /* in a row, without a picture */
    AVBufferRef *device;  /* VA-API's */
} SkyHardware;

void sky_hardware_init(SkyHardware *hardware, SkyDecoderKind asked);
void sky_hardware_clear(SkyHardware *hardware);
/* Not opened yet, for the best that has not failed yet. auto: VA-API, where there is such a device, for pictures larger than
 * 1280x720: smaller ones are decoded as cheaply as they are fetched back. NULL with CONFIG: this libavcodec can not decode it. */
AVCodecContext *sky_hardware_context(SkyHardware *hardware, SkyStreamInfo *info, GError **error);
/* TRUE: that was a device, which is given up; ask for another context. FALSE: it was software. */
gboolean sky_hardware_give_up(SkyHardware *hardware, const char *why);
/* A picture in the device's memory becomes one in ours. FALSE: it can not be fetched. */
gboolean sky_hardware_fetch(AVFrame *picture);
/* Of each picture, and of each error. TRUE: a device that does nothing but fail any more was given up. */
gboolean sky_hardware_judge(SkyHardware *hardware, gboolean good);
