/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/queue.h"
#include "base/text_file.h"
#include "base/uri.h"
#include "daemon/ctl.h"
#include "daemon/ctl_password.h"
#include "message/reader_text.h"
#include "source/source.h"

#define CONNECT_NS (10 * SKY_NS_PER_S)
#define STALL_NS (6 * SKY_NS_PER_S)

/* What comes in. The lock guards all of it. */
typedef struct {
    SkyLock lock;
    SkyStreamInfo *info;
    int64_t first_ns; /* arrival of the first picture */
    int64_t begin_ns, end_ns; /* media time: of the first picture and the last */
    uint64_t packets, bytes, keys;
    int64_t last_key_ns, gop_most_ns;
    uint64_t since_key, gop_most; /* pictures */
    SkyQueue *ended; /* one item: the error's message, or "" */
} Probe;

static void take_key(Probe *probe, int64_t now_ns) {
    if (probe->keys++ > 0 && now_ns - probe->last_key_ns > probe->gop_most_ns) {
        probe->gop_most_ns = now_ns - probe->last_key_ns;
        probe->gop_most = probe->since_key;
    }
    probe->last_key_ns = now_ns;
    probe->since_key = 0;
}

static void on_packet(SkyPacket *packet, gpointer user) {
    Probe *probe = user;
    const SkyPacketTimes *times = sky_packet_times(packet);
    sky_lock_enter(&probe->lock);
    if (probe->packets++ == 0) {
        probe->first_ns = times->arrival_ns;
        probe->begin_ns = times->dts_ns;
    }
    if (times->key)
        take_key(probe, times->dts_ns);
    probe->since_key++;
    probe->end_ns = times->dts_ns;
    probe->bytes += sky_packet_size_bytes(packet);
    sky_stream_info_unref(probe->info);
    probe->info = sky_stream_info_ref(sky_packet_info(packet));
    sky_lock_leave(&probe->lock);
    sky_packet_unref(packet);
}

static void on_ended(const GError *error, gpointer user) {
    sky_queue_push(((Probe *)user)->ended, g_strdup(error ? error->message : ""));
}

/* ---- what it says ---- */

static void advise(const Probe *probe, double fps) {
    if (sky_stream_info_width_px(probe->info) > 1280)
        printf("advice         this looks like a main stream; let `sub` be a stream of about 640x360 for the analysis\n");
    if ((double)probe->gop_most_ns > 2.5 * SKY_NS_PER_S)
        printf("advice         set the camera's I-frame interval to 1 to 2 s (%d pictures at this rate): events are seen, and\n"
               "               clips begin, sooner\n",
               (int)(fps * 2 + 0.5));
    if (sky_stream_info_codec(probe->info) == SKY_CODEC_H265)
        printf("advice         H.265 clips do not play in every browser: choose H.264 where pictures leave the box\n");
}

static void report(const Probe *probe, const char *transport, int64_t started_ns) {
    double seconds = (double)(probe->end_ns - probe->begin_ns) / SKY_NS_PER_S;
    double fps = seconds > 0 ? (double)(probe->packets - 1) / seconds : 0;
    printf("codec          %s\n", sky_codec_name(sky_stream_info_codec(probe->info)));
    printf("size           %ux%u\n", sky_stream_info_width_px(probe->info), sky_stream_info_height_px(probe->info));
    printf("rate           %.1f pictures a second\n", fps);
    if (probe->keys > 1)
        printf("GOP            %" G_GUINT64_FORMAT " pictures, %.1f s, at most\n", probe->gop_most,
               (double)probe->gop_most_ns / SKY_NS_PER_S);
    else
        printf("GOP            longer than %" G_GUINT64_FORMAT " pictures, %.1f s: look longer (--seconds)\n", probe->packets,
               seconds);
    printf("bit rate       %.0f kbit/s\n", seconds > 0 ? (double)probe->bytes * 8 / seconds / 1000 : 0);
    printf("transport      %s\n", transport);
    printf("first picture  after %.2f s\n", (double)(probe->first_ns - started_ns) / SKY_NS_PER_S);
    advise(probe, fps);
}

