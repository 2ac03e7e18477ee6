/* SPDX-License-Identifier: Apache-2.0 */
/* rtsp_source against a server that does all that a camera should not. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "decode/decoder.h"
#include "source/rtsp_challenge.h"
#include "support/rtsp_stage.h"

static ClipFixture *fixture;
static ClipCatch *clip; /* 320x240 H.264, 100 packets, a key frame each 25, no B-frames */

#define SHORT_NS (500 * SKY_NS_PER_MS)  /* where silence is what is tested and nothing else comes; a busy machine is silent for as long */
#define SILENT_NS (3 * SKY_NS_PER_S)    /* after something came */
#define PATIENT_NS (30 * SKY_NS_PER_S)
#define IN_TIME_NS (10 * SKY_NS_PER_S) /* libavformat's own time-outs took longer */

static SkySourceParams params_for(const RtspStage *stage) {
    return (SkySourceParams){
        .camera = "cam", .url = rtsp_stage_url(stage), .connect_timeout_ns = PATIENT_NS, .stall_timeout_ns = PATIENT_NS};
}

static void check_order(const ClipCatch *caught) {
    g_assert_true(caught->packets->len == 0 || clip_catch_times(caught, 0)->key);
    int64_t last_ns = INT64_MIN;
    for (guint i = 0; i < caught->packets->len; i++) {
        const SkyPacketTimes *times = clip_catch_times(caught, i);
        g_assert_cmpint(times->dts_ns, >, last_ns);
        g_assert_cmpint(times->pts_ns, >=, times->dts_ns);
        last_ns = times->dts_ns;
    }
}

/* The last access unit of a stream that is cut is never known to be whole, so it may be missing. */
static void check_bytes(const ClipCatch *caught, guint first, guint count) {
    g_assert_cmpuint(caught->packets->len, >=, count - 1);
    for (guint i = 0; i < count - 1; i++) {
        SkyPacket *sent = clip_catch_at(clip, first + i), *got = clip_catch_at(caught, i);
        gsize head = sky_packet_size_bytes(sent) - MIN(sky_packet_size_bytes(sent), 200); /* start codes may be 3 or 4 bytes long */
        g_assert_cmpmem(sky_packet_data(got) + sky_packet_size_bytes(got) - MIN(200, sky_packet_size_bytes(got)),
                        MIN(200, sky_packet_size_bytes(got)), sky_packet_data(sent) + head, sky_packet_size_bytes(sent) - head);
        g_assert_cmpint(sky_packet_times(got)->key, ==, sky_packet_times(sent)->key);
    }
}

static void test_plain(void) {
    g_autoptr(RtspStage) stage = rtsp_stage_new(&(RtspStageScript){.with_audio = TRUE}, clip);
    SkySourceParams params = params_for(stage);
    g_autoptr(ClipCatch) caught = clip_catch_rtsp(&params, 0);
    g_assert_error(caught->error, SKY_ERROR, SKY_ERR_RETRY); /* a live source that ends has failed */
    check_order(caught);
    check_bytes(caught, 0, 100);
    g_assert_cmpuint(caught->bad_packets, ==, 0);
    g_assert_cmpuint(caught->mended_times, ==, 0); /* the RTP clock and the sequence numbers wrapped on the way */
    for (guint i = 0; i < 99; i++)
        g_assert_cmpint(clip_catch_times(caught, i)->dts_ns, ==, i * 40 * SKY_NS_PER_MS);
    SkyStreamInfo *info = sky_packet_info(clip_catch_at(caught, 0));
    g_assert_cmpuint(sky_stream_info_width_px(info), ==, 320);
    g_assert_cmpfloat(sky_stream_info_frame_rate(info), ==, 25);
    g_assert_true(sky_packet_info(clip_catch_at(caught, 98)) == info);
    g_autofree char *requests = rtsp_stage_requests(stage);
    g_assert_nonnull(strstr(requests, "SETUP rtsp://127.0.0.1"));
    g_assert_nonnull(strstr(requests, "/picture"));
    g_assert_null(strstr(requests, "/sound")); /* audio is never set up */
}

