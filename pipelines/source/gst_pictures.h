/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gst/gst.h>
#include "media/pace.h"
#include "source/source_engine.h"
#include "source/timeline.h"

/* From a text's appsink `frames` to the sink: times are mended, what is too many is thinned out before its memory is mapped, which
 * may be slow to read with hardware. Thread: the source's. */
typedef struct {
    SkySource *source;
    SkyTimeline timeline;
    SkyPace pace;
} SkyGstPictures;

/* The buffer's own stamp, SKY_TIME_NONE where it has none. */
int64_t sky_gst_stamp_ns(const GstBuffer *buffer);

void sky_gst_pictures_init(SkyGstPictures *pictures, SkySource *source);
/* All that wait. TRUE: one came that could be read, or that was too many. */
gboolean sky_gst_pictures_take(SkyGstPictures *pictures, GstElement *frames);
