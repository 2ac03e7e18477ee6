/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/queue.h"
#include "bench_rival.h"
#include "bench_score.h"
#include "daemon/analysis.h"
#include "event/event_detector.h"
#include "motion/motion.h"
#include "motion/view_watch.h"
#include "scene.h"

/* Hard scenes through motion and event with the shipped settings, each once with nothing real in it and once with people and cars;
 * beside other detectors on the same pictures. The bars are those of the last column. */
#define FALSE_A_DAY_MAX 1.0
#define FOUND_MIN 0.95
#define MEDIAN_S_MAX 0.4
#define WORST_S_MAX 2.0
#define FAR_SEEDS 20
#define FAR_FOUND_MIN 19
#define RIVALS_MAX 4

/* What does not hold the bars yet, and what would cure it. */
static const struct {
    const char *scene, *cure;
} exceptions[] = {
    {"clouds", "a shadow on a dark wall without texture travels as things do: know its gain from what lies beside it"},
    {"real-clouds", "the rim of a shadow lies across the picture as a line, and is one thing with who walks there: part them"},
    {"storm", "what light leaves is soft while it is small, and not asked when it is large: ask then, too"},
    {"insects", "one in half a day comes in straight, no faster than a runner, and keeps its size: know how blurred it is, so near the lens"},
    {"faint", "as gray as the ground on most of the way, means do not show him: add up along his way"},
    {"real-x264", "leaves as a poor coder repeats them look like one thing that goes, now and then: know a coder's repeats"},
    {"lamp", "pieces of a light that comes on slowly come and go, and one seems to travel: wait until all of it has come to rest"},
    {"noise", "with some seeds: so small and so gray that one picture in four shows him: as faint"},
    {"x264-night", "what the coder leaves of him changes from picture to picture, and its noise is not white: as faint"},
    {"latency", "he who is slow has to go 6 pixels, 19 if hardly seen; in clutter (noise, lamp, mast) nothing dim counts: a gate by place"},
};

typedef struct {
    Score empty, full;
} Pair;

typedef struct {
    const SceneClass *kind;
    Pair ours, rivals[RIVALS_MAX];
    uint64_t pictures, suppressed[SKY_SUPPRESSED_CAUSES]; /* in the empty scene */
    double spent_s, made_s;                               /* of processor, by the detector and by the scene */
    GString *report;
    char *skipped;
    gboolean done;
} Job;

static struct {
    double minutes;
    int seed, jobs;
    char *dump;
    char **rivals, **only;
    gboolean verbose, empty, perspective;
    double sensitivity, min_area;
} options = {.minutes = 20, .seed = 1, .jobs = 1};
static SkyCameraConfig shipped; /* what is measured is what people have */
static SkyQueue *finished; /* Job */

static void hear(const SkyEvent *event, gpointer user) {
    if (event->phase == SKY_EVENT_END)
        g_array_append_val((GArray *)user,
                           ((Heard){(double)event->begin_ns / 1e9, (double)event->end_ns / 1e9, (double)event->detected_ns / 1e9}));
}

/* Of this thread alone: others share the machine. */
static double spent_so_far_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

typedef struct {
    SkyMotion *motion;
    SkyViewWatch *watch;
    SkyEventDetector *detector;
    GArray *heard; /* Heard */
} Ours;

/* Not those of class far, which are as tall wherever they walk. */
static const SkyPerspective people = {.far_foot = (double)SCENE_FAR_FOOT / SCENE_H, .far_height = (double)SCENE_FAR_HEIGHT / SCENE_H,
                                      .near_foot = (double)SCENE_NEAR_FOOT / SCENE_H,
                                      .near_height = (double)SCENE_NEAR_HEIGHT / SCENE_H};

static Ours ours_new(void) {
    Ours ours = {.heard = g_array_new(FALSE, FALSE, sizeof(Heard))};
    ours.motion = sky_motion_new(&(SkyMotionParams){.sensitivity = options.sensitivity, .min_area = options.min_area});
    ours.watch = sky_view_watch_new();
    ours.detector = sky_event_detector_new(
        &(SkyEventParams){.min_duration_ns = shipped.min_duration_ns, .hold_ns = shipped.hold_ns, .tamper = shipped.tamper,
                          .perspective = options.perspective ? people : (SkyPerspective){0}}, hear, ours.heard);
    return ours;
}