static void test_no_sprop(void) {
    g_autoptr(RtspStage) stage = rtsp_stage_new(&(RtspStageScript){.no_sprop = TRUE, .first = 10}, clip);
    SkySourceParams params = params_for(stage);
    g_autoptr(ClipCatch) caught = clip_catch_rtsp(&params, 0);
    check_order(caught);
    check_bytes(caught, 25, 75); /* begins with the first key frame */
    gsize bytes = 0;
    sky_stream_info_parameter_sets(sky_packet_info(clip_catch_at(caught, 0)), &bytes);
    g_assert_cmpuint(bytes, >, 0);
}

/* A camera whose parameter sets are told nowhere: no packet may come out that no decoder can use. */
static void test_no_sets(void) {
    g_autoptr(GPtrArray) kept = g_ptr_array_new();
    ClipCatch bare = {.packets = kept};
    SkyPacket *key = clip_catch_at(clip, 0);
    const uint8_t *data = sky_packet_data(key), *idr = data;
    while (memcmp(idr, "\0\0\1\x65", 4) != 0)
        idr++;
    g_autoptr(SkyPacket) cut = sky_packet_new_copy(sky_packet_info(key), sky_packet_times(key), idr,
                                                   sky_packet_size_bytes(key) - (gsize)(idr - data));
    g_ptr_array_add(kept, cut);
    for (guint i = 1; i < 25; i++)
        g_ptr_array_add(kept, clip_catch_at(clip, i));
    g_autoptr(RtspStage) stage = rtsp_stage_new(&(RtspStageScript){.no_sprop = TRUE}, &bare);
    SkySourceParams params = params_for(stage);
    g_autoptr(ClipCatch) caught = clip_catch_rtsp(&params, 0);
    g_assert_error(caught->error, SKY_ERROR, SKY_ERR_RETRY);
    g_assert_cmpuint(caught->packets->len, ==, 0);
}

/* RTP tells pts alone. Once the depth of reordering has shown itself, every time is true. */
static ClipCatch *reordered;
static uint32_t stamps_reordered(guint i) {
    return 1000000 + (uint32_t)(clip_catch_times(reordered, i)->pts_ns / (40 * SKY_NS_PER_MS) * 3600);
}

static void test_reordered(void) {
    g_autofree char *path = clip_fixture_make(fixture, "b.mp4", "testsrc2=s=320x240:r=25:d=4",
                                              "-c:v libx264 -preset veryfast -g 25 -bf 3");
    reordered = clip_catch_replay(&(SkySourceParams){.camera = "file", .url = path}, 0);
    g_autoptr(RtspStage) stage = rtsp_stage_new(&(RtspStageScript){.stamp = stamps_reordered}, reordered);
    SkySourceParams params = params_for(stage);
    g_autoptr(ClipCatch) caught = clip_catch_rtsp(&params, 0);
    check_order(caught);
    g_assert_cmpuint(caught->packets->len, >=, 99);
    g_assert_cmpuint(caught->mended_times, <=, 6);
    for (guint i = 10; i < 99; i++)
        g_assert_cmpint(clip_catch_times(caught, i)->pts_ns, ==, clip_catch_times(reordered, i)->pts_ns);
    g_clear_pointer(&reordered, clip_catch_free);
}

static void count_damage(SkyFrame *frame, gpointer user) {
    ((guint *)user)[frame->damaged != FALSE]++;
}

