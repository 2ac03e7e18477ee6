/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/preroll.h"

#include <string.h>

#include "base/clock.h"

static SkyStreamInfo *info;
static uint8_t bytes_of_packet[4096];

/* A picture of the script below: 'K' a key frame, any other letter not; it arrives in the second that is its place. */
static SkyPacket *picture(char letter, int second, gsize bytes) {
    SkyPacketTimes times = {.dts_ns = second, .arrival_ns = second * SKY_NS_PER_S, .key = letter == 'K'};
    return sky_packet_new_copy(info, &times, bytes_of_packet, bytes);
}

static void push_script(SkyPreroll *preroll, const char *script, int from_second, gsize bytes) {
    for (int i = 0; script[i] != '\0'; i++)
        sky_preroll_push(preroll, picture(script[i], from_second + i, bytes));
}

/* "3k 4 5!": the second of arrival, 'k' for a key frame, '!' for a gap. */
static char *text_of(const GPtrArray *packets) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < packets->len; i++) {
        const SkyPacketTimes *times = sky_packet_times(packets->pdata[i]);
        g_string_append_printf(text, "%s%d%s%s", i > 0 ? " " : "", (int)times->dts_ns, times->key ? "k" : "",
                               times->gap ? "!" : "");
    }
    return g_strdup(text->str);
}

static char *read_text(SkyPreroll *preroll, int from_second, uint64_t *cursor, uint32_t packets_max) {
    g_autoptr(GPtrArray) packets = sky_preroll_read(preroll, from_second * SKY_NS_PER_S, cursor, packets_max);
    return text_of(packets);
}

static void assert_reads(SkyPreroll *preroll, int from_second, uint64_t *cursor, const char *expected) {
    g_autofree char *text = read_text(preroll, from_second, cursor, 1000);
    g_assert_cmpstr(text, ==, expected);
}

static void assert_gop(SkyPreroll *preroll, double at_second, const char *expected) {
    g_autoptr(GPtrArray) packets = sky_preroll_read_gop(preroll, (int64_t)(at_second * 1e9));
    g_autofree char *text = text_of(packets);
    g_assert_cmpstr(text, ==, expected);
    int64_t key_ns = packets->len > 0 ? sky_packet_times(packets->pdata[0])->arrival_ns : SKY_TIME_NONE;
    g_assert_cmpint(sky_preroll_key_ns(preroll, (int64_t)(at_second * 1e9)), ==, key_ns);
}

typedef struct {
    const char *name, *script;
    uint64_t bytes_max;
    int keep_s;
    const char *from_start;
    unsigned packets, dropped;
} Row;

static const Row rows[] = {
    {"fits", "KppKpp", 6000, 100, "0k 1 2 3k 4 5", 6, 0},
    {"age", "KppKppKpp", 6000, 4, "3k 4 5 6k 7 8", 6, 0}, /* second 4 must stay: it is in the GOP of 3 */
    {"age-on-the-edge", "KppKppK", 6000, 3, "3k 4 5 6k", 4, 0},
    {"age-one-long-gop", "Kpppppppp", 6000, 2, "0k 1 2 3 4 5 6 7 8", 9, 0},
    {"bytes", "KppKppKp", 600, 100, "3k 4 5 6k 7", 5, 3},
    {"bytes-twice", "KpKpKpKp", 400, 100, "4k 5 6k 7", 4, 4},
    {"the-only-gop", "Kppppp", 400, 100, "", 4, 2}, /* 2 3 4 5 are there, for who has read 1 */
    {"the-only-gop-then-a-key", "KpppppKp", 400, 100, "6k 7", 4, 4},
    {"all-keys", "KKKK", 200, 100, "2k 3k", 2, 2},
    {"no-key-at-all", "pppp", 6000, 100, "", 4, 0},
};

static void test_row(gconstpointer data) {
    const Row *row = data;
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(row->bytes_max, row->keep_s * SKY_NS_PER_S, NULL);
    push_script(preroll, row->script, 0, 100);
    SkyPrerollNumbers numbers = sky_preroll_numbers(preroll);
    g_assert_cmpuint(numbers.packets, ==, row->packets);
    g_assert_cmpuint(numbers.bytes, ==, row->packets * 100);
    g_assert_cmpuint(numbers.dropped_packets, ==, row->dropped);
    g_assert_cmpint(numbers.newest_ns, ==, (int64_t)(strlen(row->script) - 1) * SKY_NS_PER_S);
    uint64_t cursor = 0;
    assert_reads(preroll, 0, &cursor, row->from_start);
    if (row->from_start[0] == '\0')
        g_assert_cmpint(numbers.oldest_ns, ==, SKY_TIME_NONE); /* nothing that a decoder could start with */
}

