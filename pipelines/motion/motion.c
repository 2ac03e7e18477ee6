/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/motion.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "motion/background.h"
#include "motion/bands.h"
#include "motion/blinking.h"
#include "motion/blob_finder.h"
#include "motion/closing.h"
#include "motion/dim.h"
#include "motion/faint.h"
#include "motion/lesson.h"
#include "motion/light.h"
#include "motion/luma.h"
#include "motion/margins.h"
#include "motion/nature.h"
#include "motion/scene.h"
#include "motion/settled.h"
#include "motion/shift.h"
#include "motion/swept.h"
#include "motion/texture.h"

#define SAMPLES_S 16.0         /* memory of the samples */
#define MEAN_S 4.0
#define YOUNG_HASTE 4          /* times faster at first */
#define GAP_S 2.0              /* pictures further apart than this count as this far */
#define DAMAGED_S 2.0          /* pictures with errors are passed over, but not for ever */
#define MAJORITY 10            /* of the 25 around: a figure 4 pixels wide stays */
#define BAND_ROWS 8            /* an even number, for the kernels' sake */
#define GLANCE 8               /* looks at two rows of so many for whether the light has changed at all */
#define CALM 0.97f             /* so many are as they were: it has not */
#define FLOODED 0.5f           /* of the picture is new: all of it is */
#define NEAR_BANDS 2           /* from what was foreground: what is left of it when closed and dilated is no further */
#define PART_PX_MIN 12         /* smaller ones are neither told nor judged */

typedef struct {
    uint8_t *luma, *raw, *clean, *learn, *ignored, *out, *light, *previous, *moved;
    uint8_t *mask; /* width * height, for sky_motion_mask */
} Planes;

struct SkyMotion {
    double sensitivity, min_area;
    unsigned kernels;
    SkyPolygon *ignore;
    uint32_t ignore_count;
    SkyBackground *background; /* NULL before the first picture */
    SkyBlobFinder *finder;
    SkyTexture *texture;       /* NULL before the first picture */
    SkySwept *swept;           /* NULL before the first picture */
    SkyFaint *faint;           /* NULL before the first picture */
    SkyDim *dim;               /* NULL before the first picture */
    SkyBlinking *blinking;     /* NULL before the first picture */
    SkySettled *settled;       /* NULL before the first picture */
    SkyBands *covers, *stays;  /* of the foreground, light and all; of what is left of it, planes.clean */
    SkyShift *shift;
    SkyShiftBy by;             /* so far this picture is shifted */
    Planes planes;
    gpointer plane_memory;
    gboolean tells;            /* what planes.clean has is what this picture tells */
    uint32_t watched_px;       /* pixels not ignored */
    uint32_t glance_px;        /* of these, those that a glance sees */
    SkySceneState scene;
    int64_t last_ns;
    float covered, covered_before; /* by the foreground, light and all: now, and in the picture before */
    uint32_t light_blocks;
    double damaged_s;         /* of pictures passed over */
};

static void clear_shape(SkyMotion *motion) {
    g_clear_pointer(&motion->blinking, sky_blinking_free);
    g_clear_pointer(&motion->settled, sky_settled_free);
    g_clear_pointer(&motion->covers, sky_bands_free);
    g_clear_pointer(&motion->stays, sky_bands_free);
    g_clear_pointer(&motion->background, sky_background_free);
    g_clear_pointer(&motion->texture, sky_texture_free);
    g_clear_pointer(&motion->swept, sky_swept_free);
    g_clear_pointer(&motion->faint, sky_faint_free);
    g_clear_pointer(&motion->dim, sky_dim_free);
    g_clear_pointer(&motion->plane_memory, g_free);
    motion->planes = (Planes){0};
}

SkyMotion *sky_motion_new(const SkyMotionParams *params) {
    SkyMotion *motion = g_new0(SkyMotion, 1);
    motion->sensitivity = CLAMP(params->sensitivity, 0, 1);
    motion->min_area = params->min_area;
    motion->kernels = SKY_MOTION_KERNEL_ALL & ~params->without_kernels;
    motion->ignore = g_memdup2(params->ignore, params->ignore_count * sizeof *params->ignore);
    motion->ignore_count = params->ignore_count;
    motion->finder = sky_blob_finder_new();
    motion->shift = sky_shift_new();
    return motion;
}

