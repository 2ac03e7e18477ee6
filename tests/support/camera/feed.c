/* SPDX-License-Identifier: Apache-2.0 */
#include "support/camera/feed.h"

#include <gst/gst.h>
#include "base/clock.h"
#include "support/camera/console.h"
#include "support/camera/parameter_sets.h"

#define QUEUED_MAX_BYTES (16 << 20)
#define LATE_MAX_NS SKY_NS_PER_S

static GstCaps *caps_of(const Video *video) {
    const AVCodecParameters *parameters = video_parameters(video);
    static const char *const formats[] = {
        [VIDEO_H264] = "video/x-h264,stream-format=avc,alignment=au",
        [VIDEO_H265] = "video/x-h265,stream-format=hvc1,alignment=au",
        [VIDEO_MJPEG] = "image/jpeg",
    };
    GstCaps *caps = gst_caps_from_string(formats[video_codec(video)]);
    gst_caps_set_simple(caps, "width", G_TYPE_INT, parameters->width, "height", G_TYPE_INT, parameters->height, NULL);
    if (video_codec(video) == VIDEO_MJPEG) return caps;
    GstBuffer *sets = gst_buffer_new_memdup(parameters->extradata, (gsize)parameters->extradata_size);
    gst_caps_set_simple(caps, "codec_data", GST_TYPE_BUFFER, sets, NULL);
    gst_buffer_unref(sets);
    return caps;
}

static void take_next(Feed *feed) {
    feed->begins = FALSE;
    if (video_next(feed->video, &feed->next)) return;
    feed->begin_ns += video_length_ns(feed->video);
    feed->begins = TRUE;
    if (!video_rewind(feed->video) || !video_next(feed->video, &feed->next)) feed->next.packet = NULL;
}

static void begin(Feed *feed, Video *video) {
    feed->video = video;
    g_clear_pointer(&feed->sets, g_bytes_unref);
    feed->sets = parameter_sets_new(video_parameters(video));
    g_autoptr(GstCaps) caps = caps_of(video);
    gst_app_src_set_caps(feed->source, caps);
    take_next(feed);
    feed->begins = TRUE;
}

void feed_replace(Feed *feed, Video *video) {
    feed->begin_ns += feed->next.dts_ns;
    av_packet_free(&feed->next.packet);
    video_free(feed->video);
    begin(feed, video);
}

void feed_delay(Feed *feed, int64_t by_ns) {
    feed->begin_ns += by_ns;
}

int64_t feed_due_ns(const Feed *feed) {
    if (!feed->playing || feed->channel->stalled || feed->next.packet == NULL) return INT64_MAX;
    return feed->zero_ns + feed->begin_ns + feed->next.dts_ns;
}

static void announce(Feed *feed, int64_t now_ns) {
    console_say("loop %s %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT, feed->channel->name, ++feed->channel->loops, now_ns);
}

static void free_packet(gpointer packet) {
    av_packet_free((AVPacket **)&packet);
}

/* Downstream never waits for a client, unless the machine is far behind: whole GOPs are left out then, as a camera would. */
static gboolean has_room(Feed *feed) {
    gboolean key = feed->next.packet->flags & AV_PKT_FLAG_KEY;
    if (gst_app_src_get_current_level_bytes(feed->source) > QUEUED_MAX_BYTES) feed->skipping = TRUE;
    else if (key) feed->skipping = FALSE;
    return !feed->skipping;
}

static void free_sets(gpointer sets) {
    g_bytes_unref(sets);
}

/* In front of each key frame, once. A payloader's config-interval=-1 puts them in front of each slice of one. */
static GstBuffer *prepend_sets(Feed *feed, GstBuffer *picture, const AVPacket *packet) {
    if (feed->sets == NULL || !(packet->flags & AV_PKT_FLAG_KEY)) return picture;
    if (parameter_sets_are_in(video_parameters(feed->video), packet->data, (gsize)packet->size)) return picture;
    if (feed->bare < feed->channel->late_sets) {
        feed->bare++;
        return picture;
    }
    gsize bytes;
    gpointer data = (gpointer)g_bytes_get_data(feed->sets, &bytes);
    gst_buffer_prepend_memory(
        picture, gst_memory_new_wrapped(GST_MEMORY_FLAG_READONLY, data, bytes, 0, bytes, g_bytes_ref(feed->sets), free_sets));
    return picture;
}

static void hand_over(Feed *feed) {
    AVPacket *packet = g_steal_pointer(&feed->next.packet);
    GstBuffer *buffer = gst_buffer_new_wrapped_full(GST_MEMORY_FLAG_READONLY, packet->data, (gsize)packet->size, 0,
                                                    (gsize)packet->size, packet, free_packet);
    GST_BUFFER_PTS(buffer) = (GstClockTime)(feed->begin_ns + feed->next.pts_ns);
    GST_BUFFER_DTS(buffer) = (GstClockTime)(feed->begin_ns + feed->next.dts_ns);
    if (!(packet->flags & AV_PKT_FLAG_KEY)) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    gst_app_src_push_buffer(feed->source, prepend_sets(feed, buffer, packet));
}

void feed_push(Feed *feed, int64_t now_ns) {
    int64_t late_ns = now_ns - feed_due_ns(feed);
    if (late_ns > LATE_MAX_NS) feed_delay(feed, late_ns); /* this process was frozen; a camera would not make up for it either */
    if (feed->begins) announce(feed, now_ns);
    if (has_room(feed)) hand_over(feed);
    else av_packet_free(&feed->next.packet);
    take_next(feed);
}

Feed *feed_new(Channel *channel, GstAppSrc *source, GError **error) {
    pacer_enter(channel->pacer);
    g_autofree char *path = g_strdup(channel->path);
    pacer_leave(channel->pacer);
    g_autoptr(Video) video = video_open(path, error);
    if (video == NULL) return NULL;
    Feed *feed = g_new0(Feed, 1);
    feed->channel = channel;
    feed->source = gst_object_ref(source);
    pacer_enter(channel->pacer);
    feed->zero_ns = feed->paused_ns = sky_clock_monotonic_ns();
    begin(feed, g_steal_pointer(&video));
    hand_over(feed);
    take_next(feed);
    g_ptr_array_add(channel->feeds, feed);
    pacer_leave(channel->pacer);
    return feed;
}

void feed_free(Feed *feed) {
    if (feed == NULL) return;
    pacer_enter(feed->channel->pacer);
    g_ptr_array_remove(feed->channel->feeds, feed);
    pacer_leave(feed->channel->pacer);
    av_packet_free(&feed->next.packet);
    video_free(feed->video);
    if (feed->sets) g_bytes_unref(feed->sets);
    gst_object_unref(feed->source);
    g_free(feed);
}

void feed_play(Feed *feed, gboolean playing) {
    int64_t now_ns = sky_clock_monotonic_ns();
    pacer_enter(feed->channel->pacer);
    if (playing && !feed->playing) {
        if (feed->paused_ns == feed->zero_ns) announce(feed, now_ns); /* the first picture goes out now */
        feed->zero_ns += now_ns - feed->paused_ns;
    } else if (!playing && feed->playing) {
        feed->paused_ns = now_ns;
    }
    feed->playing = playing;
    pacer_wake(feed->channel->pacer);
    pacer_leave(feed->channel->pacer);
}
