/* SPDX-License-Identifier: Apache-2.0 */
#include "event/perspective.h"

/* Half a height of the picture tall at its bottom, a tenth where the feet are at 0.5: the horizon is at 0.375. */
static const SkyPerspective known = {.far_foot = 0.5, .far_height = 0.1, .near_foot = 1, .near_height = 0.5};

static void test_height(void) {
    g_assert_cmpfloat_with_epsilon(sky_perspective_height(&known, 0.5f), 0.1f, 1e-5f);
    g_assert_cmpfloat_with_epsilon(sky_perspective_height(&known, 0.75f), 0.3f, 1e-5f);
    g_assert_cmpfloat_with_epsilon(sky_perspective_height(&known, 1), 0.5f, 1e-5f);
    g_assert_cmpfloat_with_epsilon(sky_perspective_height(&known, 0.4f), 0.02f, 1e-5f); /* further than far */
    g_assert_cmpfloat(sky_perspective_height(&known, 0.37f), ==, 0);
}

static SkySize size_of(float foot, float height) {
    return sky_perspective_size(&known, &(SkyBox){0.4f, foot - height, 0.05f, height});
}

static void test_size(void) {
    g_assert_cmpint(size_of(0.75f, 0.3f), ==, SKY_SIZE_FITS);
    g_assert_cmpint(size_of(0.75f, 0.091f), ==, SKY_SIZE_FITS);
    g_assert_cmpint(size_of(0.75f, 0.089f), ==, SKY_SIZE_WRONG);
    g_assert_cmpint(size_of(0.5f, 0.249f), ==, SKY_SIZE_FITS);
    g_assert_cmpint(size_of(0.5f, 0.251f), ==, SKY_SIZE_WRONG);
    g_assert_cmpint(size_of(0.5f, 0.04f), ==, SKY_SIZE_FITS); /* what is far may be as small as a flake near by */
    g_assert_cmpint(size_of(0.3f, 0.02f), ==, SKY_SIZE_WRONG); /* nothing stands in the sky */
}

/* What the edge cuts has no size to be told. */
static void test_unknown(void) {
    g_assert_cmpint(size_of(1, 0.05f), ==, SKY_SIZE_UNKNOWN);
    g_assert_cmpint(size_of(0.99f, 0.05f), ==, SKY_SIZE_WRONG);
    g_assert_cmpint(size_of(0.5f, 0.5f), ==, SKY_SIZE_UNKNOWN);
    g_assert_cmpint(sky_perspective_size(&(SkyPerspective){0}, &(SkyBox){0.4f, 0.4f, 0.05f, 0.01f}), ==, SKY_SIZE_UNKNOWN);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/perspective/height", test_height);
    g_test_add_func("/perspective/size", test_size);
    g_test_add_func("/perspective/unknown", test_unknown);
    return g_test_run();
}