static void ours_clear(Ours *ours) {
    sky_motion_free(ours->motion);
    sky_view_watch_free(ours->watch);
    sky_event_detector_free(ours->detector);
    g_array_unref(ours->heard);
}

static void ours_look(Ours *ours, uint64_t picture, uint8_t *luma) {
    int64_t time_ns = (int64_t)picture * SKY_NS_PER_S / SCENE_FPS;
    SkyFrame frame = {.width_px = SCENE_W, .height_px = SCENE_H, .stride_bytes = SCENE_W, .pts_ns = time_ns, .arrival_ns = time_ns,
                      .number = picture + 1, .luma = luma};
    SkyMotionResult result;
    sky_motion_process(ours->motion, &frame, &result);
    result.view = sky_view_watch_look(ours->watch, &frame);
    sky_event_detector_process(ours->detector, &result);
}

static unsigned rival_count(void) {
    return options.rivals ? MIN(g_strv_length(options.rivals), RIVALS_MAX) : 0;
}

static void show_all(Job *job, Scene *scene, Ours *ours, Rival *rivals[]) {
    g_autofree uint8_t *luma = g_malloc(SCENE_H * SCENE_W);
    FILE *dump = options.dump ? fopen(options.dump, "wb") : NULL;
    uint64_t pictures = (uint64_t)(options.minutes * 60 * SCENE_FPS);
    for (uint64_t i = 0; i < pictures; i++) {
        double begin_s = spent_so_far_s();
        scene_next(scene, luma);
        double made_s = spent_so_far_s();
        ours_look(ours, i, luma);
        job->made_s += made_s - begin_s;
        job->spent_s += spent_so_far_s() - made_s;
        for (unsigned r = 0; r < rival_count(); r++)
            rival_show(rivals[r], luma, SCENE_H * SCENE_W);
        if (dump)
            fwrite(luma, 1, SCENE_H * SCENE_W, dump);
    }
    job->pictures += pictures;
    sky_event_detector_end_all(ours->detector, FALSE);
    if (dump)
        fclose(dump);
}

/* Who comes in the last two seconds can not be judged, nor what is told of him. */
static unsigned without_the_last(GArray *heard, const SceneTruth *truth, unsigned count) {
    double last_s = options.minutes * 60 - 2;
    unsigned kept = count;
    while (kept > 0 && truth[kept - 1].from_s > last_s)
        kept--;
    for (unsigned i = heard->len; i > 0 && kept < count; i--)
        if (g_array_index(heard, Heard, i - 1).begin_s > last_s)
            g_array_remove_index(heard, i - 1);
    return kept;
}

static void play(Job *job, gboolean with_actors) {
    g_autoptr(GError) error = NULL;
    Scene *scene = scene_new(job->kind, with_actors, (uint64_t)options.seed, &error);
    if (!scene) {
        g_free(job->skipped);
        job->skipped = g_strdup(error->message);
        return;
    }
    Rival *rivals[RIVALS_MAX];
    for (unsigned r = 0; r < rival_count(); r++) {
        rivals[r] = rival_start(options.rivals[r], &error);
        if (!rivals[r]) {
            fprintf(stderr, "bench_scenes: %s: %s\n", options.rivals[r], error->message);
            exit(2);
        }
    }
    Ours ours = ours_new();
    show_all(job, scene, &ours, rivals);
    unsigned all;
    const SceneTruth *truth = scene_truth(scene, &all);
    unsigned count = without_the_last(ours.heard, truth, all);
    double hours = options.minutes / 60;
    score_scene(with_actors ? &job->ours.full : &job->ours.empty, ours.heard, truth, count, hours, job->kind->name, job->report);
    for (unsigned i = 0; i < SKY_SUPPRESSED_CAUSES && !with_actors; i++)
        job->suppressed[i] = sky_suppressed_count(sky_event_detector_suppressed(ours.detector), (SkySuppression)i);
    for (unsigned r = 0; r < rival_count(); r++) {
        g_autoptr(GArray) heard = g_array_new(FALSE, FALSE, sizeof(Heard));
        if (!rival_finish(rivals[r], heard)) {
            fprintf(stderr, "bench_scenes: %s failed\n", options.rivals[r]);
            exit(2);
        }
        count = without_the_last(heard, truth, all);
        score_scene(with_actors ? &job->rivals[r].full : &job->rivals[r].empty, heard, truth, count, hours, job->kind->name, NULL);
    }
    ours_clear(&ours);
    scene_free(scene);
}

