/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/preroll.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "base/thread.h"

#define PACKETS 60000
#define GOP 25
#define CAMERA_BYTES (300 * 100)

/* A camera pushes as fast as it can, breaks now and then; clips read along, one fast and one slow, pictures and numbers are taken.
 * A packet's dts is its number, each is as large as it says; whatever a reader gets is in order, whole, and bears a gap where
 * something is missing. */
typedef struct {
    SkyPreroll *preroll;
    SkyStreamInfo *info;
    atomic_bool ended;
    uint64_t read[2];
} Camera;

static uint8_t bytes_of_packet[256];

static void push(gpointer user) {
    Camera *camera = user;
    for (int64_t i = 0; i < PACKETS; i++) {
        SkyPacketTimes times = {.dts_ns = i, .pts_ns = i, .arrival_ns = i * SKY_NS_PER_MS, .key = i % GOP == 0};
        if (i % 1000 == 0)
            sky_preroll_break(camera->preroll);
        sky_preroll_push(camera->preroll, sky_packet_new_copy(camera->info, &times, bytes_of_packet, (gsize)(50 + i % 100)));
    }
    atomic_store(&camera->ended, TRUE);
}

static void check(const GPtrArray *packets, int64_t *last) {
    for (guint i = 0; i < packets->len; i++) {
        const SkyPacketTimes *times = sky_packet_times(packets->pdata[i]);
        g_assert_cmpint(times->dts_ns, >, *last);
        g_assert_true(times->dts_ns == *last + 1 || *last < 0 || (times->gap && times->key));
        g_assert_cmpuint(sky_packet_size_bytes(packets->pdata[i]), ==, (gsize)(50 + times->dts_ns % 100));
        *last = times->dts_ns;
    }
}

static void read_along(Camera *camera, uint32_t packets_max, gulong pause_us, uint64_t *ret_read) {
    uint64_t cursor = 0;
    int64_t last = -1;
    for (gboolean over = FALSE;;) {
        g_autoptr(GPtrArray) packets = sky_preroll_read(camera->preroll, 0, &cursor, packets_max);
        check(packets, &last);
        *ret_read += packets->len;
        if (packets->len == 0 && over)
            break;
        over = atomic_load(&camera->ended);
        if (pause_us > 0 && !over)
            g_usleep(pause_us);
    }
    g_assert_cmpint(last, ==, PACKETS - 1);
}

static void read_fast(gpointer user) {
    read_along(user, 64, 0, &((Camera *)user)->read[0]);
}

static void read_slowly(gpointer user) {
    read_along(user, 16, 2000, &((Camera *)user)->read[1]);
}

static void take_pictures(gpointer user) {
    Camera *camera = user;
    while (!atomic_load(&camera->ended)) {
        SkyPrerollNumbers numbers = sky_preroll_numbers(camera->preroll);
        g_assert_cmpuint(numbers.bytes, <=, CAMERA_BYTES);
        if (numbers.oldest_ns == SKY_TIME_NONE)
            continue;
        int64_t at_ns = (numbers.oldest_ns + numbers.newest_ns) / 2;
        g_autoptr(GPtrArray) packets = sky_preroll_read_gop(camera->preroll, at_ns);
        g_assert_cmpuint(packets->len, <=, GOP);
        if (packets->len == 0)
            continue;
        g_assert_true(sky_packet_times(packets->pdata[0])->key);
        int64_t last = sky_packet_times(packets->pdata[0])->dts_ns - 1;
        check(packets, &last);
    }
}

static void test_threads(void) {
    SkyBudget budget;
    sky_budget_init(&budget, CAMERA_BYTES);
    Camera camera = {.preroll = sky_preroll_new(CAMERA_BYTES, SKY_NS_PER_S, &budget),
                     .info = sky_stream_info_new(SKY_CODEC_H264, 640, 360, 25, NULL, 0)};
    static const SkyThreadMain mains[] = {read_fast, read_slowly, take_pictures, push};
    SkyThread *threads[G_N_ELEMENTS(mains)];
    for (gsize i = 0; i < G_N_ELEMENTS(mains); i++)
        threads[i] = sky_thread_start("preroll", mains[i], &camera, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(mains); i++)
        sky_thread_join(threads[i]);
    g_test_message("read along: %u and %u of %u", (unsigned)camera.read[0], (unsigned)camera.read[1], PACKETS);
    g_assert_cmpuint(sky_budget_used(&budget), ==, sky_preroll_numbers(camera.preroll).bytes);
    sky_preroll_unref(camera.preroll);
    g_assert_cmpuint(sky_budget_used(&budget), ==, 0);
    sky_stream_info_unref(camera.info);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/preroll/threads", test_threads);
    return g_test_run();
}
