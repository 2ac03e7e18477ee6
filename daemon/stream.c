/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/stream.h"

#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/lock.h"
#include "base/log.h"
#include "source/source.h"

#define RATE_WINDOW_NS (5 * SKY_NS_PER_S)

struct SkyStream {
    char *camera, *url, *user, *password, *pipeline_text, *ca_file;
    SkySourceParams params; /* texts are the ones above */
    SkyLane *lane;
    SkyPreroll *preroll;
    SkyBell *bell;
    SkyStreamState state;
    SkyGuest guest;
    SkyTransportChoice choice;
    SkyTransports *transports; /* NULL: nothing is to be remembered */
    SkyOnvifCounts onvif;
    SkySource *source;      /* NULL between attempts */
    gboolean stopping;
    gboolean plain_keys;    /* told in the log */
    SkyLogLimit log_limit;

    /* From the source's thread. */
    _Atomic gboolean is_in, has_packet, has_ended;
    gboolean gives_pictures;    /* only that thread looks: its packets need no decoder */
    _Atomic int transport;  /* a SkyRtspTransport, once it is in; AUTO before */
    _Atomic int64_t last_packet_ns, last_key_ns;
    _Atomic uint64_t packets;
    SkyLock lock;
    SkyStreamInfo *info;    /* inside the lock, as is the error */
    GError *error;

    int64_t rate_since_ns;
    uint64_t rate_packets;
    double frame_rate;
};

SkyStream *sky_stream_new(const SkyCameraConfig *camera, const char *url, const SkyStreamSurroundings *around, SkyLane *lane,
                          SkyPreroll *preroll) {
    SkyStream *stream = g_new0(SkyStream, 1);
    stream->camera = g_strdup(camera->id);
    stream->url = g_strdup(url);
    stream->user = g_strdup(camera->user);
    stream->password = g_strdup(camera->password);
    stream->pipeline_text = g_strdup(camera->pipeline_text);
    stream->ca_file = g_strdup(camera->ca_file);
    stream->params = (SkySourceParams){.camera = stream->camera,
                                       .url = stream->url,
                                       .user = stream->user,
                                       .password = stream->password,
                                       .transport = camera->transport,
                                       .pipeline_text = stream->pipeline_text,
                                       .ca_file = stream->ca_file,
                                       .picture_fps = camera->analysis_fps,
                                       .connect_timeout_ns = camera->connect_timeout_ns,
                                       .stall_timeout_ns = camera->stall_timeout_ns};
    sky_guest_init(&stream->guest, around->accounts, stream->camera, url, camera->user, camera->password);
    stream->lane = lane ? sky_lane_ref(lane) : NULL;
    stream->preroll = preroll ? sky_preroll_ref(preroll) : NULL;
    stream->bell = around->bell;
    stream->transports = camera->transport == SKY_RTSP_AUTO ? around->transports : NULL;
    atomic_init(&stream->last_packet_ns, SKY_TIME_NONE);
    atomic_init(&stream->last_key_ns, SKY_TIME_NONE);
    atomic_init(&stream->transport, SKY_RTSP_AUTO);
    sky_transport_choice_init(&stream->choice, stream->transports ? sky_transports_first(stream->transports, url) : SKY_RTSP_TCP);
    sky_lock_init(&stream->lock);
    int64_t now_ns = sky_clock_monotonic_ns();
    stream->rate_since_ns = now_ns;
    sky_stream_state_init(&stream->state, now_ns);
    return stream;
}

void sky_stream_free(SkyStream *stream) {
    if (!stream)
        return;
    sky_source_free(stream->source);
    sky_guest_clear(&stream->guest);
    sky_lane_unref(stream->lane);
    sky_preroll_unref(stream->preroll);
    sky_stream_info_unref(stream->info);
    g_clear_error(&stream->error);
    sky_lock_clear(&stream->lock);
    g_free(stream->camera);
    g_free(stream->url);
    g_free(stream->user);
    g_free(stream->pipeline_text);
    g_free(stream->ca_file);
    if (stream->password)
        explicit_bzero(stream->password, strlen(stream->password));
    g_free(stream->password);
    g_free(stream);
}

