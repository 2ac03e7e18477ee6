/* SPDX-License-Identifier: Apache-2.0 */
#include "event/path.h"

#include "base/clock.h"

#define DT_NS (SKY_NS_PER_S / 8)

/* A thousandth of the picture a picture, to the right. */
static void walk(SkyPath *path, unsigned from, unsigned to) {
    for (unsigned i = from; i < to; i++)
        sky_path_add(path, (SkyPoint){0.001f * (float)i, 0.5f}, SKY_NS_PER_S + i * DT_NS);
}

static void test_first_steps(void) {
    SkyPath path = {0};
    g_assert_cmpfloat(sky_path_speed(&path), ==, 0);
    walk(&path, 0, 1);
    g_assert_cmpuint(path.count, ==, 1);
    g_assert_cmpfloat(sky_path_way(&path), ==, 0);
    g_assert_cmpfloat(sky_path_speed(&path), ==, 0);
    walk(&path, 1, 4); /* less than half a second: the last goes on */
    g_assert_cmpuint(path.count, ==, 2);
    g_assert_cmpfloat_with_epsilon(path.steps[1].foot.x, 0.003f, 1e-6f);
    walk(&path, 4, 5);
    g_assert_cmpuint(path.count, ==, 3);
    sky_path_add(&path, (SkyPoint){0.7f, 0.5f}, SKY_NS_PER_S + 4 * DT_NS); /* the same moment again: corrected */
    g_assert_cmpuint(path.count, ==, 3);
    g_assert_cmpfloat(path.steps[2].foot.x, ==, 0.7f);
}

/* However long: no more steps than there is room for, from the first to where it is, at even times, and the way keeps its length. */
static void test_long_way(void) {
    SkyPath path = {0};
    for (unsigned i = 0; i < 8000; i++) {
        walk(&path, i, i + 1);
        g_assert_cmpuint(path.count, <=, SKY_PATH_STEPS_MAX);
        g_assert_cmpint(path.steps[0].time_ns, ==, SKY_NS_PER_S);
        g_assert_cmpint(path.steps[path.count - 1].time_ns, ==, SKY_NS_PER_S + i * DT_NS);
        g_assert_cmpfloat_with_epsilon(sky_path_way(&path), 0.001f * (float)i, 0.001f);
        for (uint32_t k = 1; k + 2 < path.count; k++) {
            int64_t apart_ns = path.steps[k + 1].time_ns - path.steps[k].time_ns;
            g_assert_cmpint(apart_ns, >=, path.every_ns / 2);
            g_assert_cmpint(apart_ns, <=, path.every_ns * 2);
        }
    }
    g_assert_cmpuint(path.count, >=, SKY_PATH_STEPS_MAX / 2);
    g_assert_cmpfloat_with_epsilon(sky_path_speed(&path), 0.008f, 0.0001f);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/path/first-steps", test_first_steps);
    g_test_add_func("/path/long-way", test_long_way);
    return g_test_run();
}
