/* SPDX-License-Identifier: Apache-2.0 */
#include <gst/app/gstappsink.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/resolve.h"
#include "base/uri.h"
#include "source/gst_attempt.h"
#include "source/gst_error.h"
#include "source/gst_knocker.h"
#include "source/gst_life.h"
#include "source/gst_pictures.h"
#include "source/gst_pipeline.h"
#include "source/intake.h"
#include "source/rtsp_challenge.h"

#define KEY_WAIT_NS (60 * SKY_NS_PER_S)  /* packets, but no key frame: "smart" codecs have GOPs of many seconds */
#define PICTURE_STALLS 5 /* stall time-outs with packets, but no picture of them: a decoder may wait for the next key frame */
#define CLOSE_NS (600 * SKY_NS_PER_MS)   /* for TEARDOWN, within the second that a source has to end */
#define STOP_LOOK_NS (100 * SKY_NS_PER_MS)

/* One play of the text. Thread: the source's. */
typedef struct {
    SkySource *source;
    SkyGstPipeline pipeline;
    GstBus *bus;
    SkyGstLife *life;
    SkyGstKnocker *knocker;
    SkyIntake intake;
    gboolean has_intake, admitted;
    SkyCodec codec; /* of the intake */
    GError *complaint; /* about data, since the last good access unit; NULL: none */
    SkyGstPictures pictures;
    gboolean has_pictures; /* the text gives them, and they are wanted */
    int64_t limit_ns, deadline_ns, key_deadline_ns, picture_deadline_ns;
} Play;

static void set_limit(Play *play, int64_t limit_ns) {
    play->limit_ns = limit_ns;
    play->deadline_ns = sky_clock_monotonic_ns() + limit_ns;
}

static const char *stage_of(const Play *play) {
    return play->admitted ? "stream" : "connect";
}

static void admit(Play *play) {
    const SkySourceParams *params = &play->source->params;
    const SkySourceSink *sink = &play->source->sink;
    if (play->admitted)
        return;
    play->admitted = TRUE;
    set_limit(play, params->stall_timeout_ns);
    if (sink->admitted != NULL)
        sink->admitted(sky_gst_pipeline_transport(&play->pipeline, params), sink->user);
}

/* ---- packets ---- */

static gboolean codec_of(const GstCaps *caps, SkyCodec *ret_codec, double *ret_rate, GError **error) {
    static const struct {
        const char *name;
        SkyCodec codec;
    } rows[] = {{"video/x-h264", SKY_CODEC_H264}, {"video/x-h265", SKY_CODEC_H265}, {"image/jpeg", SKY_CODEC_MJPEG}};
    const GstStructure *shape = gst_caps_get_structure(caps, 0);
    int top = 0, bottom = 1;
    gst_structure_get_fraction(shape, "framerate", &top, &bottom);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        if (gst_structure_has_name(shape, rows[i].name)) {
            *ret_codec = rows[i].codec;
            *ret_rate = top > 0 && bottom > 0 ? (double)top / bottom : 0;
            return TRUE;
        }
    g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "stream: appsink name=packets gives %s", gst_structure_get_name(shape));
    return FALSE;
}

/* A camera that changes its codec begins a new attempt: times and parameter sets begin anew with it. */
static gboolean fit_intake(Play *play, const GstCaps *caps, GError **error) {
    SkyIntakeStream stream = {.live = TRUE};
    if (!codec_of(caps, &stream.codec, &stream.frame_rate, error))
        return FALSE;
    if (play->has_intake && stream.codec != play->codec) {
        g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "stream: the camera changed from %s to %s", sky_codec_name(play->codec),
                    sky_codec_name(stream.codec));
        return FALSE;
    }
    if (!play->has_intake)
        sky_intake_init(&play->intake, play->source, &stream);
    play->has_intake = TRUE;
    play->codec = stream.codec;
    return TRUE;
}

/* GStreamer's own marks of key frames are not asked for: an I slice is enough for its parser. */
static void take_buffer(Play *play, GstBuffer *buffer) {
    gsize bytes = gst_buffer_get_size(buffer), kept = MIN(bytes, SKY_PACKET_BYTES_MAX);
    g_autofree uint8_t *data = g_malloc(kept + SKY_PACKET_PADDING);
    gst_buffer_extract(buffer, 0, data, kept);
    memset(data + kept, 0, SKY_PACKET_PADDING);
    SkyIntakeUnit unit = {.data = data, .bytes = bytes, .pts_ns = sky_gst_stamp_ns(buffer), .dts_ns = SKY_TIME_NONE};
    SkyPacketTimes times;
    SkyIntakeStatus status = sky_intake_look_at(&play->intake, &unit, sky_clock_monotonic_ns(), &times);
    if (status == SKY_INTAKE_GOOD) {
        uint8_t *own = g_steal_pointer(&data);
        sky_intake_deliver_packet(&play->intake, sky_packet_new_wrapped(play->intake.info, &times, own, bytes, g_free, own));
        g_clear_error(&play->complaint);
    }
    if (status != SKY_INTAKE_BAD) /* garbage is not life */
        set_limit(play, play->source->params.stall_timeout_ns);
}

