/* SPDX-License-Identifier: Apache-2.0 */
/* How $SKYNET_CAMERA misbehaves when it is told to: seen in its packets. */
#include <string.h>
#include "base/clock.h"
#include "support/camera_fixture.h"
#include "support/clip_fixture.h"
#include "support/rtsp_client.h"

#define PATIENCE_MS 30000
#define TICKS_PER_S 90000
#define TICKS_PER_PICTURE 3600
#define CLIP_PICTURES 50
#define NAL_KIND 31
#define NAL_SPS 7
#define NAL_SLICE 1
#define NAL_KEY_SLICE 5
#define NAL_FRAGMENT 28 /* FU-A, RFC 6184 5.8 */
#define NTP_OF_UTC_S UINT64_C(2208988800)

static ClipFixture *fixture;
static const char *program;
static char *h264, *wide, *sliced;

typedef struct {
    CameraFixture *camera;
    RtspClient *client;
    char *url, *description;
    RtspPacket packet;
} Look;

static void look_begin(Look *look, const char *options) {
    g_autofree char *all = g_strdup_printf("%s a=%s", options, h264);
    look->camera = camera_fixture_new(program, all);
    g_assert_nonnull(look->camera);
    look->url = camera_fixture_url(look->camera, "a");
    look->client = rtsp_client_new(camera_fixture_port(look->camera));
    rtsp_client_play(look->client, look->url, &look->description);
}

static void look_end(Look *look) {
    rtsp_client_free(look->client);
    camera_fixture_free(look->camera);
    g_free(look->url);
    g_free(look->description);
}

/* The next RTP packet. */
static const RtspPacket *see(Look *look) {
    do g_assert_true(rtsp_client_next(look->client, PATIENCE_MS, &look->packet));
    while (look->packet.report);
    return &look->packet;
}

static void see_pictures(Look *look, int pictures) {
    while (pictures > 0) pictures -= see(look)->marker;
}

/* What the packet has of a NAL unit: its kind, where it is the unit's first. 0: its middle. */
static int nal_kind(const RtspPacket *packet) {
    int kind = packet->bytes[0] & NAL_KIND;
    if (kind != NAL_FRAGMENT) return kind;
    return packet->bytes[1] & 0x80 ? packet->bytes[1] & NAL_KIND : 0;
}

static void test_stall(void) {
    Look look;
    look_begin(&look, "");
    see_pictures(&look, 10);
    camera_fixture_tell(look.camera, "stall a");
    RtspPacket packet;
    while (rtsp_client_next(look.client, 500, &packet))
        if (!packet.report) look.packet = packet;
    guint32 before = look.packet.time;
    uint16_t sequence = look.packet.sequence;
    int64_t stalled_ns = sky_clock_monotonic_ns();
    g_usleep(1500000);
    camera_fixture_tell(look.camera, "resume a");
    see(&look);
    g_assert_cmpuint(look.packet.sequence, ==, (uint16_t)(sequence + 1));  /* nothing is lost, */
    g_assert_cmpuint(look.packet.time - before, >, TICKS_PER_S * 18 / 10); /* time went on */
    int64_t passed_ns = sky_clock_monotonic_ns() - stalled_ns;
    g_assert_cmpint(look.packet.time - before, <, (3 + passed_ns / SKY_NS_PER_S) * TICKS_PER_S);
    camera_fixture_tell(look.camera, "stall a");
    g_usleep(1500000);
    camera_fixture_tell(look.camera, "resume a");
    see_pictures(&look, 2); /* the last before it, the first behind it */
    int64_t before_ns = sky_clock_monotonic_ns();
    see_pictures(&look, 35); /* within 1.4 s: nothing is made up for */
    g_assert_cmpint(sky_clock_monotonic_ns() - before_ns, >, 200 * SKY_NS_PER_MS);
    look_end(&look);
}

/* Who connects while it is stalled waits for pictures, not for replies. */
static void test_stalled_before(void) {
    g_autofree char *options = g_strdup_printf("a=%s", h264);
    g_autoptr(CameraFixture) camera = camera_fixture_new(program, options);
    camera_fixture_tell(camera, "stall a");
    g_autofree char *url = camera_fixture_url(camera, "a");
    g_autoptr(RtspClient) client = rtsp_client_new(camera_fixture_port(camera));
    rtsp_client_play(client, url, NULL);
    RtspPacket packet;
    int pictures = 0;
    while (rtsp_client_next(client, 500, &packet)) pictures += !packet.report && packet.marker;
    g_assert_cmpint(pictures, <=, 1);
    camera_fixture_tell(camera, "resume a");
    while (pictures < 30) {
        g_assert_true(rtsp_client_next(client, PATIENCE_MS, &packet));
        pictures += !packet.report && packet.marker;
    }
}

