/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* Luma to analysis size: each pixel is the mean of the area that it covers, so that noise averages out and nothing aliases. Fixed
 * point, within two grey levels of the true mean. One row at a time, top to bottom; plain loops that compilers turn into vectors.
 */
typedef struct SkyScale SkyScale;

/* Never enlarges: 1 <= to <= from <= 8192 both ways. */
SkyScale *sky_scale_new(uint32_t from_width_px, uint32_t from_height_px, uint32_t to_width_px, uint32_t to_height_px);
void sky_scale_free(SkyScale *scale);
/* luma: from_height rows, stride_bytes apart (negative: upside down); bits 8 in one byte, or 9..16 in two, the low ones. */
void sky_scale_run(SkyScale *scale, const uint8_t *luma, ptrdiff_t stride_bytes, unsigned bits, uint8_t *ret_luma,
                   uint32_t ret_stride_bytes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyScale, sky_scale_free)
