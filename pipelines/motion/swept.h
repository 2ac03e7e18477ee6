/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "motion/blob_finder.h"

/* Where light has swept over the ground of late: cells of SKY_CELL_PX pixels of which a wide region was light. What it leaves over
 * beside them (the rim of a cloud's shadow, a patch that the model has not learnt back) travels as things do, but still looks like
 * its ground; a thing does not, wherever it is. Decides only. Thread: one. Owner: SkyMotion. */
#define SKY_SWEPT_S 10.0f

typedef struct {
    uint32_t columns, rows;
    float *left_s; /* of SKY_SWEPT_S, a cell */
} SkySwept;

SkySwept *sky_swept_new(uint32_t width_px, uint32_t height_px);
void sky_swept_free(SkySwept *swept);
void sky_swept_begin(SkySwept *swept); /* another picture: none is known of it */
void sky_swept_age(SkySwept *swept, double dt_s);
void sky_swept_note(SkySwept *swept, uint32_t column, uint32_t row);
/* Has light swept past it? A car's own shadow is beside it, too, but not so far around. */
gboolean sky_swept_is_beside(const SkySwept *swept, const SkyPart *part);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkySwept, sky_swept_free)