static void test_drop(void) {
    Look look;
    look_begin(&look, "");
    see_pictures(&look, 5);
    camera_fixture_tell(look.camera, "drop a 30");
    see_pictures(&look, 2);
    uint16_t first = look.packet.sequence, count;
    int come = 0;
    do {
        come++;
        count = (uint16_t)(see(&look)->sequence - first);
    } while (count < 500);
    g_assert_cmpint(come, >, 500 * 60 / 100);
    g_assert_cmpint(come, <, 500 * 80 / 100);
    camera_fixture_tell(look.camera, "drop a 0");
    see_pictures(&look, 2);
    uint16_t last = look.packet.sequence;
    for (int i = 0; i < 100; i++, last = look.packet.sequence) g_assert_cmpuint(see(&look)->sequence, ==, (uint16_t)(last + 1));
    look_end(&look);
}

static gboolean is_known(const Look *look, GHashTable *known) {
    g_autofree char *sum = g_compute_checksum_for_data(G_CHECKSUM_SHA1, look->packet.bytes, look->packet.length);
    return g_hash_table_contains(known, sum);
}

/* Past what was sent before the camera was told. */
static void see_until(Look *look, GHashTable *known, gboolean is) {
    while (see(look) && is_known(look, known) != is) continue;
    see_pictures(look, 2);
}

/* How many packets of the next loop have a payload that is not among the known; they are afterwards. */
static guint see_unknown(Look *look, GHashTable *known, guint *ret_packets) {
    guint unknown = 0;
    *ret_packets = 0;
    for (int pictures = 0; pictures < CLIP_PICTURES; pictures += look->packet.marker, (*ret_packets)++) {
        see(look);
        char *sum = g_compute_checksum_for_data(G_CHECKSUM_SHA1, look->packet.bytes, look->packet.length);
        unknown += g_hash_table_add(known, sum) ? 1 : 0;
    }
    return unknown;
}

/* Each packet has something wrong in it, and only in its payload; and nothing has afterwards. */
static void test_garbage(void) {
    Look look;
    guint packets;
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    look_begin(&look, "");
    see_unknown(&look, known, &packets);
    g_assert_cmpuint(see_unknown(&look, known, &packets), ==, 0);
    camera_fixture_tell(look.camera, "garbage a on");
    see_until(&look, known, FALSE);
    RtspPacket last = look.packet;
    for (int i = 0; i < 60; i++, last = look.packet) {
        g_assert_cmpuint(see(&look)->sequence, ==, (uint16_t)(last.sequence + 1));
        g_assert_cmpuint(look.packet.time - last.time, <=, TICKS_PER_PICTURE);
    }
    g_assert_cmpuint(see_unknown(&look, known, &packets), ==, packets);
    camera_fixture_tell(look.camera, "garbage a off");
    see_until(&look, known, TRUE);
    g_assert_cmpuint(see_unknown(&look, known, &packets), ==, 0);
    look_end(&look);
}

static void test_switch(void) {
    Look look;
    look_begin(&look, "");
    while (nal_kind(see(&look)) != NAL_SPS) continue;
    g_autoptr(GBytes) before = g_bytes_new(look.packet.bytes, look.packet.length);
    see_pictures(&look, 10);
    guint32 source = look.packet.source, last_time = look.packet.time;
    camera_fixture_tell(look.camera, "switch a %s", wide);
    gboolean changed = FALSE;
    for (int pictures = 0, more = 20; pictures < 10 * CLIP_PICTURES && more > 0; last_time = look.packet.time) {
        pictures += see(&look)->marker;
        more -= changed && look.packet.marker;
        g_assert_cmpuint(look.packet.source, ==, source);
        g_assert_cmpuint(look.packet.time - last_time, <=, TICKS_PER_PICTURE); /* the same stream, in time */
        if (nal_kind(&look.packet) != NAL_SPS) continue;
        g_autoptr(GBytes) after = g_bytes_new(look.packet.bytes, look.packet.length);
        changed = changed || !g_bytes_equal(before, after);
    }
    g_assert_true(changed);
    rtsp_client_free(look.client);
    look.client = rtsp_client_new(camera_fixture_port(look.camera)); /* it is the new video for who comes later, too */
    g_autofree char *command = g_strdup_printf("ffprobe -v error -show_entries stream=width -of csv=p=0 %s", look.url),
                    *width = NULL;
    g_assert_true(g_spawn_command_line_sync(command, &width, NULL, NULL, NULL));
    g_assert_cmpstr(width, ==, "480\n");
    look_end(&look);
}

