/* SPDX-License-Identifier: Apache-2.0 */
#include "media/packet_queue.h"

#include <string.h>

#include "base/clock.h"

static SkyStreamInfo *info;
static uint8_t bytes_of_packet[4096];

/* A picture of the script below: 'K' a key frame, any other letter not; dts is its place. */
static SkyPacket *picture(char letter, int64_t dts_ns, gsize bytes) {
    return sky_packet_new_copy(info, &(SkyPacketTimes){.dts_ns = dts_ns, .key = letter == 'K'}, bytes_of_packet, bytes);
}

static void push_script(SkyPacketQueue *queue, const char *script, gsize bytes) {
    for (gsize i = 0; script[i] != '\0'; i++)
        sky_packet_queue_push(queue, picture(script[i], (int64_t)i, bytes));
}

/* What comes out, as "3k 4 5": dts, 'k' for a key frame, '!' for a gap. */
static char *pop_all(SkyPacketQueue *queue) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (;;) {
        g_autoptr(SkyPacket) packet = sky_packet_queue_pop(queue);
        if (packet == NULL)
            break;
        const SkyPacketTimes *times = sky_packet_times(packet);
        g_string_append_printf(text, "%s%d%s%s", text->len > 0 ? " " : "", (int)times->dts_ns, times->key ? "k" : "",
                               times->gap ? "!" : "");
    }
    return g_strdup(text->str);
}

typedef struct {
    const char *name, *script;
    uint32_t packets_max;
    uint64_t bytes_max;
    const char *out;
    unsigned dropped, gops;
} Row;

static const Row rows[] = {
    {"fits", "KppKpp", 6, 6000, "0k 1 2 3k 4 5", 0, 0},    {"count", "KppKpp", 5, 6000, "3k! 4 5", 3, 1},
    {"bytes", "KppKppKp", 100, 600, "3k! 4 5 6k 7", 3, 1}, {"twice", "KpKpKpKp", 4, 6000, "4k! 5 6k 7", 4, 2},
    {"the-only-gop", "Kppppp", 4, 6000, "", 6, 1},         {"the-only-gop-then-a-key", "KpppppKp", 4, 6000, "6k! 7", 6, 1},
    {"all-keys", "KKKK", 2, 6000, "2k! 3k", 2, 2},         {"no-key-at-all", "pppp", 100, 6000, "0 1 2 3", 0, 0},
};

static void test_row(gconstpointer data) {
    const Row *row = data;
    g_autoptr(SkyPacketQueue) queue = sky_packet_queue_new(row->packets_max, row->bytes_max, NULL);
    push_script(queue, row->script, 100);
    SkyPacketQueueNumbers numbers = sky_packet_queue_numbers(queue);
    g_assert_cmpuint(numbers.dropped_packets, ==, row->dropped);
    g_assert_cmpuint(numbers.dropped_gops, ==, row->gops);
    g_assert_cmpuint(numbers.packets, ==, strlen(row->script) - row->dropped);
    g_assert_cmpuint(numbers.bytes, ==, numbers.packets * 100);
    g_autofree char *out = pop_all(queue);
    g_assert_cmpstr(out, ==, row->out);
    g_assert_cmpuint(sky_packet_queue_numbers(queue).bytes, ==, 0);
}

static void test_too_large(void) {
    g_autoptr(SkyPacketQueue) queue = sky_packet_queue_new(10, 300, NULL);
    sky_packet_queue_push(queue, picture('K', 0, 100));
    sky_packet_queue_push(queue, picture('p', 1, 301)); /* can never fit: what waits stays */
    sky_packet_queue_push(queue, picture('p', 2, 100)); /* refers to it */
    sky_packet_queue_push(queue, picture('K', 3, 100));
    g_assert_cmpuint(sky_packet_queue_numbers(queue).dropped_packets, ==, 2);
    g_autofree char *out = pop_all(queue);
    g_assert_cmpstr(out, ==, "0k 3k!");
}

static void test_budget(void) {
    SkyBudget budget;
    sky_budget_init(&budget, 1000);
    g_assert_true(sky_budget_charge(&budget, 600)); /* the pre-roll's */
    g_autoptr(SkyPacketQueue) queue = sky_packet_queue_new(100, 100000, &budget);
    push_script(queue, "KpKpKp", 100);
    g_assert_cmpuint(sky_budget_used(&budget), ==, 1000);
    g_autofree char *out = pop_all(queue);
    g_assert_cmpstr(out, ==, "2k! 3 4k 5");
    g_assert_cmpuint(sky_budget_used(&budget), ==, 600);

    g_assert_true(sky_budget_charge(&budget, 400));
    push_script(queue, "Kp", 100);
    g_assert_cmpuint(sky_packet_queue_numbers(queue).packets, ==, 0);
    sky_budget_release(&budget, 400);
    push_script(queue, "pK", 100);
    g_clear_pointer(&out, g_free);
    out = pop_all(queue);
    g_assert_cmpstr(out, ==, "1k!");
    push_script(queue, "Kpp", 100);
    g_clear_pointer(&queue, sky_packet_queue_free);
    g_assert_cmpuint(sky_budget_used(&budget), ==, 600); /* what was inside has been given back */
}

static void test_what_waits(void) {
    g_autoptr(SkyPacketQueue) queue = sky_packet_queue_new(8, 6000, NULL);
    g_assert_cmpint(sky_packet_queue_numbers(queue).oldest_ns, ==, SKY_TIME_NONE);
    g_assert_false(sky_packet_queue_has_key(queue));
    push_script(queue, "Kpp", 100);
    g_assert_true(sky_packet_queue_has_key(queue));
    g_assert_cmpint(sky_packet_queue_numbers(queue).oldest_ns, >, 0);
    sky_packet_unref(sky_packet_queue_pop(queue));
    g_assert_false(sky_packet_queue_has_key(queue));
    g_autofree char *out = pop_all(queue);
    g_assert_cmpstr(out, ==, "1 2");
    g_assert_cmpint(sky_packet_queue_numbers(queue).oldest_ns, ==, SKY_TIME_NONE);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    info = sky_stream_info_new(SKY_CODEC_H264, 640, 360, 25, NULL, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name = g_strconcat("/packet-queue/", rows[i].name, NULL);
        g_test_add_data_func(name, &rows[i], test_row);
    }
    g_test_add_func("/packet-queue/too-large", test_too_large);
    g_test_add_func("/packet-queue/budget", test_budget);
    g_test_add_func("/packet-queue/what-waits", test_what_waits);
    int failed = g_test_run();
    sky_stream_info_unref(info);
    return failed;
}
