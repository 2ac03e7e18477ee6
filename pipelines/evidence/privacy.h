/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <libavutil/frame.h>
#include "base/polygon.h"

/* Makes what the polygons cover grey, in place: each pixel that a polygon touches, and one more around it. frame: writable, planar
 * YUV of 8 bits with subsampled or full chroma. */
void sky_privacy_burn(AVFrame *frame, const SkyPolygon *polygons, uint32_t count);