void sky_motion_free(SkyMotion *motion) {
    if (!motion)
        return;
    clear_shape(motion);
    sky_blob_finder_free(motion->finder);
    sky_shift_free(motion->shift);
    g_free(motion->ignore);
    g_free(motion);
}

static void count_watched(SkyMotion *motion) {
    const SkyBackground *background = motion->background;
    motion->watched_px = motion->glance_px = 0;
    for (uint32_t y = 0; y < background->height_px; y++) {
        uint8_t *row = motion->planes.ignored + y * background->stride;
        memset(row + background->width_px, 255, background->stride - background->width_px);
        for (uint32_t x = 0; x < background->width_px; x++) {
            motion->watched_px += !row[x];
            motion->glance_px += !row[x] && y % GLANCE < 2;
        }
    }
}

static void set_shape(SkyMotion *motion, uint32_t width_px, uint32_t height_px) {
    clear_shape(motion);
    motion->background = sky_background_new(sky_motion_kernel_choose(motion->kernels), width_px, height_px);
    motion->texture = sky_texture_new(width_px, height_px);
    motion->swept = sky_swept_new(width_px, height_px);
    motion->faint = sky_faint_new(motion->background);
    motion->dim = sky_dim_new(motion->background);
    motion->blinking = sky_blinking_new(motion->background);
    motion->settled = sky_settled_new(motion->background);
    motion->covers = sky_bands_new(motion->background);
    motion->stays = sky_bands_new(motion->background);
    motion->plane_memory = sky_background_new_planes(motion->background, (uint8_t **)&motion->planes,
                                                     sizeof motion->planes / sizeof(uint8_t *));
    for (uint32_t i = 0; i < motion->ignore_count; i++)
        sky_polygon_fill(&motion->ignore[i], motion->planes.ignored, width_px, height_px, (uint32_t)motion->background->stride,
                         255);
    count_watched(motion);
    /* Sensitivity 0.5 asks for 6 steps of luma on a silent camera, twice as many at 0, half at 1. */
    double scale = pow(2, 1 - 2 * motion->sensitivity);
    sky_background_set_threshold(motion->background, (uint8_t)lrint(6 * scale), (uint8_t)lrint(40 * scale));
}

static gboolean is_shaken(const SkyMotion *motion) {
    return motion->by.x != 0 || motion->by.y != 0;
}

static void swap_moved(Planes *planes) {
    uint8_t *luma = planes->moved;
    planes->moved = planes->luma;
    planes->luma = luma;
}

/* From here on all planes are as if the camera had not moved; what is told is where it is in the picture. */
static void take_shake_out(SkyMotion *motion, double dt_s, SkyMotionResult *result) {
    SkyBackground *background = motion->background;
    Planes *planes = &motion->planes;
    gboolean switching = motion->scene.switch_s >= 0;
    motion->by = sky_shift_find(motion->shift, planes->luma, background, planes->ignored, dt_s, switching);
    if (!is_shaken(motion))
        return;
    sky_shift_undo(motion->by, planes->luma, background, planes->moved);
    sky_luma_repeat_rows(background, planes->moved);
    swap_moved(planes);
    result->shift_x_px = (float)motion->by.x / SKY_SHIFT_STEPS;
    result->shift_y_px = (float)motion->by.y / SKY_SHIFT_STEPS;
}

static void use_as_it_is(SkyMotion *motion, SkyMotionResult *result) {
    if (is_shaken(motion))
        swap_moved(&motion->planes);
    motion->by = (SkyShiftBy){0, 0};
    result->shift_x_px = result->shift_y_px = 0;
}

/* Of what is watched. */
static float share_of(const SkyMotion *motion, const SkyBands *bands) {
    return (float)bands->total / (float)MAX(motion->watched_px, 1);
}

