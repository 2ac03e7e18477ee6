/* SPDX-License-Identifier: Apache-2.0 */
/* The small nouns of pipelines/base: clock, id, backoff, budget, polygon, text_file. */
#include <glib/gstdio.h>
#include <string.h>

#include "base/backoff.h"
#include "base/budget.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "base/polygon.h"
#include "base/text_file.h"

static void test_utc_text(void) {
    char text[SKY_UTC_TEXT_BYTES];
    int64_t utc_ns = 0;
    sky_clock_utc_text(INT64_C(1763780645678999999), text);
    g_assert_cmpstr(text, ==, "2025-11-22T03:04:05.678Z");
    g_assert_true(sky_clock_utc_parse(text, &utc_ns));
    g_assert_cmpint(utc_ns, ==, INT64_C(1763780645678000000));
    sky_clock_utc_text(-1, text);
    g_assert_cmpstr(text, ==, "1969-12-31T23:59:59.999Z");
    sky_clock_utc_text(INT64_MAX, text);
    sky_clock_utc_text(INT64_MIN, text);
    g_assert_cmpuint(strlen(text), ==, SKY_UTC_TEXT_BYTES - 1);
}

/* Leap seconds come at the end of June and of December, and are the first of the next month. */
static void test_utc_leap(void) {
    int64_t leap_ns = 0, next_ns = 0;
    g_assert_true(sky_clock_utc_parse("2016-12-31T23:59:60.25Z", &leap_ns));
    g_assert_true(sky_clock_utc_parse("2017-01-01T00:00:00.25Z", &next_ns));
    g_assert_cmpint(leap_ns, ==, next_ns);
    g_assert_true(sky_clock_utc_parse("2016-02-29T23:59:60Z", &leap_ns));
    g_assert_false(sky_clock_utc_parse("2015-02-29T23:59:60Z", &leap_ns));
}

static void test_utc_refuse(void) {
    static const char *const rows[] = {"", "2025", "2025-11-22 03:04:05Z", "2025-11-22T03:04:05", "2025-13-22T03:04:05Z", "2025-02-30T03:04:05Z",
                                       "2025-11-22T24:04:05Z", "2025-11-22T03:04:05.Z", "2025-11-22T03:04:05Zx", "9999-11-22T03:04:05Z"};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        int64_t utc_ns = 7;
        if (sky_clock_utc_parse(rows[i], &utc_ns))
            g_error("taken: %s", rows[i]);
        g_assert_cmpint(utc_ns, ==, 7);
    }
}

