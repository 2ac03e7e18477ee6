/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/view_watch.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "motion/freeze.h"

#define SCALE 4              /* pixels of the picture to one of ours, each way */
#define CELL_PX 5
#define CELL_GRADIENTS (CELL_PX * CELL_PX)
#define CELLS_MIN 8          /* a smaller picture is not judged */
#define LOOK_NS SKY_NS_PER_S
#define JITTER_NS (60 * SKY_NS_PER_MS) /* a picture that comes so much before its second is not left for the next one */
#define LEARN_LOOKS 5        /* the first view is the mean of so many */
#define FOLLOW (1.0f / 128)  /* of each look, so the view follows the day within two minutes */
#define LEARN 0.1f           /* likewise while nothing is known */
#define VIEWS 4              /* that are known: the one of now, and the last others */
#define ACCEPT_LOOKS 600     /* of the same new view: somebody has aimed the camera anew */
#define BAD_LOOKS 10
#define PAUSE_LOOKS 3        /* without a verdict: those before and after are not of one piece */
#define PAUSE_NS (8 * SKY_NS_PER_S) /* likewise, without a look */
#define LIT_LOOKS 3600       /* of light in a place that has none: the dark that comes back is the old one */
#define AS_DARK 12.0f        /* mean luma: no further from what it was */
#define GOOD_LOOKS 3
#define GRADIENT_MIN 16.0f   /* mean square of a pixel's gradient: less is no texture */
#define TEXTURED_MIN 0.08f   /* of the cells: with fewer there is nothing to hold anything against */
#define KEPT_GOOD 0.2f       /* of the textured cells: the view is the old one */
#define KEPT_BAD 0.12f       /* it is not */
#define ALIKE 0.6f           /* correlation of gradients in a cell: of two views of different places at most 7 % of the cells have it */
#define NOISE_MOST 100.0f    /* that is no noise: the camera swings, or everything moves. Nothing is judged */
#define LOST 0.15f           /* of a cell's gradients are left, at the picture's gain */
#define SOFT 0.4f            /* likewise: not lost, but no edge is sharp any more */
#define LOST_BAD 0.6f        /* of the textured cells: nothing is seen */
#define ELSEWHERE 3          /* or something else is, where one cell is textured now to so many that were */
#define GAIN_MIN 0.25f
#define LAYOUT_BLURRED 0.9f  /* bright and dark lie as they lay, only the edges are gone */
#define GAIN_BLURRED 0.5f
#define DARK 24.0f           /* mean luma */
#define NOTE_BYTES_MAX (SKY_VIEW_NOTE_BYTES / 4 * 3 - 32) /* what base64 and the head leave */

typedef struct {
    float then, now, both; /* sums of squared gradients, and of their products */
    float mean_then, mean_now;
} Cell;

typedef struct {
    uint32_t cells, textured; /* textured: of the known view */
    uint32_t textured_now;
    float kept, soft, lost;   /* of the textured cells; what is lost is soft too */
    float layout, gain;       /* of the cells' means: correlation with the known view's, spread beside it */
    float mean;
} Likeness;

struct SkyViewWatch {
    uint32_t source_width_px, source_height_px; /* of the pictures; 0 before the first */
    uint32_t width_px, height_px, columns, rows; /* of ours, and of the cells on it */
    float *now, *before; /* width_px * height_px, as those below */
    float *views[VIEWS]; /* [0] is the one of now; NULL from [known] on, but for the first */
    float *next;         /* what the camera may have been aimed at; NULL where that never happened */
    Cell *cells;         /* columns * rows, of one look */
    float *squares;      /* likewise */
    uint32_t known, looks, next_looks;
    uint32_t learnt; /* views so far, of all sizes */
    int64_t looked_ns;
    float noise, last_noise; /* variance of one pixel of ours from look to look */
    SkyViewState state, candidate;
    uint32_t candidate_looks, pause_looks;
    uint32_t seeing_looks; /* since nothing could be seen that did not come at once; LIT_LOOKS: so many and more */
    float empty_mean;      /* and its mean luma */
    int64_t since_ns, candidate_ns; /* first looks of both */
    SkyFreeze freeze;
    int64_t frozen_ns; /* since when the picture hangs; SKY_TIME_NONE: it does not */
};

static size_t pixels_of(const SkyViewWatch *watch) {
    return (size_t)watch->width_px * watch->height_px;
}