/* A clock or a caption that the camera writes into the picture does not swing with the ground: what is the background where it
 * really is in the picture is no thing. */
static void spare_captions(SkyMotion *motion) {
    const SkyBackground *background = motion->background;
    Planes *planes = &motion->planes;
    size_t band = BAND_ROWS * background->stride;
    for (size_t at = 0; at < background->bytes; at += band) {
        size_t bytes = MIN(band, background->bytes - at);
        if (background->kernel->count(planes->raw + at, bytes) == 0)
            continue;
        const uint8_t *samples[SKY_MOTION_SAMPLES];
        for (unsigned k = 0; k < SKY_MOTION_SAMPLES; k++)
            samples[k] = background->samples[k] + at;
        background->kernel->classify(planes->moved + at, samples, background->radius + at, bytes, planes->out + at);
        for (size_t i = at; i < at + bytes; i++)
            planes->raw[i] &= planes->out[i];
    }
}

/* Returns how many pixels are left. */
static size_t clean_up(SkyMotion *motion, SkySpan at, uint8_t *mask) {
    const SkyBackground *background = motion->background;
    return background->kernel->majority(motion->planes.raw + at.from, motion->planes.ignored + at.from, background->stride,
                                        at.to - at.from, MAJORITY, mask + at.from);
}

/* Foreground of the picture, cleaned: specks go, cracks close. */
static void find_foreground(SkyMotion *motion, double dt_s) {
    SkyBackground *background = motion->background;
    const SkyMotionKernel *kernel = background->kernel;
    Planes *planes = &motion->planes;
    kernel->classify(planes->luma, (const uint8_t *const *)background->samples, background->radius, background->bytes, planes->raw);
    sky_faint_add(motion->faint, planes->luma, background, dt_s, planes->raw);
    if (is_shaken(motion))
        spare_captions(motion);
    if (motion->ignore_count > 0)
        kernel->without(planes->raw, planes->ignored, background->bytes);
    sky_margins_continue(background, planes->raw);
    for (unsigned band = 0; band < motion->covers->count; band++)
        sky_bands_put(motion->covers, band, clean_up(motion, sky_bands_span(motion->covers, band), planes->clean));
    motion->covered_before = motion->covered;
    sky_bands_clear(motion->stays);
    motion->covered = share_of(motion, motion->covers);
    motion->light_blocks = 0;
    sky_swept_age(motion->swept, dt_s);
    if (motion->covers->total == 0)
        return;
    motion->light_blocks = sky_texture_remove_light(motion->texture, planes->clean, motion->covers, planes->luma, background,
                                                    motion->swept);
    sky_closing_run(background, planes->clean, motion->covers, planes->out);
    sky_bands_count_near(motion->stays, motion->covers, 1, background, planes->clean);
}

static void erase_runs(SkyMotion *motion, uint32_t part, uint8_t *plane, uint8_t value) {
    for (uint32_t i = 0; i < motion->finder->run_count; i++) {
        const SkyRun *run = &motion->finder->runs[i];
        if (run->part == part)
            memset(plane + run->row * motion->background->stride + run->from, value, run->to - run->from);
    }
}

static void tell_blob(const SkyMotion *motion, const SkyPart *part, const SkyPartLook *look, uint32_t least,
                      SkyMotionResult *result) {
    float width = (float)motion->background->width_px, height = (float)motion->background->height_px;
    if (result->blob_count == SKY_BLOBS_MAX) {
        result->blobs_left_out++;
        return;
    }
    SkyBlob *blob = &result->blobs[result->blob_count++];
    float left = CLAMP((float)part->left + result->shift_x_px, 0, width);
    float top = CLAMP((float)part->top + result->shift_y_px, 0, height);
    float right = CLAMP((float)part->right + result->shift_x_px, 0, width);
    float bottom = CLAMP((float)part->bottom + result->shift_y_px, 0, height);
    blob->box = (SkyBox){left / width, top / height, (right - left) / width, (bottom - top) / height};
    blob->area = (float)part->pixels / (width * height);
    blob->contrast = look->contrast;
    blob->soft = look->soft;
    blob->alike = sky_swept_is_beside(motion->swept, part) ? look->likeness : 0;
    blob->small = part->pixels < least;
}