static void run_job(gpointer data, gpointer user) {
    Job *job = data;
    play(job, FALSE);
    if (!job->skipped && !options.empty)
        play(job, TRUE); /* the later one leaves its pictures in the dump */
    sky_queue_push(finished, job);
}

/* ---- what is printed ---- */

static const char *cure_of(const char *scene) {
    for (size_t i = 0; i < G_N_ELEMENTS(exceptions); i++)
        if (strcmp(exceptions[i].scene, scene) == 0)
            return exceptions[i].cure;
    return NULL;
}

/* "" where both bars are held. */
static const char *fault_of(Pair *pair) {
    gboolean wrong = score_false_per_day(&pair->empty) > FALSE_A_DAY_MAX, missed = score_found_share(&pair->full) < FOUND_MIN;
    return wrong && missed ? "FALSE MISSED" : wrong ? "FALSE" : missed ? "MISSED" : "";
}

static void print_pair(const char *name, Pair *pair) {
    printf("%-14s %8.1f %7.1f | %4u/%-4u %5u %7.1f %5u %6.2f %6.2f %6.2f |", name, score_false_per_day(&pair->empty),
           pair->empty.hours > 0 ? pair->empty.stuck_s / pair->empty.hours : 0, pair->full.found, pair->full.real, pair->full.wrong,
           pair->full.stuck_s, pair->full.joins, pair->full.found ? (double)pair->full.pieces / pair->full.found : 0,
           score_latency(&pair->full, 0.5), score_latency(&pair->full, 1));
}

static char *rival_name(unsigned r) {
    const char *last = strrchr(options.rivals[r], ' ');
    return g_strdup_printf("  %.12s", last ? last + 1 : options.rivals[r]);
}

static void print_job(Job *job) {
    if (job->skipped) {
        printf("%-14s skipped: %s\n", job->kind->name, job->skipped);
        return;
    }
    fputs(options.verbose ? job->report->str : "", stdout);
    print_pair(job->kind->name, &job->ours);
    printf(" %.3f %.3f | %s", job->made_s * 1000 / (double)MAX(job->pictures, 1), job->spent_s * 1000 / (double)MAX(job->pictures, 1),
           fault_of(&job->ours));
    for (unsigned i = 0; i < SKY_SUPPRESSED_CAUSES; i++)
        if (job->suppressed[i] > 0)
            printf(" %s %" G_GUINT64_FORMAT, sky_suppression_name((SkySuppression)i), job->suppressed[i]);
    putchar('\n');
    for (unsigned r = 0; r < rival_count(); r++) {
        g_autofree char *name = rival_name(r);
        print_pair(name, &job->rivals[r]);
        printf(" %s\n", fault_of(&job->rivals[r]));
    }
    fflush(stdout);
}

static Pair pair_new(void) {
    return (Pair){score_new(), score_new()};
}

static Pair total_of(Job *jobs, unsigned count, int rival, unsigned *ret_faults) {
    Pair total = pair_new();
    *ret_faults = 0;
    for (unsigned i = 0; i < count; i++) {
        Pair *part = rival < 0 ? &jobs[i].ours : &jobs[i].rivals[rival];
        score_add(&total.empty, &part->empty);
        score_add(&total.full, &part->full);
        *ret_faults += fault_of(part)[0] != '\0';
    }
    return total;
}

/* What no exception covers. */
static unsigned count_failures(Job *jobs, unsigned count) {
    unsigned failures = 0;
    for (unsigned i = 0; i < count; i++) {
        const char *fault = jobs[i].skipped ? "" : fault_of(&jobs[i].ours), *cure = cure_of(jobs[i].kind->name);
        if (fault[0])
            printf("%s %s: %s%s\n", cure ? "except" : "FAIL", jobs[i].kind->name, fault, cure ? "" : ", and no exception names it");
        if (fault[0] && cure)
            printf("       cure: %s\n", cure);
        failures += fault[0] && !cure;
    }
    return failures;
}

