/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/queue.h"
#include "base/uri.h"
#include "daemon/analysis.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/annotate.h"
#include "daemon/ctl/event_line.h"
#include "daemon/ctl/sheet.h"
#include "message/reader_text.h"
#include "source/source.h"

typedef struct {
    char *camera_id, *events_path, *masks, *annotate, *sheet;
    gboolean full;
    double fps;
} Options;

/* One file on its way through the analysis. All of it runs on the source's thread, but for the progress. */
typedef struct {
    const char *path;
    char *clip;
    FILE *events;
    const char *masks;
    SkyAnalysis *analysis;
    SkyAnnotate *annotate;
    SkySheet *sheet;      /* of all files; borrowed */
    SkyQueue *ended;      /* one item: the error's message, or "" */
    GError *failure;      /* of the analysis: no decoder */
    _Atomic int64_t media_ns;
    _Atomic uint32_t found;
    double frame_rate;    /* of the stream, as the file says; 0 */
    gboolean mask_failed;
} Job;

static double seconds_of(int64_t ns) {
    return (double)ns / 1e9;
}

static void on_event(const SkyEvent *event, gpointer user) {
    Job *job = user;
    if (job->annotate)
        sky_annotate_event(job->annotate, event);
    if (job->sheet)
        sky_sheet_event(job->sheet, event);
    if (event->phase == SKY_EVENT_BEGIN)
        atomic_fetch_add(&job->found, 1);
    if (event->phase != SKY_EVENT_END)
        return;
    g_autofree char *line = sky_ctl_event_line(job->clip, event);
    fputs(line, job->events);
}

static void write_mask(Job *job, const SkyFrame *frame, const uint8_t *mask) {
    g_autofree char *name = g_strdup_printf("mask%06" G_GUINT64_FORMAT ".pgm", frame->number);
    g_autofree char *path = g_build_filename(job->masks, name, NULL);
    FILE *file = fopen(path, "wb");
    gboolean good = file && fprintf(file, "P5\n%u %u\n255\n", frame->width_px, frame->height_px) > 0 &&
                    fwrite(mask, frame->width_px, frame->height_px, file) == frame->height_px;
    if (file)
        good = fclose(file) == 0 && good;
    if (!good && !job->mask_failed)
        fprintf(stderr, "\nskynetctl analyze: %s: %s\n", path, g_strerror(errno));
    job->mask_failed |= !good;
}

/* Names of files, and what libraries say of them, may hold anything. */
static void remark(const char *path, const char *words) {
    g_autofree char *name = sky_reader_text(path, 1024), *clean = sky_reader_text(words, 1024);
    fprintf(stderr, "skynetctl analyze: %s: %s\n", name, clean);
}

static void tell_untimed(const Job *job) {
    g_autofree char *words = g_strdup_printf("no time stamps in it: its pictures are taken as %.4g a second",
                                             job->frame_rate > 0 ? job->frame_rate : SKY_REPLAY_USUAL_RATE);
    remark(job->path, words);
}

/* What moved and became no event. Nothing is said where there is nothing to say. */
static void tell_suppressed(const Job *job) {
    SkyAnalysisNumbers numbers = sky_analysis_numbers(job->analysis);
    char most[SKY_SUPPRESSED_MOST_BYTES];
    sky_suppressed_most(numbers.suppressed, most);
    g_autoptr(GString) words = g_string_new(NULL);
    for (unsigned i = 0; i < SKY_SUPPRESSED_CAUSES; i++) {
        uint64_t count = sky_suppressed_count(numbers.suppressed, (SkySuppression)i);
        if (count > 0)
            g_string_append_printf(words, "%s %" G_GUINT64_FORMAT " %s", words->len > 0 ? "," : "suppressed:", count,
                                   sky_suppression_name((SkySuppression)i));
    }
    if (most[0])
        g_string_append_printf(words, "; most: %s", most);
    if (numbers.left_out > 0)
        g_string_append_printf(words, "%s%" G_GUINT64_FORMAT " left out, too much at once to be followed", most[0] ? "; " : "",
                               numbers.left_out);
    if (words->len > 0)
        remark(job->path, words->str);
}

static void on_frame(const SkyAnalysed *picture, gpointer user) {
    Job *job = user;
    if (job->masks)
        write_mask(job, picture->frame, picture->mask);
    if (job->annotate)
        sky_annotate_frame(job->annotate, picture);
    if (job->sheet)
        sky_sheet_frame(job->sheet, picture);
}

static void on_packet(SkyPacket *packet, gpointer user) {
    Job *job = user;
    atomic_store(&job->media_ns, sky_packet_times(packet)->pts_ns);
    job->frame_rate = sky_stream_info_frame_rate(sky_packet_info(packet));
    if (!job->failure)
        sky_analysis_push(job->analysis, packet, &job->failure);
    sky_packet_unref(packet);
}

