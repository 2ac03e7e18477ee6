/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <libavutil/frame.h>
#include "base/polygon.h"

/* From a decoded picture to JPEGs. Owner, thread: the evidence worker. */

/* A copy as full-range 4:2:0 in the colours that JFIF prescribes, at most width_max_px wide (0: as it is), never larger than it
 * was. DATA: the format can not be read. */
AVFrame *sky_picture_convert(const AVFrame *frame, int width_max_px, GError **error);
/* frame: what sky_picture_convert() gave. At most bytes_max: quality goes down, then size. */
GBytes *sky_picture_encode(const AVFrame *frame, gsize bytes_max, GError **error);