static void test_restart(void) {
    Look look;
    look_begin(&look, "");
    see_pictures(&look, 10);
    guint32 source = look.packet.source, before = look.packet.time;
    uint16_t sequence = look.packet.sequence;
    camera_fixture_tell(look.camera, "restart a");
    guint jumps = 0;
    for (int pictures = 0, more = 40; pictures < 10 * CLIP_PICTURES && more > 0;
         before = look.packet.time, sequence = look.packet.sequence) {
        pictures += see(&look)->marker;
        more -= jumps > 0 && look.packet.marker;
        jumps += look.packet.time - before > TICKS_PER_S;
        g_assert_cmpuint(look.packet.sequence, ==, (uint16_t)(sequence + 1));
        g_assert_cmpuint(look.packet.source, ==, source);
    }
    g_assert_cmpuint(jumps, ==, 1);
    look_end(&look);
}

/* Hangs up on this one and nobody else, and lets him in again. */
static void test_disconnect(void) {
    g_autofree char *options = g_strdup_printf("a=%s b=%s", h264, h264);
    g_autoptr(CameraFixture) camera = camera_fixture_new(program, options);
    g_autofree char *a_url = camera_fixture_url(camera, "a"), *b_url = camera_fixture_url(camera, "b");
    g_autoptr(RtspClient) b = rtsp_client_new(camera_fixture_port(camera));
    rtsp_client_play(b, b_url, NULL);
    RtspPacket packet;
    for (int i = 0; i < 5; i++) {
        g_autoptr(RtspClient) a = rtsp_client_new(camera_fixture_port(camera));
        rtsp_client_play(a, a_url, NULL);
        for (int k = 0; k < 20; k++) g_assert_true(rtsp_client_next(a, PATIENCE_MS, &packet));
        int64_t before_ns = sky_clock_monotonic_ns();
        camera_fixture_tell(camera, "disconnect a");
        while (rtsp_client_next(a, PATIENCE_MS, &packet)) continue;
        g_assert_true(rtsp_client_hung_up(a));
        g_assert_cmpint(sky_clock_monotonic_ns() - before_ns, <, 5 * SKY_NS_PER_S);
    }
    for (int k = 0; k < 50; k++) g_assert_true(rtsp_client_next(b, PATIENCE_MS, &packet));
}

static void test_wrap(void) {
    Look look;
    look_begin(&look, "--seq-wrap");
    g_assert_cmpuint(see(&look)->sequence, >, 65400);
    g_assert_cmpuint(look.packet.time, >, UINT32_MAX - 4 * TICKS_PER_S);
    int sequence_wraps = 0, time_wraps = 0;
    RtspPacket last = look.packet;
    for (int pictures = 0; pictures < 100; last = look.packet) {
        pictures += see(&look)->marker;
        g_assert_cmpuint((uint16_t)(look.packet.sequence - last.sequence), ==, 1);
        g_assert_cmpuint(look.packet.time - last.time, <=, TICKS_PER_PICTURE);
        sequence_wraps += look.packet.sequence < last.sequence;
        time_wraps += look.packet.time < last.time;
    }
    g_assert_cmpint(sequence_wraps, ==, 1);
    g_assert_cmpint(time_wraps, ==, 1);
    look_end(&look);
}

static void test_sprop(void) {
    Look look;
    look_begin(&look, "");
    g_assert_nonnull(strstr(look.description, "sprop-parameter-sets="));
    look_end(&look);
    look_begin(&look, "--no-sprop");
    g_assert_nonnull(strstr(look.description, "a=fmtp:96 packetization-mode=1"));
    g_assert_null(strstr(look.description, "sprop"));
    g_assert_cmpint(nal_kind(see(&look)), ==, NAL_SPS);
    look_end(&look);
}

static void test_late_sets(void) {
    Look look;
    look_begin(&look, "--no-sprop --late-sets 2");
    int key_frames = 0;
    while (nal_kind(see(&look)) != NAL_SPS) key_frames += nal_kind(&look.packet) == NAL_KEY_SLICE;
    g_assert_cmpint(key_frames, ==, 2);
    look_end(&look);
}

