/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "bench_rival.h"
#include "daemon/analysis.h"
#include "decode/scale.h"
#include "event/event_detector.h"
#include "motion/kernel.h"
#include "motion/motion.h"
#include "scene.h"

/* What looking at a picture costs: the whole analysis of 320 x 180 beside OpenCV's models on the same pictures, with the kernels
 * that the machine has and with the plain ones; and scaling beside reading the same bytes. Processor time of one thread, in rounds
 * that take turns, for others share the machine: only the ratios say something, the median over the rounds.
 * What MOG2 takes hangs on the picture: less than half where it is made and calm. The bar is for real pictures. */
#define RATIO_MAX 0.15
#define PICTURE_BYTES (SCENE_W * SCENE_H)
#define WARM (15 * SCENE_FPS)
#define PICTURES_MAX (75 * SCENE_FPS)
#define SCALE_BYTES (64u << 20) /* more than any cache of the boxes that this is for */

static struct {
    char *rival;
    int rounds;
} options = {.rounds = 3};

typedef struct {
    const char *name;
    gboolean made, with_actors;
} Show;
static const Show shows[] = {{"calm", TRUE, FALSE}, {"calm", TRUE, TRUE},   {"near", TRUE, TRUE},
                             {"rain", TRUE, TRUE},  {"storm", TRUE, TRUE}, {"highway", FALSE, FALSE},
                             {"night-ir", FALSE, FALSE}, {"pets2001", FALSE, FALSE}};

/* Pictures of one of them. */
typedef struct {
    uint8_t *luma;
    gsize count;
} Reel;

static double spent_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int by_value(gconstpointer a, gconstpointer b) {
    double one = *(const double *)a, two = *(const double *)b;
    return one < two ? -1 : one > two;
}

static double median(const double *values, int count) {
    g_autofree double *sorted = g_memdup2(values, sizeof(double) * (gsize)count);
    qsort(sorted, (size_t)count, sizeof(double), by_value);
    return sorted[count / 2];
}

/* ---- the analysis ---- */

static void make_reel(const Show *show, Reel *reel) {
    const SceneClass *kind = scene_classes;
    while (strcmp(kind->name, show->name) != 0)
        kind++;
    Scene *scene = scene_new(kind, show->with_actors, 1, NULL);
    for (; reel->count < PICTURES_MAX; reel->count++)
        scene_next(scene, reel->luma + reel->count * PICTURE_BYTES);
    scene_free(scene);
}

/* Stays empty where the clip is not there, or ffmpeg. */
static void decode_reel(const Show *show, Reel *reel) {
    const char *folder = g_getenv("SKYNET_FOOTAGE");
    g_autofree char *path = g_strdup_printf("%s/%s.mp4", folder ? folder : "../shared/footage", show->name);
    g_autofree char *most = g_strdup_printf("%d", PICTURES_MAX);
    g_autofree char *filter = g_strdup_printf("fps=%d,scale=%d:%d:flags=area", SCENE_FPS, SCENE_W, SCENE_H);
    char *argv[] = {"ffmpeg", "-v", "error", "-nostdin", "-i", path, "-vf", filter, "-frames:v", most,
                    "-pix_fmt", "gray", "-f", "rawvideo", "-", NULL};
    int out = -1;
    g_autoptr(GError) error = NULL;
    if (!g_file_test(path, G_FILE_TEST_EXISTS) ||
        !g_spawn_async_with_pipes(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &out, NULL, &error))
        return;
    FILE *pictures = fdopen(out, "rb");
    reel->count = fread(reel->luma, PICTURE_BYTES, PICTURES_MAX, pictures);
    fclose(pictures);
}

static void no_sink(const SkyEvent *event, gpointer user) {
}

/* Milliseconds a picture, once it is warm. */
static double look(const Reel *reel, uint32_t without_kernels) {
    SkyCameraConfig shipped;
    sky_analysis_defaults(&shipped);
    g_autoptr(SkyMotion) motion = sky_motion_new(&(SkyMotionParams){
        .sensitivity = shipped.sensitivity, .min_area = shipped.min_area, .without_kernels = without_kernels});
    g_autoptr(SkyEventDetector) detector = sky_event_detector_new(
        &(SkyEventParams){.min_duration_ns = shipped.min_duration_ns, .hold_ns = shipped.hold_ns}, no_sink, NULL);
    g_autofree uint8_t *luma = g_malloc(PICTURE_BYTES);
    double total_ms = 0;
    for (gsize i = 0; i < reel->count; i++) {
        int64_t time_ns = (int64_t)i * SKY_NS_PER_S / SCENE_FPS;
        SkyFrame frame = {.width_px = SCENE_W, .height_px = SCENE_H, .stride_bytes = SCENE_W, .pts_ns = time_ns,
                          .arrival_ns = time_ns, .number = i + 1, .luma = luma};
        SkyMotionResult result;
        memcpy(luma, reel->luma + i * PICTURE_BYTES, PICTURE_BYTES); /* as the scaler leaves it: in the cache */
        double before_ms = spent_ms();
        sky_motion_process(motion, &frame, &result);
        sky_event_detector_process(detector, &result);
        total_ms += i < WARM ? 0 : spent_ms() - before_ms;
    }
    return total_ms / (double)(reel->count - WARM);
}

