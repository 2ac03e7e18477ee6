/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/retention.h"

#include "base/clock.h"

#define MB (UINT64_C(1) << 20)
#define DAY (24 * 3600 * SKY_NS_PER_S)

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
        item->changed_ns = 100 * DAY - --count * DAY;
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
    SkyRetentionState state = {.bytes = items->len * 10 * MB, .free_bytes = row->free_mb * MB, .now_utc_ns = 100 * DAY + DAY / 2};
    g_autoptr(GPtrArray) plan = sky_retention_plan(&params, &state, items);
    g_autoptr(GString) removed = g_string_new(NULL);
    for (guint i = 0; i < plan->len; i++)
        g_string_append(removed, ((const SkyRetentionItem *)plan->pdata[i])->alert);
    g_assert_cmpstr(removed->str, ==, row->removed);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name = g_strconcat("/evidence/retention/", rows[i].name, NULL);
        g_test_add_data_func(name, &rows[i], test_row);
    }
    return g_test_run();
}
