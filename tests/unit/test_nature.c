/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/nature.h"

#include <math.h>
#include <string.h>

#include "motion/swept.h"
#include "motion/texture.h"

/* Things, ghosts and light over a textured and a smooth ground, told by their edges and texture. */
#define W 96
#define H 72

typedef struct {
    SkyBackground *background;
    SkyBlobFinder *finder;
    uint8_t *luma, *mask;
} Rig;

static Rig rig_new(int texture) {
    Rig rig = {.background = sky_background_new(sky_motion_kernel_c(), W, H), .finder = sky_blob_finder_new()};
    rig.luma = sky_background_new_plane(rig.background);
    rig.mask = sky_background_new_plane(rig.background);
    for (unsigned y = 0; y < H; y++)
        for (unsigned x = 0; x < rig.background->stride; x++)
            rig.luma[y * rig.background->stride + x] = (uint8_t)(120 + texture * (int)((x * 7 + y * 13 + x * y / 3) % 5 - 2));
    sky_background_reset(rig.background, rig.luma);
    return rig;
}

static void rig_clear(Rig *rig) {
    sky_background_free_plane(rig->background, rig->luma);
    sky_background_free_plane(rig->background, rig->mask);
    sky_blob_finder_free(rig->finder);
    sky_background_free(rig->background);
}

/* What the box in the middle becomes, and the mask over it. */
static void paint(Rig *rig, double gain, int add) {
    for (unsigned y = 20; y < 52; y++)
        for (unsigned x = 30; x < 62; x++) {
            size_t at = y * rig->background->stride + x;
            rig->luma[at] = (uint8_t)CLAMP(rig->luma[at] * gain + add, 0, 255);
            rig->mask[at] = 255;
        }
}

static SkyPartLook look(Rig *rig) {
    SkyPartLook looks[SKY_PARTS_MAX];
    sky_blob_finder_find(rig->finder, rig->mask, NULL, W, H, rig->background->stride, 1);
    g_assert_cmpuint(rig->finder->part_count, ==, 1);
    sky_nature_tell(rig->finder, rig->mask, rig->luma, rig->background, 1, looks);
    return looks[0];
}

static void test_thing(void) {
    Rig rig = rig_new(0);
    paint(&rig, 0, 60);
    SkyPartLook thing = look(&rig);
    g_assert_cmpint(thing.nature, ==, SKY_NATURE_OBJECT);
    g_assert_cmpfloat(thing.apart, ==, 60);
    rig_clear(&rig);
}

static void test_ghost(void) {
    Rig rig = rig_new(0);
    paint(&rig, 0, 60);
    sky_background_reset(rig.background, rig.luma); /* it was there from the beginning */
    for (unsigned y = 20; y < 52; y++)
        memset(rig.luma + y * rig.background->stride + 30, 120, 32);
    g_assert_cmpint(look(&rig).nature, ==, SKY_NATURE_GHOST);
    rig_clear(&rig);
}

/* A beam or the rim of a cloud: as different in its middle as a thing, but it comes slowly. */
static void test_soft_light(void) {
    Rig rig = rig_new(0);
    for (unsigned y = 8; y < 64; y++)
        for (unsigned x = 8; x < 88; x++) {
            double dx = (x - 48.0) / 24, dy = (y - 36.0) / 16, glow = exp(-dx * dx - dy * dy);
            size_t at = y * rig.background->stride + x;
            rig.luma[at] = (uint8_t)(120 + 90 * glow);
            rig.mask[at] = glow > 0.1 ? 255 : 0;
        }
    g_assert_cmpint(look(&rig).nature, ==, SKY_NATURE_LIGHT);
    rig_clear(&rig);
}