/* ---- the command ---- */

typedef struct {
    gboolean tcp, udp;
    char *user, *password_file;
    int seconds;
} Options;

/* Until `seconds` of pictures have come, or it ended. Returns why it ended, NULL: it goes on. */
static char *wait_for(Probe *probe, int64_t started_ns, int seconds) {
    gpointer why = NULL;
    int64_t until_ns = started_ns + CONNECT_NS + seconds * SKY_NS_PER_S;
    while (sky_clock_monotonic_ns() < until_ns) {
        if (sky_queue_pop(probe->ended, sky_clock_monotonic_ns() + 100 * SKY_NS_PER_MS, &why) == SKY_QUEUE_OK)
            return why;
        sky_lock_enter(&probe->lock);
        if (probe->packets > 0)
            until_ns = MIN(until_ns, probe->first_ns + seconds * SKY_NS_PER_S);
        sky_lock_leave(&probe->lock);
    }
    return NULL;
}

static int listen_to(const SkySourceParams *params, int seconds) {
    Probe probe = {.ended = sky_queue_new(1, g_free)};
    sky_lock_init(&probe.lock);
    g_autoptr(GError) error = NULL;
    int64_t started_ns = sky_clock_monotonic_ns();
    SkySource *source = sky_rtsp_source_new(params, &(SkySourceSink){.packet = on_packet, .ended = on_ended, .user = &probe});
    g_autofree char *why = sky_source_start(source, &error) ? wait_for(&probe, started_ns, seconds) : g_strdup(error->message);
    sky_source_free(source); /* nobody else has the numbers now */
    g_autofree char *clean = why ? sky_reader_text(why, 1024) : NULL;
    if (probe.packets > 0)
        report(&probe, params->transport == SKY_RTSP_UDP ? "UDP" : "TCP", started_ns);
    if (clean)
        fprintf(stderr, "skynetctl probe: %s\n", clean);
    else if (probe.packets == 0)
        fprintf(stderr, "skynetctl probe: the camera sent no picture that decoding can begin with\n");
    int code = clean || probe.packets == 0 ? SKY_CTL_UNREACHABLE : SKY_CTL_OK;
    sky_stream_info_unref(probe.info);
    sky_queue_free(probe.ended);
    sky_lock_clear(&probe.lock);
    return code;
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

static int probe_url(const Options *options, const char *url) {
    g_autoptr(GError) error = NULL;
    g_autoptr(SkyUri) uri = sky_uri_parse(url, &error);
    if (!uri || (strcmp(uri->scheme, "rtsp") != 0 && strcmp(uri->scheme, "rtsps") != 0)) {
        fprintf(stderr, "skynetctl probe: %s\n", uri ? "the URL of a camera begins with rtsp:// or rtsps://" : error->message);
        return SKY_CTL_USAGE;
    }
    char *password;
    int code = find_password(options, uri, &password);
    if (code == SKY_CTL_OK)
        code = listen_to(&(SkySourceParams){.camera = "probe",
                                            .url = url,
                                            .user = options->user ? options->user : uri->user,
                                            .password = password ? password : uri->password,
                                            .transport = options->udp ? SKY_RTSP_UDP : SKY_RTSP_TCP,
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
        {"tcp", 0, 0, G_OPTION_ARG_NONE, &options.tcp, "RTP within the RTSP connection (so it is without --udp)", NULL},
        {"udp", 0, 0, G_OPTION_ARG_NONE, &options.udp, "RTP over UDP", NULL},
        {"user", 'u', 0, G_OPTION_ARG_STRING, &options.user, "account; its password is asked for where there is no file", "NAME"},
        {"password-file", 'p', 0, G_OPTION_ARG_FILENAME, &options.password_file, "its password is the first line of FILE", "FILE"},
        {"seconds", 't', 0, G_OPTION_ARG_INT, &options.seconds, "how long to look, 1 to 120 (6)", "N"},
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
        code = probe_url(&options, argv[1]);
    g_free(options.user);
    g_free(options.password_file);
    return code;
}
