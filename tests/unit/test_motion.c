/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/motion.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "motion/kernel.h"

#define W 160
#define H 90
#define DT_NS (SKY_NS_PER_S / 8)

typedef struct {
    SkyMotion *motion;
    uint8_t *luma;
    int64_t now_ns;
    gboolean damaged;
    SkyMotionResult result;
} Rig;

static Rig rig_with(const SkyMotionParams *params) {
    Rig rig = {.motion = sky_motion_new(params), .luma = g_malloc0(W * H)};
    return rig;
}

static Rig rig_new(void) {
    return rig_with(&(SkyMotionParams){.sensitivity = 0.5, .min_area = 0.002});
}

static void rig_clear(Rig *rig) {
    sky_motion_free(rig->motion);
    g_free(rig->luma);
}

static void ground(Rig *rig, int add) {
    for (unsigned i = 0; i < W * H; i++)
        rig->luma[i] = (uint8_t)(80 + (i % W) / 4 + add);
}

static void box(Rig *rig, unsigned left, unsigned top, unsigned width, unsigned height, uint8_t luma) {
    for (unsigned y = top; y < top + height; y++)
        memset(rig->luma + y * W + left, luma, width);
}

static void show(Rig *rig) {
    SkyFrame frame = {.width_px = W,
                      .height_px = H,
                      .stride_bytes = W,
                      .pts_ns = rig->now_ns,
                      .arrival_ns = rig->now_ns + 5,
                      .luma = rig->luma,
                      .damaged = rig->damaged};
    sky_motion_process(rig->motion, &frame, &rig->result);
    rig->now_ns += DT_NS;
}

static void rest(Rig *rig, unsigned pictures) {
    for (unsigned i = 0; i < pictures; i++) {
        ground(rig, 0);
        show(rig);
    }
}

static void test_first_pictures(void) {
    Rig rig = rig_new();
    uint32_t width, height;
    sky_motion_mask(rig.motion, &width, &height);
    g_assert_cmpuint(width, ==, 0); /* before the first picture */
    rest(&rig, 1);
    g_assert_cmpint(rig.result.scene, ==, SKY_SCENE_LEARNING);
    g_assert_cmpint(rig.result.arrival_ns, ==, 5);
    rest(&rig, 10);
    g_assert_cmpint(rig.result.scene, ==, SKY_SCENE_OK);
    g_assert_cmpuint(rig.result.blob_count, ==, 0);
    rig_clear(&rig);
}

static void test_thing_and_place(void) {
    Rig rig = rig_new();
    rest(&rig, 40);
    ground(&rig, 0);
    box(&rig, 40, 30, 16, 24, 200);
    show(&rig);
    g_assert_cmpuint(rig.result.blob_count, ==, 1);
    const SkyBlob *blob = &rig.result.blobs[0];
    g_assert_cmpfloat_with_epsilon(blob->box.x, 40.0f / W, 3.0f / W);
    g_assert_cmpfloat_with_epsilon(blob->box.y, 30.0f / H, 3.0f / H);
    g_assert_cmpfloat_with_epsilon(blob->box.w, 16.0f / W, 5.0f / W);
    g_assert_cmpfloat_with_epsilon(blob->area, 16.0f * 24 / (W * H), 0.012f);
    g_assert_cmpfloat(blob->contrast, >, 3);
    g_assert_false(blob->small);
    uint32_t width, height;
    const uint8_t *mask = sky_motion_mask(rig.motion, &width, &height);
    g_assert_cmpuint(width * height, ==, W * H);
    g_assert_cmpuint(mask[42 * W + 48], ==, 255);
    g_assert_cmpuint(mask[10 * W + 10], ==, 0);
    rig_clear(&rig);
}

/* Nothing shows at the other end of the row. */
static void test_thing_at_edge(void) {
    Rig rig = rig_new();
    rest(&rig, 40);
    for (unsigned left = 0; left <= W - 16; left += W - 16) {
        ground(&rig, 0);
        box(&rig, left, 20, 16, 40, 240);
        show(&rig);
        g_assert_cmpuint(rig.result.blob_count, ==, 1);
        g_assert_cmpfloat_with_epsilon(rig.result.blobs[0].box.x, (float)left / W, 3.0f / W);
        rest(&rig, 8);
    }
    rig_clear(&rig);
}