static void test_from(void) {
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(6000, 100 * SKY_NS_PER_S, NULL);
    g_assert_cmpint(sky_preroll_numbers(preroll).oldest_ns, ==, SKY_TIME_NONE);
    uint64_t cursor = 0;
    assert_reads(preroll, 0, &cursor, "");
    g_assert_cmpuint(cursor, ==, 0);
    push_script(preroll, "KppKppKpp", 10, 100);
    g_assert_cmpint(sky_preroll_numbers(preroll).oldest_ns, ==, 10 * SKY_NS_PER_S);
    static const struct {
        int from_second;
        const char *out;
    } cases[] = {
        {0, "10k 11 12 13k 14 15 16k 17 18"},
        {12, "10k 11 12 13k 14 15 16k 17 18"},
        {13, "13k 14 15 16k 17 18"},
        {15, "13k 14 15 16k 17 18"},
        {18, "16k 17 18"},
        {23, "16k 17 18"},
        {24, ""}, /* the camera fell silent before */
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        cursor = 0;
        assert_reads(preroll, cases[i].from_second, &cursor, cases[i].out);
        assert_reads(preroll, cases[i].from_second, &cursor, "");
    }
}

/* What the camera showed an hour before it came back is no pre-roll. */
static void test_silence(void) {
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(6000, 100 * SKY_NS_PER_S, NULL);
    push_script(preroll, "KppKpp", 0, 100);
    uint64_t cursor = 0;
    assert_reads(preroll, 3600, &cursor, "");
    g_assert_cmpuint(cursor, ==, 0);
    sky_preroll_break(preroll);
    push_script(preroll, "Kp", 3603, 100);
    assert_reads(preroll, 3600, &cursor, "3603k! 3604");
    push_script(preroll, "pK", 3605, 100);
    assert_reads(preroll, 3600, &cursor, "3605 3606k");
}

static void test_reads_on(void) {
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(600, 100 * SKY_NS_PER_S, NULL);
    push_script(preroll, "KppKpp", 0, 100);
    uint64_t cursor = 0;
    g_autofree char *first = read_text(preroll, 4, &cursor, 2);
    g_assert_cmpstr(first, ==, "3k 4");
    push_script(preroll, "Kp", 6, 100); /* the first GOP goes, the cursor's packet stays */
    assert_reads(preroll, 4, &cursor, "5 6k 7");
    push_script(preroll, "p", 8, 100);
    assert_reads(preroll, 4, &cursor, "8");
    push_script(preroll, "KppppKppKpp", 9, 100); /* what comes next is gone */
    assert_reads(preroll, 4, &cursor, "14k! 15 16 17k 18 19");
    push_script(preroll, "p", 20, 100);
    assert_reads(preroll, 4, &cursor, "20");
}

/* One GOP larger than the ring: a reader that keeps pace misses nothing, one that does not starts again at the next key frame. */
static void test_long_gop(void) {
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(400, 100 * SKY_NS_PER_S, NULL);
    uint64_t pacing = 0, late = 0;
    push_script(preroll, "Kpp", 0, 100);
    assert_reads(preroll, 0, &pacing, "0k 1 2");
    g_autofree char *first = read_text(preroll, 0, &late, 1);
    g_assert_cmpstr(first, ==, "0k");
    push_script(preroll, "pppp", 3, 100);
    assert_reads(preroll, 0, &pacing, "3 4 5 6");
    assert_reads(preroll, 0, &late, "");
    push_script(preroll, "pKp", 7, 100);
    assert_reads(preroll, 0, &pacing, "7 8k 9");
    assert_reads(preroll, 0, &late, "8k! 9");
}

static void test_gop(void) {
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(6000, 100 * SKY_NS_PER_S, NULL);
    assert_gop(preroll, 1, "");
    push_script(preroll, "KppKpp", 10, 100);
    assert_gop(preroll, 10, "10k");
    assert_gop(preroll, 11, "10k 11");
    assert_gop(preroll, 11.5, "10k 11 12");
    assert_gop(preroll, 12.5, "10k 11 12"); /* before the next GOP begins */
    assert_gop(preroll, 13, "13k");
    assert_gop(preroll, 99, "13k 14 15");
    assert_gop(preroll, 1, "10k");
}

/* A reader that is late finds what it has asked for, in whole GOPs; bytes are a bound all the same. */
static void test_hold(void) {
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(15000, 2 * SKY_NS_PER_S, NULL);
    push_script(preroll, "KppK", 0, 1000);
    SkyPrerollHold *late = sky_preroll_hold_new(preroll, 4 * SKY_NS_PER_S);
    SkyPrerollHold *later = sky_preroll_hold_new(preroll, 7 * SKY_NS_PER_S);
    push_script(preroll, "ppKppKpp", 4, 1000);
    uint64_t cursor = 0;
    assert_reads(preroll, 0, &cursor, "3k 4 5 6k 7 8 9k 10 11");
    sky_preroll_hold_move(late, 9 * SKY_NS_PER_S);
    push_script(preroll, "K", 12, 1000);
    cursor = 0;
    assert_reads(preroll, 0, &cursor, "6k 7 8 9k 10 11 12k");
    sky_preroll_hold_free(late);
    push_script(preroll, "ppKpp", 13, 2000);
    cursor = 0;
    assert_reads(preroll, 0, &cursor, "9k 10 11 12k 13 14 15k 16 17");
    g_assert_cmpuint(sky_preroll_numbers(preroll).dropped_packets, ==, 3);
    sky_preroll_hold_free(later);
}

