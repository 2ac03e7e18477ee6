/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text_file.h"
#include "base/uri.h"
#include "daemon/ctl.h"
#include "daemon/ctl_account.h"
#include "daemon/ctl_decoders.h"
#include "daemon/ctl_look.h"
#include "daemon/ctl_password.h"
#include "message/reader_text.h"
#include "source/source.h"

#define CONNECT_NS (10 * SKY_NS_PER_S)
#define STALL_NS (6 * SKY_NS_PER_S)

/* ---- what it says ---- */

/* What the daemon does with a stream; of a bare URL nobody knows, so both. */
typedef struct {
    gboolean analysed, recorded;
} Use;

static void advise(const SkyLook *look, Use use) {
    if (use.analysed && look->width_px > 1280)
        printf("advice         this is large for the analysis: let `sub` be a stream of about 640x360\n");
    if ((double)look->gop_most_ns > 2.5 * SKY_NS_PER_S)
        printf("advice         set the camera's I-frame interval to 1 to 2 s (%d pictures at this rate): events are seen, and\n"
               "               clips begin, sooner\n",
               (int)(look->fps * 2 + 0.5));
    if (use.recorded && look->codec == SKY_CODEC_H265)
        printf("advice         H.265 clips do not play in every browser: choose H.264 where pictures leave the box\n");
}

static void report(const SkyLook *look, Use use) {
    printf("codec          %s\n", sky_codec_name(look->codec));
    printf("size           %ux%u\n", look->width_px, look->height_px);
    printf("rate           %.1f pictures a second\n", look->fps);
    if (look->keys > 1)
        printf("GOP            %" G_GUINT64_FORMAT " pictures, %.1f s, at most\n", look->gop_most,
               (double)look->gop_most_ns / SKY_NS_PER_S);
    else
        printf("GOP            longer than %" G_GUINT64_FORMAT " pictures, %.1f s: look longer (--seconds)\n", look->packets,
               look->seconds);
    printf("bit rate       %.0f kbit/s\n", look->bit_rate / 1000);
    printf("transport      %s\n", sky_rtsp_transport_name(look->transport));
    printf("first picture  after %.2f s\n", (double)look->first_ns / SKY_NS_PER_S);
    advise(look, use);
}

/* ---- the command ---- */

typedef struct {
    gboolean tcp, udp, force, decoders;
    char *user, *password_file, *camera;
    int seconds;
} Options;

static int listen_to(const SkySourceParams *params, int seconds, Use use) {
    g_auto(SkyLook) look;
    sky_look_at(params, seconds, &look);
    g_autofree char *clean = look.why ? sky_reader_text(look.why, 1024) : NULL;
    if (look.packets > 0)
        report(&look, use);
    if (clean)
        fprintf(stderr, "skynetctl probe: %s\n", clean);
    else if (look.packets == 0)
        fprintf(stderr, "skynetctl probe: the camera sent no picture that decoding can begin with\n");
    return clean || look.packets == 0 ? SKY_CTL_UNREACHABLE : SKY_CTL_OK;
}

/* SKY_CTL_OK, and NULL where no account needs one. */
static int find_password(const Options *options, const SkyUri *uri, char **ret_password) {
    g_autoptr(GError) error = NULL;
    *ret_password = NULL;
    if (options->password_file) {
        *ret_password = sky_text_file_read_secret(options->password_file, &error);
        if (!*ret_password)
            fprintf(stderr, "skynetctl probe: %s\n", error->message);
        return *ret_password ? SKY_CTL_OK : SKY_CTL_NO;
    }
    gboolean asks = options->user || (uri->user && !uri->password);
    if (!asks)
        return SKY_CTL_OK;
    *ret_password = sky_ctl_ask_password("The camera's password: ");
    if (!*ret_password)
        fprintf(stderr, "skynetctl probe: no password (no terminal to ask at?): --password-file FILE takes it from a file\n");
    return *ret_password ? SKY_CTL_OK : SKY_CTL_USAGE;
}

static int probe_url(const SkyCtl *ctl, const Options *options, const char *url) {
    g_autoptr(GError) error = NULL;
    g_autoptr(SkyUri) uri = sky_uri_parse(url, &error);
    if (!uri || (strcmp(uri->scheme, "rtsp") != 0 && strcmp(uri->scheme, "rtsps") != 0)) {
        fprintf(stderr, "skynetctl probe: %s\n", uri ? "the URL of a camera begins with rtsp:// or rtsps://" : error->message);
        return SKY_CTL_USAGE;
    }
    g_autofree char *refused = options->force ? NULL : sky_ctl_account_refused(ctl, uri, options->user);
    if (refused) {
        fprintf(stderr, "skynetctl probe: %s; --force tries all the same\n", refused);
        return SKY_CTL_UNREACHABLE;
    }
    char *password;
    int code = find_password(options, uri, &password);
    if (code == SKY_CTL_OK)
        code = listen_to(&(SkySourceParams){.camera = "probe",
                                            .url = url,
                                            .user = options->user ? options->user : uri->user,
                                            .password = password ? password : uri->password,
                                            .transport = options->udp ? SKY_RTSP_UDP : options->tcp ? SKY_RTSP_TCP : SKY_RTSP_AUTO,
                                            .connect_timeout_ns = CONNECT_NS,
                                            .stall_timeout_ns = STALL_NS},
                         options->seconds, (Use){.analysed = TRUE, .recorded = TRUE});
    sky_text_wipe(password);
    g_free(password);
    return code;
}