/* What is black is a thing in the outermost rows too. */
static void test_black_at_edge(void) {
    Rig rig = rig_new();
    rest(&rig, 200);
    uint32_t width, height;
    ground(&rig, 0);
    box(&rig, 40, 0, 40, 12, 0);
    box(&rig, 90, H - 12, 40, 12, 0);
    show(&rig);
    const uint8_t *mask = sky_motion_mask(rig.motion, &width, &height);
    for (unsigned x = 2; x < 38; x++) {
        g_assert_cmpuint(mask[40 + x], ==, 255);
        g_assert_cmpuint(mask[(H - 1) * W + 90 + x], ==, 255);
    }
    g_assert_cmpfloat(rig.result.blobs[0].box.y == 0 ? rig.result.blobs[1].box.y + rig.result.blobs[1].box.h :
                          rig.result.blobs[0].box.y + rig.result.blobs[0].box.h, ==, 1);
    rig_clear(&rig);
}

static void show_fast(Rig *rig) {
    show(rig);
    rig->now_ns += SKY_NS_PER_S / 25 - DT_NS;
}

/* At 25 pictures a second the rim of a car goes on and off a few times before the car is there: no leaves, not to be learnt. */
static void test_rim_is_no_leaf(void) {
    Rig rig = rig_new();
    for (unsigned i = 0; i < 125; i++) {
        ground(&rig, 0);
        show_fast(&rig);
    }
    for (unsigned i = 0; i < 70; i++) {
        ground(&rig, 0);
        if (i > 6 || i % 2 == 0)
            box(&rig, 40, 30, 16, 24, 200);
        show_fast(&rig);
    }
    uint32_t width, height;
    const uint8_t *mask = sky_motion_mask(rig.motion, &width, &height);
    g_assert_cmpuint(mask[42 * W + 48], ==, 255);
    for (unsigned i = 0; i < 160; i++) { /* what does so on and on is */
        ground(&rig, 0);
        if (i / 3 % 2 == 0)
            box(&rig, 40, 30, 16, 24, 200);
        show_fast(&rig);
    }
    mask = sky_motion_mask(rig.motion, &width, &height);
    g_assert_cmpuint(mask[42 * W + 48], ==, 0);
    rig_clear(&rig);
}

static void wall(Rig *rig, unsigned half_seconds) {
    (void)half_seconds;
    ground(rig, 0);
    box(rig, 0, 0, 20, H, 200);
}

static void flag(Rig *rig, unsigned half_seconds) {
    wall(rig, half_seconds);
    for (unsigned y = 30; y < 54; y++)
        for (unsigned x = 40; x < 60; x++)
            rig->luma[y * W + x] = (uint8_t)(170 + 60 * sin(0.7 * x + 0.3 * y + 2.3 * half_seconds));
}

static void branch(Rig *rig, unsigned half_seconds) {
    wall(rig, half_seconds);
    if (half_seconds % 16 < 10)
        box(rig, 40, 30, 20, 24, 200);
}

static void stander(Rig *rig, unsigned half_seconds) {
    wall(rig, half_seconds);
    box(rig, 44, 30, 12, 24, 20);
}

/* Two pictures a second. */
static unsigned blobs_after(Rig *rig, void (*paint)(Rig *, unsigned), unsigned from_s, unsigned to_s) {
    for (unsigned i = 2 * from_s; i < 2 * to_s; i++, rig->now_ns += SKY_NS_PER_S / 2 - DT_NS) {
        paint(rig, i);
        show(rig);
    }
    return rig->result.blob_count;
}

/* A flag that is hung up is never the same and never away, a branch before the sky never long at once: things for minutes, and looks
 * of their place in the end. Other things still show, and in the same place, too. */
static void test_what_goes_on_is_absorbed(void) {
    void (*const paint[])(Rig *, unsigned) = {flag, branch};
    const unsigned minutes[] = {5, 12};
    for (unsigned i = 0; i < G_N_ELEMENTS(paint); i++) {
        Rig rig = rig_new();
        blobs_after(&rig, wall, 0, 20);
        g_assert_cmpuint(blobs_after(&rig, paint[i], 0, 211), ==, 1);
        g_assert_cmpuint(blobs_after(&rig, paint[i], 211, 60 * minutes[i]), ==, 0);
        paint[i](&rig, 0);
        box(&rig, 90, 30, 12, 24, 200);
        show(&rig);
        g_assert_cmpuint(rig.result.blob_count, ==, 1);
        g_assert_cmpuint(blobs_after(&rig, stander, 0, 20), ==, 1);
        rig_clear(&rig);
    }
}