/* A box whose rim takes `rim` pixels to come, of one gain inside or with stripes of its own. */
static SkyNature dim_box(double rim, int stripes) {
    Rig rig = rig_new(0);
    for (unsigned y = 8; y < 64; y++)
        for (unsigned x = 16; x < 80; x++) {
            double inside = MIN(MIN(x - 16.0, 79.0 - x), MIN(y - 8.0, 63.0 - y)), part = MIN((inside + 1) / rim, 1);
            size_t at = y * rig.background->stride + x;
            rig.luma[at] = (uint8_t)(120 - 54 * part + (inside > rim + 3 && x / 4 % 2 ? stripes : 0));
            rig.mask[at] = part > 0.15 ? 255 : 0;
        }
    SkyNature nature = look(&rig).nature;
    rig_clear(&rig);
    return nature;
}

static void test_even_shadow(void) {
    g_assert_cmpint(dim_box(7, 0), ==, SKY_NATURE_LIGHT);
    g_assert_cmpint(dim_box(3, 0), ==, SKY_NATURE_OBJECT);   /* a dark car is as even, but not as soft */
    g_assert_cmpint(dim_box(9, 30), ==, SKY_NATURE_OBJECT);  /* and who walks out of focus is as soft, but not as even */
}

static size_t after_texture_swept(Rig *rig, SkySwept *swept) {
    g_autoptr(SkyTexture) texture = sky_texture_new(W, H);
    g_autoptr(SkyBands) bands = sky_bands_new(rig->background);
    sky_bands_count(bands, rig->background, rig->mask);
    sky_texture_remove_light(texture, rig->mask, bands, rig->luma, rig->background, swept);
    return rig->background->kernel->count(rig->mask, rig->background->bytes);
}

static size_t after_texture(Rig *rig) {
    g_autoptr(SkySwept) swept = sky_swept_new(W, H);
    return after_texture_swept(rig, swept);
}

static void test_texture_stays_in_light(void) {
    Rig rig = rig_new(8);
    paint(&rig, 0.6, 0); /* a shadow, sharp as it may be */
    g_assert_cmpuint(after_texture(&rig), <, 32 * 32 / 2); /* only its rim is left */
    g_assert_cmpuint(rig.mask[36 * rig.background->stride + 46], ==, 0);
    rig_clear(&rig);
}

static void test_texture_goes_behind_thing(void) {
    Rig rig = rig_new(8);
    paint(&rig, 0, 70);
    g_assert_cmpuint(after_texture(&rig), ==, 32 * 32);
    rig_clear(&rig);
    Rig smooth = rig_new(0);
    paint(&smooth, 0.6, 0); /* without texture nobody can tell: it stays */
    g_assert_cmpuint(after_texture(&smooth), ==, 32 * 32);
    rig_clear(&smooth);
}

/* A square of so many pixels within a larger one (its rim is not looked at): the ground's mean times gain, of its texture so much,
 * and stripes of its own. What texture leaves of it. */
static size_t left_of(unsigned side, double gain, double kept, int stripes) {
    Rig rig = rig_new(8);
    for (unsigned y = 16; y < 24 + side; y++)
        for (unsigned x = 28; x < 36 + side; x++) {
            size_t at = y * rig.background->stride + x;
            rig.luma[at] = (uint8_t)(120 * gain + kept * (rig.luma[at] - 120) + (x % 4 < 2 ? stripes : -stripes));
            rig.mask[at] = y >= 20 && y < 20 + side && x >= 32 && x < 32 + side ? 255 : 0;
        }
    size_t left = after_texture(&rig);
    rig_clear(&rig);
    return left;
}

/* Is a square of light of that side told as having swept there? */
static gboolean sweeps(unsigned side) {
    Rig rig = rig_new(24);
    g_autoptr(SkySwept) swept = sky_swept_new(W, H);
    size_t stride = rig.background->stride;
    for (unsigned y = 20; y < 20 + side; y++)
        for (unsigned x = 32; x < 32 + side; x++) {
            rig.luma[y * stride + x] = (uint8_t)(rig.luma[y * stride + x] * 0.6);
            rig.mask[y * stride + x] = 255;
        }
    g_assert_cmpuint(after_texture_swept(&rig, swept), <, side * side);
    rig_clear(&rig);
    return sky_swept_is_beside(swept, &(SkyPart){.pixels = 16, .left = 32, .right = 36, .top = 20, .bottom = 24});
}

