/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "media/frame.h"
#include "media/picture.h"

/* SkyPicture -> SkyFrame: the luma at analysis size, in one pass. A new picture size begins a new pool.
 * Thread: one at a time; frames go where they like. */
typedef struct SkyFrameMaker SkyFrameMaker;

typedef enum {
    SKY_FRAME_MADE,
    SKY_FRAME_NONE_FREE, /* frames_max are out: this picture is left out */
    SKY_FRAME_BAD_SIZE,  /* none that can be analysed: 2 to 8192 both ways */
} SkyFrameStatus;

/* width_px: about so wide; the height follows the picture's shape; never enlarged; both made even. frames_max: out at once. */
SkyFrameMaker *sky_frame_maker_new(uint32_t width_px, uint32_t frames_max);
void sky_frame_maker_free(SkyFrameMaker *maker); /* frames may outlive it */
SkyFrameStatus sky_frame_maker_make(SkyFrameMaker *maker, const SkyPicture *picture, SkyFrame **ret_frame);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyFrameMaker, sky_frame_maker_free)