static void on_ended(const GError *error, gpointer user) {
    Job *job = user;
    sky_analysis_end(job->analysis, FALSE);
    sky_queue_push(job->ended, g_strdup(error ? error->message : ""));
}

/* ---- progress ---- */

static void show_progress(const Job *job, const SkySource *source, uint64_t file_bytes) {
    double share = file_bytes ? MIN((double)sky_counter_get(&sky_source_numbers(source)->bytes) / (double)file_bytes, 1) : 0;
    char bar[31];
    for (int i = 0; i < 30; i++)
        bar[i] = i < share * 30 ? '#' : '.';
    bar[30] = '\0';
    g_autofree char *clip = sky_reader_text(job->clip, 64);
    fprintf(stderr, "\r%s [%s] %.0f s, %u events ", clip, bar, seconds_of(atomic_load(&((Job *)job)->media_ns)),
            atomic_load(&((Job *)job)->found));
}

/* TRUE: the whole file went through. */
static gboolean wait_end(Job *job, const SkySource *source, uint64_t file_bytes) {
    gboolean terminal = isatty(STDERR_FILENO);
    gpointer message = NULL;
    while (sky_queue_pop(job->ended, sky_clock_monotonic_ns() + 200 * SKY_NS_PER_MS, &message) != SKY_QUEUE_OK)
        if (terminal)
            show_progress(job, source, file_bytes);
    if (terminal) {
        show_progress(job, source, file_bytes);
        fprintf(stderr, "\n");
    }
    g_autofree char *error = message;
    if (job->failure || error[0])
        remark(job->path, job->failure ? job->failure->message : error);
    return !job->failure && !error[0];
}

/* ---- one file ---- */

static gboolean analyze_file(const char *path, const SkyCameraConfig *camera, const Options *options, FILE *events,
                             SkySheet *sheet) {
    struct stat status;
    const char *why = stat(path, &status) != 0 ? g_strerror(errno) : S_ISREG(status.st_mode) ? NULL : "not a file";
    if (why) { /* a camera's URL, given by mistake, may hold its password */
        g_autofree char *shown = sky_uri_redact(path);
        remark(shown, strstr(path, "://") ? "not a file; for a camera there is probe" : why);
        return FALSE;
    }
    Job job = {.path = path, .clip = sky_ctl_clip_name(path), .events = events, .masks = options->masks, .sheet = sheet};
    if (sheet)
        sky_sheet_clip(sheet, job.clip);
    job.ended = sky_queue_new(1, g_free);
    job.analysis = sky_analysis_new(camera, on_event, &job);
    if (options->annotate)
        job.annotate = sky_annotate_new(options->annotate, camera, camera->analysis_fps > 0 ? camera->analysis_fps : 25);
    if (job.masks || job.annotate || job.sheet)
        sky_analysis_set_observer(job.analysis, on_frame, &job);
    SkySource *source = sky_replay_source_new(&(SkySourceParams){.camera = "file", .url = path},
                                              &(SkySourceSink){.packet = on_packet, .ended = on_ended, .user = &job});
    g_autoptr(GError) error = NULL;
    gboolean ok = sky_source_start(source, &error);
    if (!ok)
        remark(path, error->message);
    else
        ok = wait_end(&job, source, (uint64_t)status.st_size);
    if (sky_counter_get(&sky_source_numbers(source)->untimed) > 0)
        tell_untimed(&job);
    sky_source_free(source);
    uint64_t damaged = sky_analysis_numbers(job.analysis).decode_errors;
    g_autofree char *damage = g_strdup_printf("%" G_GUINT64_FORMAT " damaged pictures or packets", damaged);
    if (ok && damaged > 0)
        remark(path, damage);
    if (ok)
        tell_suppressed(&job);
    if (job.annotate)
        ok = sky_annotate_finish(job.annotate) && ok;
    sky_analysis_free(job.analysis);
    sky_queue_free(job.ended);
    g_clear_error(&job.failure);
    g_free(job.clip);
    return ok && !job.mask_failed;
}

/* ---- the command ---- */

