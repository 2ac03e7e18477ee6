/* SPDX-License-Identifier: Apache-2.0 */
/* Every engine against every server, a case a test: /conformance/ENGINE/SERVER/CASE. One alone: -p /conformance/rtsp/camera/basic.
 * tests/integration/conformance_table prints the table. */
#include <sched.h>
#include <string.h>

#include "base/clock.h"
#include "integration/conformance.h"
#include "support/source_tap.h"

/* With the shipped text for the transport, from the folder $SKYNET_PIPELINES. */
static SkySource *make_gst(const SkySourceParams *params, const SkySourceSink *sink) {
    g_autofree char *path = g_build_filename(g_getenv("SKYNET_PIPELINES"),
                                             params->transport == SKY_RTSP_UDP ? "rtsp-udp.pipeline" : "rtsp-tcp.pipeline", NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    SkySourceParams with_text = *params;
    with_text.pipeline_text = text;
    return sky_gst_source_new(&with_text, sink);
}

static const struct {
    const char *name;
    TapEngine make;
    const char *server; /* NULL: all */
    int64_t slack_ns;   /* of media time against the camera's: rtspsrc lets its clock follow what arrives */
} engines[] = {{"rtsp", sky_rtsp_source_new, NULL, 0}, {"gst", make_gst, "camera", 60 * SKY_NS_PER_MS}};

/* Cells that an engine can not be in, and why. */
static const struct {
    const char *engine, *cell, *why;
} gaps[] = {
    {"gst", "auto-refused", "the shipped texts name their transport"},
    {"gst", "auto-tcp-swallowed", "the shipped texts name their transport"},
    {"gst", "auto-udp-swallowed", "the shipped texts name their transport"},
    {"rtsp", "rtsps-verified", "libavformat 5.1 hands none of its tls options (verify, ca_file) on from rtsps://"},
};

static const char *gap_of(const char *engine, const ConformanceCell *cell) {
    for (guint i = 0; i < G_N_ELEMENTS(gaps); i++)
        if (strcmp(gaps[i].engine, engine) == 0 && strcmp(gaps[i].cell, cell->name) == 0)
            return gaps[i].why;
    return cell->run == NULL ? cell->can_not : NULL;
}

static const struct {
    const char *name, *picture, *encoder;
} clips[] = {
#define X264 "-c:v libx264 -preset veryfast "
#define X265 "-c:v libx265 -preset veryfast -x265-params log-level=none:pools=1:keyint=25:bframes="
    {"h264.mp4", "testsrc2=s=320x240:r=25:d=4", X264 "-g 25 -bf 0"},
    {"long-h264.mp4", "testsrc2=s=320x240:r=25:d=30", X264 "-g 25 -bf 0"},
    {"long-h265.mp4", "testsrc2=s=320x240:r=25:d=30", X265 "0 -preset ultrafast"},
    {"wide.mp4", "testsrc2=s=480x272:r=25:d=4", X264 "-g 25 -bf 0"},
    {"h265.mp4", "testsrc2=s=320x240:r=25:d=4", X265 "0"},
    {"mjpeg.mkv", "testsrc2=s=320x240:r=25:d=4", "-c:v mjpeg -huffman default -pix_fmt yuvj420p"},
    {"slices.mp4", "testsrc2=s=320x240:r=25:d=4", X264 "-g 25 -bf 0 -slices 4"},
    {"b-frames.mp4", "testsrc2=s=320x240:r=25:d=4", X264 "-g 25 -bf 3"},
    {"h265-b-frames.mp4", "testsrc2=s=320x240:r=25:d=4", X265 "3"},
    {"smart.mp4", "testsrc2=s=320x240:r=10:d=24", X264 "-g 120 -bf 0 -sc_threshold 0"},
    {"sparse.mp4", "testsrc2=s=320x240:r=2:d=80", X264 "-g 68 -bf 0 -sc_threshold 0"},
    {"slow.mp4", "testsrc2=s=320x240:r=1:d=20", X264 "-g 4 -bf 0"},
    {"fast.mp4", "testsrc2=s=320x240:r=60:d=4", X264 "-g 60 -bf 0"},
    {"variable.mp4", "\"testsrc2=s=320x240:r=25:d=6,select='lt(mod(n,25),5)+not(mod(n,7))'\"", X264 "-g 20 -bf 0 -fps_mode vfr"},
};
static ClipFixture *fixture;
static char *made[G_N_ELEMENTS(clips)];
static int64_t slack_ns; /* of the engine that runs */

int64_t conformance_slack_ns(void) {
    return slack_ns;
}

const char *conformance_directory(void) {
    return fixture->directory;
}

const char *conformance_clip(const char *name) {
    for (guint i = 0; i < G_N_ELEMENTS(clips); i++) {
        if (strcmp(clips[i].name, name) != 0)
            continue;
        if (made[i] == NULL)
            made[i] = clip_fixture_make(fixture, name, clips[i].picture, clips[i].encoder);
        if (made[i] == NULL)
            g_test_skip("no ffmpeg with this encoder");
        return made[i];
    }
    g_assert_not_reached();
}

typedef struct {
    TapEngine engine;
    int64_t slack_ns;
    const ConformanceCell *cell;
    const char *can_not;
} Bound;

static void run(gconstpointer data) {
    const Bound *bound = data;
    if (bound->can_not != NULL) {
        g_test_skip(bound->can_not);
        return;
    }
    tap_set_engine(bound->engine);
    slack_ns = bound->slack_ns;
    bound->cell->run(bound->cell->data);
}

static void add(const ConformanceCell *cells, guint count) {
    for (guint e = 0; e < G_N_ELEMENTS(engines); e++)
        for (guint i = 0; i < count; i++) {
            if (engines[e].server != NULL && strcmp(engines[e].server, cells[i].server) != 0)
                continue;
            g_autofree char *path = g_strjoin("/", "/conformance", engines[e].name, cells[i].server, cells[i].name, NULL);
            Bound *bound = g_new(Bound, 1);
            *bound = (Bound){engines[e].make, engines[e].slack_ns, &cells[i], gap_of(engines[e].name, &cells[i])};
            g_test_add_data_func_full(path, bound, run, g_free);
        }
}

/* A network of this test's own, where multicast goes by the loopback; where it may have none, those cells skip. */
static void enter_network(void) {
    if (unshare(CLONE_NEWNET) == 0)
        (void)(g_spawn_command_line_sync("ip link set lo up", NULL, NULL, NULL, NULL) &&
               g_spawn_command_line_sync("ip route add 224.0.0.0/4 dev lo", NULL, NULL, NULL, NULL));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    enter_network();
    fixture = clip_fixture_new();
    guint count;
    const ConformanceCell *cells = conformance_camera_cells(&count);
    add(cells, count);
    cells = conformance_stage_cells(&count);
    add(cells, count);
    cells = conformance_foreign_cells(&count);
    add(cells, count);
    int failed = g_test_run();
    clip_fixture_free(fixture);
    for (guint i = 0; i < G_N_ELEMENTS(made); i++)
        g_free(made[i]);
    return failed;
}