/* ---- the source's thread ---- */

static void note_info(SkyStream *stream, SkyStreamInfo *info) {
    if (info == stream->info) /* only this thread writes it */
        return;
    sky_lock_enter(&stream->lock);
    SkyStreamInfo *before = stream->info;
    stream->info = sky_stream_info_ref(info);
    sky_lock_leave(&stream->lock);
    sky_stream_info_unref(before);
}

static void on_packet(SkyPacket *packet, gpointer user) {
    SkyStream *stream = user;
    note_info(stream, sky_packet_info(packet));
    atomic_store(&stream->last_packet_ns, sky_packet_times(packet)->arrival_ns);
    if (sky_packet_times(packet)->key)
        atomic_store(&stream->last_key_ns, sky_packet_times(packet)->arrival_ns);
    atomic_fetch_add(&stream->packets, 1);
    if (stream->preroll)
        sky_preroll_push(stream->preroll, sky_packet_ref(packet));
    if (stream->lane && !stream->gives_pictures)
        sky_lane_push(stream->lane, sky_packet_ref(packet));
    sky_packet_unref(packet);
    if (!atomic_exchange(&stream->has_packet, TRUE))
        sky_bell_ring(stream->bell);
}

static void on_has_pictures(gpointer user) {
    ((SkyStream *)user)->gives_pictures = TRUE;
}

static void on_picture(const SkyPicture *picture, gpointer user) {
    sky_lane_push_picture(((SkyStream *)user)->lane, picture);
}

static void on_admitted(SkyRtspTransport transport, gpointer user) {
    SkyStream *stream = user;
    atomic_store(&stream->transport, (int)transport);
    atomic_store(&stream->is_in, TRUE);
    sky_bell_ring(stream->bell);
}

static void on_ended(const GError *error, gpointer user) {
    SkyStream *stream = user;
    sky_lock_enter(&stream->lock);
    g_clear_error(&stream->error);
    stream->error = error ? g_error_copy(error) : NULL;
    sky_lock_leave(&stream->lock);
    atomic_store(&stream->has_ended, TRUE);
    sky_bell_ring(stream->bell);
}

/* ---- the main thread ---- */

static void start(SkyStream *stream, int64_t now_ns) {
    g_autoptr(GError) error = NULL;
    SkySourceSink sink = {.packet = on_packet,
                          .picture = stream->lane ? on_picture : NULL,
                          .has_pictures = on_has_pictures,
                          .admitted = on_admitted,
                          .ended = on_ended,
                          .user = stream};
    stream->gives_pictures = FALSE;
    atomic_store(&stream->is_in, FALSE);
    atomic_store(&stream->has_packet, FALSE);
    atomic_store(&stream->has_ended, FALSE);
    sky_stream_state_started(&stream->state, now_ns);
    stream->params.first = stream->choice.first;
    stream->source = (stream->pipeline_text ? sky_gst_source_new : sky_rtsp_source_new)(&stream->params, &sink);
    if (!sky_source_start(stream->source, &error)) {
        g_clear_pointer(&stream->source, sky_source_free);
        sky_guest_leave(&stream->guest, FALSE, now_ns);
        sky_stream_state_ended(&stream->state, error, now_ns, g_random_int());
    }
}

static void log_loss(SkyStream *stream, int64_t now_ns) {
    const SkyStreamState *state = &stream->state;
    const char *which = stream->lane ? "" : "main stream: ";
    int64_t delay_s = (state->next_try_ns - now_ns + SKY_NS_PER_S / 2) / SKY_NS_PER_S;
    sky_log_limited(&stream->log_limit, SKY_LOG_WARNING, "camera", stream->camera, "%s%s, retrying in %d s", which, state->why,
                    (int)MAX(delay_s, 1));
}