/* A sender report (RFC 3550 6.4.1) tells the wall clock. */
static void test_clock(gconstpointer offset) {
    Look look;
    g_autofree char *option = g_strdup_printf("--clock-offset=%s", (const char *)offset);
    int64_t before_s = sky_clock_utc_ns() / SKY_NS_PER_S;
    look_begin(&look, option);
    do g_assert_true(rtsp_client_next(look.client, PATIENCE_MS, &look.packet));
    while (!look.packet.report || look.packet.bytes[1] != 200);
    const guint8 *at = look.packet.bytes + 8;
    gint64 says_s = (gint64)((guint64)at[0] << 24 | (guint64)at[1] << 16 | (guint64)at[2] << 8 | at[3]) - (gint64)NTP_OF_UTC_S;
    says_s -= g_ascii_strtoll(offset, NULL, 10);
    g_assert_cmpint(says_s, >=, before_s - 1);
    g_assert_cmpint(says_s, <=, sky_clock_utc_ns() / SKY_NS_PER_S + 1);
    look_end(&look);
}

/* A picture of four slices stays one picture: four units, one marker, parameter sets once. */
static void test_slices(void) {
    Look look;
    look_begin(&look, "");
    camera_fixture_tell(look.camera, "switch a %s", sliced);
    int slices = 0, sets = 0, keys = 0;
    for (int pictures = 0, before = 0; pictures < 60;) {
        int kind = nal_kind(see(&look));
        slices += kind == NAL_SLICE || kind == NAL_KEY_SLICE;
        keys += kind == NAL_KEY_SLICE;
        sets += kind == NAL_SPS;
        if (!look.packet.marker) continue;
        if (pictures == 0 && slices == 1) { /* of the old video still */
            g_assert_cmpint(++before, <, 10 * CLIP_PICTURES);
            slices = sets = keys = 0;
            continue;
        }
        pictures++;
        g_assert_cmpint(slices, ==, 4);
        g_assert_cmpint(sets, ==, keys / 4);
        slices = sets = keys = 0;
    }
    look_end(&look);
}

static gboolean make_clips(void) {
    h264 = clip_fixture_make(fixture, "a.mp4", "testsrc2=s=320x240:r=25:d=2", "-c:v libx264 -preset veryfast -g 25 -bf 0");
    wide = clip_fixture_make(fixture, "w.mp4", "testsrc2=s=480x272:r=25:d=2", "-c:v libx264 -preset veryfast -g 25 -bf 0");
    sliced = clip_fixture_make(fixture, "s.mp4", "testsrc2=s=320x256:r=25:d=2",
                               "-c:v libx264 -preset veryfast -g 25 -bf 0 -x264-params slices=4");
    return h264 != NULL && wide != NULL && sliced != NULL;
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    program = g_getenv("SKYNET_CAMERA");
    fixture = clip_fixture_new();
    if (program == NULL || !make_clips()) {
        g_print("1..0 # SKIP %s\n", program == NULL ? "no skynet-camera in this build" : "no ffmpeg with libx264");
        clip_fixture_free(fixture);
        return 0;
    }
    g_test_add_func("/camera-faults/stall", test_stall);
    g_test_add_func("/camera-faults/stalled-before", test_stalled_before);
    g_test_add_func("/camera-faults/drop", test_drop);
    g_test_add_func("/camera-faults/garbage", test_garbage);
    g_test_add_func("/camera-faults/switch", test_switch);
    g_test_add_func("/camera-faults/restart", test_restart);
    g_test_add_func("/camera-faults/disconnect", test_disconnect);
    g_test_add_func("/camera-faults/wrap", test_wrap);
    g_test_add_func("/camera-faults/sprop", test_sprop);
    g_test_add_func("/camera-faults/late-sets", test_late_sets);
    g_test_add_data_func("/camera-faults/clock-ahead", "28800", test_clock);
    g_test_add_data_func("/camera-faults/clock-behind", "-28800", test_clock);
    g_test_add_data_func("/camera-faults/clock-right", "0", test_clock);
    g_test_add_func("/camera-faults/slices", test_slices);
    int failed = g_test_run();
    clip_fixture_free(fixture);
    g_free(h264);
    g_free(wide);
    g_free(sliced);
    return failed;
}
