/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

typedef struct {
    const char *directory;      /* clips and pictures: <directory>/<camera>/<alert>.mp4, .jpg, -thumb.jpg. Copied */
    int64_t pre_roll_ns;        /* of a clip, before the event's begin; whole GOPs, so a little more */
    int64_t post_roll_ns;
    int64_t clip_max_ns;        /* a longer event's clip ends here and says so */
    uint64_t total_bytes_max;   /* retention: of all files; 0 = no limit */
    int64_t age_max_ns;         /* 0 = no limit */
    uint64_t free_bytes_min;    /* of the file system */
    uint32_t image_bytes_max;   /* of one snapshot as JPEG; quality goes down, then size */
    uint32_t thumbnail_width_px;
} SkyEvidenceParams;
