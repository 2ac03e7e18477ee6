/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "decode/decode_params.h"
#include "media/stream_info.h"

/* What a decoder can do on this box, found out: a second of pictures is made with libavcodec's own encoder, then decoded. */
#define SKY_DECODER_TRIAL_PICTURES 25

typedef struct {
    SkyDecoderKind used;  /* not what was asked for where that can not be had */
    uint32_t pictures;    /* that came out whole, of SKY_DECODER_TRIAL_PICTURES */
    int64_t picture_ns;   /* to decode and scale one of them, 640x360 */
    char *why;            /* it is not what was asked for; NULL: it is */
} SkyDecoderTrial;

/* FALSE with CONFIG: no encoder for this codec here. Blocks for some 100 ms. */
gboolean sky_decoder_trial_run(SkyDecoderKind kind, SkyCodec codec, SkyDecoderTrial *ret_trial, GError **error);
void sky_decoder_trial_clear(SkyDecoderTrial *trial);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkyDecoderTrial, sky_decoder_trial_clear)