/* ---- a camera of the configuration ---- */

static int probe_stream(const SkyCtl *ctl, const Options *options, const SkyCameraConfig *camera, const char *name, const char *url,
                        Use use) {
    g_autofree char *shown = sky_uri_redact(url);
    g_autoptr(SkyUri) uri = sky_uri_parse(url, NULL);
    g_assert(uri); /* the configuration holds no other */
    printf("stream         %s, %s\n", name, shown);
    fflush(stdout); /* before what is said on stderr */
    g_autofree char *refused = options->force ? NULL : sky_ctl_account_refused(ctl, uri, camera->user);
    if (refused) {
        fprintf(stderr, "skynetctl probe: %s; --force tries all the same\n", refused);
        return SKY_CTL_UNREACHABLE;
    }
    return listen_to(&(SkySourceParams){.camera = camera->id,
                                        .url = url,
                                        .user = camera->user,
                                        .password = camera->password,
                                        .transport = camera->transport,
                                        .pipeline_text = camera->pipeline_text,
                                        .connect_timeout_ns = camera->connect_timeout_ns,
                                        .stall_timeout_ns = camera->stall_timeout_ns},
                     options->seconds, use);
}

/* The main stream is asked for only where the other was given: a wrong password is tried once. */
static int probe_camera(const SkyCtl *ctl, const Options *options) {
    g_autoptr(SkyConfig) config = sky_ctl_config(ctl);
    if (!config)
        return SKY_CTL_NO;
    const SkyCameraConfig *camera = sky_config_camera(config, options->camera);
    if (!camera) {
        fprintf(stderr, "skynetctl probe: there is no camera '%s' in %s\n", options->camera, ctl->config_path);
        return SKY_CTL_USAGE;
    }
    const Use both = {.analysed = TRUE, .recorded = TRUE}, analysed = {.analysed = TRUE}, recorded = {.recorded = TRUE};
    int code = camera->sub_url ? probe_stream(ctl, options, camera, "sub", camera->sub_url, analysed) : SKY_CTL_OK;
    if (code == SKY_CTL_OK)
        code = probe_stream(ctl, options, camera, "main", camera->main_url, camera->sub_url ? recorded : both);
    return code;
}

static const char *wrong_usage(const Options *options, gboolean url) {
    if (options->seconds < 1 || options->seconds > 120)
        return "--seconds: 1 to 120";
    if (options->decoders)
        return url || options->camera ? "--decoders looks at this box, not at a camera" : NULL;
    if (options->tcp && options->udp)
        return "--tcp or --udp, not both";
    if ((options->camera != NULL) == url)
        return url ? "a URL or --camera, not both" : "a URL or --camera ID is missing";
    if (options->camera && (options->tcp || options->udp || options->user || options->password_file))
        return "with --camera, account and transport are the configuration's";
    return NULL;
}

int sky_ctl_probe(SkyCtl *ctl, int argc, char **argv) {
    Options options = {.seconds = 6};
    const GOptionEntry entries[] = {
        {"tcp", 0, 0, G_OPTION_ARG_NONE, &options.tcp, "RTP within the RTSP connection, and nothing else", NULL},
        {"udp", 0, 0, G_OPTION_ARG_NONE, &options.udp, "RTP over UDP, and nothing else", NULL},
        {"user", 'u', 0, G_OPTION_ARG_STRING, &options.user, "account; its password is asked for where there is no file", "NAME"},
        {"password-file", 'p', 0, G_OPTION_ARG_FILENAME, &options.password_file, "its password is the first line of FILE", "FILE"},
        {"camera", 'C', 0, G_OPTION_ARG_STRING, &options.camera, "both streams of this camera of the configuration", "ID"},
        {"seconds", 't', 0, G_OPTION_ARG_INT, &options.seconds, "how long to look, 1 to 120 (6)", "N"},
        {"force", 'f', 0, G_OPTION_ARG_NONE, &options.force, "also where the daemon waits because this account was refused", NULL},
        {"decoders", 'd', 0, G_OPTION_ARG_NONE, &options.decoders, "no camera: what can decode on this box, tried", NULL},
        G_OPTION_ENTRY_NULL,
    };
    static const char about[] =
        "Connects once a stream, as the daemon would, and says codec, size, rate, GOP length, bit rate, transport, the time to\n"
        "the first picture, and what would be better set on the camera. A password is never printed. With --decoders it looks\n"
        "at this box alone: which decoders work, tried, and which shipped pipelines have their elements. Exit codes: 0 pictures\n"
        "came, 1 the password file or the configuration can not be read, 2 wrong usage, 3 the camera can not be reached,\n"
        "refuses, or fell silent.";
    gboolean parsed = sky_ctl_options(ctl, &argc, &argv, entries, "URL | --camera ID | --decoders", about, 0, 1);
    int code = SKY_CTL_USAGE;
    const char *wrong = parsed ? wrong_usage(&options, argc == 2) : NULL;
    if (wrong)
        fprintf(stderr, "skynetctl probe: %s: see skynetctl probe --help\n", wrong);
    else if (parsed)
        code = options.decoders ? sky_ctl_decoders() : options.camera ? probe_camera(ctl, &options) : probe_url(ctl, &options, argv[1]);
    g_free(options.camera);
    g_free(options.user);
    g_free(options.password_file);
    return code;
}
