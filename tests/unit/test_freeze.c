/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/freeze.h"

#include <string.h>

#include "base/clock.h"

/* Pictures of 320 x 180, one a second, in cells of 20 x 20. */
#define W 320
#define H 180
#define CELL 20
#define MINUTES(n) ((n) * 60)

typedef struct {
    SkyFreeze freeze;
    uint8_t luma[W * H];
    int64_t now_ns;
} Rig;

static void rig_init(Rig *rig) {
    sky_freeze_init(&rig->freeze);
    rig->now_ns = 100 * SKY_NS_PER_S;
    for (unsigned y = 0; y < H; y++)
        for (unsigned x = 0; x < W; x++)
            rig->luma[y * W + x] = (uint8_t)(60 + 15 * (x / 4 % 3) + 20 * (y / 4 % 2));
}

static int64_t look(Rig *rig, unsigned seconds) {
    int64_t hangs_ns = SKY_TIME_NONE;
    for (unsigned i = 0; i < seconds; i++) {
        SkyFrame frame = {.width_px = W, .height_px = H, .stride_bytes = W, .arrival_ns = rig->now_ns, .luma = rig->luma};
        hangs_ns = sky_freeze_look(&rig->freeze, &frame);
        rig->now_ns += SKY_NS_PER_S;
    }
    return hangs_ns;
}

/* One bit of one pixel in each of so many cells, as they are read. */
static void flip(Rig *rig, unsigned from, unsigned to) {
    for (unsigned i = from; i < to; i++)
        rig->luma[(i / 16 * CELL + 7) * W + i % 16 * CELL + 3] ^= 1;
}

static void test_hangs(void) {
    Rig rig;
    rig_init(&rig);
    g_assert_cmpint(look(&rig, MINUTES(10)), ==, SKY_TIME_NONE);
    g_assert_cmpint(look(&rig, 1), ==, 100 * SKY_NS_PER_S);
    rig.now_ns += MINUTES(60) * SKY_NS_PER_S; /* gone for an hour, and it is the same picture */
    g_assert_cmpint(look(&rig, 1), ==, 100 * SKY_NS_PER_S);
    flip(&rig, 0, 144);
    g_assert_cmpint(look(&rig, MINUTES(10)), ==, SKY_TIME_NONE);
    flip(&rig, 0, 144); /* what was there before is new */
    g_assert_cmpint(look(&rig, MINUTES(10)), ==, SKY_TIME_NONE);
}

/* One bit in each cell, once in ten minutes, some here and some there. */
static void test_lives(void) {
    Rig rig;
    rig_init(&rig);
    for (unsigned i = 0; i < 60; i++) {
        flip(&rig, i % 9 * 16, i % 9 * 16 + 16);
        g_assert_cmpint(look(&rig, 60), ==, SKY_TIME_NONE);
    }
}

/* A clock goes on in 14 cells of 144; not in 15. */
static void test_clock(void) {
    for (unsigned cells = 14; cells <= 15; cells++) {
        Rig rig;
        rig_init(&rig);
        int64_t hangs_ns = SKY_TIME_NONE;
        for (unsigned i = 0; i <= MINUTES(10); i++) {
            flip(&rig, 0, cells);
            hangs_ns = look(&rig, 1);
        }
        g_assert_cmpint(hangs_ns, ==, cells == 14 ? 100 * SKY_NS_PER_S : SKY_TIME_NONE);
    }
}

/* A night that is black but for a lamp: what is flat says nothing, the lamp's cells live. 12 textured ones are enough to be judged. */
static void test_night(void) {
    for (unsigned textured = 11; textured <= 12; textured++)
        for (unsigned lives = 0; lives <= 1; lives++) {
            Rig rig;
            rig_init(&rig);
            for (unsigned i = textured; i < 144; i++)
                for (unsigned y = 0; y < CELL; y++)
                    memset(&rig.luma[(i / 16 * CELL + y) * W + i % 16 * CELL], 16, CELL);
            int64_t hangs_ns = SKY_TIME_NONE;
            for (unsigned i = 0; i <= MINUTES(10); i++) {
                if (lives)
                    flip(&rig, 0, textured / 2);
                hangs_ns = look(&rig, 1);
            }
            g_assert_cmpint(hangs_ns, ==, textured == 12 && !lives ? 100 * SKY_NS_PER_S : SKY_TIME_NONE);
        }
}

/* All of it hangs from when the last cell did. */
static void test_since(void) {
    Rig rig;
    rig_init(&rig);
    look(&rig, MINUTES(9));
    flip(&rig, 50, 70);
    int64_t last_ns = rig.now_ns;
    g_assert_cmpint(look(&rig, MINUTES(10)), ==, SKY_TIME_NONE);
    g_assert_cmpint(look(&rig, 1), ==, last_ns);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/freeze/hangs", test_hangs);
    g_test_add_func("/freeze/lives", test_lives);
    g_test_add_func("/freeze/clock", test_clock);
    g_test_add_func("/freeze/night", test_night);
    g_test_add_func("/freeze/since", test_since);
    return g_test_run();
}
