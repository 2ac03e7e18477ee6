/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "event/event_detector.h"
#include "motion/motion.h"
#include "scene.h"

/* Hard scenes through motion and event with the shipped settings, each once with nothing real in it and once with people and cars.
 * Scored as score-events does. */
#define SLACK_S 1.0
#define EARLY_S 0.3
#define OVERLAP_S 0.2
#define BRIDGE_S 2.5

typedef struct {
    double begin_s, end_s, detected_s;
} Heard;

typedef struct {
    unsigned real, found, wrong, joins, pieces;
    double stuck_s, hours, spent_s;
    uint64_t pictures;
    uint64_t causes[SKY_SUPPRESSED_CAUSES];
    GArray *latency; /* double */
} Score;

static struct {
    double minutes;
    int seed;
    char *only, *dump;
    gboolean verbose;
    double sensitivity, min_area;
} options = {.minutes = 20, .seed = 1, .sensitivity = 0.5, .min_area = 0.0004};

static void hear(const SkyEvent *event, gpointer user) {
    if (event->phase == SKY_EVENT_END)
        g_array_append_val((GArray *)user,
                           ((Heard){(double)event->begin_ns / 1e9, (double)event->end_ns / 1e9, (double)event->detected_ns / 1e9}));
}

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

static void score_event(const Heard *event, const SceneTruth *truth, unsigned count, const char *name, Score *score) {
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
    if (options.verbose && !wanted)
        printf("  %s: false %.2f to %.2f s, detected %.2f\n", name, event->begin_s, event->end_s, event->detected_s);
}

static void score_truth(const SceneTruth *truth, const GArray *heard, const char *name, Score *score) {
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
    } else if (options.verbose)
        printf("  %s: missed %.2f to %.2f s\n", name, truth->from_s, truth->to_s);
}

static void add_causes(Score *score, const SkySuppressed *suppressed) {
    for (unsigned i = 0; i < SKY_SUPPRESSED_CAUSES; i++)
        score->causes[i] += suppressed->by_cause[i];
}

/* Of this thread alone: others share the machine. */
static int64_t spent_so_far_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * SKY_NS_PER_S + now.tv_nsec;
}

static void play(const SceneClass *kind, gboolean with_actors, Score *score) {
    g_autoptr(GArray) heard = g_array_new(FALSE, FALSE, sizeof(Heard));
    g_autoptr(SkyMotion) motion =
        sky_motion_new(&(SkyMotionParams){.sensitivity = options.sensitivity, .min_area = options.min_area});
    g_autoptr(SkyEventDetector) detector =
        sky_event_detector_new(&(SkyEventParams){.min_duration_ns = 500 * SKY_NS_PER_MS, .hold_ns = 3 * SKY_NS_PER_S}, hear, heard);
    Scene *scene = scene_new(kind, with_actors, (uint64_t)options.seed);
    FILE *dump = options.dump ? fopen(options.dump, "wb") : NULL;
    static uint8_t luma[SCENE_H * SCENE_W];
    uint64_t pictures = (uint64_t)(options.minutes * 60 * SCENE_FPS);
    for (uint64_t i = 0; i < pictures; i++) {
        scene_next(scene, luma);
        if (dump)
            fwrite(luma, 1, sizeof luma, dump);
        int64_t time_ns = (int64_t)i * SKY_NS_PER_S / SCENE_FPS;
        SkyFrame frame = {.width_px = SCENE_W,
                          .height_px = SCENE_H,
                          .stride_bytes = SCENE_W,
                          .pts_ns = time_ns,
                          .arrival_ns = time_ns,
                          .number = i + 1,
                          .luma = luma};
        SkyMotionResult result;
        int64_t before_ns = spent_so_far_ns();
        sky_motion_process(motion, &frame, &result);
        sky_event_detector_process(detector, &result);
        score->spent_s += (double)(spent_so_far_ns() - before_ns) / 1e9;
    }
    sky_event_detector_end_all(detector, FALSE);
    unsigned count;
    const SceneTruth *truth = scene_truth(scene, &count);
    for (unsigned e = 0; e < heard->len; e++)
        score_event(&g_array_index(heard, Heard, e), truth, count, kind->name, score);
    for (unsigned t = 0; t < count; t++)
        score_truth(&truth[t], heard, kind->name, score);
    score->pictures += pictures;
    score->hours += options.minutes / 60;
    add_causes(score, sky_event_detector_suppressed(detector));
    if (dump)
        fclose(dump);
    scene_free(scene);
}