static void tell_things(SkyMotion *motion, uint32_t least, SkyMotionResult *result) {
    SkyBackground *background = motion->background;
    SkyPartLook looks[SKY_PARTS_MAX];
    uint32_t told_px = MAX(least / 2, 1);
    sky_blob_finder_find(motion->finder, motion->planes.clean, motion->stays->set, background->width_px, background->height_px,
                         background->stride, PART_PX_MIN);
    sky_nature_tell(motion->finder, motion->planes.clean, motion->planes.luma, background, told_px, looks);
    for (uint32_t part = 0; part < motion->finder->part_count; part++) {
        if (looks[part].nature != SKY_NATURE_OBJECT) {
            erase_runs(motion, part, motion->planes.clean, 0);
            result->light_parts += looks[part].nature == SKY_NATURE_LIGHT;
            result->ghost_parts += looks[part].nature == SKY_NATURE_GHOST;
            continue;
        }
        if (motion->finder->parts[part].pixels >= told_px)
            tell_blob(motion, &motion->finder->parts[part], &looks[part], least, result);
    }
    if (result->light_parts + result->ghost_parts > 0)
        sky_bands_count(motion->stays, background, motion->planes.clean);
}

static void tell(SkyMotion *motion, double dt_s, SkyMotionResult *result) {
    const SkyBackground *background = motion->background;
    uint32_t pixels = background->width_px * background->height_px, least = (uint32_t)lrint(motion->min_area * pixels);
    if (motion->stays->total > 0)
        tell_things(motion, least, result);
    if (!is_shaken(motion)) /* what a shake leaves over is as faint as what is looked for here */
        sky_dim_look(motion->dim, motion->planes.luma, background, motion->planes.ignored, least, dt_s, result);
    result->light_blocks = motion->light_blocks;
    result->foreground = (float)motion->stays->total / (float)pixels;
    motion->tells = TRUE;
}

/* Things are not learnt, nor what is next to them: their outline moves. What comes and goes in its place is (leaves, water), and
 * what has come to stay. */
static void choose_learnt(SkyMotion *motion, const SkyLesson *lesson) {
    const SkyBackground *background = motion->background;
    const SkyMotionKernel *kernel = background->kernel;
    Planes *planes = &motion->planes;
    for (SkySpan at = {0, 0}; sky_lesson_next_told(lesson, background, &at);)
        memset(planes->learn + at.from, 255, at.to - at.from);
    for (SkySpan at = {0, 0}; sky_bands_next(motion->stays, 1, &at);) {
        kernel->dilate(planes->clean + at.from, background->stride, at.to - at.from, planes->out + at.from);
        kernel->may_learn(planes->out + at.from, motion->blinking->blink + at.from, SKY_BLINKING, motion->settled->still + at.from,
                          SKY_SETTLED_S, at.to - at.from, planes->learn + at.from);
    }
    if (is_shaken(motion))
        sky_shift_blank_rim(motion->by, background, planes->learn);
}

/* A beam or a shadow is one of the looks of its place, but not yet the usual one. */
static void leave_light_out(SkyMotion *motion, SkyLesson *lesson) {
    const SkyBackground *background = motion->background;
    const SkyMotionKernel *kernel = background->kernel;
    Planes *planes = &motion->planes;
    for (SkySpan at = {0, 0}; sky_lesson_next_told(lesson, background, &at);)
        memcpy(planes->out + at.from, planes->learn + at.from, at.to - at.from);
    for (SkySpan at = {0, 0}; sky_bands_next(motion->covers, 0, &at);) {
        clean_up(motion, at, planes->light);
        kernel->without(planes->light + at.from, planes->clean + at.from, at.to - at.from);
        kernel->without(planes->out + at.from, planes->light + at.from, at.to - at.from);
    }
    lesson->follow = planes->out;
}

