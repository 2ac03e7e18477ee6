/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/scene/encoder.h"
#include "support/scene/scene.h"

typedef struct {
    char *codec, *size, *fps, **names; /* names: SCENE OUT.mp4 */
    double seconds;
    int gop, seed, slices, kbit, width, height;
} Options;

static int complain(const char *what) {
    g_printerr("skynet-scene: %s\n", what);
    return EXIT_FAILURE;
}

static gboolean parse(Options *options, int *argc, char ***argv, GError **error) {
    const GOptionEntry entries[] = {
        {"codec", 0, 0, G_OPTION_ARG_STRING, &options->codec, "h264 (default), h265 or mjpeg", "CODEC"},
        {"size", 0, 0, G_OPTION_ARG_STRING, &options->size, "640x360", "WxH"},
        {"fps", 0, 0, G_OPTION_ARG_STRING, &options->fps, "25; or a fraction", "RATE"},
        {"seconds", 0, 0, G_OPTION_ARG_DOUBLE, &options->seconds, "60", "SECONDS"},
        {"gop", 0, 0, G_OPTION_ARG_INT, &options->gop, "pictures from key frame to key frame: 50", "N"},
        {"seed", 0, 0, G_OPTION_ARG_INT, &options->seed, "another seed, another scene of its kind: 1", "N"},
        {"slices", 0, 0, G_OPTION_ARG_INT, &options->slices, "slices a picture: 1", "N"},
        {"kbit", 0, 0, G_OPTION_ARG_INT, &options->kbit, "kbit/s: 512; not for mjpeg", "N"},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->names, NULL, "SCENE OUT.mp4"},
        {NULL}};
    g_autofree char *summary = g_strdup_printf(
        "Makes a camera picture with known happenings: OUT.mp4, and OUT.tsv that tells them.\nScenes: %s.", scene_names());
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_summary(context, summary);
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, error)) return FALSE;
    if (options->codec == NULL) options->codec = g_strdup("h264");
    if (options->size == NULL) options->size = g_strdup("640x360");
    if (options->fps == NULL) options->fps = g_strdup("25");
    return TRUE;
}

/* "25", "12.5" or "30000/1001" */
static double rate_of(const char *text) {
    char *end;
    double rate = g_ascii_strtod(text, &end);
    if (*end == '/') rate /= g_ascii_strtod(end + 1, &end);
    return *end == '\0' ? rate : 0;
}

static const char *check(Options *options) {
    static const char *const codecs[] = {"h264", "h265", "mjpeg", NULL};
    char rest;
    if (options->names == NULL || g_strv_length(options->names) != 2) return "SCENE and OUT.mp4 are needed; see --help";
    if (sscanf(options->size, "%dx%d%c", &options->width, &options->height, &rest) != 2) return "--size is WIDTHxHEIGHT";
    if (options->width < 64 || options->height < 64 || options->width > 4096 || options->height > 4096)
        return "--size is 64x64 to 4096x4096";
    if (options->width % 2 || options->height % 2) return "--size is even";
    if (!(rate_of(options->fps) >= 1 && rate_of(options->fps) <= 120)) return "--fps is 1 to 120";
    if (!(options->seconds > 0 && options->seconds <= 86400)) return "--seconds is up to 86400";
    if (options->gop < 1 || options->slices < 1 || options->slices > 32 || options->kbit < 16)
        return "--gop, --slices or --kbit is out of range";
    if (!g_strv_contains(codecs, options->codec)) return "--codec is h264, h265 or mjpeg";
    return NULL;
}

static gboolean write_truth(const Scene *scene, const char *path, GError **error) {
    g_autofree char *clip = g_path_get_basename(path);
    if (g_str_has_suffix(clip, ".mp4")) clip[strlen(clip) - 4] = '\0';
    g_autofree char *directory = g_path_get_dirname(path);
    g_autofree char *name = g_strconcat(clip, ".tsv", NULL);
    g_autofree char *truth_path = g_build_filename(directory, name, NULL);
    g_autofree char *truth = scene_truth(scene, clip);
    return g_file_set_contents(truth_path, truth, -1, error);
}

static gboolean make(const Options *options, Scene *scene, int frames, int lead, GError **error) {
    EncoderParams params = {.codec = options->codec,
                            .width = options->width,
                            .height = options->height,
                            .gop = options->gop,
                            .slices = options->slices,
                            .kbit = options->kbit,
                            .lead = lead,
                            .fps = rate_of(options->fps),
                            .rate = options->fps,
                            .path = options->names[1]};
    Encoder *encoder = encoder_new(&params, error);
    if (encoder == NULL) return FALSE;
    gboolean put = TRUE;
    for (int i = 0; i < lead + frames && put; i++) put = encoder_put(encoder, scene_next(scene), NULL);
    if (!encoder_finish(encoder, error)) return FALSE;
    return write_truth(scene, options->names[1], error);
}

static void clear_options(Options *options) {
    g_free(options->codec);
    g_free(options->size);
    g_free(options->fps);
    g_strfreev(options->names);
}

static int run(int argc, char **argv, Options *options) {
    g_autoptr(GError) error = NULL;
    if (!parse(options, &argc, &argv, &error)) return complain(error->message);
    const char *wrong = check(options);
    if (wrong) return complain(wrong);
    double fps = rate_of(options->fps);
    int frames = MAX(1, (int)(options->seconds * fps + .5)), lead = strcmp(options->codec, "mjpeg") == 0 ? 0 : options->gop;
    SceneParams params = {options->width, options->height, fps, (unsigned)frames, (unsigned)lead, (uint64_t)options->seed};
    g_autoptr(Scene) scene = scene_new(options->names[0], &params);
    if (scene == NULL) return complain("no such scene; see --help");
    return make(options, scene, frames, lead, &error) ? EXIT_SUCCESS : complain(error->message);
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    Options options = {.seconds = 60, .gop = 50, .seed = 1, .slices = 1, .kbit = 512};
    int status = run(argc, argv, &options);
    clear_options(&options);
    return status;
}
