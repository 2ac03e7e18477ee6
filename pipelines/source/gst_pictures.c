/* SPDX-License-Identifier: Apache-2.0 */
#include "source/gst_pictures.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

#include "base/clock.h"

#define STEP_NS (40 * SKY_NS_PER_MS) /* until the stream has shown its own */

void sky_gst_pictures_init(SkyGstPictures *pictures, SkySource *source) {
    *pictures = (SkyGstPictures){.source = source};
    sky_timeline_init(&pictures->timeline, TRUE, STEP_NS, 0);
    sky_pace_init(&pictures->pace, source->params.picture_fps);
}

/* FALSE: its memory can not be read. */
static gboolean hand_on(SkyGstPictures *pictures, GstSample *sample, int64_t pts_ns, int64_t arrival_ns) {
    SkySource *source = pictures->source;
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    GstVideoInfo info;
    GstVideoFrame frame;
    if (!gst_video_info_from_caps(&info, gst_sample_get_caps(sample)) || !gst_video_frame_map(&frame, &info, buffer, GST_MAP_READ))
        return FALSE;
    SkyPicture picture = {.width_px = (uint32_t)GST_VIDEO_FRAME_WIDTH(&frame),
                          .height_px = (uint32_t)GST_VIDEO_FRAME_HEIGHT(&frame),
                          .luma = GST_VIDEO_FRAME_PLANE_DATA(&frame, 0),
                          .stride_bytes = GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0),
                          .bits = 8,
                          .pts_ns = pts_ns,
                          .arrival_ns = arrival_ns,
                          .number = sky_counter_get(&source->numbers.pictures),
                          .damaged = GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_CORRUPTED)};
    source->sink.picture(&picture, source->sink.user);
    gst_video_frame_unmap(&frame);
    return TRUE;
}

int64_t sky_gst_stamp_ns(const GstBuffer *buffer) {
    GstClockTime time = GST_BUFFER_PTS(buffer);
    return GST_CLOCK_TIME_IS_VALID(time) && time < (GstClockTime)INT64_MAX ? (int64_t)time : SKY_TIME_NONE;
}

static gboolean take(SkyGstPictures *pictures, GstSample *sample) {
    SkySourceNumbers *numbers = &pictures->source->numbers;
    int64_t stamp_ns = sky_gst_stamp_ns(gst_sample_get_buffer(sample)), arrival_ns = sky_clock_monotonic_ns(), pts_ns, dts_ns;
    sky_counter_add(&numbers->pictures, 1);
    if (sky_timeline_next(&pictures->timeline, stamp_ns, SKY_TIME_NONE, arrival_ns, &pts_ns, &dts_ns))
        sky_counter_add(&numbers->mended_times, 1);
    if (!sky_pace_is_due(&pictures->pace, pts_ns) || hand_on(pictures, sample, pts_ns, arrival_ns))
        return TRUE;
    sky_counter_add(&numbers->bad_pictures, 1);
    return FALSE;
}

gboolean sky_gst_pictures_take(SkyGstPictures *pictures, GstElement *frames) {
    gboolean came = FALSE;
    while (!sky_source_must_stop(pictures->source)) {
        GstSample *sample = gst_app_sink_try_pull_sample(GST_APP_SINK(frames), 0);
        if (sample == NULL)
            return came;
        came |= take(pictures, sample);
        gst_sample_unref(sample);
    }
    return came;
}
