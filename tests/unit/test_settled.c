/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/settled.h"
#include "motion/kernel.h"

typedef struct {
    SkyBackground *background;
    SkySettled *settled;
    uint8_t *luma, *mask;
    unsigned seconds;
} Rig;

static Rig rig_new(void) {
    Rig rig = {.background = sky_background_new(sky_motion_kernel_c(), 64, 64)};
    rig.settled = sky_settled_new(rig.background);
    rig.luma = sky_background_new_plane(rig.background);
    rig.mask = sky_background_new_plane(rig.background);
    sky_settled_begin(rig.settled);
    return rig;
}

static void rig_clear(Rig *rig) {
    sky_background_free_plane(rig->background, rig->luma);
    sky_background_free_plane(rig->background, rig->mask);
    sky_settled_free(rig->settled);
    sky_background_free(rig->background);
}

/* Never the same. TRUE: after that it is to be learnt. */
static gboolean go_on(Rig *rig, unsigned seconds, gboolean there) {
    rig->mask[100] = there ? 255 : 0;
    for (unsigned i = 0; i < seconds; i++) {
        rig->luma[100] = (uint8_t)(100 * (rig->seconds++ % 2));
        sky_settled_watch(rig->settled, rig->background, rig->luma, rig->mask, 1);
    }
    return rig->settled->still[100] == 255;
}

/* Four minutes, half a minute's lesson whatever it shows, two minutes more to the next one. */
static void test_served(void) {
    Rig rig = rig_new();
    g_assert_false(go_on(&rig, 239, TRUE));
    g_assert_true(go_on(&rig, 1, TRUE));
    g_assert_true(go_on(&rig, 29, TRUE));
    g_assert_false(go_on(&rig, 1, TRUE));
    g_assert_false(go_on(&rig, 119, TRUE));
    g_assert_true(go_on(&rig, 1, TRUE));
    rig_clear(&rig);
}

/* A third of the time is not enough. */
static void test_a_third(void) {
    Rig rig = rig_new();
    for (unsigned i = 0; i < 600; i++)
        g_assert_false(go_on(&rig, 1, TRUE) || go_on(&rig, 2, FALSE));
    rig_clear(&rig);
}

/* What went on in another picture tells nothing of this one. */
static void test_begins_anew(void) {
    Rig rig = rig_new();
    g_assert_false(go_on(&rig, 239, TRUE));
    sky_settled_begin(rig.settled);
    g_assert_false(go_on(&rig, 20, TRUE));
    rig_clear(&rig);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/settled/served", test_served);
    g_test_add_func("/settled/a-third", test_a_third);
    g_test_add_func("/settled/begins-anew", test_begins_anew);
    return g_test_run();
}
