/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text_file.h"
#include "base/uri.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/account.h"
#include "daemon/ctl/decoders.h"
#include "daemon/ctl/look.h"
#include "daemon/ctl/password.h"
#include "daemon/ctl/probe_report.h"
#include "daemon/ctl/snapshot.h"
#include "message/reader_text.h"
#include "source/source.h"

#define CONNECT_NS (10 * SKY_NS_PER_S)
#define STALL_NS (6 * SKY_NS_PER_S)

/* ---- the command ---- */

typedef struct {
    gboolean tcp, udp, force, decoders;
    char *user, *password_file, *camera, *snapshot;
    int seconds;
} Options;

/* One stream, where its account may be tried; what was wrong is told. The look is the caller's to clear. */
static int listen_to(const SkyCtl *ctl, const Options *options, const SkyUri *uri, const SkySourceParams *params, SkyLook *ret_look) {
    g_auto(SkyCtlAccount) account;
    sky_ctl_account_init(&account, uri, params->user, params->password);
    g_autofree char *refused = options->force ? NULL : sky_ctl_account_refused(ctl, &account);
    if (refused) {
        fprintf(stderr, "skynetctl probe: %s; --force tries all the same\n", refused);
        return SKY_CTL_UNREACHABLE;
    }
    sky_look_at(params, options->seconds, ret_look);
    if (sky_look_is_refused(ret_look))
        sky_ctl_account_tell_refused(ctl, &account, options->camera ? options->camera : "");
    else if (ret_look->packets > 0 && sky_ctl_account_tell_let_in(ctl, &account))
        fprintf(stderr, "skynetctl probe: the daemon waited because this account had been refused; it tries again now\n");
    g_autofree char *clean = ret_look->why ? sky_reader_text(ret_look->why, 1024) : NULL;
    if (clean)
        fprintf(stderr, "skynetctl probe: %s\n", clean);
    else if (ret_look->packets == 0)
        fprintf(stderr, "skynetctl probe: the camera sent no picture that decoding can begin with\n");
    return clean || ret_look->packets == 0 ? SKY_CTL_UNREACHABLE : SKY_CTL_OK;
}

/* camera: whose masks are burnt in; NULL: a bare URL has none. */
static int keep_picture(const Options *options, const SkyLook *look, const SkyCameraConfig *camera) {
    g_autoptr(GError) error = NULL;
    if (!options->snapshot || !look->key)
        return SKY_CTL_OK;
    if (!sky_snapshot_write(options->snapshot, look->key, camera ? camera->privacy : NULL, camera ? camera->privacy_count : 0, &error)) {
        fprintf(stderr, "skynetctl probe: no picture: %s\n", error->message);
        return SKY_CTL_NO;
    }
    printf("picture        %s\n", options->snapshot);
    return SKY_CTL_OK;
}

/* Of the streams that sent pictures; the code of the worst. */
static int report(const Options *options, const SkyProbed *streams, guint count, const SkyCameraConfig *camera, int code) {
    SkyProbed seen[2];
    guint seen_count = 0;
    for (guint i = 0; i < count; i++)
        if (streams[i].look->packets > 0)
            seen[seen_count++] = streams[i];
    if (seen_count == 0)
        return code;
    g_autofree char *text = sky_probe_report(seen, seen_count);
    fputs(text, stdout);
    int kept = keep_picture(options, seen[seen_count - 1].look, camera); /* the last is the main stream */
    return code == SKY_CTL_OK ? kept : code;
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
    char *password;
    g_auto(SkyLook) look = {0};
    int code = find_password(options, uri, &password);
    if (code == SKY_CTL_OK)
        code = listen_to(ctl, options, uri,
                         &(SkySourceParams){.camera = "probe",
                                            .url = url,
                                            .user = options->user ? options->user : uri->user,
                                            .password = password ? password : uri->password,
                                            .transport = options->udp ? SKY_RTSP_UDP : options->tcp ? SKY_RTSP_TCP : SKY_RTSP_AUTO,
                                            .connect_timeout_ns = CONNECT_NS,
                                            .stall_timeout_ns = STALL_NS},
                         &look);
    sky_text_wipe(password);
    g_free(password);
    return report(options, &(SkyProbed){.analysed = TRUE, .recorded = TRUE, .look = &look}, 1, NULL, code);
}