static int analyze_all(const SkyCtl *ctl, const Options *options, char **paths) {
    g_autoptr(SkyConfig) config = options->camera_id ? sky_ctl_config(ctl) : NULL;
    if (options->camera_id && !config)
        return SKY_CTL_NO;
    SkyCameraConfig camera;
    sky_analysis_defaults(&camera);
    if (options->camera_id) {
        const SkyCameraConfig *found = sky_config_camera(config, options->camera_id);
        if (!found) {
            fprintf(stderr, "skynetctl analyze: there is no camera '%s' in %s\n", options->camera_id, ctl->config_path);
            return SKY_CTL_USAGE;
        }
        camera = *found;
    }
    if (options->fps >= 0)
        camera.analysis_fps = options->fps;
    else if (options->masks)
        camera.analysis_fps = 0; /* a mask for every picture */
    if (options->full || options->masks)
        camera.decode_policy = SKY_DECODE_FULL;
    gboolean to_stdout = !options->events_path || strcmp(options->events_path, "-") == 0;
    FILE *events = to_stdout ? stdout : fopen(options->events_path, "w");
    if (!events || (options->masks && g_mkdir_with_parents(options->masks, 0755) != 0)) {
        fprintf(stderr, "skynetctl analyze: %s: %s\n", events ? options->masks : options->events_path, g_strerror(errno));
        return SKY_CTL_NO;
    }
    gboolean ok = TRUE;
    SkySheet *sheet = options->sheet ? sky_sheet_new(options->sheet) : NULL;
    for (char **path = paths; *path; path++)
        ok = analyze_file(*path, &camera, options, events, sheet) && ok;
    if (sheet)
        ok = sky_sheet_finish(sheet) && ok;
    gboolean written = !ferror(events) && (to_stdout ? fflush(events) : fclose(events)) == 0;
    if (!written)
        fprintf(stderr, "skynetctl analyze: %s: %s\n", to_stdout ? "standard output" : options->events_path, g_strerror(errno));
    return ok && written ? SKY_CTL_OK : SKY_CTL_NO;
}

int sky_ctl_analyze(SkyCtl *ctl, int argc, char **argv) {
    Options options = {.fps = -1};
    const GOptionEntry entries[] = {
        {"camera", 0, 0, G_OPTION_ARG_STRING, &options.camera_id,
         "with this camera's settings in the configuration (usual settings)", "ID"},
        {"events", 'e', 0, G_OPTION_ARG_FILENAME, &options.events_path, "where the events go (standard output)", "OUT.jsonl"},
        {"masks", 'm', 0, G_OPTION_ARG_FILENAME, &options.masks, "each picture's foreground as DIR/maskNNNNNN.pgm; one VIDEO",
         "DIR"},
        {"annotate", 'a', 0, G_OPTION_ARG_FILENAME, &options.annotate, "a film of what the analysis saw; one VIDEO; needs ffmpeg",
         "OUT.mp4"},
        {"sheet", 0, 0, G_OPTION_ARG_FILENAME, &options.sheet,
         "the events as small pictures, 20 a page (OUT.png, OUT-2.png, ... at most 50)", "OUT.png"},
        {"full", 0, 0, G_OPTION_ARG_NONE, &options.full, "decode every picture (as decode_policy says; all with --masks)", NULL},
        {"analysis-fps", 0, 0, G_OPTION_ARG_DOUBLE, &options.fps, "pictures a second, 0 = all (the camera's; all with --masks)",
         "N"},
        G_OPTION_ENTRY_NULL,
    };
    static const char about[] =
        "Runs the daemon's own decoder, motion model and event detector over files, as fast as it can. One JSON object an\n"
        "event: clip (the file's name without its ending), kind, zone, start, end, detected (seconds of media time from the\n"
        "first picture), box [left, top, width, height] in 0..1, score, objects, inside (seconds that it has been in the\n"
        "zone, or the picture), path (of the feet, [second, x, y] each, at most 16), speed (of the picture a second, along it).\n"
        "--annotate frames what is followed: an event under way in green, objects in cyan, all else in the colour of the cause\n"
        "for which it becomes no event (the film has a legend). --sheet has one small picture an event. What moved and became no\n"
        "event is counted by cause on standard error, a line a file, with the part of the picture (in 4 x 4, from the top left) where\n"
        "most of the most frequent cause was. Exit codes: 0 all files went through, 1 one did not or an output can not be written,\n"
        "2 wrong usage.";
    int code = SKY_CTL_USAGE;
    gboolean parsed = sky_ctl_options(ctl, &argc, &argv, entries, "VIDEO...", about, 1, G_MAXINT);
    signal(SIGPIPE, SIG_IGN); /* an ffmpeg that dies is an error, not our end */
    if (parsed && argc > 2 && (options.masks || options.annotate)) {
        fprintf(stderr, "skynetctl analyze: --masks and --annotate take one VIDEO\n");
    } else if (parsed && options.fps != -1 && !(options.fps >= 0 && options.fps <= 60)) {
        fprintf(stderr, "skynetctl analyze: --analysis-fps: 0 to 60\n");
    } else if (parsed) {
        code = analyze_all(ctl, &options, argv + 1);
    }
    g_free(options.camera_id);
    g_free(options.events_path);
    g_free(options.masks);
    g_free(options.annotate);
    g_free(options.sheet);
    return code;
}
