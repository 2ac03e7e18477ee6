/* SPDX-License-Identifier: Apache-2.0 */
/* Each cause of suppression, from pictures: what gives it and makes no event, and beside it what does the same to a lesser degree,
 * makes an event and does not give it. Drawn over a quiet made scene, through motion and event with the shipped settings. */
#include <math.h>
#include <string.h>
#include "base/clock.h"
#include "bench/scene.h"
#include "daemon/analysis.h"
#include "event/event_detector.h"
#include "motion/motion.h"

#define LEARN_S 6
#define CLOUDS_SEED 1 /* a shadow comes over within half a minute and leaves bits of its rim */
#define STORM_SEED 1 /* clouds' shadows come over wet, shaking ground, and nothing else moves in its first half minute */
#define TICKING (240 * SCENE_FPS) /* pictures */

/* What stands where at this moment, in pixels; w 0: nothing. i counts pictures from its first. */
typedef void (*Path)(unsigned i, SkyBox *box);

typedef void (*Draw)(const SkyBox *box, uint8_t *luma);

typedef struct {
    SkyMotion *motion;
    SkyEventDetector *detector;
    Scene *scene;
    Draw draw;
    unsigned begun, pictures;
} Rig;

static void hear(const SkyEvent *event, gpointer user) {
    *(unsigned *)user += event->phase == SKY_EVENT_BEGIN;
}

static void rig_init(Rig *rig, const char *scene, unsigned seed, const SkyPerspective *perspective) {
    const SceneClass *kind = scene_classes;
    while (strcmp(kind->name, scene) != 0)
        kind++;
    *rig = (Rig){.scene = scene_new(kind, FALSE, seed, NULL)};
    SkyCameraConfig shipped;
    sky_analysis_defaults(&shipped);
    rig->motion = sky_motion_new(&(SkyMotionParams){.sensitivity = shipped.sensitivity, .min_area = shipped.min_area});
    SkyEventParams params = {.min_duration_ns = shipped.min_duration_ns, .hold_ns = shipped.hold_ns};
    if (perspective)
        params.perspective = *perspective;
    rig->detector = sky_event_detector_new(&params, hear, &rig->begun);
}

static void rig_clear(Rig *rig) {
    sky_motion_free(rig->motion);
    sky_event_detector_free(rig->detector);
    scene_free(rig->scene);
}

/* Striped, so that it has edges of its own, as clothes and cars have. */
static void draw(const SkyBox *box, uint8_t *luma) {
    for (int y = MAX((int)box->y, 0); y < MIN((int)(box->y + box->h), SCENE_H); y++)
        for (int x = MAX((int)box->x, 0); x < MIN((int)(box->x + box->w), SCENE_W); x++)
            luma[y * SCENE_W + x] = (y - (int)box->y) / 4 % 2 ? 235 : 20;
}

/* A ball out of focus, before a bare wall. */
static void draw_ball(const SkyBox *box, uint8_t *luma) {
    for (int y = 60; y < 110; y++)
        for (int x = 90; x < 290; x++) {
            double away = hypot(x - box->x - box->w / 2, y - box->y - box->h / 2);
            double part = CLAMP((box->w / 2 - away) / 3 + 0.5, 0, 1);
            luma[y * SCENE_W + x] = (uint8_t)(110 + 55 * part);
        }
}

static void show(Rig *rig, const SkyBox *box) {
    static uint8_t luma[SCENE_H * SCENE_W];
    scene_next(rig->scene, luma);
    if (box || rig->draw == draw_ball)
        rig->draw(box ? box : &(SkyBox){0}, luma);
    int64_t time_ns = (int64_t)rig->pictures++ * SKY_NS_PER_S / SCENE_FPS;
    SkyFrame frame = {.width_px = SCENE_W, .height_px = SCENE_H, .stride_bytes = SCENE_W, .pts_ns = time_ns, .arrival_ns = time_ns,
                      .number = rig->pictures, .luma = luma};
    SkyMotionResult result;
    sky_motion_process(rig->motion, &frame, &result);
    sky_event_detector_process(rig->detector, &result);
}

