/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/freeze.h"

#include "base/clock.h"

#define FROZEN_NS (600 * SKY_NS_PER_S) /* "smart" codecs repeat a calm place for a minute; no key picture is so long in coming */
#define RANGE_MIN 16      /* levels, of a cell: less is no texture, and may be clipped or smoothed to one value for ever */
#define TEXTURED_MIN 12   /* cells */
#define SAME_MIN 0.9f     /* of those with texture: a clock is allowed to go on */

void sky_freeze_init(SkyFreeze *freeze) {
    for (unsigned row = 0; row < SKY_FREEZE_ROWS; row++)
        for (unsigned column = 0; column < SKY_FREEZE_COLUMNS; column++)
            freeze->since_ns[row][column] = SKY_TIME_NONE;
}

typedef struct {
    uint32_t sum;
    gboolean textured;
} Cell;

/* FNV-1a. That two pictures of a cell have one sum by chance for ten minutes does not happen. */
static Cell read_cell(const SkyFrame *frame, uint32_t left, uint32_t right, uint32_t top, uint32_t bottom) {
    uint32_t sum = 2166136261u;
    uint8_t least = UINT8_MAX, most = 0;
    for (uint32_t y = top; y < bottom; y++) {
        const uint8_t *row = frame->luma + y * frame->stride_bytes;
        for (uint32_t x = left; x < right; x++) {
            sum = (sum ^ row[x]) * 16777619u;
            least = MIN(least, row[x]);
            most = MAX(most, row[x]);
        }
    }
    return (Cell){sum, most >= least + RANGE_MIN};
}

int64_t sky_freeze_look(SkyFreeze *freeze, const SkyFrame *frame) {
    int64_t now_ns = frame->arrival_ns, hangs_ns = SKY_TIME_NONE;
    unsigned textured = 0, same = 0;
    for (uint32_t row = 0; row < SKY_FREEZE_ROWS; row++) {
        uint32_t top = row * frame->height_px / SKY_FREEZE_ROWS, bottom = (row + 1) * frame->height_px / SKY_FREEZE_ROWS;
        for (uint32_t column = 0; column < SKY_FREEZE_COLUMNS; column++) {
            uint32_t left = column * frame->width_px / SKY_FREEZE_COLUMNS, right = (column + 1) * frame->width_px / SKY_FREEZE_COLUMNS;
            Cell cell = read_cell(frame, left, right, top, bottom);
            int64_t *since_ns = &freeze->since_ns[row][column];
            if (*since_ns == SKY_TIME_NONE || cell.sum != freeze->sum[row][column])
                *since_ns = now_ns;
            freeze->sum[row][column] = cell.sum;
            textured += cell.textured;
            if (!cell.textured || now_ns - *since_ns < FROZEN_NS)
                continue;
            same++;
            hangs_ns = MAX(hangs_ns, *since_ns); /* all of them hang from then on */
        }
    }
    return textured >= TEXTURED_MIN && (float)same >= SAME_MIN * (float)textured ? hangs_ns : SKY_TIME_NONE;
}
