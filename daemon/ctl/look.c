/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/look.h"

#include "base/clock.h"
#include "base/lock.h"
#include "base/queue.h"
#include "source/source.h"

/* What comes in. The lock guards all of it but `ended`. */
typedef struct {
    SkyLock lock;
    SkyStreamInfo *info;
    int64_t first_ns; /* arrival of the first picture */
    int64_t begin_ns, end_ns; /* media time: of the first picture and the last */
    uint64_t packets, bytes, keys;
    SkyRtspTransport transport; /* AUTO: not let in */
    int64_t last_key_ns, gop_most_ns;
    uint64_t since_key, gop_least, gop_most; /* pictures */
    SkyRateMeter rate;
    SkyPacket *key;
    gboolean has_clock;
    int64_t clock_ahead_ns;
    SkyQueue *ended; /* one item: GError * */
} Intake;

static void take_key(Intake *intake, int64_t now_ns) {
    if (intake->keys++ > 0) {
        intake->gop_most_ns = MAX(intake->gop_most_ns, now_ns - intake->last_key_ns);
        intake->gop_most = MAX(intake->gop_most, intake->since_key);
        intake->gop_least = intake->keys == 2 ? intake->since_key : MIN(intake->gop_least, intake->since_key);
    }
    intake->last_key_ns = now_ns;
    intake->since_key = 0;
}

static void on_packet(SkyPacket *packet, gpointer user) {
    Intake *intake = user;
    const SkyPacketTimes *times = sky_packet_times(packet);
    sky_lock_enter(&intake->lock);
    if (intake->packets++ == 0) {
        intake->first_ns = times->arrival_ns;
        intake->begin_ns = times->dts_ns;
    }
    if (times->key) {
        take_key(intake, times->dts_ns);
        sky_packet_unref(intake->key);
        intake->key = sky_packet_ref(packet);
    }
    sky_rate_meter_take(&intake->rate, sky_packet_size_bytes(packet), times->key);
    intake->since_key++;
    intake->end_ns = times->dts_ns;
    intake->bytes += sky_packet_size_bytes(packet);
    sky_stream_info_unref(intake->info);
    intake->info = sky_stream_info_ref(sky_packet_info(packet));
    sky_lock_leave(&intake->lock);
    sky_packet_unref(packet);
}

static void on_admitted(SkyRtspTransport transport, gpointer user) {
    Intake *intake = user;
    sky_lock_enter(&intake->lock);
    intake->transport = transport;
    sky_lock_leave(&intake->lock);
}

/* The least delayed packet tells it best. */
static void on_clock(int64_t ahead_ns, gpointer user) {
    Intake *intake = user;
    sky_lock_enter(&intake->lock);
    intake->clock_ahead_ns = intake->has_clock ? MAX(intake->clock_ahead_ns, ahead_ns) : ahead_ns;
    intake->has_clock = TRUE;
    sky_lock_leave(&intake->lock);
}

static void on_ended(const GError *error, gpointer user) {
    sky_queue_push(((Intake *)user)->ended, error ? g_error_copy(error) : g_error_new(SKY_ERROR, SKY_ERR_RETRY, "it ended"));
}

/* Until `seconds` of pictures have come, or it ended. Returns why it ended, NULL: it goes on. */
static GError *wait_for(Intake *intake, int64_t until_ns, int seconds) {
    gpointer why = NULL;
    while (sky_clock_monotonic_ns() < until_ns) {
        if (sky_queue_pop(intake->ended, sky_clock_monotonic_ns() + 100 * SKY_NS_PER_MS, &why) == SKY_QUEUE_OK)
            return why;
        sky_lock_enter(&intake->lock);
        if (intake->packets > 0)
            until_ns = MIN(until_ns, intake->first_ns + seconds * SKY_NS_PER_S);
        sky_lock_leave(&intake->lock);
    }
    return NULL;
}

static void tell(const Intake *intake, int64_t started_ns, SkyLook *look) {
    look->packets = intake->packets;
    look->transport = intake->transport;
    if (intake->packets == 0)
        return;
    look->codec = sky_stream_info_codec(intake->info);
    look->width_px = sky_stream_info_width_px(intake->info);
    look->height_px = sky_stream_info_height_px(intake->info);
    look->seconds = (double)(intake->end_ns - intake->begin_ns) / SKY_NS_PER_S;
    look->fps = look->seconds > 0 ? (double)(intake->packets - 1) / look->seconds : 0;
    look->bit_rate = look->seconds > 0 ? (double)intake->bytes * 8 / look->seconds : 0;
    look->keys = intake->keys;
    look->gop_least = intake->gop_least;
    look->gop_most = intake->gop_most;
    look->rate = sky_rate_meter_judge(&intake->rate, &look->between_share);
    look->has_clock = intake->has_clock;
    look->clock_ahead_ns = intake->clock_ahead_ns;
    look->key = intake->key ? sky_packet_ref(intake->key) : NULL;
    look->gop_most_ns = intake->gop_most_ns;
    look->first_ns = intake->first_ns - started_ns;
}

static void look_once(const SkySourceParams *params, int seconds, SkyLook *ret_look) {
    *ret_look = (SkyLook){0};
    Intake intake = {.transport = SKY_RTSP_AUTO, .ended = sky_queue_new(1, (GDestroyNotify)g_error_free)};
    sky_lock_init(&intake.lock);
    sky_rate_meter_init(&intake.rate);
    g_autoptr(GError) error = NULL;
    int64_t started_ns = sky_clock_monotonic_ns();
    SkySourceSink sink = {.packet = on_packet, .ended = on_ended, .user = &intake, .admitted = on_admitted, .clock = on_clock};
    SkySource *source = (params->pipeline_text ? sky_gst_source_new : sky_rtsp_source_new)(params, &sink);
    if (sky_source_start(source, &error))
        error = wait_for(&intake, started_ns + params->connect_timeout_ns + seconds * SKY_NS_PER_S, seconds);
    sky_source_free(source); /* nobody else has the numbers now */
    tell(&intake, started_ns, ret_look);
    if (error) {
        ret_look->why = g_strdup(error->message);
        ret_look->code = (SkyErrorCode)error->code;
    }
    sky_stream_info_unref(intake.info);
    sky_packet_unref(intake.key);
    sky_rate_meter_clear(&intake.rate);
    sky_queue_free(intake.ended);
    sky_lock_clear(&intake.lock);
}

void sky_look_at(const SkySourceParams *params, int seconds, SkyLook *ret_look) {
    look_once(params, seconds, ret_look);
    if (params->transport != SKY_RTSP_AUTO || ret_look->packets > 0 || ret_look->transport == SKY_RTSP_AUTO)
        return;
    SkySourceParams other = *params; /* let in, and nothing came: as the daemon's next attempt */
    other.first = ret_look->transport == SKY_RTSP_TCP ? SKY_RTSP_UDP : SKY_RTSP_TCP;
    sky_look_clear(ret_look);
    look_once(&other, seconds, ret_look);
}

gboolean sky_look_is_refused(const SkyLook *look) {
    return look->why && look->code == SKY_ERR_CONFIG && g_str_has_prefix(look->why, "authentication");
}

void sky_look_clear(SkyLook *look) {
    g_clear_pointer(&look->why, g_free);
    g_clear_pointer(&look->key, sky_packet_unref);
}
