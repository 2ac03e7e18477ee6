/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text_file.h"
#include "base/uri.h"
#include "daemon/ctl.h"
#include "daemon/ctl_account.h"
#include "daemon/ctl_look.h"
#include "daemon/ctl_password.h"
#include "message/reader_text.h"
#include "source/source.h"

#define CONNECT_NS (10 * SKY_NS_PER_S)
#define STALL_NS (6 * SKY_NS_PER_S)

/* ---- what it says ---- */

static void advise(const SkyLook *look) {
    if (look->width_px > 1280)
        printf("advice         this looks like a main stream; let `sub` be a stream of about 640x360 for the analysis\n");
    if ((double)look->gop_most_ns > 2.5 * SKY_NS_PER_S)
        printf("advice         set the camera's I-frame interval to 1 to 2 s (%d pictures at this rate): events are seen, and\n"
               "               clips begin, sooner\n",
               (int)(look->fps * 2 + 0.5));
    if (look->codec == SKY_CODEC_H265)
        printf("advice         H.265 clips do not play in every browser: choose H.264 where pictures leave the box\n");
}

static void report(const SkyLook *look, const char *transport) {
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
    printf("transport      %s\n", transport);
    printf("first picture  after %.2f s\n", (double)look->first_ns / SKY_NS_PER_S);
    advise(look);
}

/* ---- the command ---- */

typedef struct {
    gboolean tcp, udp, force;
    char *user, *password_file;
    int seconds;
} Options;

static int listen_to(const SkySourceParams *params, int seconds) {
    g_auto(SkyLook) look;
    sky_look_at(params, seconds, &look);
    g_autofree char *clean = look.why ? sky_reader_text(look.why, 1024) : NULL;
    if (look.packets > 0)
        report(&look, sky_rtsp_transport_name(look.transport));
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
                         options->seconds);
    sky_text_wipe(password);
    g_free(password);
    return code;
}

int sky_ctl_probe(SkyCtl *ctl, int argc, char **argv) {
    Options options = {.seconds = 6};
    const GOptionEntry entries[] = {
        {"tcp", 0, 0, G_OPTION_ARG_NONE, &options.tcp, "RTP within the RTSP connection, and nothing else", NULL},
        {"udp", 0, 0, G_OPTION_ARG_NONE, &options.udp, "RTP over UDP, and nothing else", NULL},
        {"user", 'u', 0, G_OPTION_ARG_STRING, &options.user, "account; its password is asked for where there is no file", "NAME"},
        {"password-file", 'p', 0, G_OPTION_ARG_FILENAME, &options.password_file, "its password is the first line of FILE", "FILE"},
        {"seconds", 't', 0, G_OPTION_ARG_INT, &options.seconds, "how long to look, 1 to 120 (6)", "N"},
        {"force", 'f', 0, G_OPTION_ARG_NONE, &options.force, "also where the daemon waits because this account was refused", NULL},
        G_OPTION_ENTRY_NULL,
    };
    static const char about[] =
        "Connects once, as the daemon would, and says codec, size, rate, GOP length, bit rate, transport, the time to the first\n"
        "picture, and what would be better set on the camera. A password is never printed. Exit codes: 0 pictures came, 1 the\n"
        "password file can not be read, 2 wrong usage, 3 the camera can not be reached, refuses, or fell silent.";
    gboolean parsed = sky_ctl_options(ctl, &argc, &argv, entries, "URL", about, 1, 1);
    int code = SKY_CTL_USAGE;
    if (parsed && (options.seconds < 1 || options.seconds > 120))
        fprintf(stderr, "skynetctl probe: --seconds: 1 to 120\n");
    else if (parsed && options.tcp && options.udp)
        fprintf(stderr, "skynetctl probe: --tcp or --udp, not both\n");
    else if (parsed)
        code = probe_url(ctl, &options, argv[1]);
    g_free(options.user);
    g_free(options.password_file);
    return code;
}