static gboolean take_packets(Play *play, GError **error) {
    while (!sky_source_must_stop(play->source)) {
        GstSample *sample = gst_app_sink_try_pull_sample(GST_APP_SINK(play->pipeline.packets), 0);
        if (sample == NULL)
            return TRUE;
        gboolean ok = fit_intake(play, gst_sample_get_caps(sample), error);
        if (ok) {
            admit(play);
            take_buffer(play, gst_sample_get_buffer(sample));
        }
        gst_sample_unref(sample);
        if (!ok)
            return FALSE;
    }
    return TRUE;
}

/* ---- what the bus says ---- */

static gboolean has_begun(const Play *play) {
    return play->has_intake && play->intake.begun;
}

/* Elements call it an error when a packet is nonsense to them, and most go on with the next one (rtph264depay: "NAL unit type 27 not
 * supported yet"). Where one does not, the camera's element says next that the flow broke off; why, was said before. */
static gboolean is_about_data(const Play *play, const GError *failure) {
    return has_begun(play) && (g_error_matches(failure, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT) ||
                               g_error_matches(failure, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE));
}

/* FALSE: it is over. */
static gboolean take_error(Play *play, GstMessage *message, const char *password, GError **error) {
    g_autoptr(GError) failure = NULL;
    g_autofree char *debug = NULL;
    gst_message_parse_error(message, &failure, &debug);
    if (sky_gst_knocker_distrusts(play->knocker)) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "%s: the camera's certificate is not %s", stage_of(play),
                    play->source->params.ca_file != NULL ? "in ca_file, and none in it has signed it" : "one that the pipeline's text takes");
        return FALSE;
    }
    if (is_about_data(play, failure)) {
        sky_counter_add(&play->source->numbers.bad_packets, 1);
        if (play->complaint == NULL)
            sky_gst_error_set(&play->complaint, failure, debug, stage_of(play), password);
        return TRUE;
    }
    if (play->complaint != NULL && g_error_matches(failure, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED))
        g_propagate_error(error, g_steal_pointer(&play->complaint));
    else
        sky_gst_error_set(error, failure, debug, stage_of(play), password);
    return FALSE;
}

/* rtspsrc: the stream is open once DESCRIBE and each SETUP were answered, with the account if one was asked for. */
static void take_progress(Play *play, GstMessage *message) {
    GstProgressType type;
    g_autofree char *code = NULL;
    gst_message_parse_progress(message, &type, &code, NULL);
    if (type == GST_PROGRESS_TYPE_COMPLETE && strcmp(code, "open") == 0)
        admit(play);
}

/* FALSE: it is over. A live stream has no end. */
static gboolean take_messages(Play *play, const char *password, GError **error) {
    for (;;) {
        g_autoptr(GstMessage) message = gst_bus_pop(play->bus);
        if (message == NULL)
            return TRUE;
        switch ((int)GST_MESSAGE_TYPE(message)) {
        case GST_MESSAGE_ERROR:
            if (!take_error(play, message, password, error))
                return FALSE;
            break;
        case GST_MESSAGE_EOS:
            g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "%s: it ended", stage_of(play));
            return FALSE;
        case GST_MESSAGE_PROGRESS:
            take_progress(play, message);
            break;
        default:
            break;
        }
    }
}

/* ---- a play ---- */

/* Parsers give nothing before they know the parameter sets, which may be late: until the first access unit any data count. */
static void look_at_arrival(Play *play) {
    int64_t camera_ns = sky_gst_knocker_camera_ns(play->knocker);
    if (has_begun(play))
        sky_gst_knocker_forget_camera(play->knocker);
    else if (camera_ns != SKY_TIME_NONE) {
        admit(play);
        play->deadline_ns = MAX(play->deadline_ns, camera_ns + play->limit_ns);
    }
}

/* FALSE: for too long nothing, or nothing to begin with. */
static gboolean is_alive(Play *play, int64_t now_ns, GError **error) {
    int64_t picture_wait_ns = PICTURE_STALLS * play->source->params.stall_timeout_ns;
    if (has_begun(play) && play->has_pictures && play->picture_deadline_ns == INT64_MAX)
        play->picture_deadline_ns = now_ns + picture_wait_ns;
    if (now_ns >= play->picture_deadline_ns) {
        g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "stalled: packets come, but for %.0f s no picture at appsink name=frames",
                    (double)picture_wait_ns / SKY_NS_PER_S);
        return FALSE;
    }
    if (now_ns >= play->deadline_ns) {
        g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "%s: nothing for %.1f s", has_begun(play) ? "stalled" : stage_of(play),
                    (double)play->limit_ns / SKY_NS_PER_S);
        return FALSE;
    }
    if (play->admitted && play->key_deadline_ns == INT64_MAX)
        play->key_deadline_ns = now_ns + KEY_WAIT_NS;
    if (!has_begun(play) && now_ns >= play->key_deadline_ns) {
        g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "stream: no key frame for %.0f s: set the camera's I-frame interval to 1 to 2 s, and "
                        "switch its intra refresh off", (double)KEY_WAIT_NS / SKY_NS_PER_S);
        return FALSE;
    }
    return TRUE;
}