SkyViewWatch *sky_view_watch_new(void) {
    return g_new0(SkyViewWatch, 1);
}

static void clear_shape(SkyViewWatch *watch) {
    g_free(watch->now);
    g_free(watch->before);
    g_free(watch->next);
    g_free(watch->cells);
    g_free(watch->squares);
    for (unsigned i = 0; i < VIEWS; i++)
        g_free(watch->views[i]);
}

static void set_shape(SkyViewWatch *watch, uint32_t width_px, uint32_t height_px) {
    clear_shape(watch);
    *watch = (SkyViewWatch){.learnt = watch->learnt,
                            .source_width_px = width_px,
                            .source_height_px = height_px,
                            .width_px = width_px / SCALE,
                            .height_px = height_px / SCALE,
                            .looked_ns = SKY_TIME_NONE,
                            .since_ns = SKY_TIME_NONE,
                            .candidate_ns = SKY_TIME_NONE,
                            .frozen_ns = SKY_TIME_NONE,
                            .last_noise = INFINITY,
                            .seeing_looks = LIT_LOOKS,
                            .state = SKY_VIEW_LEARNING,
                            .candidate = SKY_VIEW_LEARNING};
    sky_freeze_init(&watch->freeze);
    watch->columns = watch->width_px > 2 ? (watch->width_px - 2) / CELL_PX : 0;
    watch->rows = watch->height_px > 2 ? (watch->height_px - 2) / CELL_PX : 0;
    watch->now = g_new0(float, pixels_of(watch));
    watch->before = g_new0(float, pixels_of(watch));
    watch->views[0] = g_new0(float, pixels_of(watch));
    watch->cells = g_new(Cell, watch->columns * watch->rows);
    watch->squares = g_new(float, watch->columns * watch->rows);
}

void sky_view_watch_free(SkyViewWatch *watch) {
    if (!watch)
        return;
    clear_shape(watch);
    g_free(watch);
}

static void take(SkyViewWatch *watch, const uint8_t *luma, size_t stride_bytes) {
    for (uint32_t y = 0; y < watch->height_px; y++)
        for (uint32_t x = 0; x < watch->width_px; x++) {
            uint32_t sum = 0;
            for (unsigned row = 0; row < SCALE; row++)
                for (unsigned column = 0; column < SCALE; column++)
                    sum += luma[(y * SCALE + row) * stride_bytes + x * SCALE + column];
            watch->now[y * watch->width_px + x] = (float)sum / (SCALE * SCALE);
        }
}

static int compare(const void *a, const void *b) {
    float left = *(const float *)a, right = *(const float *)b;
    return (left > right) - (left < right);
}

/* What moves covers less than half of the cells: the median is noise. */
static void measure_noise(SkyViewWatch *watch) {
    uint32_t cells = watch->columns * watch->rows;
    for (uint32_t cell = 0; cell < cells; cell++) {
        uint32_t left = 1 + cell % watch->columns * CELL_PX, top = 1 + cell / watch->columns * CELL_PX;
        float sum = 0;
        for (uint32_t y = top; y < top + CELL_PX; y++)
            for (uint32_t x = left; x < left + CELL_PX; x++) {
                float step = watch->now[y * watch->width_px + x] - watch->before[y * watch->width_px + x];
                sum += step * step;
            }
        watch->squares[cell] = sum / CELL_GRADIENTS;
    }
    qsort(watch->squares, cells, sizeof *watch->squares, compare);
    float noise = watch->squares[cells / 2] / 2;
    watch->noise = MIN(noise, watch->last_noise); /* where all has changed from the last look to this one, it was measured before */
    watch->last_noise = noise;
}

static Cell sum_cell(const SkyViewWatch *watch, const float *known, uint32_t left, uint32_t top) {
    Cell cell = {0};
    size_t width = watch->width_px;
    for (uint32_t y = top; y < top + CELL_PX; y++)
        for (uint32_t x = left; x < left + CELL_PX; x++) {
            size_t at = y * width + x;
            float then_x = known[at + 1] - known[at - 1], then_y = known[at + width] - known[at - width];
            float now_x = watch->now[at + 1] - watch->now[at - 1], now_y = watch->now[at + width] - watch->now[at - width];
            cell.then += then_x * then_x + then_y * then_y;
            cell.now += now_x * now_x + now_y * now_y;
            cell.both += then_x * now_x + then_y * now_y;
            cell.mean_then += known[at];
            cell.mean_now += watch->now[at];
        }
    cell.mean_then /= CELL_GRADIENTS;
    cell.mean_now /= CELL_GRADIENTS;
    return cell;
}

