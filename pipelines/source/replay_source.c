/* SPDX-License-Identifier: Apache-2.0 */
#include <libavutil/opt.h>

#include "av/av_cleanup.h"
#include "av/av_codec.h"
#include "av/av_error.h"
#include "av/av_library.h"
#include "base/clock.h"
#include "base/error.h"
#include "source/intake.h"
#include "source/replay_order.h"

/* One play of a file, from its beginning to its end. */
typedef struct {
    AVFormatContext *input;
    AVStream *stream;
    AVBSFContext *filter; /* length prefixes to start codes; passes through what has them */
    SkyCodec codec;
    gboolean has_packet;
    SkyReplayOrder *order; /* NULL: its packets tell when they are shown */
} Play;

typedef struct {
    SkySource *source;
    SkyIntake intake;
    gboolean has_intake;
    int64_t clock_start_ns; /* paced: when media time 0 is due; SKY_TIME_NONE before the first packet */
    AVPacket *packet;
} Replay;

static int on_interrupt(void *user) {
    return sky_source_must_stop(user);
}

static void play_clear(Play *play) {
    sky_replay_order_free(play->order);
    av_bsf_free(&play->filter);
    avformat_close_input(&play->input);
}

static gboolean open_filter(Play *play, GError **error) {
    static const char *const names[] = {
        [SKY_CODEC_H264] = "h264_mp4toannexb", [SKY_CODEC_H265] = "hevc_mp4toannexb", [SKY_CODEC_MJPEG] = "null"};
    const AVBitStreamFilter *filter = av_bsf_get_by_name(names[play->codec]);
    int failed = filter == NULL ? AVERROR_BSF_NOT_FOUND : av_bsf_alloc(filter, &play->filter);
    if (failed == 0)
        failed = avcodec_parameters_copy(play->filter->par_in, play->stream->codecpar);
    if (failed == 0) {
        play->filter->time_base_in = play->stream->time_base;
        failed = av_bsf_init(play->filter);
    }
    if (failed != 0)
        sky_av_error_set(error, failed, "parameter sets of the file");
    return failed == 0;
}

static gboolean open_play(Play *play, SkySource *source, GError **error) {
    g_autofree char *url = g_strconcat("file:", source->params.url, NULL);
    play->input = avformat_alloc_context();
    play->input->interrupt_callback = (AVIOInterruptCB){on_interrupt, source};
    av_opt_set(play->input, "protocol_whitelist", "file", 0); /* a playlist must not reach for the network */
    int failed = avformat_open_input(&play->input, url, NULL, NULL);
    if (failed == 0)
        failed = avformat_find_stream_info(play->input, NULL);
    if (failed < 0) {
        sky_av_error_set(error, failed, "file");
        return FALSE;
    }
    int index = av_find_best_stream(play->input, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    if (index < 0) {
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_CONFIG, "file: there is no video in it");
        return FALSE;
    }
    for (unsigned i = 0; i < play->input->nb_streams; i++)
        play->input->streams[i]->discard = (int)i == index ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    play->stream = play->input->streams[index];
    return sky_av_codec_of(play->stream->codecpar->codec_id, &play->codec, error) && open_filter(play, error);
}

/* FALSE: told to stop. */
static gboolean pace(Replay *replay, SkyPacketTimes *times) {
    if (!replay->source->params.paced) {
        times->arrival_ns = times->pts_ns;
        return !sky_source_must_stop(replay->source);
    }
    if (replay->clock_start_ns == SKY_TIME_NONE)
        replay->clock_start_ns = sky_clock_monotonic_ns() - times->dts_ns;
    if (!sky_source_wait_until(replay->source, replay->clock_start_ns + times->dts_ns))
        return FALSE;
    times->arrival_ns = sky_clock_monotonic_ns();
    return TRUE;
}

/* FALSE: told to stop. */
static gboolean hand_on(Replay *replay, const Play *play) {
    SkyPacketTimes times;
    gboolean go_on = TRUE;
    if (sky_intake_look(&replay->intake, replay->packet, play->filter->time_base_out, 0, &times) == SKY_INTAKE_GOOD) {
        go_on = pace(replay, &times);
        if (go_on)
            sky_intake_deliver(&replay->intake, replay->packet, &times);
    }
    av_packet_unref(replay->packet);
    return go_on;
}

static gboolean hand_on_ordered(Replay *replay, const Play *play) {
    gboolean go_on = TRUE;
    while (go_on && sky_replay_order_pop(play->order, replay->packet))
        go_on = hand_on(replay, play);
    return go_on;
}

