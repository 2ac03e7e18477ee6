/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/bands.h"

#include <string.h>

#define W 100
#define H 38 /* nine bands of four rows, and two rows */
#define BANDS 10

typedef struct {
    SkyBackground *background;
    SkyBands *bands;
    uint8_t *mask;
} Rig;

static Rig rig_new(void) {
    Rig rig = {.background = sky_background_new(sky_motion_kernel_c(), W, H)};
    rig.bands = sky_bands_new(rig.background);
    rig.mask = sky_background_new_plane(rig.background);
    return rig;
}

static void rig_clear(Rig *rig) {
    sky_background_free_plane(rig->background, rig->mask);
    sky_bands_free(rig->bands);
    sky_background_free(rig->background);
}

static void set(Rig *rig, uint32_t x, uint32_t y) {
    rig->mask[y * rig->background->stride + x] = 255;
    sky_bands_count(rig->bands, rig->background, rig->mask);
}

static void test_counted_by_band(void) {
    Rig rig = rig_new();
    set(&rig, 0, 3);
    set(&rig, W - 1, 4);
    set(&rig, 5, H - 1);
    g_assert_cmpuint(rig.bands->count, ==, BANDS);
    const uint32_t expected[BANDS] = {1, 1, 0, 0, 0, 0, 0, 0, 0, 1};
    g_assert_cmpmem(rig.bands->set, sizeof expected, expected, sizeof expected);
    g_assert_cmpuint(rig.bands->total, ==, 3);
    sky_bands_clear(rig.bands);
    SkySpan span = {0, 0};
    g_assert_false(sky_bands_next(rig.bands, 1, &span));
    rig_clear(&rig);
}

static void expect(const Rig *rig, SkySpan *span, unsigned more, size_t from, size_t to) {
    size_t band = SKY_CELL_PX * rig->background->stride;
    g_assert_true(sky_bands_next(rig->bands, more, span));
    g_assert_cmpuint(span->from, ==, from * band);
    g_assert_cmpuint(span->to, ==, MIN(to * band, rig->background->bytes));
}

/* Rows 5 and 17, bands 1 and 4: two between them are bridged by one more each way, not by none. */
static void test_spans_that_touch_are_one(void) {
    Rig rig = rig_new();
    set(&rig, 9, 5);
    set(&rig, 9, 17);
    SkySpan apart = {0, 0}, one = {0, 0};
    expect(&rig, &apart, 0, 1, 2);
    expect(&rig, &apart, 0, 4, 5);
    g_assert_false(sky_bands_next(rig.bands, 0, &apart));
    expect(&rig, &one, 1, 0, 6);
    g_assert_false(sky_bands_next(rig.bands, 1, &one));
    rig_clear(&rig);
}

/* Three between them are not. */
static void test_spans_apart(void) {
    Rig rig = rig_new();
    set(&rig, 9, 5);
    set(&rig, 9, 21);
    SkySpan span = {0, 0};
    expect(&rig, &span, 1, 0, 3);
    expect(&rig, &span, 1, 4, 7);
    g_assert_false(sky_bands_next(rig.bands, 1, &span));
    rig_clear(&rig);
}

static void test_first_and_last(void) {
    Rig rig = rig_new();
    set(&rig, 9, 0);
    set(&rig, 9, H - 1);
    SkySpan span = {0, 0};
    expect(&rig, &span, 1, 0, 2);
    expect(&rig, &span, 1, BANDS - 2, BANDS);
    g_assert_cmpuint(span.to, ==, rig.background->bytes);
    g_assert_false(sky_bands_next(rig.bands, 1, &span));
    rig_clear(&rig);
}

/* Near rows 5 and 21 are all bands but the fourth, which is not looked at, and those from the eighth on. */
static void test_counted_near(void) {
    Rig rig = rig_new();
    set(&rig, 9, 5);
    set(&rig, 9, 21);
    g_autoptr(SkyBands) near = sky_bands_new(rig.background);
    memset(rig.mask, 0, rig.background->bytes);
    const uint32_t rows[] = {0, 9, 12, 18, 27, 28, H - 1};
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        rig.mask[rows[i] * rig.background->stride] = 255;
    sky_bands_count(near, rig.background, rig.mask);
    g_assert_cmpuint(near->total, ==, G_N_ELEMENTS(rows));
    sky_bands_count_near(near, rig.bands, 1, rig.background, rig.mask);
    const uint32_t expected[BANDS] = {1, 0, 1, 0, 1, 0, 1, 0, 0, 0};
    g_assert_cmpmem(near->set, sizeof expected, expected, sizeof expected);
    g_assert_cmpuint(near->total, ==, 4);
    rig_clear(&rig);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/bands/counted-by-band", test_counted_by_band);
    g_test_add_func("/bands/spans-that-touch-are-one", test_spans_that_touch_are_one);
    g_test_add_func("/bands/spans-apart", test_spans_apart);
    g_test_add_func("/bands/first-and-last", test_first_and_last);
    g_test_add_func("/bands/counted-near", test_counted_near);
    return g_test_run();
}