/* ---- a camera of the configuration ---- */

static int probe_stream(const SkyCtl *ctl, const Options *options, const SkyCameraConfig *camera, const char *name, const char *url,
                        SkyLook *ret_look) {
    g_autofree char *shown = sky_uri_redact(url);
    g_autoptr(SkyUri) uri = sky_uri_parse(url, NULL);
    g_assert(uri); /* the configuration holds no other */
    printf("stream         %s, %s\n", name, shown);
    fflush(stdout); /* before what is said on stderr */
    return listen_to(ctl, options, uri,
                     &(SkySourceParams){.camera = camera->id,
                                        .url = url,
                                        .user = camera->user,
                                        .password = camera->password,
                                        .transport = camera->transport,
                                        .pipeline_text = camera->pipeline_text,
                                        .ca_file = camera->ca_file,
                                        .connect_timeout_ns = camera->connect_timeout_ns,
                                        .stall_timeout_ns = camera->stall_timeout_ns},
                     ret_look);
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
    g_auto(SkyLook) sub = {0};
    g_auto(SkyLook) main = {0};
    int code = camera->sub_url ? probe_stream(ctl, options, camera, "sub", camera->sub_url, &sub) : SKY_CTL_OK;
    if (code == SKY_CTL_OK)
        code = probe_stream(ctl, options, camera, "main", camera->main_url, &main);
    const SkyProbed streams[] = {{.name = "sub", .analysed = TRUE, .look = &sub},
                                 {.name = "main", .analysed = !camera->sub_url, .recorded = TRUE, .look = &main}};
    return report(options, streams, 2, camera, code);
}

static const char *wrong_usage(const Options *options, gboolean url, GError **error) {
    if (options->seconds < 1 || options->seconds > 120)
        return "--seconds: 1 to 120";
    if (options->decoders)
        return url || options->camera || options->snapshot ? "--decoders looks at this box, not at a camera" : NULL;
    if (options->tcp && options->udp)
        return "--tcp or --udp, not both";
    if ((options->camera != NULL) == url)
        return url ? "a URL or --camera, not both" : "a URL or --camera ID is missing";
    if (options->snapshot && !sky_snapshot_may_write(options->snapshot, error))
        return (*error)->message;
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
        {"snapshot", 'S', 0, G_OPTION_ARG_FILENAME, &options.snapshot, "a picture (of main) into a new FILE.jpg; masks are burnt in",
         "FILE"},
        {"force", 'f', 0, G_OPTION_ARG_NONE, &options.force, "also where the daemon waits because this account was refused", NULL},
        {"decoders", 'd', 0, G_OPTION_ARG_NONE, &options.decoders, "no camera: what can decode on this box, tried", NULL},
        G_OPTION_ENTRY_NULL,
    };
    static const char about[] =
        "Connects once a stream, as the daemon would, and says codec, size, rate, GOP length, bit rate and its control (a guess\n"
        "by the pictures' sizes: look while nothing moves), transport, the time to the first picture, the camera's clock beside\n"
        "this box's (from its RTCP reports), and what would be better set on the camera. A password is never printed.\n"
        "With --decoders it looks at this box alone: which decoders work, tried, and which shipped pipelines have their elements. Exit codes: 0 pictures\n"
        "came, 1 the password file or the configuration can not be read, 2 wrong usage, 3 the camera can not be reached,\n"
        "refuses, or fell silent.";
    gboolean parsed = sky_ctl_options(ctl, &argc, &argv, entries, "URL | --camera ID | --decoders", about, 0, 1);
    int code = SKY_CTL_USAGE;
    g_autoptr(GError) error = NULL;
    const char *wrong = parsed ? wrong_usage(&options, argc == 2, &error) : NULL;
    if (wrong)
        fprintf(stderr, "skynetctl probe: %s: see skynetctl probe --help\n", wrong);
    else if (parsed)
        code = options.decoders ? sky_ctl_decoders() : options.camera ? probe_camera(ctl, &options) : probe_url(ctl, &options, argv[1]);
    g_free(options.camera);
    g_free(options.snapshot);
    g_free(options.user);
    g_free(options.password_file);
    return code;
}
