/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/snapshot.h"

#include <libavcodec/avcodec.h>
#include <string.h>

#include "av/av_cleanup.h"
#include "av/av_codec.h"
#include "av/av_error.h"
#include "av/av_library.h"
#include "base/clock.h"
#include "base/error.h"
#include "media/picture.h"

#define WAIT_NS SKY_NS_PER_S             /* the main stream may lag behind the analysed one */
#define FAR_NS (5 * SKY_NS_PER_S)        /* a picture further from the moment shows something else */
#define DECODE_NS (10 * SKY_NS_PER_S)    /* in all; then the nearest so far has to do */

struct SkySnapshot {
    char camera[SKY_ID_BYTES], alert[SKY_ID_BYTES];
    SkyPreroll *preroll;
    SkyPrerollHold *hold; /* until its packets are read */
    int64_t at_ns, asked_ns;
    SkyPolygon *privacy;
    uint32_t privacy_count;
    GPtrArray *packets; /* NULL: not read yet. Up to the picture that is wanted, in decode order */
    guint next;
    AVCodecContext *decoder;
    int64_t decoding_ns;
    AVFrame *scratch, *best;
    int64_t best_at_ns; /* SKY_TIME_NONE: nothing decoded yet */
};

SkySnapshot *sky_snapshot_new(const SkySnapshotRequest *request, SkyPrerollHold *hold, int64_t now_ns) {
    SkySnapshot *snapshot = g_new0(SkySnapshot, 1);
    g_strlcpy(snapshot->camera, request->camera, sizeof snapshot->camera);
    g_strlcpy(snapshot->alert, request->alert, sizeof snapshot->alert);
    snapshot->preroll = sky_preroll_ref(request->preroll);
    snapshot->hold = hold;
    snapshot->at_ns = request->at_ns;
    snapshot->asked_ns = now_ns;
    snapshot->privacy = g_memdup2(request->privacy, request->privacy_count * sizeof *request->privacy);
    snapshot->privacy_count = request->privacy_count;
    snapshot->best_at_ns = SKY_TIME_NONE;
    return snapshot;
}

void sky_snapshot_free(SkySnapshot *snapshot) {
    if (snapshot == NULL)
        return;
    g_clear_pointer(&snapshot->packets, g_ptr_array_unref);
    avcodec_free_context(&snapshot->decoder);
    av_frame_free(&snapshot->scratch);
    av_frame_free(&snapshot->best);
    sky_preroll_hold_free(snapshot->hold);
    sky_preroll_unref(snapshot->preroll);
    g_free(snapshot->privacy);
    g_free(snapshot);
}

static int64_t distance(int64_t a, int64_t b) {
    return a > b ? a - b : b - a;
}

static int64_t arrival_of(const SkySnapshot *snapshot, guint index) {
    return sky_packet_times(snapshot->packets->pdata[index])->arrival_ns;
}

/* What comes after the nearest picture in decode order is not needed for it. */
static gboolean choose(SkySnapshot *snapshot, GError **error) {
    snapshot->packets = sky_preroll_read_gop(snapshot->preroll, snapshot->at_ns);
    g_clear_pointer(&snapshot->hold, sky_preroll_hold_free);
    guint nearest = 0;
    for (guint i = 1; i < snapshot->packets->len; i++)
        if (distance(arrival_of(snapshot, i), snapshot->at_ns) <= distance(arrival_of(snapshot, nearest), snapshot->at_ns))
            nearest = i;
    if (snapshot->packets->len == 0 || distance(arrival_of(snapshot, nearest), snapshot->at_ns) > FAR_NS) {
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_DATA, "the stream has no picture of that moment");
        return FALSE;
    }
    g_ptr_array_set_size(snapshot->packets, (int)nearest + 1);
    return TRUE;
}

static gboolean open_decoder(SkySnapshot *snapshot, GError **error) {
    const SkyStreamInfo *info = sky_packet_info(snapshot->packets->pdata[0]);
    const AVCodec *codec = avcodec_find_decoder(sky_av_codec_id(sky_stream_info_codec(info)));
    if (codec == NULL) {
        sky_av_error_set(error, AVERROR_DECODER_NOT_FOUND, "decoding the picture");
        return FALSE;
    }
    gsize bytes = 0;
    const uint8_t *sets = sky_stream_info_parameter_sets(info, &bytes);
    snapshot->decoder = avcodec_alloc_context3(codec);
    snapshot->scratch = av_frame_alloc();
    snapshot->best = av_frame_alloc();
    g_assert(snapshot->decoder != NULL && snapshot->scratch != NULL && snapshot->best != NULL);
    snapshot->decoder->thread_count = 1;
    snapshot->decoder->max_pixels = SKY_PICTURE_PIXELS_MAX;
    snapshot->decoder->pkt_timebase = (AVRational){1, (int)SKY_NS_PER_S};
    if (bytes > 0) {
        snapshot->decoder->extradata = av_mallocz(bytes + AV_INPUT_BUFFER_PADDING_SIZE);
        g_assert(snapshot->decoder->extradata != NULL);
        memcpy(snapshot->decoder->extradata, sets, bytes);
        snapshot->decoder->extradata_size = (int)bytes;
    }
    int failed = avcodec_open2(snapshot->decoder, codec, NULL);
    if (failed < 0)
        sky_av_error_set(error, failed, "decoding the picture");
    return failed >= 0;
}

