/* SPDX-License-Identifier: Apache-2.0 */
#include "support/view_rig.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"

#define NOISES 8 /* pictures of one scene that differ in noise; then they come again */

void view_rig_draw(uint8_t *luma, guint32 seed, int contrast) {
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    memset(luma, 110, VIEW_RIG_W * VIEW_RIG_H);
    for (unsigned i = 0; i < 60; i++) {
        int left = g_rand_int_range(random, 0, VIEW_RIG_W - 4), top = g_rand_int_range(random, 0, VIEW_RIG_H - 4);
        int width = g_rand_int_range(random, 4, 45), height = g_rand_int_range(random, 4, 30);
        int right = MIN(left + width, VIEW_RIG_W), bottom = MIN(top + height, VIEW_RIG_H);
        int value = 110 + g_rand_int_range(random, -contrast, contrast + 1);
        for (int y = top; y < bottom; y++)
            memset(luma + y * VIEW_RIG_W + left, value, (size_t)(right - left));
    }
}

static double gauss(GRand *random) {
    double sum = 0;
    for (unsigned i = 0; i < 4; i++)
        sum += g_rand_double(random) - 0.5;
    return sum * 1.732;
}

static int8_t *noise_new(GRand *random, double sigma) {
    int8_t *noise = g_malloc(2 * VIEW_RIG_W * VIEW_RIG_H);
    for (unsigned i = 0; i < 2 * VIEW_RIG_W * VIEW_RIG_H; i++)
        noise[i] = (int8_t)CLAMP(lrint(sigma * gauss(random)), -127, 127);
    return noise;
}

SkyView view_rig_look_once(SkyViewWatch *watch, uint8_t *luma, int64_t now_ns) {
    SkyFrame frame = {.width_px = VIEW_RIG_W, .height_px = VIEW_RIG_H, .stride_bytes = VIEW_RIG_W, .arrival_ns = now_ns, .luma = luma};
    return sky_view_watch_look(watch, &frame);
}

void view_rig_look(ViewRig *rig, unsigned seconds) {
    g_autofree uint8_t *seen = g_malloc(NOISES * VIEW_RIG_W * VIEW_RIG_H);
    for (unsigned i = 0; i < seconds; i++) {
        uint8_t *luma = seen + i % NOISES * VIEW_RIG_W * VIEW_RIG_H;
        const int8_t *noise = rig->noise + g_rand_int_range(rig->random, 0, VIEW_RIG_W * VIEW_RIG_H);
        for (unsigned at = 0; at < VIEW_RIG_W * VIEW_RIG_H && i < NOISES; at++)
            luma[at] = (uint8_t)CLAMP(rig->luma[at] + noise[at], 0, 255);
        rig->view = view_rig_look_once(rig->watch, luma, rig->now_ns);
        rig->now_ns += SKY_NS_PER_S;
    }
}

ViewRig view_rig_new(int contrast, double sigma) {
    ViewRig rig = {.watch = sky_view_watch_new(), .scene = g_malloc(VIEW_RIG_W * VIEW_RIG_H), .luma = g_malloc(VIEW_RIG_W * VIEW_RIG_H), .random = g_rand_new_with_seed(7)};
    rig.noise = noise_new(rig.random, sigma);
    view_rig_draw(rig.scene, 1, contrast);
    memcpy(rig.luma, rig.scene, VIEW_RIG_W * VIEW_RIG_H);
    view_rig_look(&rig, 20);
    return rig;
}

void view_rig_clear(ViewRig *rig) {
    sky_view_watch_free(rig->watch);
    g_free(rig->scene);
    g_free(rig->luma);
    g_free(rig->noise);
    g_rand_free(rig->random);
}

void view_rig_back(ViewRig *rig) {
    memcpy(rig->luma, rig->scene, VIEW_RIG_W * VIEW_RIG_H);
}