static void compare_layout(const Cell *cells, uint32_t count, Likeness *like) {
    double then = 0, now = 0, then_2 = 0, now_2 = 0, both = 0;
    for (uint32_t i = 0; i < count; i++) {
        then += cells[i].mean_then;
        now += cells[i].mean_now;
    }
    then /= count;
    now /= count;
    for (uint32_t i = 0; i < count; i++) {
        double a = cells[i].mean_then - then, b = cells[i].mean_now - now;
        then_2 += a * a;
        now_2 += b * b;
        both += a * b;
    }
    like->mean = (float)now;
    like->gain = then_2 > 0 ? (float)sqrt(now_2 / then_2) : 1;
    like->layout = then_2 > 0 && now_2 > 0 ? (float)(both / sqrt(then_2 * now_2)) : 0;
}

/* The gradients' noise is in the sums too: four squares of it a pixel. What is not clearly more than that is nothing. */
static float above_noise(const SkyViewWatch *watch, float sum) {
    float noise = 4 * watch->noise * CELL_GRADIENTS;
    return sum < 1.5f * noise ? 0 : sum - noise;
}

static Likeness hold_against(const SkyViewWatch *watch, const float *known) {
    Likeness like = {.cells = watch->columns * watch->rows};
    Cell *cells = watch->cells;
    for (uint32_t i = 0; i < like.cells; i++)
        cells[i] = sum_cell(watch, known, 1 + i % watch->columns * CELL_PX, 1 + i / watch->columns * CELL_PX);
    compare_layout(cells, like.cells, &like);
    float gain = CLAMP(like.gain, GAIN_MIN, 1), least = (GRADIENT_MIN + 4 * watch->noise) * CELL_GRADIENTS;
    uint32_t kept = 0, soft = 0, lost = 0;
    for (uint32_t i = 0; i < like.cells; i++) {
        float now = above_noise(watch, cells[i].now);
        like.textured_now += now > GRADIENT_MIN * CELL_GRADIENTS;
        if (cells[i].then < least)
            continue;
        like.textured++;
        float whole = gain * gain * cells[i].then;
        soft += now < SOFT * whole;
        lost += now < LOST * whole;
        if (now >= LOST * whole)
            kept += cells[i].both > ALIKE * sqrtf(cells[i].then * now);
    }
    like.kept = (float)kept / (float)MAX(like.textured, 1);
    like.soft = (float)soft / (float)MAX(like.textured, 1);
    like.lost = (float)lost / (float)MAX(like.textured, 1);
    return like;
}

static gboolean is_enough(const Likeness *like, uint32_t textured) {
    return (float)textured >= TEXTURED_MIN * (float)like->cells;
}

/* What this one look says; LEARNING: nothing. */
static SkyViewState judge(const Likeness *like) {
    if (!is_enough(like, like->textured)) /* nothing is known; what can be seen now will be */
        return is_enough(like, like->textured_now) ? SKY_VIEW_CLEAR : SKY_VIEW_EMPTY;
    if (like->soft >= LOST_BAD && like->layout > LAYOUT_BLURRED && like->gain > GAIN_BLURRED)
        return SKY_VIEW_BLURRED;
    if (like->kept >= KEPT_GOOD)
        return SKY_VIEW_CLEAR;
    if (like->kept >= KEPT_BAD)
        return SKY_VIEW_LEARNING;
    if (like->lost < LOST_BAD || like->textured_now * ELSEWHERE >= like->textured)
        return SKY_VIEW_MOVED;
    return like->mean < DARK ? SKY_VIEW_DARK : SKY_VIEW_COVERED;
}

static void follow(const SkyViewWatch *watch, float *known, float share) {
    for (size_t i = 0; i < pixels_of(watch); i++)
        known[i] += share * (watch->now[i] - known[i]);
}

static void know_as_first(SkyViewWatch *watch, unsigned place) {
    float *known = watch->views[place];
    memmove(&watch->views[1], &watch->views[0], place * sizeof *watch->views);
    watch->views[0] = known;
}