/* What nobody can ask for any more goes before its age; a reader's claim holds it, and what comes is never settled. */
static void test_settle(void) {
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(15000, 100 * SKY_NS_PER_S, NULL);
    push_script(preroll, "KppKppKpp", 0, 100);
    SkyPrerollHold *hold = sky_preroll_hold_new(preroll, 4 * SKY_NS_PER_S);
    sky_preroll_settle(preroll, 7 * SKY_NS_PER_S);
    push_script(preroll, "K", 9, 100);
    uint64_t cursor = 0;
    assert_reads(preroll, 0, &cursor, "3k 4 5 6k 7 8 9k");
    sky_preroll_hold_free(hold);
    sky_preroll_settle(preroll, 5 * SKY_NS_PER_S); /* it does not go back */
    push_script(preroll, "p", 10, 100);
    cursor = 0;
    assert_reads(preroll, 0, &cursor, "6k 7 8 9k 10");
    sky_preroll_settle(preroll, 50 * SKY_NS_PER_S);
    push_script(preroll, "pKp", 11, 100);
    cursor = 0;
    assert_reads(preroll, 0, &cursor, "12k 13");
    g_assert_cmpuint(sky_preroll_numbers(preroll).dropped_packets, ==, 0);
}

static void test_break(void) {
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(6000, 100 * SKY_NS_PER_S, NULL);
    push_script(preroll, "Kp", 0, 100);
    sky_preroll_break(preroll);
    sky_preroll_break(preroll);
    push_script(preroll, "Kp", 2, 100);
    uint64_t cursor = 0;
    assert_reads(preroll, 0, &cursor, "0k 1 2k! 3");
}

static void test_too_large(void) {
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(300, 100 * SKY_NS_PER_S, NULL);
    push_script(preroll, "K", 0, 100);
    push_script(preroll, "p", 1, 301); /* can never fit: what is there stays */
    push_script(preroll, "p", 2, 100); /* refers to it */
    push_script(preroll, "K", 3, 100);
    uint64_t cursor = 0;
    assert_reads(preroll, 0, &cursor, "0k 3k!");
    g_assert_cmpuint(sky_preroll_numbers(preroll).dropped_packets, ==, 2);
}

static void test_budget(void) {
    SkyBudget budget;
    sky_budget_init(&budget, 1000);
    g_assert_true(sky_budget_charge(&budget, 600)); /* the packet queue's */
    SkyPreroll *preroll = sky_preroll_new(6000, 100 * SKY_NS_PER_S, &budget);
    push_script(preroll, "KpKpKp", 0, 100);
    g_assert_cmpuint(sky_budget_used(&budget), ==, 1000);
    uint64_t cursor = 0;
    assert_reads(preroll, 0, &cursor, "2k 3 4k 5");
    g_assert_true(sky_preroll_ref(preroll) == preroll);
    sky_preroll_unref(preroll);

    push_script(preroll, "p", 6, 900); /* the camera has no room for it, whatever goes */
    g_assert_cmpuint(sky_budget_used(&budget), ==, 600);
    push_script(preroll, "pK", 7, 100);
    assert_reads(preroll, 0, &cursor, "8k!");
    sky_preroll_unref(preroll);
    g_assert_cmpuint(sky_budget_used(&budget), ==, 600); /* what was inside has been given back */
}

/* More packets than the first slots, round and round. */
static void test_grows(void) {
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(1 << 20, 1000 * SKY_NS_PER_S, NULL);
    uint64_t cursor = 0;
    unsigned next = 0;
    for (int second = 0; second < 5000; second++) {
        sky_preroll_push(preroll, picture(second % 50 == 0 ? 'K' : 'p', second, 10));
        if (second % 300 != 299)
            continue;
        g_autoptr(GPtrArray) packets = sky_preroll_read(preroll, 0, &cursor, 1000);
        for (guint i = 0; i < packets->len; i++)
            g_assert_cmpint(sky_packet_times(packets->pdata[i])->dts_ns, ==, next++);
    }
    g_assert_cmpuint(next, ==, 4800);
    g_assert_cmpuint(sky_preroll_numbers(preroll).packets, ==, 1050); /* 3950 to 4999: second 3999 is in the GOP of 3950 */
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    info = sky_stream_info_new(SKY_CODEC_H264, 640, 360, 25, NULL, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name = g_strconcat("/preroll/", rows[i].name, NULL);
        g_test_add_data_func(name, &rows[i], test_row);
    }
    g_test_add_func("/preroll/from", test_from);
    g_test_add_func("/preroll/silence", test_silence);
    g_test_add_func("/preroll/reads-on", test_reads_on);
    g_test_add_func("/preroll/long-gop", test_long_gop);
    g_test_add_func("/preroll/gop", test_gop);
    g_test_add_func("/preroll/hold", test_hold);
    g_test_add_func("/preroll/settle", test_settle);
    g_test_add_func("/preroll/break", test_break);
    g_test_add_func("/preroll/too-large", test_too_large);
    g_test_add_func("/preroll/budget", test_budget);
    g_test_add_func("/preroll/grows", test_grows);
    int failed = g_test_run();
    sky_stream_info_unref(info);
    return failed;
}
