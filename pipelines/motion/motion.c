/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/motion.h"
#include <math.h>
#include <string.h>
#include "base/clock.h"
#include "motion/background.h"
#include "motion/blob_finder.h"
#include "motion/light.h"
#include "motion/nature.h"

#define LEARNING_S 0.7         /* before this the model knows too little to be believed */
#define EAGER_S 3.0            /* the first so many seconds everything is learnt faster */
#define SAMPLES_S 16.0         /* memory of the samples */
#define MEAN_S 4.0
#define GAP_S 2.0              /* pictures further apart than this count as this far */
#define LIGHT_CHANGE_MIN 1.5f  /* mean luma steps of a tone curve worth following */
#define FLOODED 0.6f           /* foreground over this share of the picture is no thing */

typedef struct {
    uint8_t *luma, *raw, *clean, *learn, *scratch, *ignored, *out;
} Planes;

struct SkyMotion {
    double sensitivity, min_area;
    SkyPolygon *ignore;
    uint32_t ignore_count;
    SkyBackground *background; /* NULL before the first picture */
    SkyBlobFinder *finder;
    Planes planes;
    uint8_t *mask;             /* width * height, for sky_motion_mask */
    uint32_t watched_px;       /* pixels not ignored */
    int64_t begin_ns, last_ns;
    double flooded_s;
};

static uint8_t **plane_list(Planes *planes, size_t *ret_count) {
    *ret_count = sizeof *planes / sizeof(uint8_t *);
    return (uint8_t **)planes;
}

static void clear_shape(SkyMotion *motion) {
    size_t count;
    uint8_t **planes = plane_list(&motion->planes, &count);
    for (size_t i = 0; motion->background && i < count; i++) {
        sky_background_free_plane(motion->background, planes[i]);
        planes[i] = NULL;
    }
    g_clear_pointer(&motion->background, sky_background_free);
    g_clear_pointer(&motion->mask, g_free);
}

SkyMotion *sky_motion_new(const SkyMotionParams *params) {
    SkyMotion *motion = g_new0(SkyMotion, 1);
    motion->sensitivity = CLAMP(params->sensitivity, 0, 1);
    motion->min_area = params->min_area;
    motion->ignore = g_memdup2(params->ignore, params->ignore_count * sizeof *params->ignore);
    motion->ignore_count = params->ignore_count;
    motion->finder = sky_blob_finder_new();
    return motion;
}

void sky_motion_free(SkyMotion *motion) {
    if (!motion)
        return;
    clear_shape(motion);
    sky_blob_finder_free(motion->finder);
    g_free(motion->ignore);
    g_free(motion);
}

static void set_shape(SkyMotion *motion, uint32_t width_px, uint32_t height_px) {
    clear_shape(motion);
    motion->background = sky_background_new(sky_motion_kernel_c(), width_px, height_px);
    size_t count;
    uint8_t **planes = plane_list(&motion->planes, &count);
    for (size_t i = 0; i < count; i++)
        planes[i] = sky_background_new_plane(motion->background);
    motion->mask = g_malloc0((gsize)width_px * height_px);
    for (uint32_t i = 0; i < motion->ignore_count; i++)
        sky_polygon_fill(&motion->ignore[i], motion->planes.ignored, width_px, height_px, (uint32_t)motion->background->stride, 255);
    motion->watched_px = 0;
    for (uint32_t y = 0; y < height_px; y++)
        for (uint32_t x = 0; x < width_px; x++)
            motion->watched_px += !motion->planes.ignored[y * motion->background->stride + x];
    /* Sensitivity 0.5 asks for 8 steps of luma on a silent camera, twice as many at 0, half at 1. */
    double scale = pow(2, 1 - 2 * motion->sensitivity);
    sky_background_set_threshold(motion->background, (uint8_t)lrint(8 * scale), (uint8_t)lrint(40 * scale));
}

static void take_picture(SkyMotion *motion, const SkyFrame *frame) {
    SkyBackground *background = motion->background;
    uint8_t *raw = motion->planes.raw;
    for (uint32_t y = 0; y < frame->height_px; y++) {
        uint8_t *row = raw + y * background->stride;
        memcpy(row, frame->luma + (size_t)y * frame->stride_bytes, frame->width_px);
        memset(row + frame->width_px, row[frame->width_px - 1], background->stride - frame->width_px);
    }
    /* The rows above and below repeat the outermost, so that the first and last row are as smooth as the rest. */
    memcpy(raw - background->stride, raw, background->stride);
    memcpy(raw + background->bytes, raw + background->bytes - background->stride, background->stride);
    background->kernel->smooth(raw, background->stride, background->bytes, motion->planes.scratch, motion->planes.luma);
}

static void blank_margins(SkyMotion *motion, uint8_t *mask) {
    SkyBackground *background = motion->background;
    for (uint32_t y = 0; y < background->height_px; y++)
        memset(mask + y * background->stride + background->width_px, 0, background->stride - background->width_px);
}

/* Foreground of the picture, cleaned: specks go, cracks close. */
static void find_foreground(SkyMotion *motion) {
    SkyBackground *background = motion->background;
    const SkyMotionKernel *kernel = background->kernel;
    Planes *planes = &motion->planes;
    kernel->classify(planes->luma, (const uint8_t *const *)background->samples, background->radius, background->bytes, planes->raw);
    for (size_t i = 0; i < background->bytes; i++)
        planes->raw[i] &= (uint8_t)~planes->ignored[i];
    blank_margins(motion, planes->raw);
    kernel->majority(planes->raw, background->stride, background->bytes, 12, planes->scratch, planes->clean);
    blank_margins(motion, planes->clean);
    kernel->dilate(planes->clean, background->stride, background->bytes, planes->scratch, planes->out);
    kernel->dilate(planes->out, background->stride, background->bytes, planes->scratch, planes->clean);
    kernel->erode(planes->clean, background->stride, background->bytes, planes->scratch, planes->out);
    kernel->erode(planes->out, background->stride, background->bytes, planes->scratch, planes->clean);
    blank_margins(motion, planes->clean);
}

