/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_internal.h"
#include "support/store_fixture.h"

static int64_t alerts_of(SkyStore *store) {
    int64_t count = 0;
    g_assert_true(sky_database_number(store->database, "SELECT count(*) FROM revision", 0, &count, NULL));
    return count;
}

/* Where no clock is synced nothing goes by age; closed alerts are bounded in number all the same, the oldest first. */
static void test_closed_alerts(void) {
    StoreFixture fixture;
    store_fixture_init(&fixture);
    g_autoptr(SkyStore) store = sky_store_open(&fixture.params, &fixture.start, NULL);
    g_assert_true(sky_database_execute(
        store->database, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100301)"
        " INSERT INTO revision(alert, rev, newest, open, updated, body) SELECT 'a' || i, 1, 1, i = 1, i, '' FROM n", NULL));
    for (gboolean more = TRUE; more;) g_assert_true(sky_store_prune(store, INT64_MIN, &more, NULL));
    g_assert_cmpint(alerts_of(store), ==, 100001); /* and the one that is open */
    g_assert_cmpuint(store->forgotten, ==, 300);
    int64_t oldest = 0;
    g_assert_true(sky_database_number(store->database, "SELECT min(updated) FROM revision WHERE open = 0", 0, &oldest, NULL));
    g_assert_cmpint(oldest, ==, 302);
    sky_store_start_clear(&fixture.start);
    store_fixture_clear(&fixture);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store_bounds/closed-alerts", test_closed_alerts);
    return g_test_run();
}
