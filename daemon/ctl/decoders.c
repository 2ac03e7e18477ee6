/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/decoders.h"

#include <glob.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text_file.h"
#include "config/config.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/columns.h"
#include "decode/decoder.h"
#include "decode/decoder_trial.h"
#include "source/pipeline_text.h"

#define TEXT_BYTES_MAX 65536

static void add(SkyColumns *table, const char *what, const char *codec, const char *words) {
    sky_columns_add(table, what);
    sky_columns_add(table, codec);
    sky_columns_add(table, words);
}

/* ---- libavcodec ---- */

/* TRUE: the pictures came, by what was asked for. */
static gboolean try(SkyColumns *table, SkyDecoderKind kind, SkyCodec codec) {
    g_autoptr(GError) error = NULL;
    g_auto(SkyDecoderTrial) trial = {0};
    g_autofree char *words = NULL;
    gboolean tried = sky_decoder_trial_run(kind, codec, &trial, &error);
    gboolean good = tried && trial.used == kind && trial.pictures == SKY_DECODER_TRIAL_PICTURES;
    if (!tried)
        words = g_strdup_printf("not tried: %s", error->message);
    else if (good)
        words = g_strdup_printf("yes, %.2f ms a picture of 640x360", (double)trial.picture_ns / 1e6);
    else if (trial.used != kind)
        words = g_strdup_printf("no: %s", trial.why ? trial.why : "");
    else
        words = g_strdup_printf("no: %u of %d pictures came", trial.pictures, SKY_DECODER_TRIAL_PICTURES);
    add(table, sky_decoder_kind_name(kind), sky_codec_name(codec), words);
    return good;
}

/* ---- devices ---- */

static void list_devices(SkyColumns *table) {
    static const char *const patterns[] = {"/dev/dri/renderD*", "/dev/video*", "/dev/media*", "/dev/mpp_service"};
    guint found = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(patterns); i++) {
        glob_t paths;
        if (glob(patterns[i], 0, NULL, &paths) != 0)
            continue;
        for (size_t p = 0; p < paths.gl_pathc; p++, found++) {
            gboolean ours = access(paths.gl_pathv[p], R_OK | W_OK) == 0;
            g_autofree char *words = g_strconcat(paths.gl_pathv[p], ours ? "" : ", not for this user (groups video, render)", NULL);
            add(table, "device", "", words);
        }
        globfree(&paths);
    }
    if (found == 0)
        add(table, "device", "", "none (/dev/dri/renderD*, /dev/video*, /dev/media*, /dev/mpp_service)");
}

/* ---- pipeline texts ---- */

static void try_pipelines(SkyColumns *table) {
    static const char *const names[] = {"rtsp-tcp", "rtsp-udp", "rtsp-vaapi", "rtsp-v4l2", "rtsp-mpp"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *path = sky_config_shipped_pipeline(names[i]);
        g_autofree char *text = sky_text_file_read(path, TEXT_BYTES_MAX, &error);
        gboolean good = text && sky_pipeline_text_check(text, &error);
        g_autofree char *words = good ? g_strdup("its elements are here") : g_strdup_printf("no: %s", error->message);
        add(table, names[i], "", words);
    }
}

int sky_ctl_decoders(void) {
    static const SkyDecoderKind kinds[] = {SKY_DECODER_SOFTWARE, SKY_DECODER_VAAPI, SKY_DECODER_V4L2};
    static const SkyCodec codecs[] = {SKY_CODEC_H264, SKY_CODEC_H265, SKY_CODEC_MJPEG};
    g_auto(SkyColumns) decoders, devices, pipelines;
    sky_columns_init(&decoders, 3);
    sky_columns_init(&devices, 3);
    sky_columns_init(&pipelines, 3);
    gboolean software = FALSE, vaapi = FALSE;
    for (gsize k = 0; k < G_N_ELEMENTS(kinds); k++)
        for (gsize c = 0; c < G_N_ELEMENTS(codecs); c++) {
            gboolean good = try(&decoders, kinds[k], codecs[c]);
            software |= good && kinds[k] == SKY_DECODER_SOFTWARE;
            vaapi |= good && kinds[k] == SKY_DECODER_VAAPI;
        }
    list_devices(&devices);
    try_pipelines(&pipelines);
    g_autofree char *tried = sky_columns_text(&decoders, "  "), *there = sky_columns_text(&devices, "  ");
    g_autofree char *texts = sky_columns_text(&pipelines, "  ");
    printf("decoder: of a camera, by libavcodec, each tried with a second of pictures\n%s\n%s", tried, there);
    printf("\npipeline: of a camera, by GStreamer, whether the shipped texts can be played\n%s\n", texts);
    printf("decoder: auto takes %s\n", vaapi ? "vaapi for more than 1280x720, else software" : "software");
    printf("What the daemon may use of it is the unit's business too: see Sandbox in the operator's README.\n");
    return software ? SKY_CTL_OK : SKY_CTL_NO;
}
