/* SPDX-License-Identifier: Apache-2.0 */
#include "support/source_tap.h"

#include <string.h>

#include "base/clock.h"

static TapEngine tap_engine = sky_rtsp_source_new;

void tap_set_engine(TapEngine engine) {
    tap_engine = engine;
}

static void on_frame(SkyFrame *frame, gpointer user) {
    Tap *tap = user;
    tap->frames++;
    tap->damaged += frame->damaged ? 1 : 0;
}

static void on_packet(SkyPacket *packet, gpointer user) {
    Tap *tap = user;
    sky_lock_enter(&tap->lock);
    g_ptr_array_add(tap->packets, packet);
    tap->width_px = sky_stream_info_width_px(sky_packet_info(packet));
    sky_decoder_push(tap->decoder, packet, NULL);
    sky_lock_wake(&tap->lock);
    sky_lock_leave(&tap->lock);
}

static void on_admitted(SkyRtspTransport transport, gpointer user) {
    Tap *tap = user;
    sky_lock_enter(&tap->lock);
    tap->transport = transport;
    sky_lock_leave(&tap->lock);
}

static void on_ended(const GError *error, gpointer user) {
    Tap *tap = user;
    sky_lock_enter(&tap->lock);
    tap->error = error != NULL ? g_error_copy(error) : NULL;
    tap->ended = TRUE;
    sky_lock_wake(&tap->lock);
    sky_lock_leave(&tap->lock);
}

static void unref_packet(gpointer packet) {
    sky_packet_unref(packet);
}

Tap *tap_new(const Reach *reach) {
    Tap *tap = g_new0(Tap, 1);
    sky_lock_init(&tap->lock);
    tap->packets = g_ptr_array_new_with_free_func(unref_packet);
    tap->decoder = sky_decoder_new(&(SkyDecodeParams){.analysis_width_px = 320}, on_frame, tap);
    tap->transport = SKY_RTSP_AUTO;
    SkySourceParams params = {.camera = "tap",
                              .url = reach->url,
                              .user = reach->user,
                              .password = reach->password,
                              .ca_file = reach->ca_file,
                              .transport = reach->transport,
                              .first = reach->first,
                              .connect_timeout_ns = 30 * SKY_NS_PER_S,
                              .stall_timeout_ns = reach->stall_ns > 0 ? reach->stall_ns : 20 * SKY_NS_PER_S};
    SkySourceSink sink = {.packet = on_packet, .ended = on_ended, .admitted = on_admitted, .user = tap};
    tap->source = tap_engine(&params, &sink);
    g_assert_true(sky_source_start(tap->source, NULL));
    return tap;
}

void tap_free(Tap *tap) {
    sky_source_free(tap->source);
    sky_decoder_free(tap->decoder);
    g_ptr_array_unref(tap->packets);
    g_clear_error(&tap->error);
    sky_lock_clear(&tap->lock);
    g_free(tap);
}

void tap_wait(Tap *tap, guint count) {
    int64_t deadline_ns = sky_clock_monotonic_ns() + 90 * SKY_NS_PER_S;
    sky_lock_enter(&tap->lock);
    while (tap->packets->len < count && !tap->ended && sky_lock_wait_until(&tap->lock, deadline_ns))
        ;
    if (tap->packets->len < count)
        g_error("%u packets of %u: %s", tap->packets->len, count, tap->error != NULL ? tap->error->message : "no more came");
    sky_lock_leave(&tap->lock);
}

void tap_wait_more(Tap *tap, guint more) {
    sky_lock_enter(&tap->lock);
    guint count = tap->packets->len + more;
    sky_lock_leave(&tap->lock);
    tap_wait(tap, count);
}

void tap_wait_width(Tap *tap, uint32_t width_px) {
    int64_t deadline_ns = sky_clock_monotonic_ns() + 90 * SKY_NS_PER_S;
    sky_lock_enter(&tap->lock);
    while (tap->width_px != width_px && !tap->ended && sky_lock_wait_until(&tap->lock, deadline_ns))
        ;
    g_assert_cmpuint(tap->width_px, ==, width_px);
    sky_lock_leave(&tap->lock);
}

void tap_wait_end(Tap *tap, SkyErrorCode code, const char *says) {
    int64_t deadline_ns = sky_clock_monotonic_ns() + 90 * SKY_NS_PER_S;
    sky_lock_enter(&tap->lock);
    while (!tap->ended && sky_lock_wait_until(&tap->lock, deadline_ns))
        ;
    g_assert_true(tap->ended);
    g_assert_error(tap->error, SKY_ERROR, (gint)code);
    if (strstr(tap->error->message, says) == NULL)
        g_error("%s", tap->error->message);
    sky_lock_leave(&tap->lock);
}

void tap_check(Tap *tap) {
    sky_source_request_stop(tap->source);
    g_clear_pointer(&tap->source, sky_source_free);
    int64_t last_ns = INT64_MIN;
    for (guint i = 0; i < tap->packets->len; i++) {
        const SkyPacketTimes *times = sky_packet_times(g_ptr_array_index(tap->packets, i));
        g_assert_true(i > 0 || (times->key && times->pts_ns == 0));
        g_assert_cmpint(times->dts_ns, >, last_ns);
        g_assert_cmpint(times->pts_ns, >=, times->dts_ns);
        last_ns = times->dts_ns;
    }
    sky_decoder_drain(tap->decoder);
}

void tap_check_clean(Tap *tap) {
    SkySourceNumbers numbers = *sky_source_numbers(tap->source);
    g_assert_cmpuint(sky_counter_get(&numbers.bad_packets), ==, 0);
    g_assert_cmpuint(sky_counter_get(&numbers.mended_times), ==, 0);
    tap_check(tap);
    g_assert_cmpuint(sky_counter_get(&sky_decoder_numbers(tap->decoder)->errors), ==, 0);
    g_assert_cmpuint(tap->frames, ==, tap->packets->len);
}
