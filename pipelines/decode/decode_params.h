/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

typedef enum {
    SKY_DECODER_AUTO,     /* VA-API where hardware.h says that it is worth it, else software */
    SKY_DECODER_SOFTWARE,
    SKY_DECODER_VAAPI,    /* a device; software where it can not be had */
    SKY_DECODER_V4L2,     /* the same; never by AUTO: libavcodec's wrapper waits for the kernel without a limit */
} SkyDecoderKind;

typedef enum {
    SKY_DECODE_FULL,      /* every picture */
    SKY_DECODE_ADAPTIVE,  /* key frames alone while the stream is at rest: rest.h says when that is believed */
    SKY_DECODE_KEYFRAMES, /* key frames alone, always */
} SkyDecodePolicy;

typedef struct {
    SkyDecoderKind decoder;
    SkyDecodePolicy policy;
    uint32_t analysis_width_px; /* about 320; the height follows the picture's shape; never enlarged; both made even */
    double analysis_fps;        /* 8; 0 = every frame */
} SkyDecodeParams;