static gboolean is_refused(const GError *error) {
    return g_error_matches(error, SKY_ERROR, SKY_ERR_CONFIG) && g_str_has_prefix(error->message, "authentication");
}

/* Which account, for whoever reads it among others. */
static void name_account(const SkyStream *stream, GError *error) {
    if (!is_refused(error) || !stream->guest.account)
        return;
    g_autofree char *text = sky_guest_text(&stream->guest);
    g_autofree char *message = error->message;
    error->message = g_strdup_printf("%s: %s", message, text);
}

/* Tries, if its account may be tried. */
static void start_in_turn(SkyStream *stream, int64_t now_ns) {
    int64_t next_ns;
    switch (sky_guest_ask(&stream->guest, now_ns, &next_ns)) {
    case SKY_ACCOUNT_FREE:
        start(stream, now_ns);
        return;
    case SKY_ACCOUNT_BUSY:
        return;
    case SKY_ACCOUNT_REFUSED:
        break;
    }
    g_autofree char *text = sky_guest_text(&stream->guest);
    g_autofree char *why = g_strconcat("authentication: refused: ", text, NULL);
    sky_stream_state_hold_back(&stream->state, why, next_ns);
}

void sky_onvif_counts_add(SkyOnvifCounts *counts, const SkyOnvifCounts *more) {
    counts->refused += more->refused;
    counts->unanswered += more->unanswered;
    counts->unreadable += more->unreadable;
    counts->unusable += more->unusable;
}

static void count_onvif(SkyStream *stream) {
    const SkyOnvifNumbers *numbers = &sky_source_numbers(stream->source)->onvif;
    sky_onvif_counts_add(&stream->onvif, &(SkyOnvifCounts){.refused = sky_counter_get(&numbers->refused),
                                                           .unanswered = sky_counter_get(&numbers->unanswered),
                                                           .unreadable = sky_counter_get(&numbers->unreadable),
                                                           .unusable = sky_counter_get(&numbers->unusable)});
}

static void finish(SkyStream *stream, int64_t now_ns) {
    count_onvif(stream);
    g_clear_pointer(&stream->source, sky_source_free);
    if (stream->preroll)
        sky_preroll_break(stream->preroll);
    if (stream->lane)
        sky_lane_request_end(stream->lane);
    sky_lock_enter(&stream->lock);
    g_autoptr(GError) error = g_steal_pointer(&stream->error);
    sky_lock_leave(&stream->lock);
    sky_guest_leave(&stream->guest, is_refused(error), now_ns);
    if (stream->stopping)
        return;
    if (atomic_load(&stream->is_in) && !atomic_load(&stream->has_packet))
        sky_transport_choice_was_silent(&stream->choice, (SkyRtspTransport)atomic_load(&stream->transport));
    name_account(stream, error);
    sky_stream_state_ended(&stream->state, error, now_ns, g_random_int());
    log_loss(stream, now_ns);
}

static void measure_rate(SkyStream *stream, int64_t now_ns) {
    int64_t span_ns = now_ns - stream->rate_since_ns;
    if (span_ns < RATE_WINDOW_NS)
        return;
    uint64_t packets = atomic_load(&stream->packets);
    stream->frame_rate = (double)(packets - stream->rate_packets) * 1e9 / (double)span_ns;
    stream->rate_packets = packets;
    stream->rate_since_ns = now_ns;
}

static const char *transport_name(SkyStream *stream) {
    return sky_rtsp_transport_name((SkyRtspTransport)atomic_load(&stream->transport));
}

static void remember_transport(SkyStream *stream, SkyRtspTransport transport) {
    sky_transport_choice_worked(&stream->choice, transport);
    if (stream->transports)
        sky_transports_worked(stream->transports, stream->url, transport, sky_clock_utc_ns());
}

gboolean sky_stream_has_plain_keys(const SkyStream *stream) {
    return stream->source && sky_counter_get(&sky_source_numbers(stream->source)->plain_keys) > 0;
}