static double look_rival(const Reel *reel, const char *model) {
    g_autofree char *command = g_strdup_printf("%s --time %d %s", options.rival, WARM, model);
    g_autoptr(GError) error = NULL;
    Rival *rival = rival_start(command, &error);
    double ms = 0;
    if (rival)
        rival_show(rival, reel->luma, reel->count * PICTURE_BYTES);
    if (rival && rival_finish_timed(rival, &ms))
        return ms;
    fprintf(stderr, "bench_detect: %s: %s\n", command, error ? error->message : "failed");
    exit(2);
}

static gboolean compare_reel(const Show *show, const Reel *reel, gboolean with_rival) {
    g_autofree double *figures = g_new0(double, 6 * options.rounds);
    double *ours = figures, *plain = ours + options.rounds, *mog2 = plain + options.rounds, *knn = mog2 + options.rounds,
           *ratio = knn + options.rounds, *knn_ratio = ratio + options.rounds;
    for (int i = 0; i < options.rounds; i++) {
        ours[i] = look(reel, 0);
        plain[i] = look(reel, SKY_MOTION_KERNEL_ALL);
        if (!with_rival)
            continue;
        mog2[i] = look_rival(reel, "mog2");
        knn[i] = look_rival(reel, "knn");
        ratio[i] = ours[i] / mog2[i];
        knn_ratio[i] = ours[i] / knn[i];
    }
    printf("%-8s %-6s %7.3f %7.3f", show->name, show->made ? show->with_actors ? "things" : "empty" : "real",
           median(ours, options.rounds), median(plain, options.rounds));
    double held = median(ratio, options.rounds);
    if (with_rival)
        printf(" %7.3f %7.3f | %9.3f %9.3f %s", median(mog2, options.rounds), median(knn, options.rounds), held,
               median(knn_ratio, options.rounds), show->made ? "" : held > RATIO_MAX ? "FAIL" : "ok");
    putchar('\n');
    fflush(stdout);
    return held <= RATIO_MAX;
}

/* TRUE: within the bar, or there is nothing to hold it against. */
static gboolean compare(const Show *show, gboolean with_rival) {
    g_autofree uint8_t *luma = g_malloc((gsize)PICTURES_MAX * PICTURE_BYTES);
    Reel reel = {luma, 0};
    if (show->made)
        make_reel(show, &reel);
    else
        decode_reel(show, &reel);
    if (reel.count > WARM)
        return compare_reel(show, &reel, with_rival) || show->made;
    printf("%-8s skipped: %s.mp4 or ffmpeg is not there; SKYNET_FOOTAGE says where\n", show->name, show->name);
    return TRUE;
}

static gboolean compare_all(gboolean with_rival) {
    unsigned failed = 0;
    printf("analysis of a 320x180 picture, ms (%s kernels, plain C)%s\n", sky_motion_kernel_choose(SKY_MOTION_KERNEL_ALL)->name,
           with_rival ? ", beside OpenCV's MOG2 and KNN" : "");
    printf("%-15s %7s %7s", "pictures", "ours", "plain");
    if (with_rival)
        printf(" %7s %7s | %9s %9s bar %.2f of MOG2", "MOG2", "KNN", "ours/MOG2", "ours/KNN", RATIO_MAX);
    putchar('\n');
    for (unsigned i = 0; i < G_N_ELEMENTS(shows); i++)
        failed += !compare(&shows[i], with_rival);
    return failed == 0;
}

/* ---- scaling ---- */

static uint64_t sum_of(const uint8_t *bytes, gsize count) {
    uint64_t sums[8] = {0};
    for (gsize i = 0; i + 64 <= count; i += 64) {
        uint64_t words[8];
        memcpy(words, bytes + i, sizeof words);
        for (unsigned k = 0; k < 8; k++)
            sums[k] += words[k];
    }
    uint64_t total = 0;
    for (unsigned k = 0; k < 8; k++)
        total += sums[k];
    return total;
}

