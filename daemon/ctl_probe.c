/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/queue.h"
#include "base/text_file.h"
#include "base/uri.h"
#include "daemon/ctl.h"
#include "source/source.h"

#define CONNECT_NS (10 * SKY_NS_PER_S)
#define STALL_NS (6 * SKY_NS_PER_S)

/* What comes in. The lock guards all of it. */
typedef struct {
    SkyLock lock;
    SkyStreamInfo *info;
    int64_t first_ns, last_ns;
    uint64_t packets, bytes, keys;
    int64_t last_key_ns;
    double gop_s_most;
    SkyQueue *ended; /* one item: the error's message, or "" */
} Probe;

static void on_packet(SkyPacket *packet, gpointer user) {
    Probe *probe = user;
    const SkyPacketTimes *times = sky_packet_times(packet);
    sky_lock_enter(&probe->lock);
    if (probe->packets++ == 0)
        probe->first_ns = times->arrival_ns;
    probe->last_ns = times->arrival_ns;
    probe->bytes += sky_packet_size_bytes(packet);
    if (times->key) {
        if (probe->keys++ > 0)
            probe->gop_s_most = MAX(probe->gop_s_most, (double)(times->dts_ns - probe->last_key_ns) / 1e9);
        probe->last_key_ns = times->dts_ns;
    }
    sky_stream_info_unref(probe->info);
    probe->info = sky_stream_info_ref(sky_packet_info(packet));
    sky_lock_leave(&probe->lock);
    sky_packet_unref(packet);
}

static void on_ended(const GError *error, gpointer user) {
    sky_queue_push(((Probe *)user)->ended, g_strdup(error ? error->message : ""));
}

/* ---- advice ---- */

static void advise(const Probe *probe, double fps) {
    if (sky_stream_info_width_px(probe->info) > 1280)
        printf("advice         this looks like a main stream; let `sub` be a stream of about 640x360 for the analysis\n");
    if (probe->keys > 1 && probe->gop_s_most > 2.5)
        printf("advice         set the camera's I-frame interval to 1 to 2 s (%d pictures at this rate): events are seen, and clips begin, sooner\n",
               (int)(fps * 2 + 0.5));
    if (sky_stream_info_codec(probe->info) == SKY_CODEC_H265)
        printf("advice         H.265 clips do not play in every browser: choose H.264 where pictures leave the box\n");
}

static void report(const Probe *probe, const char *transport, int64_t started_ns) {
    double seconds = MAX((double)(probe->last_ns - probe->first_ns) / 1e9, 1e-3);
    double fps = probe->packets > 1 ? (double)(probe->packets - 1) / seconds : 0;
    printf("codec          %s\n", sky_codec_name(sky_stream_info_codec(probe->info)));
    printf("size           %ux%u\n", sky_stream_info_width_px(probe->info), sky_stream_info_height_px(probe->info));
    printf("rate           %.1f pictures a second\n", fps);
    if (probe->keys > 1)
        printf("key frames     every %.1f s at most\n", probe->gop_s_most);
    else
        printf("key frames     one in %.1f s: probe longer (--seconds) to see how far apart they are\n", seconds);
    printf("bit rate       %.0f kbit/s\n", (double)probe->bytes * 8 / seconds / 1000);
    printf("transport      %s\n", transport);
    printf("first picture  after %.2f s\n", (double)(probe->first_ns - started_ns) / 1e9);
    advise(probe, fps);
}

/* ---- the password ---- */

static char *ask_password(void) {
    struct termios before, quiet;
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before) != 0)
        return NULL;
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    fprintf(stderr, "Password: ");
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    char line[256];
    gboolean read = fgets(line, sizeof line, stdin) != NULL;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fprintf(stderr, "\n");
    char *password = read ? g_strndup(line, strcspn(line, "\r\n")) : NULL;
    explicit_bzero(line, sizeof line);
    return password;
}

/* ---- the command ---- */

typedef struct {
    gboolean udp;
    char *user, *password_file;
    int seconds;
} Options;

