/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "support/outbox_bench.h"

static void receive(Bench *bench, const char *topic, const char *payload) {
    const SkyTransportIncoming message = {.topic = topic, .payload = (const uint8_t *)payload, .payload_bytes = strlen(payload)};
    bench->events.received(&message, bench->outbox);
}

static void test_probes(void) {
    Bench b;
    bench_init(&b, 20);
    static const char *const audiences[] = {"duty", "resident", "police"}, *const topics[] = {"p/duty", "p/resident", "p/police"};
    sky_outbox_set_probes(b.outbox, audiences, topics, 3);
    bench_turn(&b);
    bench_connect(&b);
    g_assert_cmpuint(b.filters.length, ==, 6);
    bench_assert_sent(&b, "p/duty", "probe duty", 0);
    bench_assert_sent(&b, "p/resident", "probe resident", 0);
    bench_assert_sent(&b, "p/police", "probe police", 0x87);
    bench_assert_sent(&b, "cmd/probe", "probe commands", 0);
    receive(&b, "p/duty", "probe duty");
    receive(&b, "p/resident", "somebody else's");
    receive(&b, "cmd/x", "{}");
    g_assert_cmpuint(b.commands, ==, 1);
    bench_turn(&b);
    g_assert_cmpstr(sky_outbox_numbers(b.outbox).refused_audiences, ==, "police");
    b.now_ns = sky_clock_monotonic_ns() + 11 * SKY_NS_PER_S;
    bench_turn(&b);
    g_assert_cmpstr(sky_outbox_numbers(b.outbox).refused_audiences, ==, "resident,police");
    receive(&b, "p/resident", "probe resident"); /* late, but it does get through */
    bench_turn(&b);
    g_assert_cmpstr(sky_outbox_numbers(b.outbox).refused_audiences, ==, "police");
    /* The verdict stands until the next. A broker that hangs refuses nobody. */
    bench_disconnect(&b, SKY_ERR_RETRY);
    bench_connect(&b);
    b.now_ns += 60 * SKY_NS_PER_S;
    bench_turn(&b);
    g_assert_cmpstr(sky_outbox_numbers(b.outbox).refused_audiences, ==, "police");
    bench_assert_sent(&b, "p/duty", "probe duty", 0);
    bench_assert_sent(&b, "p/resident", "probe resident", 0);
    bench_assert_sent(&b, "p/police", "probe police", 0);
    bench_assert_sent(&b, "cmd/probe", "probe commands", 0);
    receive(&b, "p/police", "probe police");
    bench_turn(&b);
    g_assert_cmpstr(sky_outbox_numbers(b.outbox).refused_audiences, ==, "");
    /* Fewer, while two are still open. */
    sky_outbox_set_probes(b.outbox, audiences, topics, 1);
    bench_turn(&b);
    bench_assert_sent(&b, "p/duty", "probe duty", 0);
    bench_assert_sent(&b, "cmd/probe", "probe commands", 0);
    bench_assert_nothing_sent(&b);
    bench_clear(&b);
}

/* Who stands at the end of a long list is named too: doctor takes whoever is not for well. */
static void test_all_refused(void) {
    Bench b;
    bench_init(&b, 40);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < 32; i++) g_ptr_array_add(names, g_strdup_printf("%062u", i));
    g_ptr_array_add(names, NULL);
    g_autofree char *all = g_strjoinv(",", (char **)names->pdata);
    sky_outbox_set_probes(b.outbox, (const char *const *)names->pdata, (const char *const *)names->pdata, 32);
    bench_turn(&b);
    bench_connect(&b);
    for (guint i = 0; i < 32; i++) bench_assert_sent(&b, names->pdata[i], NULL, 0x87);
    bench_turn(&b);
    g_assert_cmpstr(sky_outbox_numbers(b.outbox).refused_audiences, ==, all);
    bench_clear(&b);
}

static void pass_time(Bench *bench) {
    bench->now_ns += 11 * SKY_NS_PER_S;
    bench_turn(bench);
}

/* A broker takes a subscription, and may hand out nothing by it: what people send has an echo of its own, which comes by their filter. */
static void test_commands(void) {
    Bench b;
    bench_init(&b, 20);
    static const char *const audiences[] = {"duty"}, *const topics[] = {"p/duty"};
    sky_outbox_set_probes(b.outbox, audiences, topics, 1);
    bench_turn(&b);
    bench_connect(&b);
    g_assert_cmpuint(b.filters.length, ==, 4); /* commands, two of what is retained, duty's probe: an echo asked for alone would say nothing */
    bench_assert_sent(&b, "p/duty", "probe duty", 0);
    bench_assert_sent(&b, "cmd/probe", "probe commands", 0);
    receive(&b, "p/duty", "probe duty");
    pass_time(&b);
    g_assert_true(sky_outbox_numbers(b.outbox).commands_refused);
    g_assert_cmpstr(sky_outbox_numbers(b.outbox).refused_audiences, ==, "");
    bench_disconnect(&b, SKY_ERR_RETRY);
    g_assert_true(sky_outbox_numbers(b.outbox).commands_refused); /* until there is a new verdict */
    bench_connect(&b);
    bench_assert_sent(&b, "p/duty", "probe duty", 0);
    bench_assert_sent(&b, "cmd/probe", "probe commands", 0);
    receive(&b, "cmd/probe", "probe commands");
    g_assert_cmpuint(b.commands, ==, 0); /* it is none */
    bench_turn(&b);
    g_assert_false(sky_outbox_numbers(b.outbox).commands_refused);
    bench_clear(&b);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/outbox_probe/audiences", test_probes);
    g_test_add_func("/outbox_probe/all-refused", test_all_refused);
    g_test_add_func("/outbox_probe/commands", test_commands);
    return g_test_run();
}