static void learn(SkyMotion *motion, double dt_s) {
    SkyBackground *background = motion->background;
    Planes *planes = &motion->planes;
    double haste = sky_scene_is_young(&motion->scene) ? YOUNG_HASTE : 1;
    sky_settled_watch(motion->settled, background, planes->luma, planes->clean, dt_s);
    SkyLesson lesson = {planes->learn, planes->learn, is_shaken(motion) ? NULL : motion->covers, NEAR_BANDS};
    choose_learnt(motion, &lesson);
    if (motion->light_blocks > 0)
        leave_light_out(motion, &lesson);
    sky_faint_learn(motion->faint, &lesson, background, dt_s);
    sky_background_learn(background, planes->luma, &lesson, dt_s, SAMPLES_S / haste, MEAN_S / haste, TRUE);
}

/* The mask lies over the picture as it is. */
static void fill_mask(SkyMotion *motion) {
    SkyBackground *background = motion->background;
    uint32_t width = background->width_px, height = background->height_px;
    int right = (int)lrintf((float)motion->by.x / SKY_SHIFT_STEPS), down = (int)lrintf((float)motion->by.y / SKY_SHIFT_STEPS);
    for (int y = 0; y < (int)height; y++) {
        uint8_t *row = motion->planes.mask + (size_t)y * width;
        if (right != 0 || y < down || y - down >= (int)height)
            memset(row, 0, width);
        if (y < down || y - down >= (int)height)
            continue;
        const uint8_t *clean = motion->planes.clean + (size_t)(y - down) * background->stride;
        memcpy(row + MAX(right, 0), clean + MAX(-right, 0), width - (size_t)abs(right));
    }
}

static gboolean light_is_calm(const SkyMotion *motion) {
    const SkyBackground *background = motion->background;
    size_t same = 0, step = GLANCE * background->stride;
    for (size_t at = 0; at < background->bytes; at += step)
        same += background->kernel->agree(motion->planes.luma + at, background->mean + at, background->radius + at,
                                          motion->planes.ignored + at, MIN(2 * background->stride, background->bytes - at));
    return (float)same >= CALM * (float)motion->glance_px;
}

static void follow_light(SkyMotion *motion, double dt_s) {
    SkyBackground *background = motion->background;
    SkyLight light = {.explained = 1, .unchanged = 1};
    gboolean switching = motion->scene.switch_s >= 0; /* no curve leads from what was before to what is now */
    if (!switching && !light_is_calm(motion))
        sky_light_measure(motion->planes.luma, background->mean, background->radius, motion->planes.ignored, background->width_px,
                          background->height_px, background->stride, &light);
    if (sky_scene_follows(&motion->scene, &light, dt_s))
        sky_background_relight(background, light.curve);
}

static void begin_model(SkyMotion *motion) {
    sky_background_reset(motion->background, motion->planes.luma);
    sky_faint_begin(motion->faint);
    sky_dim_begin(motion->dim);
    sky_shift_begin(motion->shift, motion->background, motion->planes.ignored);
    sky_scene_begin(&motion->scene);
    motion->covered = motion->covered_before = 0;
    sky_blinking_begin(motion->blinking);
    sky_settled_begin(motion->settled);
    sky_swept_begin(motion->swept);
    size_t bytes = motion->background->bytes;
    memset(motion->planes.clean, 0, bytes);
    motion->tells = FALSE;
}

/* FALSE: the picture is not to be looked at. */
static gboolean is_whole(SkyMotion *motion, const SkyFrame *frame, double dt_s) {
    motion->damaged_s = frame->damaged ? motion->damaged_s + dt_s : 0;
    return !frame->damaged || motion->damaged_s > DAMAGED_S;
}

/* Share of the picture that is not what it was in the picture before. */
static float changed_since(const SkyMotion *motion) {
    const SkyBackground *background = motion->background;
    size_t changed = 0;
    for (size_t row = 0; row < background->bytes; row += GLANCE * background->stride)
        for (size_t at = row; at < MIN(row + 2 * background->stride, background->bytes); at++)
            changed += !motion->planes.ignored[at] &&
                       2 * abs(motion->planes.luma[at] - motion->planes.previous[at]) > background->radius[at];
    return (float)changed / (float)MAX(motion->glance_px, 1);
}