/* Joined behind its only IDR picture, and it tells no recovery points: I pictures have to do, and what follows them is not damaged. */
static void test_no_idr(void) {
    g_autofree char *path = clip_fixture_make(fixture, "i.mp4", "testsrc2=s=320x240:r=25:d=8",
                                              "-c:v libx264 -preset veryfast -x264-params "
                                              "open-gop=1:keyint=25:min-keyint=25:scenecut=0:bframes=1:b-adapt=0 "
                                              "-bsf:v filter_units=remove_types=6");
    reordered = clip_catch_replay(&(SkySourceParams){.camera = "file", .url = path}, 0);
    g_autoptr(RtspStage) stage = rtsp_stage_new(&(RtspStageScript){.first = 6, .stamp = stamps_reordered}, reordered);
    SkySourceParams params = params_for(stage);
    g_autoptr(ClipCatch) caught = clip_catch_rtsp(&params, 0);
    check_order(caught);
    g_assert_cmpuint(caught->packets->len, >=, 50);
    guint seen[2] = {0}, keys = 0;
    g_autoptr(SkyDecoder) decoder = sky_decoder_new(&(SkyDecodeParams){.policy = SKY_DECODE_FULL}, count_damage, seen);
    for (guint i = 0; i < caught->packets->len; i++) {
        keys += clip_catch_times(caught, i)->key;
        g_assert_true(sky_decoder_push(decoder, clip_catch_at(caught, i), NULL));
    }
    g_assert_cmpuint(keys, >=, 2);
    g_assert_cmpuint(caught->plain_keys, ==, keys); /* the camera should be set otherwise, and the daemon says so */
    g_assert_cmpuint(seen[0], >=, 40);
    g_assert_cmpuint(seen[1], <=, 2); /* shown before the first I picture, and of what came before that */
    g_clear_pointer(&reordered, clip_catch_free);
}

static uint32_t stamps_jump(guint i) {
    return i < 30 ? i * 3600 : i < 60 ? 0x70000000u + i * 3600 : i * 3600;
}
static uint32_t stamps_repeat(guint i) {
    return i / 2 * 7200;
}
static uint32_t stamps_stand(guint i) {
    return 5;
}
static uint32_t stamps_back(guint i) {
    return (i * 3600) ^ (i % 10 == 7 ? 0x2000 : 0);
}
static uint32_t stamps_noise(guint i) {
    return i * 2654435761u;
}

static void test_stamps(void) {
    static uint32_t (*const rows[])(guint) = {stamps_jump, stamps_repeat, stamps_back, stamps_noise};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(RtspStage) stage = rtsp_stage_new(&(RtspStageScript){.stamp = rows[i]}, clip);
        SkySourceParams params = params_for(stage);
        g_autoptr(ClipCatch) caught = clip_catch_rtsp(&params, 0);
        check_order(caught);
        check_bytes(caught, 0, 100);
        g_assert_cmpuint(caught->mended_times, >, 0);
        g_assert_cmpint(clip_catch_times(caught, 98)->dts_ns, <, 60 * SKY_NS_PER_S);
    }
    g_autoptr(RtspStage) stage = rtsp_stage_new(&(RtspStageScript){.stamp = stamps_stand}, clip);
    SkySourceParams params = params_for(stage);
    g_autoptr(ClipCatch) caught = clip_catch_rtsp(&params, 0);
    check_order(caught);
    g_assert_cmpuint(caught->packets->len, >=, 99);
}

static void test_stalls(void) {
    g_autoptr(RtspStage) stage = rtsp_stage_new(&(RtspStageScript){.end = RTSP_STAGE_HOLD, .count = 40}, clip);
    SkySourceParams params = params_for(stage);
    params.stall_timeout_ns = SILENT_NS;
    int64_t before_ns = sky_clock_monotonic_ns();
    g_autoptr(ClipCatch) caught = clip_catch_rtsp(&params, 0);
    int64_t took_ns = sky_clock_monotonic_ns() - before_ns;
    g_assert_error(caught->error, SKY_ERROR, SKY_ERR_RETRY);
    g_assert_cmpuint(caught->packets->len, >=, 39);
    g_assert_cmpint(took_ns, >=, SILENT_NS);
    g_assert_cmpint(took_ns, <, IN_TIME_NS);
}

