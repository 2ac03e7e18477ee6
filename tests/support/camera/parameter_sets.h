/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <libavcodec/avcodec.h>

/* The parameter sets of H.264 or H.265 as MP4 keeps them (ISO/IEC 14496-15: avcC, hvcC), as NAL units of a picture, each behind its
 * length, the way pictures have them. NULL: none. */
GBytes *parameter_sets_new(const AVCodecParameters *parameters);
/* Whether a picture brings a sequence parameter set of its own. */
gboolean parameter_sets_are_in(const AVCodecParameters *parameters, const guint8 *picture, gsize bytes);