typedef struct {
    SkyScale *scale;
    uint8_t *small, *copy;
    const uint8_t *luma;
    gsize bytes;
    uint32_t width_px;
    volatile uint64_t sum; /* so that nothing is left undone */
} Plane;

static void do_scale(Plane *plane, const uint8_t *luma) {
    sky_scale_run(plane->scale, luma, plane->width_px, 8, plane->small, SCENE_W);
}

static void do_read(Plane *plane, const uint8_t *luma) {
    plane->sum = plane->sum + sum_of(luma, plane->bytes);
}

static void do_copy(Plane *plane, const uint8_t *luma) {
    memcpy(plane->copy, luma, plane->bytes);
    plane->sum = plane->sum + plane->copy[plane->sum % plane->bytes];
}

/* Milliseconds a picture, each of them out of memory. */
static double through(Plane *plane, void (*step)(Plane *plane, const uint8_t *luma)) {
    gsize count = SCALE_BYTES / plane->bytes;
    double before_ms = spent_ms();
    for (gsize i = 0; i < count; i++)
        step(plane, plane->luma + i * plane->bytes);
    return (spent_ms() - before_ms) / (double)count;
}

static void compare_scale(const uint8_t *luma, uint32_t width_px, uint32_t height_px) {
    Plane plane = {.luma = luma, .bytes = (gsize)width_px * height_px, .width_px = width_px};
    plane.scale = sky_scale_new(width_px, height_px, SCENE_W, SCENE_H);
    plane.small = g_malloc(PICTURE_BYTES);
    plane.copy = g_malloc(plane.bytes);
    g_autofree double *figures = g_new0(double, 4 * options.rounds);
    double *scaled = figures, *read = scaled + options.rounds, *copied = read + options.rounds, *share = copied + options.rounds;
    for (int i = 0; i < options.rounds; i++) {
        scaled[i] = through(&plane, do_scale);
        read[i] = through(&plane, do_read);
        copied[i] = through(&plane, do_copy);
        share[i] = scaled[i] / read[i];
    }
    double bytes_a_ms = (double)plane.bytes / 1e6; /* GB/s, once divided by ms */
    printf("%4ux%-5u scale %.3f ms (%.1f GB/s), read %.3f ms (%.1f GB/s), memcpy %.3f ms: scale/read %.2f\n", width_px, height_px,
           median(scaled, options.rounds), bytes_a_ms / median(scaled, options.rounds), median(read, options.rounds),
           bytes_a_ms / median(read, options.rounds), median(copied, options.rounds), median(share, options.rounds));
    sky_scale_free(plane.scale);
    g_free(plane.small);
    g_free(plane.copy);
}

static void compare_scales(void) {
    g_autofree uint8_t *luma = g_malloc(SCALE_BYTES);
    Dice dice = {1};
    for (gsize i = 0; i < SCALE_BYTES; i += 4)
        memcpy(luma + i, &(uint32_t){dice_roll(&dice)}, 4);
    printf("luma to 320x180, out of memory, beside a plain read of the same bytes\n");
    compare_scale(luma, 1920, 1080);
    compare_scale(luma, 640, 360);
}

/* ---- the command ---- */

static gboolean rival_is_here(void) {
    char *commands[] = {g_strdup_printf("%s --time 0 mog2", options.rival), NULL};
    rivals_leave_out_absent(commands);
    gboolean here = commands[0] != NULL;
    g_free(commands[0]);
    return here;
}

int main(int argc, char **argv) {
    const GOptionEntry entries[] = {
        {"rounds", 'n', 0, G_OPTION_ARG_INT, &options.rounds, "the median of so many (3)", "N"},
        {"rival", 'r', 0, G_OPTION_ARG_STRING, &options.rival, "OpenCV's (python3 tests/bench/rival_opencv.py)", "COMMAND"},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("- what looking at a picture costs, in one run beside OpenCV");
    g_option_context_set_description(context, "Exit codes: 0 the bar is held on real pictures, 1 it is not, 2 usage, or the rival "
                                              "broke down,\n77 OpenCV is not here: the rest was measured.");
    g_option_context_add_main_entries(context, entries, NULL);
    g_autoptr(GError) error = NULL;
    if (!g_option_context_parse(context, &argc, &argv, &error) || options.rounds < 1) {
        fprintf(stderr, "bench_detect: %s\n", error ? error->message : "--rounds: 1 or more");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN); /* a rival that dies has said why */
    if (!options.rival)
        options.rival = g_strdup("python3 tests/bench/rival_opencv.py");
    gboolean here = rival_is_here(), held = compare_all(here);
    compare_scales();
    g_free(options.rival);
    return !here ? 77 : held ? 0 : 1;
}