/* The arrival of the picture's packet: pts are those of the packets. */
static int64_t arrival_of_frame(const SkySnapshot *snapshot, const AVFrame *frame) {
    for (guint i = 0; i < snapshot->packets->len; i++) {
        const SkyPacketTimes *times = sky_packet_times(snapshot->packets->pdata[i]);
        if (times->pts_ns == frame->pts)
            return times->arrival_ns;
    }
    return SKY_TIME_NONE;
}

static void take_frames(SkySnapshot *snapshot) {
    while (avcodec_receive_frame(snapshot->decoder, snapshot->scratch) == 0) {
        int64_t at_ns = arrival_of_frame(snapshot, snapshot->scratch);
        if (at_ns != SKY_TIME_NONE && (snapshot->best_at_ns == SKY_TIME_NONE ||
                                       distance(at_ns, snapshot->at_ns) <= distance(snapshot->best_at_ns, snapshot->at_ns))) {
            av_frame_unref(snapshot->best);
            av_frame_move_ref(snapshot->best, snapshot->scratch);
            snapshot->best_at_ns = at_ns;
        }
        av_frame_unref(snapshot->scratch);
    }
}

/* Damage is survived: the next key frame's GOP was asked for by nobody, so the nearest picture that there is has to do. */
static void decode_next(SkySnapshot *snapshot) {
    SkyPacket *packet = snapshot->packets->pdata[snapshot->next++];
    gboolean wanted = snapshot->next == snapshot->packets->len;
    snapshot->decoder->skip_frame = wanted ? AVDISCARD_DEFAULT : AVDISCARD_NONREF;
    const SkyPacketTimes *times = sky_packet_times(packet);
    g_autoptr(AVPacket) input = av_packet_alloc();
    g_assert(input != NULL);
    input->data = (uint8_t *)sky_packet_data(packet); /* read only, within the call */
    input->size = (int)sky_packet_size_bytes(packet);
    input->pts = times->pts_ns;
    input->dts = times->dts_ns;
    input->flags = times->key ? AV_PKT_FLAG_KEY : 0;
    avcodec_send_packet(snapshot->decoder, input);
    take_frames(snapshot);
}

static SkySnapshotStatus finish(SkySnapshot *snapshot, GError **error) {
    avcodec_send_packet(snapshot->decoder, NULL); /* what waits for reordering */
    take_frames(snapshot);
    avcodec_free_context(&snapshot->decoder);
    if (snapshot->best_at_ns != SKY_TIME_NONE && distance(snapshot->best_at_ns, snapshot->at_ns) <= FAR_NS)
        return SKY_SNAPSHOT_DONE;
    g_set_error_literal(error, SKY_ERROR, SKY_ERR_DATA, "the picture of that moment can not be decoded");
    return SKY_SNAPSHOT_FAILED;
}

SkySnapshotStatus sky_snapshot_turn(SkySnapshot *snapshot, int64_t now_ns, int64_t until_ns, GError **error) {
    if (snapshot->packets == NULL) {
        int64_t newest_ns = sky_preroll_numbers(snapshot->preroll).newest_ns;
        if ((newest_ns == SKY_TIME_NONE || newest_ns < snapshot->at_ns) && now_ns - snapshot->asked_ns < WAIT_NS)
            return SKY_SNAPSHOT_WAIT;
        sky_av_library_init();
        if (!choose(snapshot, error) || !open_decoder(snapshot, error))
            return SKY_SNAPSHOT_FAILED;
        snapshot->decoding_ns = now_ns;
    }
    do {
        decode_next(snapshot);
        if (snapshot->next == snapshot->packets->len)
            return finish(snapshot, error);
        now_ns = sky_clock_monotonic_ns();
    } while (now_ns < until_ns);
    return now_ns - snapshot->decoding_ns < DECODE_NS ? SKY_SNAPSHOT_MORE : finish(snapshot, error);
}

const AVFrame *sky_snapshot_frame(const SkySnapshot *snapshot) {
    return snapshot->best;
}

int64_t sky_snapshot_at_ns(const SkySnapshot *snapshot) {
    return snapshot->best_at_ns;
}

const char *sky_snapshot_camera(const SkySnapshot *snapshot) {
    return snapshot->camera;
}

const char *sky_snapshot_alert(const SkySnapshot *snapshot) {
    return snapshot->alert;
}

const SkyPolygon *sky_snapshot_privacy(const SkySnapshot *snapshot, uint32_t *ret_count) {
    *ret_count = snapshot->privacy_count;
    return snapshot->privacy;
}
