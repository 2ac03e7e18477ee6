/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/retention.h"

#include "base/clock.h"

#define MB (UINT64_C(1) << 20)
#define DAY (24 * 3600 * SKY_NS_PER_S)
#define TODAY (20000 * DAY) /* in 2024 */

/* A letter an alert: its place is its age in days, the last one is of today; upper case: open; '*' behind it: being written. 10 MB
 * each. */
static GPtrArray *items_of(const char *script) {
    GPtrArray *items = g_ptr_array_new_with_free_func(g_free);
    unsigned count = 0;
    for (const char *c = script; *c != '\0'; c++)
        count += g_ascii_isalpha(*c);
    for (const char *c = script; *c != '\0'; c++) {
        if (!g_ascii_isalpha(*c))
            continue;
        SkyRetentionItem *item = g_new0(SkyRetentionItem, 1);
        item->alert[0] = g_ascii_tolower(*c);
        item->bytes = 10 * MB;
        item->changed_ns = TODAY - --count * DAY;
        item->open = g_ascii_isupper(*c);
        item->busy = c[1] == '*';
        g_ptr_array_insert(items, 0, item); /* in the wrong order */
    }
    return items;
}

typedef struct {
    const char *name, *items;
    unsigned total_mb, age_days, free_min_mb, free_mb;
    const char *removed;
} Row;

static const Row rows[] = {
    {"no-limits", "abcdef", 0, 0, 0, 0, ""},
    {"fits", "abcdef", 60, 0, 0, 1000, ""},
    {"total", "abcdef", 35, 0, 0, 1000, "abc"},
    {"total-on-the-edge", "abcdef", 40, 0, 0, 1000, "ab"},
    {"age", "abcdef", 0, 4, 0, 1000, "ab"},
    {"free", "abcdef", 0, 0, 100, 85, "ab"},
    {"all-limits", "abcdef", 50, 4, 100, 75, "abc"},
    {"open-last", "AbCdef", 25, 0, 0, 1000, "bdef"},
    {"open-too", "AbCdef", 15, 0, 0, 1000, "bdefa"},
    {"open-are-not-too-old", "ABCdef", 0, 3, 0, 1000, ""},
    {"open-for-free-where-it-helps", "ABcd", 0, 0, 100, 70, "cda"},
    {"open-for-free-where-it-does-not", "ABcd", 0, 0, 1000, 70, "cd"},
    {"busy", "a*bC*d", 5, 0, 0, 1000, "bd"},
    {"nothing-there", "", 5, 1, 1000, 0, ""},
};

static void test_row(gconstpointer data) {
    const Row *row = data;
    g_autoptr(GPtrArray) items = items_of(row->items);
    SkyEvidenceParams params = {.total_bytes_max = row->total_mb * MB, .age_max_ns = row->age_days * DAY,
                                .free_bytes_min = row->free_min_mb * MB};
    SkyRetentionState state = {.bytes = items->len * 10 * MB, .free_bytes = row->free_mb * MB, .now_utc_ns = TODAY + DAY / 2,
                               .age_counts = TRUE};
    g_autoptr(GPtrArray) plan = sky_retention_plan(&params, &state, items);
    g_autoptr(GString) removed = g_string_new(NULL);
    for (guint i = 0; i < plan->len; i++)
        g_string_append(removed, ((const SkyRetentionItem *)plan->pdata[i])->alert);
    g_assert_cmpstr(removed->str, ==, row->removed);
}

/* Made in 1970, looked at after somebody has set the clock: they go for room, not for age. */
static void test_undated(void) {
    g_autoptr(GPtrArray) items = items_of("abc");
    for (guint i = 0; i < items->len; i++)
        ((SkyRetentionItem *)items->pdata[i])->changed_ns -= TODAY;
    SkyEvidenceParams params = {.age_max_ns = 30 * DAY};
    SkyRetentionState state = {.bytes = 30 * MB, .free_bytes = 1000 * MB, .now_utc_ns = TODAY, .age_counts = TRUE};
    g_autoptr(GPtrArray) kept = sky_retention_plan(&params, &state, items);
    g_assert_cmpuint(kept->len, ==, 0);
    params.total_bytes_max = 25 * MB;
    g_autoptr(GPtrArray) plan = sky_retention_plan(&params, &state, items);
    g_assert_cmpuint(plan->len, ==, 1);
}

/* A box without a clock of its own that stands a year ahead, until it is synced: what goes, goes for room. */
static void test_clock_that_nobody_vouches_for(void) {
    g_autoptr(GPtrArray) items = items_of("abc");
    SkyEvidenceParams params = {.age_max_ns = 30 * DAY};
    SkyRetentionState state = {.bytes = 30 * MB, .free_bytes = 1000 * MB, .now_utc_ns = TODAY + 365 * DAY};
    g_autoptr(GPtrArray) kept = sky_retention_plan(&params, &state, items);
    g_assert_cmpuint(kept->len, ==, 0);
    params.total_bytes_max = 25 * MB;
    g_autoptr(GPtrArray) plan = sky_retention_plan(&params, &state, items);
    g_assert_cmpuint(plan->len, ==, 1);
    state.age_counts = TRUE;
    g_autoptr(GPtrArray) all = sky_retention_plan(&params, &state, items);
    g_assert_cmpuint(all->len, ==, 3);
}

/* One is too old: it alone goes, though nobody knows how much is free. */
static void test_free_unknown(void) {
    g_autoptr(GPtrArray) items = items_of("abCd");
    SkyEvidenceParams params = {.age_max_ns = 3 * DAY, .total_bytes_max = 40 * MB, .free_bytes_min = 100 * MB};
    SkyRetentionState state = {.bytes = 40 * MB, .free_bytes = SKY_RETENTION_FREE_UNKNOWN, .now_utc_ns = TODAY + DAY / 2,
                               .age_counts = TRUE};
    g_autoptr(GPtrArray) plan = sky_retention_plan(&params, &state, items);
    g_assert_cmpuint(plan->len, ==, 1);
}

static void test_keep_free(void) {
    SkyEvidenceParams params = {.free_bytes_min = 10 * MB};
    g_assert_cmpuint(sky_retention_keep_free(&params), ==, 5 * MB);
    params.free_bytes_min = 1000 * MB;
    g_assert_cmpuint(sky_retention_keep_free(&params), ==, 16 * MB);
    params.free_bytes_min = 0;
    g_assert_cmpuint(sky_retention_keep_free(&params), ==, 0);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/evidence/retention/undated", test_undated);
    g_test_add_func("/evidence/retention/clock-that-nobody-vouches-for", test_clock_that_nobody_vouches_for);
    g_test_add_func("/evidence/retention/free-unknown", test_free_unknown);
    g_test_add_func("/evidence/retention/keep-free", test_keep_free);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name = g_strconcat("/evidence/retention/", rows[i].name, NULL);
        g_test_add_data_func(name, &rows[i], test_row);
    }
    return g_test_run();
}
