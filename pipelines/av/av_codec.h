/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <libavcodec/codec_id.h>
#include "media/stream_info.h"

enum AVCodecID sky_av_codec_id(SkyCodec codec);
/* FALSE with CONFIG, naming the codec, where it is none of ours. */
gboolean sky_av_codec_of(enum AVCodecID id, SkyCodec *ret_codec, GError **error);