static void renew_where_light(SkyMotion *motion) {
    Planes *planes = &motion->planes;
    if (motion->covered > FLOODED)
        memset(planes->light, 255, motion->background->bytes);
    else { /* what was a thing before is none of the light's */
        clean_up(motion, (SkySpan){0, motion->background->bytes}, planes->light);
        motion->background->kernel->without(planes->light, motion->blinking->before, motion->background->bytes);
    }
    sky_background_renew(motion->background, planes->luma, planes->light);
    sky_faint_begin(motion->faint);
    sky_dim_begin(motion->dim);
    motion->covered = 0;
}

/* TRUE: the light is being switched, the picture tells nothing else. */
static gboolean is_switching(SkyMotion *motion, double dt_s, SkyMotionResult *result) {
    float changed = motion->scene.switch_s < 0 ? 0 : changed_since(motion);
    SkySwitch now = sky_scene_switch(&motion->scene, motion->covered, motion->covered_before, changed, dt_s);
    if (now == SKY_SWITCH_NONE)
        return FALSE;
    if (now == SKY_SWITCH_OVER)
        renew_where_light(motion);
    if (motion->scene.steady_s == 0) /* an exposure that creeps is steady from picture to picture, but not against the first of them */
        memcpy(motion->planes.previous, motion->planes.luma, motion->background->bytes);
    motion->tells = FALSE;
    result->scene = SKY_SCENE_LIGHT;
    result->light_blocks = motion->light_blocks;
    return TRUE;
}

static void look(SkyMotion *motion, double dt_s, SkyMotionResult *result) {
    take_shake_out(motion, dt_s, result);
    follow_light(motion, dt_s);
    find_foreground(motion, dt_s);
    if (is_switching(motion, dt_s, result))
        return;
    SkySceneVerdict verdict = sky_scene_judge(&motion->scene, share_of(motion, motion->stays), dt_s);
    if (verdict.scene != SKY_SCENE_LIGHT) /* what a lamp has left when it blinks again was no thing before */
        sky_blinking_watch(motion->blinking, motion->background, motion->planes.clean, motion->stays, dt_s);
    result->scene = verdict.scene;
    if (verdict.restart) {
        use_as_it_is(motion, result);
        begin_model(motion);
        return;
    }
    tell(motion, dt_s, result);
    if (result->scene == SKY_SCENE_LIGHT)
        result->blob_count = result->dim_count = 0;
    learn(motion, dt_s);
}

void sky_motion_process(SkyMotion *motion, const SkyFrame *frame, SkyMotionResult *ret_result) {
    memset(ret_result, 0, sizeof *ret_result);
    ret_result->pts_ns = frame->pts_ns;
    ret_result->arrival_ns = frame->arrival_ns;
    ret_result->scene = SKY_SCENE_LEARNING;
    gboolean first = !motion->background || motion->background->width_px != frame->width_px ||
                     motion->background->height_px != frame->height_px;
    double dt_s = first ? 0 : CLAMP((double)(frame->pts_ns - motion->last_ns) / SKY_NS_PER_S, 0.001, GAP_S);
    motion->last_ns = frame->pts_ns;
    if (first)
        set_shape(motion, frame->width_px, frame->height_px);
    else if (!is_whole(motion, frame, dt_s))
        return;
    sky_luma_take(frame, motion->background, motion->planes.raw, motion->planes.luma);
    if (first)
        begin_model(motion);
    else
        look(motion, dt_s, ret_result);
}

const uint8_t *sky_motion_mask(SkyMotion *motion, uint32_t *ret_width_px, uint32_t *ret_height_px) {
    *ret_width_px = motion->background ? motion->background->width_px : 0;
    *ret_height_px = motion->background ? motion->background->height_px : 0;
    if (motion->tells)
        fill_mask(motion);
    else if (motion->background)
        memset(motion->planes.mask, 0, (size_t)*ret_width_px * *ret_height_px);
    return motion->planes.mask;
}