/* Only where the onset is exact: not over footage, where the cast walks on all the same but the ground moves by itself. */
static unsigned judge_latency(Job *jobs, unsigned count) {
    Score made = score_new();
    for (unsigned i = 0; i < count; i++)
        if (!jobs[i].kind->over)
            score_add(&made, &jobs[i].ours.full);
    double median_s = score_latency(&made, 0.5), worst_s = score_latency(&made, 1);
    gboolean slow = median_s > MEDIAN_S_MAX, late = worst_s > WORST_S_MAX;
    const char *cure = cure_of("latency"); /* of the worst; the median has no exception */
    printf("latency, made scenes: %u found, median %.3f s (bar %.1f) %s, 95 of 100 within %.2f s, worst %.2f s (bar %.1f) %s\n",
           made.latency->len, median_s, MEDIAN_S_MAX, slow ? "FAIL" : "ok", score_latency(&made, 0.95), worst_s,
           WORST_S_MAX, late ? cure ? "except" : "FAIL" : "ok");
    if (late && cure)
        printf("       cure: %s\n", cure);
    score_clear(&made);
    return slow + (late && !cure);
}

/* The first figure of class far, a seed a figure. Sigma 3 at 1280 x 720 is 0.75 where 16 pixels become one; the lens has 0.9. */
static unsigned judge_far(void) {
    const SceneClass *kind = scene_classes;
    while (strcmp(kind->name, "far") != 0)
        kind++;
    Score far = score_new();
    for (unsigned seed = 1; seed <= FAR_SEEDS; seed++) {
        Ours ours = ours_new();
        Scene *scene = scene_new(kind, TRUE, seed, NULL);
        g_autofree uint8_t *luma = g_malloc(SCENE_H * SCENE_W);
        unsigned count = 0;
        for (uint64_t i = 0; i < 30 * SCENE_FPS; i++) { /* it has begun after 14 s and takes 10 */
            scene_next(scene, luma);
            ours_look(&ours, i, luma);
        }
        sky_event_detector_end_all(ours.detector, FALSE);
        const SceneTruth *truth = scene_truth(scene, &count);
        score_scene(&far, ours.heard, truth, MIN(count, 1), 0, "far", NULL);
        ours_clear(&ours);
        scene_free(scene);
    }
    printf("far figure (15x30 px at 720p, contrast 20, 1 px a picture): %u of %u seeds (bar %d) %s\n", far.found, far.real,
           FAR_FOUND_MIN, far.found < FAR_FOUND_MIN ? "FAIL" : "ok");
    unsigned failed = far.found < FAR_FOUND_MIN;
    score_clear(&far);
    return failed;
}

static gboolean are_classes(char **names) {
    for (; names && *names; names++) {
        unsigned i = 0;
        while (i < scene_class_count && strcmp(scene_classes[i].name, *names) != 0)
            i++;
        if (i < scene_class_count)
            continue;
        fprintf(stderr, "bench_scenes: --only: there is no class %s\n", *names);
        return FALSE;
    }
    return TRUE;
}

static gboolean print_totals(Job *jobs, unsigned count) {
    unsigned faults;
    Pair total = total_of(jobs, count, -1, &faults);
    print_pair("total", &total);
    printf(" fails %u of %u\n", faults, count);
    for (unsigned r = 0; r < rival_count(); r++) {
        g_autofree char *name = rival_name(r);
        Pair rival = total_of(jobs, count, (int)r, &faults);
        print_pair(name, &rival);
        printf(" fails %u of %u\n", faults, count);
    }
    unsigned failures = count_failures(jobs, count);
    if (!options.only && !options.empty) /* these are bars of all scenes together */
        failures += judge_latency(jobs, count) + judge_far();
    return failures == 0;
}

