/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_score.h"

#define SLACK_S 1.0
#define EARLY_S 0.3
#define OVERLAP_S 0.2
#define BRIDGE_S 2.5
#define LATE_S 2 /* worth a word */

static gboolean touches(const Heard *event, const SceneTruth *truth) {
    double shared = MIN(event->end_s, truth->to_s) - MAX(event->begin_s, truth->from_s);
    return shared >= OVERLAP_S || (event->begin_s >= truth->from_s && event->begin_s <= truth->to_s);
}

static double outside(const Heard *event, const SceneTruth *truth, unsigned count) {
    double covered = 0, upto = event->begin_s;
    for (unsigned i = 0; i < count; i++) {
        double from = MAX(MAX(truth[i].from_s - EARLY_S, event->begin_s), upto), to = MIN(truth[i].to_s + SLACK_S, event->end_s);
        if (to > from) {
            covered += to - from;
            upto = to;
        }
    }
    return event->end_s - event->begin_s - covered;
}

static void score_event(const Heard *event, const SceneTruth *truth, unsigned count, const char *name, Score *score,
                        GString *report) {
    gboolean wanted = FALSE;
    for (unsigned i = 0; i < count; i++) {
        SceneTruth wide = {truth[i].from_s - SLACK_S, truth[i].to_s + SLACK_S};
        wanted = wanted || touches(event, &wide);
        if (i > 0 && truth[i].from_s - truth[i - 1].to_s >= BRIDGE_S && event->begin_s < truth[i - 1].to_s &&
            event->end_s > truth[i].from_s)
            score->joins++;
    }
    score->stuck_s += outside(event, truth, count);
    score->wrong += !wanted;
    if (report && !wanted)
        g_string_append_printf(report, "  %s: false %.2f to %.2f s, detected %.2f\n", name, event->begin_s, event->end_s,
                               event->detected_s);
}

static void score_truth(const SceneTruth *truth, const GArray *heard, const char *name, Score *score,
                        GString *report) {
    unsigned pieces = 0;
    double first_s = 1e18;
    for (unsigned e = 0; e < heard->len; e++) {
        const Heard *event = &g_array_index(heard, Heard, e);
        if (!touches(event, truth))
            continue;
        pieces++;
        first_s = MIN(first_s, event->detected_s);
    }
    score->real++;
    score->found += pieces > 0;
    score->pieces += pieces;
    if (pieces > 0) {
        double late_s = MAX(0, first_s - truth->from_s);
        g_array_append_val(score->latency, late_s);
        if (report && late_s > LATE_S)
            g_string_append_printf(report, "  %s: late %.2f to %.2f s, by %.2f s\n", name, truth->from_s, truth->to_s, late_s);
    } else if (report)
        g_string_append_printf(report, "  %s: missed %.2f to %.2f s\n", name, truth->from_s, truth->to_s);
}

Score score_new(void) {
    return (Score){.latency = g_array_new(FALSE, TRUE, sizeof(double))};
}

void score_clear(Score *score) {
    g_array_unref(score->latency);
}

void score_scene(Score *score, const GArray *heard, const SceneTruth *truth, unsigned count, double hours, const char *name,
                 GString *report) {
    for (unsigned e = 0; e < heard->len; e++)
        score_event(&g_array_index(heard, Heard, e), truth, count, name, score, report);
    for (unsigned t = 0; t < count; t++)
        score_truth(&truth[t], heard, name, score, report);
    score->hours += hours;
}

void score_add(Score *total, const Score *part) {
    total->real += part->real;
    total->found += part->found;
    total->wrong += part->wrong;
    total->joins += part->joins;
    total->pieces += part->pieces;
    total->stuck_s += part->stuck_s;
    total->hours += part->hours;
    g_array_append_vals(total->latency, part->latency->data, part->latency->len);
}

static int by_value(gconstpointer a, gconstpointer b) {
    double one = *(const double *)a, two = *(const double *)b;
    return one < two ? -1 : one > two;
}

double score_latency(const Score *score, double share) {
    unsigned n = score->latency->len;
    g_array_sort(score->latency, by_value);
    return n ? g_array_index(score->latency, double, MIN((unsigned)(n * share), n - 1)) : 0;
}

double score_false_per_day(const Score *score) {
    return score->hours > 0 ? score->wrong / score->hours * 24 : 0;
}

double score_found_share(const Score *score) {
    return score->real > 0 ? (double)score->found / score->real : 1;
}
