/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "daemon/analysis.h"
#include "event/event_detector.h"
#include "motion/motion.h"

/* Gray pictures at analysis size from stdin through motion and event as the daemon runs them, without a decoder: events as JSON
 * lines for score-events, masks for score-masks, what each picture held for a person who looks for a reason. */
typedef struct {
    char *clip, *size, *times, *masks;
    double fps, analysis_fps, sensitivity, min_area, min_duration_s, hold_s;
    gboolean trace;
} Options;

static void print_event(const SkyEvent *event, gpointer user) {
    const Options *options = user;
    if (event->phase != SKY_EVENT_END)
        return;
    printf("{\"clip\":\"%s\",\"start\":%.3f,\"end\":%.3f,\"detected\":%.3f,\"score\":%.2f,\"objects\":%u,\"box\":[%.3f,%.3f,%.3f,%."
           "3f]}\n",
           options->clip, (double)event->begin_ns / 1e9, (double)event->end_ns / 1e9, (double)event->detected_ns / 1e9,
           (double)event->score, event->objects, (double)event->best_box.x, (double)event->best_box.y, (double)event->best_box.w,
           (double)event->best_box.h);
}

static void write_mask(const Options *options, SkyMotion *motion, uint64_t number) {
    uint32_t width_px, height_px;
    const uint8_t *mask = sky_motion_mask(motion, &width_px, &height_px);
    g_autofree char *path = g_strdup_printf("%s/mask%06" G_GUINT64_FORMAT ".pgm", options->masks, number);
    FILE *file = fopen(path, "wb");
    if (!file) {
        perror(path);
        exit(1);
    }
    fprintf(file, "P5\n%u %u\n255\n", width_px, height_px);
    fwrite(mask, 1, (size_t)width_px * height_px, file);
    fclose(file);
}

static void print_result(const SkyMotionResult *result) {
    static const char *const scenes[] = {"learning", "ok", "light"};
    fprintf(stderr, "%8.3f %-8s %5.1f%% %u", (double)result->pts_ns / 1e9, scenes[result->scene], (double)result->foreground * 100,
            result->blob_count);
    if (result->shift_x_px != 0 || result->shift_y_px != 0)
        fprintf(stderr, " shifted %+.2f %+.2f", (double)result->shift_x_px, (double)result->shift_y_px);
    for (uint32_t i = 0; i < result->blob_count; i++) {
        const SkyBlob *blob = &result->blobs[i];
        fprintf(stderr, " [%.2f %.2f %.2f %.2f a%.2f%% c%.1f]", (double)blob->box.x, (double)blob->box.y, (double)blob->box.w,
                (double)blob->box.h, (double)blob->area * 100, (double)blob->contrast);
    }
    fputc('\n', stderr);
}

/* Seconds of picture `number` (from 0): the next line of the file, else by the rate. */
static double time_of(const Options *options, FILE *times, uint64_t number) {
    double seconds;
    if (times && fscanf(times, "%lf", &seconds) == 1)
        return seconds;
    return (double)number / options->fps;
}

/* Of this thread alone: others share the machine. */
static int64_t spent_so_far_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * SKY_NS_PER_S + now.tv_nsec;
}

