/* SPDX-License-Identifier: Apache-2.0 */
#include <libavutil/opt.h>
#include <string.h>

#include "av/av_cleanup.h"
#include "av/av_codec.h"
#include "av/av_error.h"
#include "av/av_library.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text_file.h"
#include "source/intake.h"
#include "source/rtsp_challenge.h"
#include "source/rtsp_url.h"

#define KEY_WAIT_NS (60 * SKY_NS_PER_S)  /* packets, but no key frame: "smart" codecs have GOPs of many seconds */
#define GOODBYE_NS SKY_NS_PER_S /* for TEARDOWN, so that a UDP camera stops sending */

/* One connection. Its thread is the source's; libav asks on_interrupt() on it whenever it would block. */
typedef struct {
    SkySource *source;
    AVFormatContext *input;
    AVStream *stream;
    AVPacket *packet;
    SkyRtspTransport transport; /* of this connection */
    SkyIntake intake;
    int64_t deadline_ns; /* libav is broken off here: its own time-outs are not reliable */
    gboolean closing;    /* a stop no longer breaks off, only the deadline */
} Session;

static int on_interrupt(void *user) {
    const Session *session = user;
    if (!session->closing && sky_source_must_stop(session->source))
        return 1;
    return sky_clock_monotonic_ns() >= session->deadline_ns;
}

static void set_limit(Session *session, int64_t limit_ns) {
    session->deadline_ns = sky_clock_monotonic_ns() + limit_ns;
}

/* Why a call of libav's failed: our own watch comes before what libav makes of being broken off. */
static void set_failure(const Session *session, int av_error, const char *what, int64_t limit_ns, GError **error) {
    if (sky_clock_monotonic_ns() >= session->deadline_ns) {
        g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "%s: nothing for %.1f s",
                    session->intake.begun ? "stalled" : what, (double)limit_ns / SKY_NS_PER_S);
        return;
    }
    GError *failure = NULL;
    sky_av_error_set(&failure, av_error, what);
    if (failure->code == SKY_ERR_DATA) /* a camera that talks nonsense may come to its senses */
        failure->code = SKY_ERR_RETRY;
    g_propagate_error(error, failure);
}

const char *sky_rtsp_transport_name(SkyRtspTransport transport) {
    static const char *const names[] = {[SKY_RTSP_TCP] = "TCP", [SKY_RTSP_UDP] = "UDP", [SKY_RTSP_MULTICAST] = "multicast",
                                        [SKY_RTSP_AUTO] = "TCP or UDP"};
    g_assert((guint)transport < G_N_ELEMENTS(names));
    return names[transport];
}

static SkyRtspTransport other_of(SkyRtspTransport transport) {
    return transport == SKY_RTSP_TCP ? SKY_RTSP_UDP : SKY_RTSP_TCP;
}

/* transport: libav's word; any: where the camera answers 461, it is asked for the other one on the same connection. */
static int open_by(Session *session, const char *url, SkyRtspTransport transport, gboolean any) {
    static const char *const names[] = {[SKY_RTSP_TCP] = "tcp", [SKY_RTSP_UDP] = "udp", [SKY_RTSP_MULTICAST] = "udp_multicast"};
    session->input = avformat_alloc_context();
    g_assert(session->input != NULL);
    session->input->interrupt_callback = (AVIOInterruptCB){on_interrupt, session};
    session->input->flags |= AVFMT_FLAG_NOFILLIN; /* stamps as they are: its guesses at dts are not better than ours */
    AVDictionary *options = NULL;
    av_dict_set(&options, "rtsp_transport", any ? "tcp+udp" : names[transport], 0);
    av_dict_set(&options, "rtsp_flags", any && transport == SKY_RTSP_TCP ? "prefer_tcp" : NULL, 0);
    av_dict_set(&options, "allowed_media_types", "video", 0); /* audio is never set up */
    av_dict_set(&options, "initial_pause", "1", 0);           /* once it is open, closing it says TEARDOWN: PLAY comes after that */
    int failed = avformat_open_input(&session->input, url, av_find_input_format("rtsp"), &options);
    av_dict_free(&options);
    if (failed != 0)
        return failed;
    int64_t untried = 0;
    av_opt_get_int(session->input->priv_data, "rtsp_transport", 0, &untried);
    av_opt_set_int(session->input->priv_data, "rtsp_transport", 0, 0); /* what is silent is our watch's business, not libav's */
    session->transport = any && untried == 0 ? other_of(transport) : transport;
    return av_read_play(session->input);
}

/* With TEARDOWN, where the camera has given us a session: many have no more than four, and keep each for a minute. */
static void close_input(Session *session) {
    session->closing = TRUE;
    set_limit(session, GOODBYE_NS);
    avformat_close_input(&session->input);
    session->closing = FALSE;
}

/* Maybe by this transport alone: 461 is the right word for that, but some have others. */
static gboolean is_refusal(int failed) {
    return failed == AVERROR_HTTP_BAD_REQUEST || failed == AVERROR_HTTP_OTHER_4XX || failed == AVERROR_HTTP_SERVER_ERROR;
}

/* A digest that it does not know libavformat does not answer: the account was not even tried, and nothing is locked by that. */
static void tell_unknown_digest(const Session *session, const char *url, GError **error) {
    g_autofree char *algorithm = sky_rtsp_challenge_unknown(session->source, url);
    if (algorithm == NULL)
        return;
    g_clear_error(error);
    g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "connect: the camera wants digests by %s, which libavformat does not know: have it use MD5 "
                "for RTSP (among its security settings: RTSP authentication)", algorithm);
}