static void test_least_area(void) {
    Rig rig = rig_with(&(SkyMotionParams){.sensitivity = 0.5, .min_area = 0.01}); /* 144 pixels */
    rest(&rig, 40);
    const unsigned sides[] = {5, 8, 16};
    const unsigned counts[] = {0, 1, 1};
    for (unsigned i = 0; i < 3; i++) {
        ground(&rig, 0);
        box(&rig, 40, 30, sides[i], sides[i], 200);
        show(&rig);
        g_assert_cmpuint(rig.result.blob_count, ==, counts[i]);
        if (counts[i])
            g_assert_true(rig.result.blobs[0].small == (sides[i] == 8)); /* over half of the least, and over it */
        rest(&rig, 8);
    }
    rig_clear(&rig);
}

static void test_more_than_it_tells(void) {
    Rig rig = rig_new();
    rest(&rig, 40);
    ground(&rig, 0);
    for (unsigned i = 0; i < SKY_BLOBS_MAX + 8; i++)
        box(&rig, 6 + i % 8 * 19, 4 + i / 8 * 17, 5, 5, 200);
    show(&rig);
    g_assert_cmpuint(rig.result.blob_count, ==, SKY_BLOBS_MAX);
    g_assert_cmpuint(rig.result.blobs_left_out, ==, 8);
    rest(&rig, 1);
    g_assert_cmpuint(rig.result.blobs_left_out, ==, 0);
    rig_clear(&rig);
}

static void test_ignored_place(void) {
    SkyPolygon left = {.count = 4, .points = {{0, 0}, {0.5f, 0}, {0.5f, 1}, {0, 1}}};
    Rig rig = rig_with(&(SkyMotionParams){.sensitivity = 0.5, .min_area = 0.002, .ignore = &left, .ignore_count = 1});
    rest(&rig, 40);
    ground(&rig, 0);
    box(&rig, 30, 30, 16, 24, 200);
    show(&rig);
    g_assert_cmpuint(rig.result.blob_count, ==, 0);
    ground(&rig, 0);
    box(&rig, 110, 30, 16, 24, 200);
    show(&rig);
    g_assert_cmpuint(rig.result.blob_count, ==, 1);
    rig_clear(&rig);
}

static void test_exposure_is_no_thing(void) {
    Rig rig = rig_new();
    rest(&rig, 40);
    for (int step = 1; step <= 10; step++) {
        ground(&rig, -3 * step);
        show(&rig);
        g_assert_cmpuint(rig.result.blob_count, ==, 0);
    }
    rig_clear(&rig);
}

static void test_lamp_is_absorbed(void) {
    Rig rig = rig_new();
    rest(&rig, 40);
    for (unsigned i = 0; i < 12; i++) { /* a part of the picture, from one picture to the next */
        ground(&rig, 0);
        box(&rig, 80, 0, 80, 42, 230);
        show(&rig);
        g_assert_cmpuint(rig.result.blob_count, ==, 0);
        g_assert_cmpint(rig.result.scene, ==, i < 4 ? SKY_SCENE_LIGHT : SKY_SCENE_OK);
    }
    box(&rig, 120, 10, 12, 24, 80); /* somebody in the new light is seen at once, and somebody outside of it */
    box(&rig, 30, 30, 12, 24, 200);
    show(&rig);
    g_assert_cmpuint(rig.result.blob_count, ==, 2);
    rig_clear(&rig);
}

/* It blinks before it stays on: what the first time has left, where no tone curve leads, is no thing that was there before. */
static void test_lamp_that_blinks(void) {
    Rig rig = rig_new();
    rest(&rig, 40);
    for (unsigned i = 0; i < 16; i++) {
        ground(&rig, 30);
        if (i >= 2)
            box(&rig, 80, 0, 80, 42, 230);
        box(&rig, 100, 10, 14, 16, i < 2 ? 60 : 150); /* a post, that no light had shown before */
        show(&rig);
        g_assert_cmpuint(rig.result.blob_count, ==, 0);
    }
    g_assert_cmpint(rig.result.scene, ==, SKY_SCENE_OK);
    rig_clear(&rig);
}

/* The exposure creeps after it, by little from picture to picture and more where it is bright: not steady before it has come to rest. */
static void test_lamp_with_slow_exposure(void) {
    Rig rig = rig_new();
    rest(&rig, 40);
    for (unsigned i = 0; i < 40; i++) {
        ground(&rig, 0);
        box(&rig, 80, 0, 80, 42, (uint8_t)(230 - 3 * MIN(i, 18)));
        show(&rig);
        g_assert_cmpuint(rig.result.blob_count, ==, 0);
        if (i < 16)
            g_assert_cmpint(rig.result.scene, ==, SKY_SCENE_LIGHT);
    }
    rig_clear(&rig);
}