static void test_garbage(void) {
    g_autoptr(RtspStage) stage = rtsp_stage_new(&(RtspStageScript){.end = RTSP_STAGE_GARBAGE, .count = 40}, clip);
    SkySourceParams params = params_for(stage);
    params.stall_timeout_ns = SILENT_NS;
    int64_t before_ns = sky_clock_monotonic_ns();
    g_autoptr(ClipCatch) caught = clip_catch_rtsp(&params, 0);
    g_assert_error(caught->error, SKY_ERROR, SKY_ERR_RETRY); /* noise is not life: the stall watch runs */
    g_assert_cmpint(sky_clock_monotonic_ns() - before_ns, <, IN_TIME_NS);
    check_order(caught);
    check_bytes(caught, 0, 39);
}

#define SDP "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\n"

typedef struct {
    const char *name;
    RtspStageScript script;
    SkyErrorCode code;
    const char *says;
} Refusal;

#define MD5 "Digest realm=\"stage\", nonce=\"abc\""
#define SHA_256 MD5 ", algorithm=SHA-256, qop=\"auth\""
static const Refusal refusals[] = {
    {"401", {.describe_status = "401 Unauthorized"}, SKY_ERR_CONFIG, "authentication"},
    {"sha-256", {.describe_status = "401 Unauthorized", .challenge = SHA_256}, SKY_ERR_CONFIG, "digests by SHA-256"},
    {"sha-256-or-md5", {.describe_status = "401 Unauthorized", .challenge = SHA_256 "\r\nWWW-Authenticate: " MD5}, SKY_ERR_CONFIG,
     "user or password refused"},
    {"403", {.describe_status = "403 Forbidden"}, SKY_ERR_CONFIG, "authentication"},
    {"404", {.describe_status = "404 Not Found"}, SKY_ERR_CONFIG, "404"},
    {"453", {.describe_status = "453 Not Enough Bandwidth"}, SKY_ERR_RETRY, "4xx"},
    {"503", {.describe_status = "503 Service Unavailable"}, SKY_ERR_RETRY, "5xx"},
    {"461", {.setup_status = "461 Unsupported Transport"}, SKY_ERR_CONFIG, "transport"},
    {"no-video", {.sdp = SDP "m=audio 0 RTP/AVP 0\r\na=control:sound\r\n"}, SKY_ERR_CONFIG, "no video"},
    {"vp8", {.sdp = SDP "m=video 0 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\na=control:picture\r\n"}, SKY_ERR_CONFIG, "vp8"},
    {"no-sdp", {.sdp = ""}, SKY_ERR_RETRY, "connect"},
    {"mute", {.mute = TRUE}, SKY_ERR_RETRY, "nothing for"},
    {"not-rtsp", {.raw_reply = "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi"}, SKY_ERR_RETRY, "connect"},
    {"endless-line", {.raw_reply = "RTSP/1.0 200 OK\r\nX: "}, SKY_ERR_RETRY, "nothing for"},
};

/* A pipeline's camera may be at http://: what answers there is not asked in RTSP. */
static void test_challenge_of_another_scheme(void) {
    g_autoptr(RtspStage) stage = rtsp_stage_new(&(RtspStageScript){.describe_status = "401 Unauthorized", .challenge = SHA_256}, clip);
    SkySourceParams params = params_for(stage);
    g_autofree char *http = g_strconcat("http", params.url + strlen("rtsp"), NULL);
    SkySource source = {.params = params};
    g_assert_null(sky_rtsp_challenge_unknown(&source, http));
    g_autofree char *unasked = rtsp_stage_requests(stage);
    g_assert_cmpstr(unasked, ==, "");
    g_autofree char *algorithm = sky_rtsp_challenge_unknown(&source, params.url);
    g_assert_cmpstr(algorithm, ==, "SHA-256");
}

