/* SPDX-License-Identifier: Apache-2.0 */
#include "event/ticking.h"

#include <math.h>

#include "base/clock.h"

#define PLACE_MAX 0.04f                    /* of the picture: date and time in large letters */
#define APART_NS (5 * SKY_NS_PER_S)        /* what a cell sees more often is one tick */
#define TICKS_MIN 6.0f                     /* half a minute at the fastest */
#define TICKS_ELSEWHERE 8.0f               /* times the mean of the picture, */
#define TICKS_MOST 12.0f                   /* for which no cell counts more: a tree in a third of it is no rain */
#define MEMORY_S 900.0f
#define AGE_NS SKY_NS_PER_S

typedef struct {
    int left, top, right, bottom; /* inclusive */
} Cells;

static Cells cells_of(const SkyBox *box) {
    return (Cells){.left = CLAMP((int)floorf(box->x * SKY_TICKING_COLUMNS), 0, SKY_TICKING_COLUMNS - 1),
                   .top = CLAMP((int)floorf(box->y * SKY_TICKING_ROWS), 0, SKY_TICKING_ROWS - 1),
                   .right = CLAMP((int)ceilf((box->x + box->w) * SKY_TICKING_COLUMNS) - 1, 0, SKY_TICKING_COLUMNS - 1),
                   .bottom = CLAMP((int)ceilf((box->y + box->h) * SKY_TICKING_ROWS) - 1, 0, SKY_TICKING_ROWS - 1)};
}

static gboolean is_large(const SkyBox *box) {
    return box->w * box->h > PLACE_MAX;
}

void sky_ticking_note(SkyTicking *ticking, const SkyBox *box, int64_t now_ns) {
    if (is_large(box))
        return;
    Cells cells = cells_of(box);
    for (int y = cells.top; y <= cells.bottom; y++)
        for (int x = cells.left; x <= cells.right; x++) {
            int64_t *noted_ns = &ticking->noted_ns[y][x];
            if (*noted_ns && now_ns - *noted_ns < APART_NS)
                continue;
            *noted_ns = now_ns;
            ticking->ticks[y][x] += 1;
        }
}

static gboolean ticks_near(const SkyTicking *ticking, int column, int row) {
    float least = TICKS_MIN + TICKS_ELSEWHERE * ticking->mean;
    for (int y = MAX(row - 1, 0); y <= MIN(row + 1, SKY_TICKING_ROWS - 1); y++)
        for (int x = MAX(column - 1, 0); x <= MIN(column + 1, SKY_TICKING_COLUMNS - 1); x++)
            if (ticking->ticks[y][x] >= least)
                return TRUE;
    return FALSE;
}

gboolean sky_ticking_covers(const SkyTicking *ticking, const SkyBox *box) {
    if (is_large(box))
        return FALSE;
    Cells cells = cells_of(box);
    for (int y = cells.top; y <= cells.bottom; y++) {
        int known = 0;
        for (int x = cells.left; x <= cells.right; x++)
            known += ticks_near(ticking, x, y);
        if (2 * known <= cells.right - cells.left + 1)
            return FALSE;
    }
    return TRUE;
}

void sky_ticking_age(SkyTicking *ticking, int64_t now_ns) {
    if (now_ns - ticking->aged_ns < AGE_NS)
        return;
    float kept = expf(-MIN((float)(now_ns - ticking->aged_ns) / 1e9f, MEMORY_S) / MEMORY_S), sum = 0;
    ticking->aged_ns = now_ns;
    for (int y = 0; y < SKY_TICKING_ROWS; y++)
        for (int x = 0; x < SKY_TICKING_COLUMNS; x++) {
            ticking->ticks[y][x] *= kept;
            sum += MIN(ticking->ticks[y][x], TICKS_MOST);
        }
    ticking->mean = sum / (SKY_TICKING_ROWS * SKY_TICKING_COLUMNS);
}
