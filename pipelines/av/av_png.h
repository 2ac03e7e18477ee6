/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* Writes a picture as PNG (ISO/IEC 15948) by libavcodec's encoder. rgb: 3 bytes a pixel, row by row. Errors: CONFIG where this
 * libavcodec can not write PNG, else of the file. Blocks on the disk. */
gboolean sky_av_png_write(const char *path, const uint8_t *rgb, uint32_t width_px, uint32_t height_px, GError **error);