static void play(const Options *options, uint32_t width_px, uint32_t height_px) {
    g_autoptr(SkyMotion) motion =
        sky_motion_new(&(SkyMotionParams){.sensitivity = options->sensitivity, .min_area = options->min_area});
    g_autoptr(SkyEventDetector) detector = sky_event_detector_new(
        &(SkyEventParams){.min_duration_ns = llrint(options->min_duration_s * 1e9), .hold_ns = llrint(options->hold_s * 1e9)},
        print_event, (gpointer)options);
    FILE *times = options->times ? fopen(options->times, "r") : NULL;
    size_t bytes = (size_t)width_px * height_px;
    uint8_t *luma = g_aligned_alloc0(1, bytes + 64, 64);
    double first_s = 0, next_s = 0;
    int64_t spent_ns = 0;
    uint64_t looked = 0;
    for (uint64_t number = 0; fread(luma, 1, bytes, stdin) == bytes; number++) {
        double at_s = time_of(options, times, number);
        first_s = number == 0 ? at_s : first_s;
        at_s -= first_s;
        if (options->analysis_fps > 0 && at_s < next_s - 0.001)
            continue;
        if (options->analysis_fps > 0)
            next_s = MAX(next_s + 1 / options->analysis_fps, at_s);
        SkyFrame frame = {.width_px = width_px, .height_px = height_px, .stride_bytes = width_px, .pts_ns = llrint(at_s * 1e9),
                          .arrival_ns = llrint(at_s * 1e9), .number = number + 1, .luma = luma};
        SkyMotionResult result;
        int64_t before_ns = spent_so_far_ns();
        sky_motion_process(motion, &frame, &result);
        sky_event_detector_process(detector, &result);
        spent_ns += spent_so_far_ns() - before_ns;
        looked++;
        if (options->trace)
            print_result(&result);
        if (options->masks)
            write_mask(options, motion, number + 1);
    }
    sky_event_detector_end_all(detector, FALSE);
    fprintf(stderr, "%s: %" G_GUINT64_FORMAT " pictures %ux%u, %.3f ms each\n", options->clip, looked, width_px, height_px,
            (double)spent_ns / 1e6 / (double)MAX(looked, 1));
    g_aligned_free(luma);
    if (times)
        fclose(times);
}

int main(int argc, char **argv) {
    SkyCameraConfig shipped;
    sky_analysis_defaults(&shipped);
    Options options = {.clip = (char *)"stdin", .fps = 25, .analysis_fps = shipped.analysis_fps, .sensitivity = shipped.sensitivity,
                       .min_area = shipped.min_area, .min_duration_s = (double)shipped.min_duration_ns / 1e9,
                       .hold_s = (double)shipped.hold_ns / 1e9};
    const GOptionEntry entries[] = {
        {"clip", 0, 0, G_OPTION_ARG_STRING, &options.clip, "name in the events", "NAME"},
        {"size", 0, 0, G_OPTION_ARG_STRING, &options.size, "of the pictures", "WxH"},
        {"fps", 0, 0, G_OPTION_ARG_DOUBLE, &options.fps, "of the pictures (25)", "F"},
        {"times", 0, 0, G_OPTION_ARG_FILENAME, &options.times, "seconds of each picture, one a line", "FILE"},
        {"analysis-fps", 0, 0, G_OPTION_ARG_DOUBLE, &options.analysis_fps, "8; 0 is every picture", "F"},
        {"sensitivity", 0, 0, G_OPTION_ARG_DOUBLE, &options.sensitivity, "0..1", "S"},
        {"min-area", 0, 0, G_OPTION_ARG_DOUBLE, &options.min_area, "0..1", "A"},
        {"min-duration", 0, 0, G_OPTION_ARG_DOUBLE, &options.min_duration_s, "seconds", "S"},
        {"hold", 0, 0, G_OPTION_ARG_DOUBLE, &options.hold_s, "seconds", "S"},
        {"masks", 0, 0, G_OPTION_ARG_FILENAME, &options.masks, "write maskNNNNNN.pgm here", "DIR"},
        {"trace", 0, 0, G_OPTION_ARG_NONE, &options.trace, "what each picture held, on stderr", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("< GRAY");
    g_option_context_add_main_entries(context, entries, NULL);
    g_autoptr(GError) error = NULL;
    uint32_t width_px = 0, height_px = 0;
    if (!g_option_context_parse(context, &argc, &argv, &error) || !options.size ||
        sscanf(options.size, "%ux%u", &width_px, &height_px) != 2 || width_px == 0 || height_px == 0) {
        fprintf(stderr, "play_raw: %s\n", error ? error->message : "--size WxH is needed");
        return 2;
    }
    play(&options, width_px, height_px);
    return 0;
}