/* Pictures a second; 0: nobody says. */
static double rate_of(const Play *play) {
    const AVRational *rates[] = {&play->stream->avg_frame_rate, &play->stream->r_frame_rate};
    for (guint i = 0; i < G_N_ELEMENTS(rates); i++)
        if (rates[i]->num > 0 && rates[i]->den > 0)
            return av_q2d(*rates[i]);
    return 0;
}

/* Its first packet tells whether a file says when it is shown. */
static void begin_order(Replay *replay, Play *play) {
    const AVPacket *first = replay->packet;
    if (play->has_packet || first->pts != AV_NOPTS_VALUE || play->codec == SKY_CODEC_MJPEG)
        return;
    double rate = rate_of(play);
    AVRational base = play->filter->time_base_out;
    double step = base.num > 0 ? (double)base.den / base.num / (rate > 0 ? rate : SKY_REPLAY_USUAL_RATE) : 1;
    play->order = sky_replay_order_new(play->filter->par_out, (int64_t)CLAMP(step + 0.5, 1, INT32_MAX));
    if (first->dts == AV_NOPTS_VALUE)
        sky_counter_add(&replay->source->numbers.untimed, 1);
}

/* What the filter has ready. FALSE: told to stop. */
static gboolean take_filtered(Replay *replay, Play *play) {
    gboolean go_on = TRUE;
    while (go_on && av_bsf_receive_packet(play->filter, replay->packet) == 0) {
        begin_order(replay, play);
        play->has_packet = TRUE;
        if (play->order != NULL) {
            sky_replay_order_push(play->order, replay->packet);
            go_on = hand_on_ordered(replay, play);
        } else {
            go_on = hand_on(replay, play);
        }
    }
    return go_on;
}

static void take_rest(Replay *replay, Play *play) {
    av_bsf_send_packet(play->filter, NULL);
    if (!take_filtered(replay, play) || play->order == NULL)
        return;
    sky_replay_order_end(play->order);
    hand_on_ordered(replay, play);
}

/* TRUE: reached the end, or told to stop. */
static gboolean play_through(Replay *replay, Play *play, GError **error) {
    while (!sky_source_must_stop(replay->source)) {
        int failed = av_read_frame(play->input, replay->packet);
        if (failed == AVERROR_EOF) {
            take_rest(replay, play);
            return TRUE;
        }
        if (failed < 0 && sky_source_must_stop(replay->source))
            return TRUE;
        if (failed < 0) {
            sky_av_error_set(error, failed, "file");
            return FALSE;
        }
        gboolean ours = replay->packet->stream_index == play->stream->index;
        if (ours && av_bsf_send_packet(play->filter, replay->packet) != 0)
            sky_counter_add(&replay->source->numbers.bad_packets, 1);
        av_packet_unref(replay->packet);
        if (!take_filtered(replay, play))
            return TRUE;
    }
    return TRUE;
}

static void begin_intake(Replay *replay, const Play *play) {
    const AVCodecParameters *filtered = play->filter->par_out;
    sky_intake_init(&replay->intake, replay->source,
                    &(SkyIntakeStream){
                        .codec = play->codec,
                        .frame_rate = rate_of(play),
                        .depth = (uint32_t)MAX(play->stream->codecpar->video_delay, 0),
                        .parameter_sets = filtered->extradata,
                        .parameter_sets_bytes = (gsize)filtered->extradata_size,
                    });
}

static gboolean play_once(Replay *replay, GError **error) {
    Play play = {0};
    gboolean ok = open_play(&play, replay->source, error);
    if (ok && !replay->has_intake) {
        begin_intake(replay, &play);
        replay->has_intake = TRUE;
    } else if (ok) {
        sky_timeline_restart(&replay->intake.timeline);
    }
    ok = ok && play_through(replay, &play, error);
    play_clear(&play);
    return ok;
}

static gboolean run(SkySource *source, GError **error) {
    sky_av_library_init();
    Replay replay = {.source = source, .clock_start_ns = SKY_TIME_NONE, .packet = av_packet_alloc()};
    g_assert(replay.packet != NULL);
    gboolean ok = TRUE;
    uint64_t before = 0;
    do {
        before = sky_counter_get(&source->numbers.packets);
        ok = play_once(&replay, error);
    } while (ok && source->params.loop && !sky_source_must_stop(source) && sky_counter_get(&source->numbers.packets) > before);
    if (ok && !sky_source_must_stop(source) && sky_counter_get(&source->numbers.packets) == before) {
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_DATA, "file: not one picture in it can be used");
        ok = FALSE;
    }
    if (replay.has_intake)
        sky_intake_clear(&replay.intake);
    av_packet_free(&replay.packet);
    return ok;
}

SkySource *sky_replay_source_new(const SkySourceParams *params, const SkySourceSink *sink) {
    static const SkySourceEngine engine = {.name = "replay", .run = run};
    return sky_source_new(&engine, params, sink);
}