static void erase_runs(SkyMotion *motion, uint32_t part, uint8_t *plane, uint8_t value) {
    for (uint32_t i = 0; i < motion->finder->run_count; i++) {
        const SkyRun *run = &motion->finder->runs[i];
        if (run->part == part)
            memset(plane + run->row * motion->background->stride + run->from, value, run->to - run->from);
    }
}

static void tell_blob(const SkyMotion *motion, const SkyPart *part, const SkyPartLook *look, SkyMotionResult *result) {
    float width = (float)motion->background->width_px, height = (float)motion->background->height_px;
    if (result->blob_count == SKY_BLOBS_MAX) {
        result->blobs_left_out++;
        return;
    }
    SkyBlob *blob = &result->blobs[result->blob_count++];
    blob->box = (SkyBox){(float)part->left / width, (float)part->top / height, (float)(part->right - part->left) / width,
                         (float)(part->bottom - part->top) / height};
    blob->area = (float)part->pixels / (width * height);
    blob->contrast = look->contrast;
    blob->core = (SkyBox){(float)part->sum_x / (float)part->pixels / width, (float)part->sum_y / (float)part->pixels / height, 0, 0};
}

static void tell_blobs(SkyMotion *motion, SkyMotionResult *result) {
    SkyBackground *background = motion->background;
    SkyPartLook looks[SKY_PARTS_MAX];
    uint32_t least = (uint32_t)lrint(motion->min_area * background->width_px * background->height_px);
    sky_blob_finder_find(motion->finder, motion->planes.clean, background->width_px, background->height_px, background->stride, 12);
    sky_nature_tell(motion->finder, motion->planes.clean, motion->planes.luma, background, looks);
    for (uint32_t part = 0; part < motion->finder->part_count; part++) {
        if (looks[part].nature != SKY_NATURE_OBJECT) {
            erase_runs(motion, part, motion->planes.clean, 0);
            continue;
        }
        if (motion->finder->parts[part].pixels >= MAX(least, 1))
            tell_blob(motion, &motion->finder->parts[part], &looks[part], result);
    }
    result->blobs_left_out += motion->finder->left_out;
}

static void learn(SkyMotion *motion, double dt_s, double age_s) {
    SkyBackground *background = motion->background;
    Planes *planes = &motion->planes;
    gboolean eager = age_s < EAGER_S;
    /* Things are not learnt, nor what is next to them: their outline moves. */
    background->kernel->dilate(planes->clean, background->stride, background->bytes, planes->scratch, planes->learn);
    for (size_t i = 0; i < background->bytes; i++)
        planes->learn[i] = (uint8_t)~planes->learn[i];
    sky_background_learn(background, planes->luma, planes->learn, dt_s, eager ? SAMPLES_S / 4 : SAMPLES_S, eager ? MEAN_S / 4 : MEAN_S,
                         TRUE);
}

static float fill_mask(SkyMotion *motion) {
    uint32_t width = motion->background->width_px, height = motion->background->height_px, set = 0;
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            uint8_t here = motion->planes.clean[y * motion->background->stride + x];
            motion->mask[(size_t)y * width + x] = here;
            set += here & 1;
        }
    return (float)set / (float)(width * height);
}

static void follow_light(SkyMotion *motion) {
    SkyBackground *background = motion->background;
    SkyLight light;
    sky_light_measure(motion->planes.luma, background->mean, background->radius, motion->planes.ignored, background->width_px,
                      background->height_px, background->stride, &light);
    if (light.change > LIGHT_CHANGE_MIN && light.explained > light.unchanged)
        sky_background_relight(background, light.curve);
}

void sky_motion_process(SkyMotion *motion, const SkyFrame *frame, SkyMotionResult *ret_result) {
    SkyMotionResult *result = ret_result;
    memset(result, 0, sizeof *result);
    result->pts_ns = frame->pts_ns;
    result->arrival_ns = frame->arrival_ns;
    gboolean first = !motion->background || motion->background->width_px != frame->width_px ||
                     motion->background->height_px != frame->height_px;
    if (first)
        set_shape(motion, frame->width_px, frame->height_px);
    take_picture(motion, frame);
    if (first) {
        sky_background_reset(motion->background, motion->planes.luma);
        motion->begin_ns = motion->last_ns = frame->pts_ns;
        result->scene = SKY_SCENE_LEARNING;
        return;
    }
    double dt_s = CLAMP((double)(frame->pts_ns - motion->last_ns) / SKY_NS_PER_S, 0.001, GAP_S);
    double age_s = (double)(frame->pts_ns - motion->begin_ns) / SKY_NS_PER_S;
    motion->last_ns = frame->pts_ns;
    follow_light(motion);
    find_foreground(motion);
    tell_blobs(motion, result);
    result->foreground = fill_mask(motion);
    result->scene = age_s < LEARNING_S ? SKY_SCENE_LEARNING : SKY_SCENE_OK;
    learn(motion, dt_s, age_s);
}

const uint8_t *sky_motion_mask(const SkyMotion *motion, uint32_t *ret_width_px, uint32_t *ret_height_px) {
    *ret_width_px = motion->background ? motion->background->width_px : 0;
    *ret_height_px = motion->background ? motion->background->height_px : 0;
    return motion->mask;
}