static void play(Rig *rig, Path path, double seconds) {
    for (unsigned i = 0; i < LEARN_S * SCENE_FPS; i++)
        show(rig, NULL);
    for (unsigned i = 0; i < (unsigned)(seconds * SCENE_FPS); i++) {
        SkyBox box = {120, 80, 16, 32};
        path(i, &box);
        show(rig, box.w > 0 ? &box : NULL);
    }
    for (unsigned i = 0; i < 3 * SCENE_FPS; i++)
        show(rig, NULL);
}

static void say(const Rig *rig, const char *what) {
    g_test_message("%s: %u events", what, rig->begun);
    for (unsigned i = 0; i < SKY_SUPPRESSED_CAUSES; i++)
        if (sky_suppressed_count(sky_event_detector_suppressed(rig->detector), i) > 0)
            g_test_message("  %s %" G_GUINT64_FORMAT, sky_suppression_name((SkySuppression)i),
                           sky_suppressed_count(sky_event_detector_suppressed(rig->detector), i));
}

static void path_brief(unsigned i, SkyBox *box) {
    box->x += 4 * (float)i;
}

static void path_unsteady(unsigned i, SkyBox *box) {
    box->w = i % 4 == 0 ? 16 : 0;
    box->x += (float)i;
}

static void path_often(unsigned i, SkyBox *box) {
    box->w = i % 3 == 2 ? 0 : 16;
    box->x += (float)i;
}

static void path_still(unsigned i, SkyBox *box) {
    (void)i, (void)box;
}

static void path_creep(unsigned i, SkyBox *box) {
    box->x += (float)MIN(i, 16);
}

static void path_leap(unsigned i, SkyBox *box) {
    box->x += i < 24 ? 0 : 18;
}

static void path_strides(unsigned i, SkyBox *box) {
    box->x += 3 * (float)CLAMP((int)i - 24, 0, 6);
}

static void path_sway(unsigned i, SkyBox *box) {
    box->x += 4 * sinf((float)i * 1.1f);
}

static void path_rocking(unsigned i, SkyBox *box) {
    box->x += 1.2f * (float)i + 6 * sinf((float)i * 1.1f);
}

static void path_flight(unsigned i, SkyBox *box) {
    *box = (SkyBox){100, 20 + 12 * (float)i, 6, 6};
}

static void path_run(unsigned i, SkyBox *box) {
    *box = (SkyBox){40 + 4 * (float)i, 80, 7, 14};
}

static void path_erratic(unsigned i, SkyBox *box) {
    box->x += 5 * (float)i;
    box->y += i % 2 ? 21 : 0;
}

static void path_bobbing(unsigned i, SkyBox *box) {
    box->x += 5 * (float)i;
    box->y += i % 2 ? 3 : 0;
}

static void path_shape(unsigned i, SkyBox *box) {
    float wide = i % 2 ? 40 : 16;
    *box = (SkyBox){60 + 4 * (float)i, 80 - wide / 4, wide, wide};
}

static void path_arms(unsigned i, SkyBox *box) {
    box->w = i % 2 ? 20 : 16;
    box->x += 4 * (float)i - box->w / 2;
}

static void path_flake(unsigned i, SkyBox *box) {
    *box = (SkyBox){100 + 3 * (float)i, 150, 8, 14};
}

static void path_far(unsigned i, SkyBox *box) {
    *box = (SkyBox){100 + 3 * (float)i, 60, 8, 14};
}

static void path_glide(unsigned i, SkyBox *box) {
    *box = (SkyBox){110 + 3 * (float)i, 84, 12, 12};
}

static void path_nothing(unsigned i, SkyBox *box) {
    (void)i;
    box->w = 0;
}