/* TRUE: it is one of those seen before, which is the one of now from here on. */
static gboolean is_known(SkyViewWatch *watch) {
    for (unsigned place = 1; place < watch->known; place++) {
        Likeness like = hold_against(watch, watch->views[place]);
        if (!is_enough(&like, like.textured) || like.kept < KEPT_GOOD)
            continue;
        know_as_first(watch, place);
        return TRUE;
    }
    return FALSE;
}

static void begin(SkyViewWatch *watch, SkyViewState state) {
    watch->state = watch->candidate = state;
    watch->since_ns = watch->candidate_ns = watch->looked_ns;
}

/* Turned to something else, for so long that it is where the camera looks now. */
static void watch_next(SkyViewWatch *watch) {
    size_t bytes = pixels_of(watch) * sizeof(float);
    if (!watch->next)
        watch->next = g_new0(float, pixels_of(watch));
    if (watch->next_looks > 0) {
        Likeness like = hold_against(watch, watch->next);
        if (!is_enough(&like, like.textured) || like.kept < KEPT_GOOD)
            watch->next_looks = 0;
    }
    if (watch->next_looks == 0)
        memcpy(watch->next, watch->now, bytes);
    follow(watch, watch->next, FOLLOW);
    if (++watch->next_looks < ACCEPT_LOOKS)
        return;
    if (watch->known < VIEWS)
        watch->views[watch->known++] = g_new0(float, pixels_of(watch));
    know_as_first(watch, watch->known - 1); /* the one that was the camera's the longest ago goes */
    memcpy(watch->views[0], watch->next, bytes);
    watch->learnt++;
    watch->next_looks = 0;
    begin(watch, SKY_VIEW_CLEAR);
}

static void learn_first(SkyViewWatch *watch) {
    follow(watch, watch->views[0], 1.0f / (float)(watch->looks + 1));
    if (++watch->looks < LEARN_LOOKS)
        return;
    watch->known = 1;
    watch->learnt++;
    Likeness like = hold_against(watch, watch->views[0]);
    begin(watch, is_enough(&like, like.textured) ? SKY_VIEW_CLEAR : SKY_VIEW_EMPTY);
}

static gboolean is_strange(SkyViewState state) {
    return state >= SKY_VIEW_COVERED;
}

/* A hand that turns the camera away covers it first: what is strange need not always be so in the same way. */
static gboolean is_alike(SkyViewState a, SkyViewState b) {
    return a == b || (is_strange(a) && is_strange(b));
}

/* A verdict stands when looks have said so often enough. */
static void settle(SkyViewWatch *watch, SkyViewState says) {
    if (!is_alike(says, watch->candidate)) {
        watch->candidate_looks = 0;
        watch->candidate_ns = watch->looked_ns;
    }
    watch->candidate = says;
    watch->candidate_looks++;
    if (says == watch->state || watch->candidate_looks < (says == SKY_VIEW_CLEAR ? GOOD_LOOKS : BAD_LOOKS))
        return;
    if (!is_alike(says, watch->state))
        watch->since_ns = watch->candidate_ns;
    watch->state = says;
}

/* A headlight, a lamp that goes on when somebody comes: what is empty again a while later was not covered. */
static SkyViewState excuse(SkyViewWatch *watch, SkyViewState says, float mean) {
    gboolean nothing = says == SKY_VIEW_DARK || says == SKY_VIEW_COVERED;
    if (nothing && watch->seeing_looks < LIT_LOOKS && fabsf(mean - watch->empty_mean) < AS_DARK)
        says = SKY_VIEW_EMPTY;
    if (says == SKY_VIEW_EMPTY) {
        watch->empty_mean = mean;
        watch->seeing_looks = 0;
    } else {
        watch->seeing_looks += watch->seeing_looks < LIT_LOOKS;
    }
    return says;
}

/* A look that says nothing. */
static void say_nothing(SkyViewWatch *watch) {
    if (++watch->pause_looks < PAUSE_LOOKS)
        return;
    watch->candidate = watch->state;
    watch->candidate_looks = 0;
}