static void test_id(void) {
    g_assert_true(sky_id_is_valid("a"));
    g_assert_true(sky_id_is_valid("east-gate-2"));
    static const char *const bad[] = {"", "-a", "A", "a_b", "a/b", "a+b", "#", "东门", "a b"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_false(sky_id_is_valid(bad[i]));
    char longest[SKY_ID_BYTES + 1];
    memset(longest, 'a', sizeof longest);
    longest[SKY_ID_BYTES] = '\0';
    g_assert_false(sky_id_is_valid(longest));
    longest[SKY_ID_BYTES - 1] = '\0';
    g_assert_true(sky_id_is_valid(longest));
}

static void test_ulid(void) {
    char a[SKY_ULID_BYTES], b[SKY_ULID_BYTES], c[SKY_ULID_BYTES];
    sky_ulid_make(INT64_C(1469918176385) * SKY_NS_PER_MS, a);
    g_assert_cmpint(strncmp(a, "01ARYZ6S41", 10), ==, 0); /* the time part of the specification's example */
    sky_ulid_make(INT64_C(1469918176385) * SKY_NS_PER_MS, b);
    g_assert_cmpstr(a, !=, b);
    sky_ulid_make_lower(INT64_C(1469918176386) * SKY_NS_PER_MS, c);
    g_assert_true(sky_id_is_valid(c));
    g_assert_cmpint(g_ascii_strncasecmp(a, c, 10), <, 0);
}

static void test_backoff(void) {
    SkyBackoff backoff;
    sky_backoff_init(&backoff, SKY_NS_PER_S, 60 * SKY_NS_PER_S);
    const int64_t seconds[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    for (gsize i = 0; i < G_N_ELEMENTS(seconds); i++) {
        int64_t delay_ns = sky_backoff_next(&backoff, i % 2 ? UINT32_MAX : 0);
        g_assert_cmpint(delay_ns, >=, seconds[i] * SKY_NS_PER_S * 3 / 4);
        g_assert_cmpint(delay_ns, <=, seconds[i] * SKY_NS_PER_S * 5 / 4);
    }
    sky_backoff_reset(&backoff);
    g_assert_cmpint(sky_backoff_next(&backoff, 0), ==, SKY_NS_PER_S * 3 / 4);
}

static void test_budget(void) {
    SkyBudget budget;
    sky_budget_init(&budget, 100);
    g_assert_true(sky_budget_charge(&budget, 60));
    g_assert_false(sky_budget_charge(&budget, 41));
    g_assert_false(sky_budget_charge(&budget, UINT64_MAX));
    g_assert_true(sky_budget_charge(&budget, 40));
    sky_budget_release(&budget, 100);
    g_assert_cmpuint(sky_budget_used(&budget), ==, 0);
}

static void test_polygon(void) {
    const SkyPolygon half = {4, {{0, 0}, {0.5f, 0}, {0.5f, 1}, {0, 1}}};
    const SkyPolygon bow_tie = {4, {{0, 0}, {1, 1}, {1, 0}, {0, 1}}};
    const SkyPolygon line = {3, {{0, 0}, {0.5f, 0.5f}, {1, 1}}};
    const SkyPolygon outside = {3, {{0, 0}, {1.5f, 0}, {1, 1}}};
    g_autoptr(GError) error = NULL;
    g_assert_true(sky_polygon_check(&half, &error));
    g_assert_false(sky_polygon_check(&bow_tie, NULL));
    g_assert_false(sky_polygon_check(&line, NULL));
    g_assert_false(sky_polygon_check(&outside, &error));
    g_assert_error(error, SKY_ERROR, SKY_ERR_CONFIG);
    g_assert_true(sky_polygon_contains(&half, 0.25f, 0.5f));
    g_assert_false(sky_polygon_contains(&half, 0.75f, 0.5f));
    uint8_t mask[3 * 8] = {0};
    sky_polygon_fill(&half, mask, 6, 3, 8, 9);
    for (int y = 0; y < 3; y++)
        for (int x = 0; x < 8; x++)
            g_assert_cmpuint(mask[y * 8 + x], ==, x < 3 ? 9 : 0);
}

static void test_secret_file(void) {
    g_autofree char *path = NULL;
    g_autoptr(GError) error = NULL;
    int fd = g_file_open_tmp("skynet-XXXXXX", &path, &error);
    g_assert_no_error(error);
    g_close(fd, NULL);
    g_assert_true(g_file_set_contents(path, "geheim\r\nmore\n", -1, NULL));
    g_autofree char *secret = sky_text_file_read_secret(path, &error);
    g_assert_cmpstr(secret, ==, "geheim");
    g_assert_true(g_file_set_contents(path, "\xef\xbb\xbfgeheim", -1, NULL));
    g_autofree char *marked = sky_text_file_read_secret(path, &error);
    g_assert_cmpstr(marked, ==, "geheim");
    g_assert_true(g_file_set_contents(path, "\xff\xfeg\0e\0", 6, NULL));
    g_assert_null(sky_text_file_read_secret(path, &error));
    g_assert_error(error, SKY_ERROR, SKY_ERR_CONFIG);
    g_clear_error(&error);
    g_assert_null(sky_text_file_read(path, 3, &error));
    g_assert_error(error, SKY_ERROR, SKY_ERR_CONFIG);
    g_clear_error(&error);
    g_unlink(path);
    g_assert_null(sky_text_file_read(path, 3, &error));
    g_assert_error(error, SKY_ERROR, SKY_ERR_CONFIG);
}

/* A fake clock: seconds of the system, of the own time, synced; what counts, and whether the own one goes on. */
static void test_clock_choose(void) {
    static const struct {
        int64_t system_s, own_s;
        gboolean synced;
        int64_t counts_s;
        gboolean held;
    } rows[] = {
        {100, 1000, FALSE, 1000, TRUE},   /* 1970 at boot */
        {999, 1000, FALSE, 1000, TRUE},
        {1000, 1000, FALSE, 1000, FALSE}, /* caught up */
        {5000, 1000, FALSE, 5000, FALSE}, /* somebody set it */
        {100, 1000, TRUE, 100, FALSE},    /* the last known time was wrong: the system says that it knows */
        {100, INT64_MIN, FALSE, 100, FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        int64_t own_ns = rows[i].own_s == INT64_MIN ? SKY_TIME_NONE : rows[i].own_s * SKY_NS_PER_S;
        _Bool held = !rows[i].held;
        g_assert_cmpint(sky_clock_choose(rows[i].system_s * SKY_NS_PER_S, own_ns, rows[i].synced, &held), ==, rows[i].counts_s * SKY_NS_PER_S);
        g_assert_cmpint(held, ==, rows[i].held);
    }
}

/* A day's grace after a clock went forth by more than a day; what goes back, or forth by less, changes nothing. */
static void test_clock_age(void) {
    static const int64_t DAY = INT64_C(86400) * SKY_NS_PER_S, BOOT = INT64_C(5000) * SKY_NS_PER_S;
    g_assert_cmpint(sky_clock_age_counts_from(SKY_TIME_NONE, 100 * DAY, BOOT, 0), ==, 0); /* nothing to compare with */
    g_assert_cmpint(sky_clock_age_counts_from(100 * DAY, 101 * DAY, BOOT, 7), ==, 7);
    g_assert_cmpint(sky_clock_age_counts_from(100 * DAY, 101 * DAY + 1, BOOT, 7), ==, BOOT + DAY);
    g_assert_cmpint(sky_clock_age_counts_from(4000 * DAY, 100 * DAY, BOOT, 7), ==, 7); /* mended: the grace goes on */
}

static void test_clock_last_known(void) {
    int64_t system_ns = sky_clock_utc_ns(), ahead_ns = system_ns + 3600 * SKY_NS_PER_S, then_ns = sky_clock_monotonic_ns();
    static const int64_t absurd_s[] = {0, 86400, INT64_C(4200000000)};
    for (guint i = 0; i < G_N_ELEMENTS(absurd_s); i++) {
        sky_clock_set_last_known(absurd_s[i] * SKY_NS_PER_S);
        g_assert_false(sky_clock_is_held());
    }
    sky_clock_set_last_known(system_ns - SKY_NS_PER_S);
    g_assert_false(sky_clock_is_held());
    sky_clock_set_last_known(ahead_ns);
    g_assert_cmpint(sky_clock_is_held(), ==, !sky_clock_is_synced());
    if (sky_clock_is_held()) {
        int64_t first_ns = sky_clock_utc_ns();
        g_assert_cmpint(first_ns, >=, ahead_ns);
        g_assert_cmpint(first_ns - ahead_ns, <, 1800 * SKY_NS_PER_S);
        g_assert_cmpint(sky_clock_utc_ns(), >=, first_ns);
        g_assert_cmpint(sky_clock_utc_of(then_ns), <=, sky_clock_utc_ns());
        g_assert_cmpint(sky_clock_utc_of(then_ns), >, system_ns + 1800 * SKY_NS_PER_S); /* also what was before, by the same clock */
    }
    sky_clock_set_last_known(0);
    g_assert_false(sky_clock_is_held());
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/clock/age", test_clock_age);
    g_test_add_func("/clock/utc-text", test_utc_text);
    g_test_add_func("/clock/utc-refuse", test_utc_refuse);
    g_test_add_func("/clock/utc-leap", test_utc_leap);
    g_test_add_func("/id/valid", test_id);
    g_test_add_func("/id/ulid", test_ulid);
    g_test_add_func("/backoff/doubles", test_backoff);
    g_test_add_func("/budget/limit", test_budget);
    g_test_add_func("/polygon/all", test_polygon);
    g_test_add_func("/text-file/secret", test_secret_file);
    g_test_add_func("/clock/choose", test_clock_choose);
    g_test_add_func("/clock/last-known", test_clock_last_known);
    return g_test_run();
}