/* The filter clicks: another picture, far too bright at first, that takes a second to come to its exposure. */
static void test_infrared_is_absorbed(void) {
    Rig rig = rig_new();
    rest(&rig, 40);
    double gain = 2;
    for (unsigned i = 0; i < 24; i++, gain += (1 - gain) * 0.35) {
        for (unsigned p = 0; p < W * H; p++)
            rig.luma[p] = (uint8_t)MIN((p % W / 20 % 2 ? 40 + p / W : 150 - p / W) * gain, 255);
        show(&rig);
        g_assert_cmpuint(rig.result.blob_count, ==, 0);
        g_assert_true(i >= 16 || i == 0 ? rig.result.scene == (i ? SKY_SCENE_OK : SKY_SCENE_LIGHT) : TRUE);
    }
    box(&rig, 62, 30, 12, 24, 200);
    show(&rig);
    g_assert_cmpuint(rig.result.blob_count, ==, 1);
    rig_clear(&rig);
}

static void test_damaged_pictures(void) {
    Rig rig = rig_new();
    rest(&rig, 40);
    rig.damaged = TRUE;
    ground(&rig, 0);
    box(&rig, 40, 30, 16, 24, 200);
    show(&rig);
    g_assert_cmpuint(rig.result.blob_count, ==, 0); /* passed over */
    g_assert_cmpint(rig.result.scene, ==, SKY_SCENE_LEARNING);
    for (unsigned i = 0; i < 20; i++)
        show(&rig);
    g_assert_cmpuint(rig.result.blob_count, ==, 1); /* but not for ever */
    rig_clear(&rig);
}

static void test_new_size_begins_anew(void) {
    Rig rig = rig_new();
    rest(&rig, 40);
    SkyFrame frame = {.width_px = W / 2, .height_px = H, .stride_bytes = W, .pts_ns = rig.now_ns, .luma = rig.luma};
    sky_motion_process(rig.motion, &frame, &rig.result);
    uint32_t width, height;
    sky_motion_mask(rig.motion, &width, &height);
    g_assert_cmpuint(width, ==, W / 2);
    g_assert_cmpint(rig.result.scene, ==, SKY_SCENE_LEARNING);
    rig_clear(&rig);
}

static void textured_ground(Rig *rig, double right, double down) {
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            double at_x = x - right, at_y = y - down;
            rig->luma[y * W + x] = (uint8_t)(120 + 40 * sin(at_x * 0.31) * cos(at_y * 0.23) + 30 * sin(at_x * 0.11 - at_y * 0.37));
        }
}

/* A camera on a mast: the ground that swings is no thing, and who stands on it is told where he is in the picture. */
static void test_shake(void) {
    Rig rig = rig_new();
    for (unsigned i = 0; i < 60; i++) {
        int right = i < 40 ? 0 : (int)(i * 5 % 7) - 3, down = i < 40 ? 0 : (int)(i * 3 % 5) - 2;
        textured_ground(&rig, right, down);
        if (i >= 50)
            box(&rig, (unsigned)(70 + right), (unsigned)(30 + down), 12, 24, 250);
        show(&rig);
        g_assert_cmpfloat_with_epsilon(rig.result.shift_x_px, right, 0.6);
        g_assert_cmpfloat_with_epsilon(rig.result.shift_y_px, down, 0.6);
        g_assert_cmpuint(rig.result.blob_count, ==, i >= 50 ? 1 : 0);
        if (i < 50)
            continue;
        g_assert_cmpfloat_with_epsilon(rig.result.blobs[0].box.x, (70.0f + (float)right) / W, 3.0f / W);
        g_assert_cmpfloat_with_epsilon(rig.result.blobs[0].box.y, (30.0f + (float)down) / H, 3.0f / H);
        uint32_t width, height;
        const uint8_t *mask = sky_motion_mask(rig.motion, &width, &height);
        g_assert_cmpuint(mask[(40 + down) * W + 76 + right], ==, 255);
        g_assert_cmpuint(mask[(40 + down) * W + 66 + right], ==, 0);
        g_assert_cmpuint(mask[(40 + down) * W + 86 + right], ==, 0);
    }
    rig_clear(&rig);
}

/* A flash, and then light that throws other edges, beside the old ones: no shake, and none is learnt. */
static void test_switch_is_no_shake(void) {
    Rig rig = rig_new();
    for (unsigned i = 0; i < 70; i++) {
        textured_ground(&rig, 0, i <= 40 ? 0 : 3);
        for (unsigned p = 0; i > 40 && p < W * H; p++)
            rig.luma[p] /= 3;
        if (i == 40)
            box(&rig, 0, 0, W, H / 2, 230);
        show(&rig);
        g_assert_true(i < 40 || i > 43 || rig.result.scene == SKY_SCENE_LIGHT);
        g_assert_cmpfloat(rig.result.shift_y_px, ==, 0);
        g_assert_cmpuint(rig.result.blob_count, ==, 0);
    }
    rig_clear(&rig);
}

