/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/softness.h"

#include <math.h>

/* How soft shadows and things are, over a ground with a step in it. */
#define W 96
#define H 72

typedef struct {
    SkyBackground *background;
    SkyBlobFinder *finder;
    uint8_t *luma, *mask;
} Rig;

static Rig rig_new(void) {
    Rig rig = {.background = sky_background_new(sky_motion_kernel_c(), W, H), .finder = sky_blob_finder_new()};
    rig.luma = sky_background_new_plane(rig.background);
    rig.mask = sky_background_new_plane(rig.background);
    for (unsigned y = 0; y < H; y++)
        for (unsigned x = 0; x < W; x++)
            rig.luma[y * rig.background->stride + x] = x < 48 ? 190 : 120;
    sky_background_reset(rig.background, rig.luma);
    return rig;
}

static void rig_clear(Rig *rig) {
    sky_background_free_plane(rig->background, rig->luma);
    sky_background_free_plane(rig->background, rig->mask);
    sky_blob_finder_free(rig->finder);
    sky_background_free(rig->background);
}

/* The first part of the picture. */
static float softness_of(Rig *rig) {
    float soft[SKY_PARTS_MAX];
    sky_blob_finder_find(rig->finder, rig->mask, NULL, W, H, rig->background->stride, 1);
    g_assert_cmpuint(rig->finder->part_count, ==, 1);
    sky_softness_tell(rig->finder, rig->mask, rig->luma, rig->background, (gboolean[SKY_PARTS_MAX]){TRUE}, soft);
    return soft[0];
}

/* A spot of light or shade about x, 36, so wide, of so much gain, its penumbra `rim` pixels wide; stripes of its own, or none. */
static float spot(double about, double radius, double gain, double rim, int stripes) {
    Rig rig = rig_new();
    for (unsigned y = 0; y < H; y++)
        for (unsigned x = 0; x < W; x++) {
            double away = hypot(x - about, y - 36.0), part = CLAMP((radius - away) / rim + 0.5, 0, 1);
            size_t at = y * rig.background->stride + x;
            rig.luma[at] = (uint8_t)(rig.luma[at] * (1 + (gain - 1) * part) + (part >= 0.5 && x / 2 % 2 ? stripes : 0));
            rig.mask[at] = part > 0.15 ? 255 : 0;
        }
    float soft = softness_of(&rig);
    rig_clear(&rig);
    return soft;
}

static void test_penumbra(void) {
    g_assert_cmpfloat(spot(48, 6, 0.55, 7, 0), >, 0.45f);
    g_assert_cmpfloat(spot(48, 6, 1.3, 7, 0), >, 0.45f); /* a patch of sun */
    g_assert_cmpfloat(spot(48, 6, 0.55, 4, 0), <, 0.35f);
    g_assert_cmpfloat(spot(48, 6, 0.55, 1, 0), <, 0.05f);
    g_assert_cmpfloat(spot(48, 6, 0.55, 7, 60), <, 0.05f); /* who is out of focus has edges somewhere */
}

static void test_not_looked_at(void) {
    g_assert_cmpfloat(spot(48, 6, 0.93, 7, 0), ==, 0); /* faint */
    g_assert_cmpfloat(spot(48, 7, 0.55, 5.5, 0), >, 0.4f);
    g_assert_cmpfloat(spot(48, 7.5, 0.55, 7, 0), ==, 0); /* over 256 pixels: large */
}

/* There is nothing around to look at beyond the picture's edge: what lies inside tells, if that is enough. */
static void test_edges_of_the_picture(void) {
    g_assert_cmpfloat(spot(0, 6, 0.55, 7, 0), >, 0.4f);
    g_assert_cmpfloat(spot(W - 1, 6, 0.55, 7, 0), >, 0.4f);
    for (unsigned side = 0; side < 2; side++) {
        Rig rig = rig_new();
        for (unsigned i = 0; i < (side ? H : W); i++) {
            size_t at = side ? i * rig.background->stride + W - 1 : i;
            rig.luma[at] = 60;
            rig.mask[at] = 255;
        }
        g_assert_cmpfloat(softness_of(&rig), ==, 0);
        rig_clear(&rig);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/softness/penumbra", test_penumbra);
    g_test_add_func("/softness/not-looked-at", test_not_looked_at);
    g_test_add_func("/softness/edges-of-the-picture", test_edges_of_the_picture);
    return g_test_run();
}