static void test_refusal(gconstpointer data) {
    const Refusal *refusal = data;
    g_autoptr(RtspStage) stage = rtsp_stage_new(&refusal->script, clip);
    SkySourceParams params = params_for(stage);
    if (refusal->script.mute || refusal->script.raw_reply != NULL) /* after which it waits */
        params.connect_timeout_ns = SHORT_NS;
    params.user = "admin";
    params.password = "s3cr3t-w0rd";
    int64_t before_ns = sky_clock_monotonic_ns();
    g_autoptr(ClipCatch) caught = clip_catch_rtsp(&params, 0);
    g_assert_cmpuint(caught->packets->len, ==, 0);
    g_assert_error(caught->error, SKY_ERROR, (gint)refusal->code);
    if (strstr(caught->error->message, refusal->says) == NULL)
        g_error("%s", caught->error->message);
    g_assert_null(strstr(caught->error->message, "s3cr3t"));
    g_assert_null(strstr(caught->error->message, "rtsp://"));
    g_autofree char *requests = rtsp_stage_requests(stage); /* an account that was tried is told as refused: it may be locked */
    g_assert_true(strstr(requests, "\nAuthorization:") == NULL || g_str_has_prefix(caught->error->message, "authentication"));
    g_assert_cmpint(sky_clock_monotonic_ns() - before_ns, <, IN_TIME_NS);
}

/* A camera that refuses, and then takes no further connection: what was refused is still told as that. */
static void test_refused_then_mute(void) {
    g_autoptr(RtspStage) stage = rtsp_stage_new(&(RtspStageScript){.describe_status = "401 Unauthorized", .mute_after = 1}, clip);
    SkySourceParams params = params_for(stage);
    params.connect_timeout_ns = SILENT_NS; /* it is asked once more for as long */
    params.user = "admin";
    params.password = "s3cr3t-w0rd";
    g_autoptr(ClipCatch) caught = clip_catch_rtsp(&params, 0);
    g_assert_error(caught->error, SKY_ERROR, SKY_ERR_CONFIG);
    g_assert_true(g_str_has_prefix(caught->error->message, "authentication"));
}

/* glibc's resolver thread is unknown to ThreadSanitizer, which crashes in it. */
#if defined(__SANITIZE_THREAD__)
#define CAN_LOOK_UP FALSE
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CAN_LOOK_UP FALSE
#endif
#endif
#ifndef CAN_LOOK_UP
#define CAN_LOOK_UP TRUE
#endif