static gboolean open_input(Session *session, const char *url, GError **error) {
    const SkySourceParams *params = &session->source->params;
    gboolean secure = g_str_has_prefix(url, "rtsps:"); /* RTP within it, or it would not be secret */
    gboolean any = params->transport == SKY_RTSP_AUTO && !secure;
    SkyRtspTransport first = secure ? SKY_RTSP_TCP : any ? params->first : params->transport;
    int failed = open_by(session, url, first, any);
    if (any && is_refusal(failed)) {
        int64_t deadline_ns = session->deadline_ns;
        close_input(session);
        session->deadline_ns = deadline_ns;
        failed = open_by(session, url, other_of(first), FALSE);
    }
    if (failed == 0)
        return TRUE;
    set_failure(session, failed, "connect", params->connect_timeout_ns, error); /* first: asking takes time, which is not the camera's */
    if (failed == AVERROR_HTTP_UNAUTHORIZED)
        tell_unknown_digest(session, url, error);
    return FALSE;
}

/* From the SDP alone: libavformat's probing would hold everything up for seconds and decode what we decode later. */
static gboolean find_video(Session *session, GError **error) {
    for (unsigned i = 0; i < session->input->nb_streams; i++) {
        AVStream *stream = session->input->streams[i];
        gboolean video = session->stream == NULL && stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
        stream->discard = video ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
        if (video)
            session->stream = stream;
    }
    if (session->stream == NULL) {
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_CONFIG, "connect: the camera offers no video");
        return FALSE;
    }
    const AVCodecParameters *parameters = session->stream->codecpar;
    AVRational rate = session->stream->avg_frame_rate;
    SkyIntakeStream stream = {
        .live = TRUE,
        .frame_rate = rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0,
        .parameter_sets = parameters->extradata,
        .parameter_sets_bytes = (gsize)parameters->extradata_size,
    };
    if (!sky_av_codec_of(parameters->codec_id, &stream.codec, error))
        return FALSE;
    sky_intake_init(&session->intake, session->source, &stream);
    return TRUE;
}

static void tell_clock(const Session *session) {
    const SkySourceSink *sink = &session->source->sink;
    const AVProducerReferenceTime *told = (const AVProducerReferenceTime *)av_packet_get_side_data(session->packet, AV_PKT_DATA_PRFT, NULL);
    if (told != NULL)
        sink->clock(told->wallclock * SKY_NS_PER_US - sky_clock_utc_ns(), sink->user);
}

static void take_packet(Session *session) {
    if (session->packet->stream_index != session->stream->index)
        return;
    if (session->source->sink.clock != NULL)
        tell_clock(session);
    SkyPacketTimes times;
    int64_t now_ns = sky_clock_monotonic_ns();
    SkyIntakeStatus status = sky_intake_look(&session->intake, session->packet, session->stream->time_base, now_ns, &times);
    if (status == SKY_INTAKE_GOOD)
        sky_intake_deliver(&session->intake, session->packet, &times);
    if (status != SKY_INTAKE_BAD) /* garbage is not life */
        set_limit(session, session->source->params.stall_timeout_ns);
}

/* Always ends with an error, but for a stop: a live stream has no end. */
static void read_packets(Session *session, GError **error) {
    int64_t stall_ns = session->source->params.stall_timeout_ns;
    int64_t key_deadline_ns = sky_clock_monotonic_ns() + KEY_WAIT_NS;
    set_limit(session, stall_ns);
    while (!sky_source_must_stop(session->source)) {
        int failed = av_read_frame(session->input, session->packet);
        /* Broken off, libav's parser still gives the rest that it had: no sign of life, and maybe half a picture. */
        if (failed < 0 || sky_clock_monotonic_ns() >= session->deadline_ns || sky_source_must_stop(session->source)) {
            av_packet_unref(session->packet);
            set_failure(session, failed, "stream", stall_ns, error);
            return;
        }
        take_packet(session);
        av_packet_unref(session->packet);
        if (!session->intake.begun && sky_clock_monotonic_ns() >= key_deadline_ns) {
            g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "stream: no key frame for %.0f s: set the camera's I-frame interval to 1 to 2 s, and "
                        "switch its intra refresh off", (double)KEY_WAIT_NS / SKY_NS_PER_S);
            return;
        }
    }
}

static void run_session(Session *session, const char *url, GError **error) {
    const SkySourceSink *sink = &session->source->sink;
    if (open_input(session, url, error)) {
        if (sink->admitted != NULL)
            sink->admitted(session->transport, sink->user);
        if (find_video(session, error))
            read_packets(session, error);
    }
    close_input(session);
    if (session->intake.watch != NULL)
        sky_intake_clear(&session->intake);
}

static gboolean run(SkySource *source, GError **error) {
    sky_av_library_init();
    int64_t limit_ns = source->params.connect_timeout_ns;
    Session session = {.source = source, .packet = av_packet_alloc()};
    g_assert(session.packet != NULL);
    g_autoptr(GError) failure = NULL;
    set_limit(&session, limit_ns); /* the look-up's time is the connection's */
    char *url = sky_rtsp_url_for_libav(source, limit_ns, &failure);
    if (url != NULL)
        run_session(&session, url, &failure);
    sky_text_wipe(url);
    g_free(url);
    av_packet_free(&session.packet);
    if (sky_source_must_stop(source) || failure == NULL)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

SkySource *sky_rtsp_source_new(const SkySourceParams *params, const SkySourceSink *sink) {
    static const SkySourceEngine engine = {.name = "rtsp", .run = run};
    return sky_source_new(&engine, params, sink);
}