static void note_plain_keys(SkyStream *stream) {
    if (stream->plain_keys || !sky_stream_has_plain_keys(stream))
        return;
    stream->plain_keys = TRUE;
    sky_log(SKY_LOG_NOTICE, "camera", stream->camera,
            "%sneither IDR pictures nor recovery points come, plain I pictures have to do: clips may begin with damaged pictures. Set the "
            "camera's I-frame interval to 1 to 2 s, and switch its intra refresh off", stream->lane ? "" : "main stream: ");
}

void sky_stream_turn(SkyStream *stream, int64_t now_ns) {
    if (stream->source && (atomic_load(&stream->is_in) || atomic_load(&stream->has_packet)))
        sky_guest_is_in(&stream->guest);
    if (stream->source && atomic_load(&stream->has_packet) && stream->state.phase == SKY_STREAM_CONNECTING) {
        sky_stream_state_runs(&stream->state, now_ns);
        if (atomic_load(&stream->is_in)) /* an engine that does not say how it came in has nothing to be remembered */
            remember_transport(stream, (SkyRtspTransport)atomic_load(&stream->transport));
        gboolean unverified = !stream->ca_file && sky_camera_url_has_certificate(stream->url);
        sky_log_limited(&stream->log_limit, SKY_LOG_NOTICE, "camera", stream->camera, "%sstream runs, by %s%s",
                        stream->lane ? "" : "main ", transport_name(stream),
                        unverified ? "; its certificate is not verified (ca_file)" : "");
    }
    note_plain_keys(stream);
    if (stream->source && atomic_load(&stream->has_ended))
        finish(stream, now_ns);
    if (!stream->stopping && sky_stream_state_is_due(&stream->state, now_ns))
        start_in_turn(stream, now_ns);
    measure_rate(stream, now_ns);
}

void sky_stream_retry(SkyStream *stream, const char *account, int64_t now_ns) {
    if (!account || sky_guest_is_of(&stream->guest, account))
        sky_stream_state_retry(&stream->state, now_ns);
}

void sky_stream_request_stop(SkyStream *stream) {
    stream->stopping = TRUE;
    if (stream->source)
        sky_source_request_stop(stream->source);
    else
        sky_guest_leave(&stream->guest, FALSE, 0); /* nobody waits behind it */
}

gboolean sky_stream_is_stopped(SkyStream *stream) {
    return stream->stopping && !stream->source;
}

SkyStreamState *sky_stream_state(SkyStream *stream) {
    return &stream->state;
}

void sky_stream_read(SkyStream *stream, SkyStreamNumbers *ret_numbers) {
    sky_lock_enter(&stream->lock);
    SkyStreamInfo *info = stream->info ? sky_stream_info_ref(stream->info) : NULL;
    sky_lock_leave(&stream->lock);
    gboolean in = atomic_load(&stream->transport) != SKY_RTSP_AUTO;
    *ret_numbers = (SkyStreamNumbers){.last_packet_ns = atomic_load(&stream->last_packet_ns),
                                      .packets = atomic_load(&stream->packets),
                                      .frame_rate = stream->frame_rate,
                                      .transport = in ? transport_name(stream) : "",
                                      .info = info};
}

int64_t sky_stream_keyless_ns(SkyStream *stream) {
    int64_t key_ns = atomic_load(&stream->last_key_ns), packet_ns = atomic_load(&stream->last_packet_ns);
    return key_ns == SKY_TIME_NONE ? 0 : MAX(packet_ns - key_ns, 0); /* the first packet is one */
}

void sky_stream_numbers_clear(SkyStreamNumbers *numbers) {
    g_clear_pointer(&numbers->info, sky_stream_info_unref);
}

void sky_stream_count_onvif(const SkyStream *stream, SkyOnvifCounts *counts) {
    sky_onvif_counts_add(counts, &stream->onvif);
}