/* In front of the clock in the picture, when that has been ticking for long. */
static void path_passes(unsigned i, SkyBox *box) {
    *box = (SkyBox){230 + 4 * ((float)i - TICKING), 4, i < TICKING ? 0 : 16, 50};
}

static const struct {
    SkySuppression cause;
    Path gives, gives_not;
    double seconds, seconds_not;
} rows[] = {
    {SKY_SUPPRESSED_BRIEF, path_brief, path_brief, 0.25, 1.2},
    {SKY_SUPPRESSED_UNSTEADY, path_unsteady, path_often, 5, 5},
    {SKY_SUPPRESSED_STILL, path_still, path_creep, 8, 8},
    {SKY_SUPPRESSED_LEAP, path_leap, path_strides, 6, 6},
    {SKY_SUPPRESSED_SWAY, path_sway, path_rocking, 8, 8},
    {SKY_SUPPRESSED_FLIGHT, path_flight, path_run, 1.5, 4},
    {SKY_SUPPRESSED_ERRATIC, path_erratic, path_bobbing, 3, 3},
    {SKY_SUPPRESSED_SHAPE, path_shape, path_arms, 3, 3},
    {SKY_SUPPRESSED_TICK, path_nothing, path_passes, 242, 242},
    {SKY_SUPPRESSED_SIZE, path_flake, path_far, 4, 4},
    {SKY_SUPPRESSED_SOFT, path_nothing, path_glide, 20, 5},
    {SKY_SUPPRESSED_LIT, path_nothing, path_brief, 20, 20},
};

static const SkyPerspective people = {.far_foot = (double)SCENE_FAR_FOOT / SCENE_H,
                                      .far_height = (double)SCENE_FAR_HEIGHT / SCENE_H,
                                      .near_foot = (double)SCENE_NEAR_FOOT / SCENE_H,
                                      .near_height = (double)SCENE_NEAR_HEIGHT / SCENE_H};

/* How often the row's cause was given. */
static uint64_t run(unsigned row, gboolean lesser, unsigned *ret_begun) {
    gboolean ticks = rows[row].cause == SKY_SUPPRESSED_TICK, soft = rows[row].cause == SKY_SUPPRESSED_SOFT;
    gboolean storms = soft && !lesser, clouds = rows[row].cause == SKY_SUPPRESSED_LIT;
    Rig rig;
    rig_init(&rig, ticks ? "clock" : storms ? "storm" : clouds ? "clouds" : "calm", storms ? STORM_SEED : clouds ? CLOUDS_SEED : 3,
             rows[row].cause == SKY_SUPPRESSED_SIZE ? &people : NULL);
    rig.draw = soft && lesser ? draw_ball : draw;
    play(&rig, lesser ? rows[row].gives_not : rows[row].gives, lesser ? rows[row].seconds_not : rows[row].seconds);
    say(&rig, lesser ? "to a lesser degree" : "suppressed");
    uint64_t times = sky_suppressed_count(sky_event_detector_suppressed(rig.detector), rows[row].cause);
    *ret_begun = rig.begun;
    rig_clear(&rig);
    return times;
}

static void test_row(gconstpointer data) {
    unsigned row = GPOINTER_TO_UINT(data), begun;
    g_assert_cmpuint(run(row, FALSE, &begun), >, 0);
    g_assert_cmpuint(begun, ==, 0);
    uint64_t times = run(row, TRUE, &begun);
    g_assert_cmpuint(begun, ==, 1);
    /* The clock goes on when he has passed, and so do the clouds. */
    g_assert_true(times == 0 || rows[row].cause == SKY_SUPPRESSED_TICK || rows[row].cause == SKY_SUPPRESSED_LIT);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name = g_strdup_printf("/causes/%s", sky_suppression_name(rows[i].cause));
        g_test_add_data_func(name, GUINT_TO_POINTER(i), test_row);
    }
    g_assert_cmpuint(G_N_ELEMENTS(rows), ==, SKY_SUPPRESSED_CAUSES);
    return g_test_run();
}
