/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "scene.h"

/* Events against a scene's truth, by the rules of score-events: 1 s of slack, found is 0.2 s of overlap, a join bridges 2.5 s. */
typedef struct {
    double begin_s, end_s, detected_s;
} Heard;

typedef struct {
    unsigned real, found, wrong, joins, pieces;
    double stuck_s, hours;
    GArray *latency; /* double, of what was found */
} Score;

Score score_new(void);
void score_clear(Score *score);
/* heard: Heard. report: where what is false, missed or late is said, with that name; NULL: nowhere. */
void score_scene(Score *score, const GArray *heard, const SceneTruth *truth, unsigned count, double hours, const char *name,
                 GString *report);
void score_add(Score *total, const Score *part);
double score_latency(const Score *score, double share); /* 0.5: the median; 1: the worst; 0 where nothing was found */
double score_false_per_day(const Score *score);
double score_found_share(const Score *score); /* 1 where nothing was real */