static void watch(Play *play, const char *password, GError **error) {
    play->key_deadline_ns = play->picture_deadline_ns = INT64_MAX;
    while (!sky_source_must_stop(play->source)) {
        sky_gst_knocker_wait(play->knocker, MIN(play->deadline_ns, sky_clock_monotonic_ns() + STOP_LOOK_NS));
        if (!take_packets(play, error) || !take_messages(play, password, error))
            return;
        if (play->has_pictures && sky_gst_pictures_take(&play->pictures, play->pipeline.frames))
            play->picture_deadline_ns = INT64_MAX;
        look_at_arrival(play);
        if (!is_alive(play, sky_clock_monotonic_ns(), error))
            return;
    }
}

static void begin_pictures(Play *play) {
    const SkySourceSink *sink = &play->source->sink;
    play->has_pictures = play->pipeline.frames != NULL && sink->picture != NULL;
    if (play->has_pictures) {
        sky_gst_pictures_init(&play->pictures, play->source);
        sink->has_pictures(sink->user);
    } else if (play->pipeline.frames != NULL) {
        sky_gst_pipeline_rest_frames(&play->pipeline);
    }
}

static void listen_to(Play *play) {
    play->bus = gst_element_get_bus(play->pipeline.pipeline);
    sky_gst_knocker_hear_bus(play->knocker, play->bus);
    sky_gst_knocker_hear_sink(play->knocker, play->pipeline.packets);
    if (play->has_pictures)
        sky_gst_knocker_hear_sink(play->knocker, play->pipeline.frames);
    if (play->pipeline.camera != NULL) {
        sky_gst_knocker_hear_camera(play->knocker, play->pipeline.camera);
        sky_gst_attempt_bound(play->pipeline.camera);
    }
}

/* The URL with a numeric host and without its account, which goes its own way. What is not RTSP is a name for the text's source. */
static char *location_of(const SkySource *source, const SkyUri *uri, GError **error) {
    g_autofree char *address = sky_resolve(uri->host, source->params.connect_timeout_ns, &source->stop, error);
    if (address == NULL)
        return NULL;
    SkyUri plain = {.scheme = uri->scheme, .host = address, .port = uri->port, .rest = uri->rest};
    return sky_uri_without_credentials(&plain);
}

static void play_text(Play *play, GError **error) {
    const SkySourceParams *params = &play->source->params;
    set_limit(play, params->connect_timeout_ns); /* the look-up's time is the connection's */
    g_autoptr(SkyUri) uri = sky_uri_parse(params->url, error);
    g_autofree char *location = uri != NULL ? location_of(play->source, uri, error) : NULL;
    if (location == NULL || !sky_gst_pipeline_init(&play->pipeline, params->pipeline_text, error))
        return;
    const char *password = params->password != NULL ? params->password : uri->password;
    const char *user = params->user != NULL ? params->user : uri->user;
    if (!sky_gst_pipeline_aim(&play->pipeline, location, user, password, params, error))
        return;
    begin_pictures(play);
    listen_to(play);
    play->life = sky_gst_life_new(play->pipeline.pipeline, error);
    if (play->life != NULL)
        watch(play, password, error);
    sky_gst_life_end(play->life, CLOSE_NS);
}

/* A digest that it does not know GStreamer answers by MD5 all the same: the account is refused, whatever it is. */
static void tell_unknown_digest(const SkySource *source, GError **error) {
    if (*error == NULL || !g_str_has_prefix((*error)->message, "authentication"))
        return;
    g_autofree char *algorithm = sky_rtsp_challenge_unknown(source, source->params.url);
    if (algorithm == NULL)
        return;
    g_clear_error(error);
    g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "authentication: the camera wants digests by %s, which GStreamer does not know: have it use "
                "MD5 for RTSP (among its security settings: RTSP authentication)", algorithm);
}

static gboolean run(SkySource *source, GError **error) {
    g_autoptr(GError) failure = NULL;
    Play play = {.source = source, .knocker = sky_gst_knocker_new()};
    play_text(&play, &failure);
    g_clear_error(&play.complaint);
    if (play.has_intake)
        sky_intake_clear(&play.intake);
    if (play.bus != NULL)
        gst_object_unref(play.bus);
    sky_gst_pipeline_clear(&play.pipeline);
    sky_gst_knocker_unref(play.knocker);
    tell_unknown_digest(source, &failure);
    if (sky_source_must_stop(source) || failure == NULL)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

SkySource *sky_gst_source_new(const SkySourceParams *params, const SkySourceSink *sink) {
    static const SkySourceEngine engine = {.name = "gst", .run = run};
    return sky_source_new(&engine, params, sink);
}