static gboolean run(void) {
    g_autofree Job *jobs = g_new0(Job, scene_class_count);
    unsigned count = 0, printed = 0;
    finished = sky_queue_new(scene_class_count, NULL);
    GThreadPool *pool = g_thread_pool_new(run_job, NULL, options.jobs, FALSE, NULL);
    for (unsigned i = 0; i < scene_class_count; i++) {
        if (options.only && !g_strv_contains((const char *const *)options.only, scene_classes[i].name))
            continue;
        Job *job = &jobs[count++];
        *job = (Job){.kind = &scene_classes[i], .ours = pair_new()};
        job->report = options.verbose ? g_string_new(NULL) : NULL;
        for (unsigned r = 0; r < RIVALS_MAX; r++)
            job->rivals[r] = pair_new();
        g_thread_pool_push(pool, job, NULL);
    }
    printf("%-14s %8s %7s | %9s %5s %7s %5s %6s %6s %6s | ms made, looked at | fault, suppressed in the empty scene\n", "scene",
           "false/d", "stuck/h", "found", "false", "stuck s", "joins", "pieces", "median", "worst");
    for (unsigned ended = 0; ended < count; ended++) {
        gpointer job = NULL;
        while (sky_queue_pop(finished, sky_clock_monotonic_ns() + SKY_NS_PER_S, &job) != SKY_QUEUE_OK)
            ;
        ((Job *)job)->done = TRUE;
        while (printed < count && jobs[printed].done)
            print_job(&jobs[printed++]);
    }
    g_thread_pool_free(pool, FALSE, TRUE);
    sky_queue_free(finished);
    return print_totals(jobs, count);
}

int main(int argc, char **argv) {
    sky_analysis_defaults(&shipped);
    options.sensitivity = shipped.sensitivity;
    options.min_area = shipped.min_area;
    const GOptionEntry entries[] = {
        {"minutes", 'm', 0, G_OPTION_ARG_DOUBLE, &options.minutes, "of each scene, with and without objects (20)", "M"},
        {"seed", 's', 0, G_OPTION_ARG_INT, &options.seed, "of the scenes (1)", "N"},
        {"jobs", 'j', 0, G_OPTION_ARG_INT, &options.jobs, "scenes at once (1)", "N"},
        {"rival", 'r', 0, G_OPTION_ARG_STRING_ARRAY, &options.rivals,
         "beside it, up to 4: \"python3 tests/bench/rival_opencv.py knn\"",
         "COMMAND"},
        {"only", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.only, "this class alone, or these, one an option", "CLASS"},
        {"empty", 0, 0, G_OPTION_ARG_NONE, &options.empty, "only with nothing real in it: false events alone, in half the time", NULL},
        {"dump", 0, 0, G_OPTION_ARG_FILENAME, &options.dump, "write the gray pictures, with objects, 320x180 (with --only)",
         "FILE"},
        {"sensitivity", 0, 0, G_OPTION_ARG_DOUBLE, &options.sensitivity, "0..1 (as shipped)", "S"},
        {"min-area", 0, 0, G_OPTION_ARG_DOUBLE, &options.min_area, "0..1 (as shipped)", "A"},
        {"perspective", 0, 0, G_OPTION_ARG_NONE, &options.perspective, "tell ours how tall people are, near and far", NULL},
        {"verbose", 'v', 0, G_OPTION_ARG_NONE, &options.verbose, "name what is false, missed or late", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("- hard scenes, without a decoder in between");
    g_option_context_set_description(
        context, "Exit codes: 0 every bar is held or an exception names it, 1 one is not, 2 usage, or a rival broke down.\n"
                 "A rival that is not installed is left out, and stderr says what it lacks.");
    g_option_context_add_main_entries(context, entries, NULL);
    g_autoptr(GError) error = NULL;
    if (!g_option_context_parse(context, &argc, &argv, &error) || options.jobs < 1) {
        fprintf(stderr, "bench_scenes: %s\n", error ? error->message : "--jobs: 1 or more");
        return 2;
    }
    if (!are_classes(options.only))
        return 2;
    signal(SIGPIPE, SIG_IGN); /* a rival that dies has said why */
    if (options.rivals)
        rivals_leave_out_absent(options.rivals);
    return run() ? 0 : 1;
}
