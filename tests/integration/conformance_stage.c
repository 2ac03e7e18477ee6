/* SPDX-License-Identifier: Apache-2.0 */
/* Against a scripted server (support/rtsp_stage): what no well-behaved one does, at the moment that a test wants. */
#include <string.h>

#include "base/clock.h"
#include "integration/conformance.h"
#include "support/rtsp_stage.h"
#include "support/source_tap.h"

static ClipCatch *caught(const char *name) {
    const char *path = conformance_clip(name);
    return path != NULL ? clip_catch_replay(&(SkySourceParams){.camera = "file", .url = path}, 0) : NULL;
}

static void test_redirect(gconstpointer data) {
    g_autoptr(ClipCatch) clip = caught("h264.mp4");
    if (clip == NULL)
        return;
    g_autoptr(RtspStage) there = rtsp_stage_new(&(RtspStageScript){.end = RTSP_STAGE_HOLD}, clip);
    g_autoptr(RtspStage) here = rtsp_stage_new(&(RtspStageScript){.location = rtsp_stage_url(there)}, clip);
    g_autoptr(Tap) tap = tap_new(&(Reach){.url = rtsp_stage_url(here)});
    tap_wait(tap, 90);
    tap_check_clean(tap);
}

static void test_multicast(gconstpointer data) {
    g_autofree char *route = NULL;
    if (!g_spawn_command_line_sync("ip route get 239.255.42.1", &route, NULL, NULL, NULL) || strstr(route, " dev lo ") == NULL) {
        g_test_skip("no network of its own (not root?): groups do not go by the loopback");
        return;
    }
    g_autoptr(ClipCatch) clip = caught("h264.mp4");
    if (clip == NULL)
        return;
    RtspStageScript script = {.multicast = TRUE, .pace_ms = 20, .end = RTSP_STAGE_HOLD};
    g_autoptr(RtspStage) stage = rtsp_stage_new(&script, clip);
    g_autoptr(Tap) tap = tap_new(&(Reach){.url = rtsp_stage_url(stage), .transport = SKY_RTSP_MULTICAST});
    tap_wait(tap, 98);
    g_assert_cmpint(tap->transport, ==, SKY_RTSP_MULTICAST);
    tap_check_clean(tap);
}

static guint count_of(const char *text, const char *what) {
    guint count = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at += strlen(what))
        count++;
    return count;
}

/* A session of 2 s is kept alive by what the server takes, and the answers come among the pictures. */
static void test_keep_alive(gconstpointer verb) {
    g_autoptr(ClipCatch) clip = caught("h264.mp4");
    if (clip == NULL)
        return;
    g_autofree char *verbs = g_strconcat("OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN",
                                         strcmp(verb, "OPTIONS") == 0 ? "" : ", GET_PARAMETER", NULL);
    RtspStageScript script = {.session_s = 2, .pace_ms = 60, .public_verbs = verbs, .end = RTSP_STAGE_HOLD};
    g_autoptr(RtspStage) stage = rtsp_stage_new(&script, clip);
    g_autoptr(Tap) tap = tap_new(&(Reach){.url = rtsp_stage_url(stage)});
    tap_wait(tap, 98);
    g_autofree char *requests = rtsp_stage_requests(stage);
    tap_check_clean(tap);
    g_autofree char *line = g_strconcat(verb, " rtsp://", NULL);
    g_assert_cmpuint(count_of(requests, line), >=, 3);
}

/* Pictures before PLAY is answered: whatever becomes of them, those after it are whole. */
static void test_early(gconstpointer data) {
    g_autoptr(ClipCatch) clip = caught("h264.mp4");
    if (clip == NULL)
        return;
    g_autoptr(RtspStage) stage = rtsp_stage_new(&(RtspStageScript){.early = 10, .end = RTSP_STAGE_HOLD}, clip);
    g_autoptr(Tap) tap = tap_new(&(Reach){.url = rtsp_stage_url(stage)});
    tap_wait(tap, 74); /* from the next key frame on */
    tap_check(tap);
    g_assert_cmpuint(sky_counter_get(&sky_decoder_numbers(tap->decoder)->errors), ==, 0);
}

static void test_closes(gconstpointer data) {
    g_autoptr(ClipCatch) clip = caught("h264.mp4");
    if (clip == NULL)
        return;
    g_autoptr(RtspStage) stage = rtsp_stage_new(&(RtspStageScript){.end = RTSP_STAGE_CLOSE, .count = 50, .pace_ms = 10}, clip);
    for (int minute = 0; minute < 3; minute++) {
        g_autoptr(Tap) tap = tap_new(&(Reach){.url = rtsp_stage_url(stage)});
        tap_wait_end(tap, SKY_ERR_RETRY, "");
        g_assert_cmpuint(tap->packets->len, >=, 49);
        tap_check(tap);
    }
}

/* 34 s of pictures that nobody can decode: it waits, for pictures come, and begins with the key frame. */
static void test_no_key(gconstpointer data) {
    g_autoptr(ClipCatch) clip = caught("sparse.mp4");
    if (clip == NULL)
        return;
    g_autoptr(RtspStage) stage = rtsp_stage_new(&(RtspStageScript){.first = 1, .pace_ms = 500, .end = RTSP_STAGE_HOLD}, clip);
    int64_t before_ns = sky_clock_monotonic_ns();
    g_autoptr(Tap) tap = tap_new(&(Reach){.url = rtsp_stage_url(stage)});
    tap_wait(tap, 3);
    g_assert_cmpint(sky_clock_monotonic_ns() - before_ns, >, 30 * SKY_NS_PER_S);
    tap_check(tap);
    g_assert_cmpuint(sky_counter_get(&sky_decoder_numbers(tap->decoder)->errors), ==, 0);
}

static const ConformanceCell cells[] = {
    {"stage", "redirect", test_redirect},
    {"stage", "multicast", test_multicast},
    {"stage", "keep-alive-options", test_keep_alive, "OPTIONS"},
    {"stage", "keep-alive-get-parameter", test_keep_alive, "GET_PARAMETER"},
    {"stage", "data-before-reply", test_early},
    {"stage", "closes-every-while", test_closes},
    {"stage", "no-key-frame-30s", test_no_key},
};

const ConformanceCell *conformance_stage_cells(guint *ret_count) {
    *ret_count = G_N_ELEMENTS(cells);
    return cells;
}