static int listen_to(const SkySourceParams *params, int seconds) {
    Probe probe = {.ended = sky_queue_new(1, g_free)};
    sky_lock_init(&probe.lock);
    g_autoptr(GError) error = NULL;
    int64_t started_ns = sky_clock_monotonic_ns();
    SkySource *source = sky_rtsp_source_new(params, &(SkySourceSink){.packet = on_packet, .ended = on_ended, .user = &probe});
    gpointer message = NULL;
    int64_t until_ns = started_ns + CONNECT_NS + seconds * SKY_NS_PER_S;
    if (!sky_source_start(source, &error)) {
        message = g_strdup(error->message);
    } else {
        while (sky_clock_monotonic_ns() < until_ns && sky_queue_pop(probe.ended, sky_clock_monotonic_ns() + 100 * SKY_NS_PER_MS, &message) != SKY_QUEUE_OK) {
            sky_lock_enter(&probe.lock);
            if (probe.packets > 0)
                until_ns = MIN(until_ns, probe.first_ns + seconds * SKY_NS_PER_S);
            sky_lock_leave(&probe.lock);
        }
    }
    sky_source_free(source);
    if (probe.packets > 0)
        report(&probe, params->transport == SKY_RTSP_UDP ? "UDP" : "TCP", started_ns);
    if (message)
        fprintf(stderr, "skynetctl probe: %s\n", (char *)message);
    else if (probe.packets == 0)
        fprintf(stderr, "skynetctl probe: the camera sent no picture that decoding can begin with\n");
    int code = message || probe.packets == 0 ? SKY_CTL_UNREACHABLE : SKY_CTL_OK;
    g_free(message);
    sky_stream_info_unref(probe.info);
    sky_queue_free(probe.ended);
    sky_lock_clear(&probe.lock);
    return code;
}

static int probe_url(const Options *options, const char *url) {
    g_autoptr(GError) error = NULL;
    g_autoptr(SkyUri) uri = sky_uri_parse(url, &error);
    if (!uri || (strcmp(uri->scheme, "rtsp") != 0 && strcmp(uri->scheme, "rtsps") != 0)) {
        fprintf(stderr, "skynetctl probe: %s\n", uri ? "the URL of a camera begins with rtsp:// or rtsps://" : error->message);
        return SKY_CTL_USAGE;
    }
    char *password = options->password_file ? sky_text_file_read_secret(options->password_file, &error) : NULL;
    if (error) {
        fprintf(stderr, "skynetctl probe: %s\n", error->message);
        return SKY_CTL_NO;
    }
    if (options->user && !password)
        password = ask_password();
    int code = listen_to(&(SkySourceParams){.camera = "probe",
                                            .url = url,
                                            .user = options->user,
                                            .password = password,
                                            .transport = options->udp ? SKY_RTSP_UDP : SKY_RTSP_TCP,
                                            .connect_timeout_ns = CONNECT_NS,
                                            .stall_timeout_ns = STALL_NS},
                         options->seconds);
    sky_text_wipe(password);
    g_free(password);
    return code;
}

int sky_ctl_probe(const SkyCtl *ctl, int argc, char **argv) {
    Options options = {.seconds = 6};
    const GOptionEntry entries[] = {
        {"udp", 0, 0, G_OPTION_ARG_NONE, &options.udp, "RTP over UDP (TCP)", NULL},
        {"user", 'u', 0, G_OPTION_ARG_STRING, &options.user, "account; its password is asked for where there is no file", "NAME"},
        {"password-file", 'p', 0, G_OPTION_ARG_FILENAME, &options.password_file, "its password is the first line of FILE", "FILE"},
        {"seconds", 't', 0, G_OPTION_ARG_INT, &options.seconds, "how long to look, 1 to 120 (6)", "N"},
        G_OPTION_ENTRY_NULL,
    };
    if (!sky_ctl_options(&argc, &argv, entries, "URL",
                         "Connects once, as the daemon would, and says codec, size, rate, key-frame interval, bit rate and what would be better\n"
                         "set on the camera. A password is never printed. Exit codes: 0 pictures came, 1 the password file can not be read,\n"
                         "2 wrong usage, 3 the camera can not be reached or refuses.",
                         1, 1))
        return SKY_CTL_USAGE;
    int code = SKY_CTL_USAGE;
    if (options.seconds < 1 || options.seconds > 120)
        fprintf(stderr, "skynetctl probe: --seconds: 1 to 120\n");
    else
        code = probe_url(&options, argv[1]);
    g_free(options.user);
    g_free(options.password_file);
    return code;
}