static int by_value(gconstpointer a, gconstpointer b) {
    double one = *(const double *)a, two = *(const double *)b;
    return one < two ? -1 : one > two;
}

static void print_line(const char *name, const Score *empty, const Score *full) {
    g_array_sort(full->latency, by_value);
    unsigned n = full->latency->len;
    double median = n ? g_array_index(full->latency, double, n / 2) : 0,
           worst = n ? g_array_index(full->latency, double, n - 1) : 0;
    printf("%-12s %8.1f %7.1f | %4u/%-4u %5u %7.1f %5u %6.2f %6.2f %6.2f | %.3f |", name,
           empty->hours > 0 ? empty->wrong / empty->hours * 24 : 0, empty->hours > 0 ? empty->stuck_s / empty->hours : 0,
           full->found, full->real, full->wrong, full->stuck_s, full->joins, full->found ? (double)full->pieces / full->found : 0,
           median, worst, (empty->spent_s + full->spent_s) * 1000 / (double)MAX(empty->pictures + full->pictures, 1));
    for (unsigned i = 0; i < SKY_SUPPRESSED_CAUSES; i++)
        if (empty->causes[i] > 0)
            printf(" %s %" G_GUINT64_FORMAT, sky_suppression_name((SkySuppression)i), empty->causes[i]);
    putchar('\n');
}

static void sum_up(Score *total, const Score *part) {
    for (unsigned i = 0; i < SKY_SUPPRESSED_CAUSES; i++)
        total->causes[i] += part->causes[i];
    total->real += part->real;
    total->found += part->found;
    total->wrong += part->wrong;
    total->joins += part->joins;
    total->pieces += part->pieces;
    total->stuck_s += part->stuck_s;
    total->hours += part->hours;
    total->spent_s += part->spent_s;
    total->pictures += part->pictures;
    g_array_append_vals(total->latency, part->latency->data, part->latency->len);
}

static Score score_new(void) {
    return (Score){.latency = g_array_new(FALSE, TRUE, sizeof(double))};
}

int main(int argc, char **argv) {
    const GOptionEntry entries[] = {
        {"minutes", 'm', 0, G_OPTION_ARG_DOUBLE, &options.minutes, "of each scene, with and without objects (20)", "M"},
        {"seed", 's', 0, G_OPTION_ARG_INT, &options.seed, "of the scenes (1)", "N"},
        {"only", 0, 0, G_OPTION_ARG_STRING, &options.only, "this class alone", "CLASS"},
        {"dump", 0, 0, G_OPTION_ARG_FILENAME, &options.dump, "write the gray pictures, with objects, 320x180 (with --only)",
         "FILE"},
        {"sensitivity", 0, 0, G_OPTION_ARG_DOUBLE, &options.sensitivity, "0..1", "S"},
        {"min-area", 0, 0, G_OPTION_ARG_DOUBLE, &options.min_area, "0..1", "A"},
        {"verbose", 'v', 0, G_OPTION_ARG_NONE, &options.verbose, "name what is false and what is missed", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("- hard scenes, without a codec");
    g_option_context_add_main_entries(context, entries, NULL);
    g_autoptr(GError) error = NULL;
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        fprintf(stderr, "bench_scenes: %s\n", error->message);
        return 2;
    }
    printf("%-12s %8s %7s | %9s %5s %7s %5s %6s %6s %6s | ms a picture | suppressed in the empty scene\n", "scene", "false/d",
           "stuck/h", "found", "false", "stuck s", "joins", "pieces", "median", "worst");
    Score all_empty = score_new(), all_full = score_new();
    for (unsigned i = 0; i < scene_class_count; i++) {
        const SceneClass *kind = &scene_classes[i];
        if (options.only && strcmp(options.only, kind->name) != 0)
            continue;
        Score empty = score_new(), full = score_new();
        play(kind, FALSE, &empty);
        play(kind, TRUE, &full); /* the later one leaves its pictures in the dump */
        print_line(kind->name, &empty, &full);
        fflush(stdout);
        sum_up(&all_empty, &empty);
        sum_up(&all_full, &full);
    }
    print_line("total", &all_empty, &all_full);
    return 0;
}