static void look(SkyViewWatch *watch) {
    Likeness like = hold_against(watch, watch->views[0]);
    SkyViewState says = judge(&like);
    if (says == SKY_VIEW_LEARNING) {
        say_nothing(watch);
        return;
    }
    watch->pause_looks = 0;
    says = excuse(watch, says, like.mean);
    if (is_strange(says) && is_known(watch))
        says = SKY_VIEW_CLEAR;
    else if (!is_strange(says))
        follow(watch, watch->views[0], is_enough(&like, like.textured) ? FOLLOW : LEARN);
    settle(watch, says);
    if (watch->state == SKY_VIEW_MOVED && says == SKY_VIEW_MOVED)
        watch_next(watch);
    else
        watch->next_looks = 0;
}

static void look_at(SkyViewWatch *watch, const SkyFrame *frame) {
    gboolean first = watch->looked_ns == SKY_TIME_NONE;
    if (!first && frame->arrival_ns - watch->looked_ns > PAUSE_NS) {
        watch->pause_looks = PAUSE_LOOKS;
        say_nothing(watch);
    }
    watch->looked_ns = frame->arrival_ns;
    watch->frozen_ns = sky_freeze_look(&watch->freeze, frame);
    float *before = watch->now;
    watch->now = watch->before;
    watch->before = before;
    take(watch, frame->luma, frame->stride_bytes);
    if (!first)
        measure_noise(watch);
    if (watch->noise > NOISE_MOST || (first && watch->known > 0)) /* too much of it, or how much is not known */
        say_nothing(watch);
    else if (watch->known == 0)
        learn_first(watch);
    else
        look(watch);
}

SkyView sky_view_watch_look(SkyViewWatch *watch, const SkyFrame *frame) {
    if (watch->source_width_px != frame->width_px || watch->source_height_px != frame->height_px)
        set_shape(watch, frame->width_px, frame->height_px);
    gboolean due = watch->looked_ns == SKY_TIME_NONE || frame->arrival_ns - watch->looked_ns >= LOOK_NS - JITTER_NS;
    if (due && !frame->damaged && watch->columns * watch->rows >= CELLS_MIN)
        look_at(watch, frame);
    if (watch->state == SKY_VIEW_CLEAR && watch->frozen_ns != SKY_TIME_NONE)
        return (SkyView){.state = SKY_VIEW_FROZEN, .since_ns = watch->frozen_ns};
    /* In doubt, and until now: there is less than a second between two looks. */
    int64_t doubt_for_ns = is_alike(watch->candidate, watch->state) ? 0 : watch->looked_ns - watch->candidate_ns + LOOK_NS;
    return (SkyView){watch->state, watch->since_ns, doubt_for_ns};
}

/* ---- over restarts ---- */

char *sky_view_watch_note(const SkyViewWatch *watch) {
    size_t pixels = pixels_of(watch), known = MIN(watch->known, NOTE_BYTES_MAX / MAX(pixels, 1)), bytes = known * pixels;
    if (bytes == 0)
        return NULL;
    g_autofree uint8_t *luma = g_malloc(bytes);
    for (size_t at = 0; at < bytes; at++)
        luma[at] = (uint8_t)lrintf(CLAMP(watch->views[at / pixels][at % pixels], 0, 255));
    g_autofree char *text = g_base64_encode(luma, bytes);
    return g_strdup_printf("%u %u %zu %s", watch->source_width_px, watch->source_height_px, known, text);
}

uint32_t sky_view_watch_learnt(const SkyViewWatch *watch) {
    return watch->learnt;
}

gboolean sky_view_watch_recall(SkyViewWatch *watch, const char *note) {
    guint width_px, height_px, known;
    int head = 0;
    if (sscanf(note, "%4u %4u %1u %n", &width_px, &height_px, &known, &head) != 3 || head == 0 || known < 1 || known > VIEWS)
        return FALSE;
    gsize bytes, pixels = (gsize)(width_px / SCALE) * (height_px / SCALE);
    g_autofree guchar *luma = g_base64_decode(note + head, &bytes);
    if (pixels == 0 || bytes != known * pixels)
        return FALSE;
    set_shape(watch, width_px, height_px);
    watch->known = known;
    watch->seeing_looks = 0; /* night may have come since it was noted: then it is dark, and nobody did it */
    watch->empty_mean = DARK - AS_DARK;
    for (guint i = 0; i < known; i++) {
        if (!watch->views[i])
            watch->views[i] = g_new(float, pixels);
        for (gsize at = 0; at < pixels; at++)
            watch->views[i][at] = luma[i * pixels + at];
    }
    return TRUE;
}
