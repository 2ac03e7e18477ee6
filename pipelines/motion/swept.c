/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/swept.h"
#include <string.h>

#define AROUND 2           /* cells, each way from the box of a part */
#define BESIDE_MIN 0.15f   /* of those: real clips have 0.17 beside people and cars at most, and hardly ever that */

SkySwept *sky_swept_new(uint32_t width_px, uint32_t height_px) {
    SkySwept *swept = g_new0(SkySwept, 1);
    swept->columns = (width_px + SKY_CELL_PX - 1) / SKY_CELL_PX;
    swept->rows = (height_px + SKY_CELL_PX - 1) / SKY_CELL_PX;
    swept->left_s = g_new0(float, (gsize)swept->columns * swept->rows);
    return swept;
}

void sky_swept_free(SkySwept *swept) {
    if (!swept)
        return;
    g_free(swept->left_s);
    g_free(swept);
}

void sky_swept_begin(SkySwept *swept) {
    memset(swept->left_s, 0, (size_t)swept->columns * swept->rows * sizeof *swept->left_s);
}

void sky_swept_age(SkySwept *swept, double dt_s) {
    for (uint32_t cell = 0; cell < swept->columns * swept->rows; cell++)
        swept->left_s[cell] -= (float)dt_s;
}

void sky_swept_note(SkySwept *swept, uint32_t column, uint32_t row) {
    swept->left_s[row * swept->columns + column] = SKY_SWEPT_S;
}

gboolean sky_swept_is_beside(const SkySwept *swept, const SkyPart *part) {
    uint32_t left = part->left / SKY_CELL_PX, right = (part->right - 1) / SKY_CELL_PX;
    uint32_t top = part->top / SKY_CELL_PX, bottom = (part->bottom - 1) / SKY_CELL_PX;
    uint32_t around = 0, lit = 0;
    for (uint32_t row = top - MIN(top, AROUND); row <= MIN(bottom + AROUND, swept->rows - 1); row++)
        for (uint32_t column = left - MIN(left, AROUND); column <= MIN(right + AROUND, swept->columns - 1); column++) {
            if (row >= top && row <= bottom && column >= left && column <= right)
                continue;
            around++;
            lit += swept->left_s[row * swept->columns + column] > 0;
        }
    return lit > 0 && (float)lit >= BESIDE_MIN * (float)around;
}