/* A camera that has been turned a little is no shake for ever: while it is taken out, it is learnt. */
static void test_turned_camera(void) {
    Rig rig = rig_new();
    for (unsigned i = 0; i < 400; i++) {
        textured_ground(&rig, i < 40 ? 0 : 3, 0);
        show(&rig);
        if (i >= 40 && i < 44)
            g_assert_cmpfloat_with_epsilon(rig.result.shift_x_px, 3, 0.6);
        g_assert_cmpuint(rig.result.blob_count, ==, 0);
    }
    g_assert_cmpfloat(rig.result.shift_x_px, ==, 0);
    rig_clear(&rig);
}

/* What the camera writes into the picture does not swing with the ground; but for where both meet, it is left out. */
static void test_caption_in_shake(void) {
    Rig rig = rig_new();
    float told = 0;
    for (unsigned i = 0; i < 60; i++) {
        int right = i < 40 ? 0 : (int)(i * 5 % 7) - 3, down = i < 40 ? 0 : (int)(i * 3 % 5) - 2;
        textured_ground(&rig, right, down);
        for (unsigned letter = 0; letter < 5; letter++)
            box(&rig, 20 + letter * 8, 6, 5, 12, 250);
        show(&rig);
        g_assert_cmpfloat_with_epsilon(rig.result.shift_x_px, right, 0.6);
        for (uint32_t blob = 0; blob < rig.result.blob_count; blob++)
            told += rig.result.blobs[blob].area * W * H;
    }
    g_assert_cmpfloat(told / 20, <, 5 * 12 / 2); /* half a letter a picture */
    rig_clear(&rig);
}

/* The plain kernels and the fastest give the same results, picture by picture. */
static void test_kernels_agree(void) {
    Rig fast = rig_new(),
        plain = rig_with(&(SkyMotionParams){.sensitivity = 0.5, .min_area = 0.002, .without_kernels = SKY_MOTION_KERNEL_ALL});
    g_autoptr(GRand) dice = g_rand_new_with_seed(7);
    for (unsigned i = 0; i < 120; i++) {
        ground(&fast, (int)(i / 40) * 9);
        for (unsigned p = 0; p < W * H; p++)
            fast.luma[p] = (uint8_t)(fast.luma[p] + g_rand_int_range(dice, 0, 6));
        box(&fast, i, 20, 12, 30, 190);
        memcpy(plain.luma, fast.luma, W * H);
        show(&fast);
        show(&plain);
        g_assert_cmpmem(&fast.result, sizeof fast.result, &plain.result, sizeof plain.result);
    }
    g_assert_cmpuint(fast.result.blob_count, >, 0);
    rig_clear(&fast);
    rig_clear(&plain);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/motion/first-pictures", test_first_pictures);
    g_test_add_func("/motion/thing-and-place", test_thing_and_place);
    g_test_add_func("/motion/thing-at-edge", test_thing_at_edge);
    g_test_add_func("/motion/black-at-edge", test_black_at_edge);
    g_test_add_func("/motion/rim-is-no-leaf", test_rim_is_no_leaf);
    g_test_add_func("/motion/what-goes-on-is-absorbed", test_what_goes_on_is_absorbed);
    g_test_add_func("/motion/least-area", test_least_area);
    g_test_add_func("/motion/more-than-it-tells", test_more_than_it_tells);
    g_test_add_func("/motion/ignored-place", test_ignored_place);
    g_test_add_func("/motion/exposure-is-no-thing", test_exposure_is_no_thing);
    g_test_add_func("/motion/lamp-is-absorbed", test_lamp_is_absorbed);
    g_test_add_func("/motion/lamp-that-blinks", test_lamp_that_blinks);
    g_test_add_func("/motion/lamp-with-slow-exposure", test_lamp_with_slow_exposure);
    g_test_add_func("/motion/infrared-is-absorbed", test_infrared_is_absorbed);
    g_test_add_func("/motion/damaged-pictures", test_damaged_pictures);
    g_test_add_func("/motion/new-size-begins-anew", test_new_size_begins_anew);
    g_test_add_func("/motion/shake", test_shake);
    g_test_add_func("/motion/switch-is-no-shake", test_switch_is_no_shake);
    g_test_add_func("/motion/turned-camera", test_turned_camera);
    g_test_add_func("/motion/caption-in-shake", test_caption_in_shake);
    g_test_add_func("/motion/kernels-agree", test_kernels_agree);
    return g_test_run();
}
