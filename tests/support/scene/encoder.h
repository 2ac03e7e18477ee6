/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "support/scene/picture.h"

/* The ffmpeg program at the other end of a pipe, told to encode as cameras do: no B-frames, GOPs of one length, a bounded rate. */
typedef struct {
    const char *codec; /* h264, h265, mjpeg */
    int width, height, gop, slices, kbit;
    int lead; /* so many pictures are encoded first and left out, whole GOPs: a rate control that has just begun is no camera's */
    double fps;
    const char *rate, *path; /* rate: fps as a fraction */
} EncoderParams;
typedef struct Encoder Encoder;
Encoder *encoder_new(const EncoderParams *params, GError **error);
gboolean encoder_put(Encoder *encoder, const Picture *picture, GError **error);
gboolean encoder_finish(Encoder *encoder, GError **error); /* frees it */
