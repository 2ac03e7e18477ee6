/* SPDX-License-Identifier: Apache-2.0 */
#include "media/pace.h"

#include "base/clock.h"

static guint count(SkyPace *pace, int64_t from_ns, int64_t step_ns, guint pictures) {
    guint due = 0;
    for (guint i = 0; i < pictures; i++)
        due += sky_pace_is_due(pace, from_ns + i * step_ns) ? 1 : 0;
    return due;
}

static void test_thins(void) {
    static const struct {
        double per_second;
        guint from, due; /* pictures in 10 s */
    } rows[] = {{0, 250, 250}, {8, 250, 80}, {25, 250, 250}, {30, 250, 250}, {1, 250, 10}, {8, 40, 40}, {0.5, 250, 5}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        SkyPace pace;
        sky_pace_init(&pace, rows[i].per_second);
        g_assert_cmpuint(count(&pace, 0, 10 * SKY_NS_PER_S / rows[i].from, rows[i].from), ==, rows[i].due);
    }
}

static void test_pause_and_back(void) {
    SkyPace pace;
    sky_pace_init(&pace, 8);
    g_assert_cmpuint(count(&pace, 0, 40 * SKY_NS_PER_MS, 25), ==, 8);
    g_assert_cmpuint(count(&pace, 60 * SKY_NS_PER_S, 40 * SKY_NS_PER_MS, 25), <=, 9); /* no rush to catch up */
    g_assert_true(sky_pace_is_due(&pace, 0)); /* time has gone back */
    g_assert_false(sky_pace_is_due(&pace, 40 * SKY_NS_PER_MS));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pace/thins", test_thins);
    g_test_add_func("/pace/pause-and-back", test_pause_and_back);
    return g_test_run();
}