static void test_addresses(void) {
    static const struct {
        const char *url, *user;
        SkyErrorCode code;
        const char *says;
    } rows[] = {
        {"rtsp://127.0.0.1:1/cam", NULL, SKY_ERR_RETRY, "refused"},
        {"rtsp://no-such-host.invalid/cam", NULL, SKY_ERR_RETRY, "no-such-host.invalid"},
        {"http://127.0.0.1/cam", NULL, SKY_ERR_CONFIG, "http"},
        {"/dev/video0", NULL, SKY_ERR_CONFIG, ""},
        {"rtsp://127.0.0.1:1/cam",
         "a-name-of-more-than-a-hundred-and-twenty-seven-bytes-which-libavformat-would-cut-off-without-a-word-and-then-be-"
         "refused-for-ever",
         SKY_ERR_CONFIG, "authentication"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (!CAN_LOOK_UP && strstr(rows[i].url, "invalid") != NULL)
            continue;
        SkySourceParams params = {.camera = "cam",
                                  .url = rows[i].url,
                                  .user = rows[i].user,
                                  .connect_timeout_ns = 8 * SKY_NS_PER_S, /* for a name server that is silent */
                                  .stall_timeout_ns = PATIENT_NS};
        g_autoptr(ClipCatch) caught = clip_catch_rtsp(&params, 0);
        g_assert_error(caught->error, SKY_ERROR, (gint)rows[i].code);
        g_assert_nonnull(strstr(caught->error->message, rows[i].says));
    }
}

static void no_packet(SkyPacket *packet, gpointer user) {
    sky_packet_unref(packet);
}
static void note_end(const GError *error, gpointer user) {
    *(gboolean *)user = error != NULL;
}

/* In whatever it is held up, told to stop it is gone at once, and says so without an error. */
static void test_stop(void) {
    static const RtspStageScript rows[] = {
        {.mute = TRUE}, {.end = RTSP_STAGE_HOLD, .count = 30}, {.end = RTSP_STAGE_GARBAGE, .count = 30}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(RtspStage) stage = rtsp_stage_new(&rows[i], clip);
        SkySourceParams params = params_for(stage);
        params.connect_timeout_ns = params.stall_timeout_ns = 60 * SKY_NS_PER_S;
        gboolean failed = TRUE;
        SkySource *source = sky_rtsp_source_new(&params, &(SkySourceSink){no_packet, note_end, &failed});
        g_assert_true(sky_source_start(source, NULL));
        g_usleep(300000);
        int64_t before_ns = sky_clock_monotonic_ns();
        sky_source_free(source);
        g_assert_cmpint(sky_clock_monotonic_ns() - before_ns, <, 5 * SKY_NS_PER_S);
        g_assert_false(failed);
    }
}

static void await_request(RtspStage *stage, const char *verb) {
    for (int64_t until_ns = sky_clock_monotonic_ns() + PATIENT_NS; sky_clock_monotonic_ns() < until_ns; g_usleep(5000)) {
        g_autofree char *requests = rtsp_stage_requests(stage);
        if (strstr(requests, verb) != NULL)
            return;
    }
    g_error("no %s", verb);
}

/* Whoever asked for a session gives it back, also when it never came to play: stopped, or for too long. */
static void test_teardown(void) {
    static const int64_t limits_ns[] = {60 * SKY_NS_PER_S, 2 * SILENT_NS};
    for (gsize i = 0; i < G_N_ELEMENTS(limits_ns); i++) {
        g_autoptr(RtspStage) stage = rtsp_stage_new(&(RtspStageScript){.mute_at_play = TRUE}, clip);
        SkySourceParams params = params_for(stage);
        params.connect_timeout_ns = limits_ns[i];
        gboolean failed = FALSE;
        g_autoptr(SkySource) source = sky_rtsp_source_new(&params, &(SkySourceSink){no_packet, note_end, &failed});
        g_assert_true(sky_source_start(source, NULL));
        await_request(stage, "PLAY ");
        if (i == 0)
            g_clear_pointer(&source, sky_source_free);
        await_request(stage, "TEARDOWN ");
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    fixture = clip_fixture_new();
    g_autofree char *path = clip_fixture_make(fixture, "cam.mp4", "testsrc2=s=320x240:r=25:d=4",
                                              "-c:v libx264 -preset veryfast -g 25 -bf 0");
    if (path == NULL) {
        g_print("1..0 # SKIP no ffmpeg with libx264\n");
        clip_fixture_free(fixture);
        return 0;
    }
    clip = clip_catch_replay(&(SkySourceParams){.camera = "file", .url = path}, 0);
    g_test_add_func("/rtsp/plain", test_plain);
    g_test_add_func("/rtsp/challenge-of-another-scheme", test_challenge_of_another_scheme);
    g_test_add_func("/rtsp/no-sprop", test_no_sprop);
    g_test_add_func("/rtsp/no-sets", test_no_sets);
    g_test_add_func("/rtsp/reordered", test_reordered);
    g_test_add_func("/rtsp/no-idr", test_no_idr);
    g_test_add_func("/rtsp/stamps", test_stamps);
    g_test_add_func("/rtsp/stalls", test_stalls);
    g_test_add_func("/rtsp/garbage", test_garbage);
    for (gsize i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autofree char *name = g_strconcat("/rtsp/refusal/", refusals[i].name, NULL);
        g_test_add_data_func(name, &refusals[i], test_refusal);
    }
    g_test_add_func("/rtsp/addresses", test_addresses);
    g_test_add_func("/rtsp/stop", test_stop);
    g_test_add_func("/rtsp/refused-then-mute", test_refused_then_mute);
    g_test_add_func("/rtsp/teardown", test_teardown);
    int failed = g_test_run();
    clip_catch_free(clip);
    clip_fixture_free(fixture);
    return failed;
}