/* A thing has a shadow of its own, a cloud's is wide. */
static void test_wide_light_sweeps(void) {
    g_assert_true(sweeps(17));
    g_assert_false(sweeps(15));
}

static void test_edges_of_light(void) {
    g_assert_cmpuint(left_of(32, 0.6, 0.6, 0), ==, 0);
    g_assert_cmpuint(left_of(32, 0.6, 0.15, 0), ==, 32 * 32); /* less of the ground than light would leave: smoke */
    g_assert_cmpuint(left_of(32, 0.6, 0.6, 16), ==, 32 * 32);  /* has more edges of its own than of the ground's */
    g_assert_cmpuint(left_of(8, 0.6, 0.6, 8), ==, 8 * 8);      /* so small, and as alike as chance may make it */
}

/* Its rim takes some pixels to come, and is gone with it; somebody who stands in it stays. */
static void test_rim_goes_with_shadow(void) {
    Rig rig = rig_new(8);
    size_t stride = rig.background->stride;
    for (unsigned y = 10; y < 62; y++)
        for (unsigned x = 10; x < 86; x++) {
            double inside = MIN(MIN(x - 9.0, 86.0 - x), MIN(y - 9.0, 62.0 - y)), gain = 1 - 0.5 * MIN(inside / 5, 1);
            rig.luma[y * stride + x] = (uint8_t)(rig.luma[y * stride + x] * gain);
            rig.mask[y * stride + x] = 255;
        }
    for (unsigned y = 24; y < 48; y++)
        memset(rig.luma + y * stride + 40, 170, 12);
    size_t left = after_texture(&rig);
    g_assert_cmpuint(left, >=, 12 * 24);
    g_assert_cmpuint(left, <=, 20 * 32); /* he, and the cells that he has a part of */
    g_assert_cmpuint(rig.mask[36 * stride + 46], ==, 255);
    rig_clear(&rig);
}

/* A beam over houses and the sky between them: the sky has no texture to keep, and the beam's slope is no outline. */
static void test_beam_over_smooth_and_textured(void) {
    Rig rig = rig_new(8);
    for (unsigned y = 0; y < H; y++)
        memset(rig.luma + y * rig.background->stride + 40, 120, 32);
    sky_background_reset(rig.background, rig.luma);
    for (unsigned y = 2; y < H - 2; y++)
        for (unsigned x = 2; x < W - 2; x++) {
            double dx = (x - 56.0) / 24, dy = (y - 36.0) / 18, glow = exp(-dx * dx - dy * dy);
            size_t at = y * rig.background->stride + x;
            rig.luma[at] = (uint8_t)(rig.luma[at] * (1 + 0.8 * glow));
            rig.mask[at] = glow > 0.2 ? 255 : 0;
        }
    g_assert_cmpuint(after_texture(&rig), ==, 0);
    rig_clear(&rig);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nature/thing", test_thing);
    g_test_add_func("/nature/ghost", test_ghost);
    g_test_add_func("/nature/soft-light", test_soft_light);
    g_test_add_func("/nature/even-shadow", test_even_shadow);
    g_test_add_func("/texture/rim-goes-with-shadow", test_rim_goes_with_shadow);
    g_test_add_func("/texture/edges-of-light", test_edges_of_light);
    g_test_add_func("/texture/wide-light-sweeps", test_wide_light_sweeps);
    g_test_add_func("/texture/stays-in-light", test_texture_stays_in_light);
    g_test_add_func("/texture/goes-behind-thing", test_texture_goes_behind_thing);
    g_test_add_func("/texture/beam-over-smooth-and-textured", test_beam_over_smooth_and_textured);
    return g_test_run();
}
