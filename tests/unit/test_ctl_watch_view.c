/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>

#include "daemon/ctl/watch_view.h"

#define ROOT "skynet/v1/longquan/"
#define MOTION ROOT "camera/gate/motion"
#define MOVING "{\"time\":\"2026-11-22T03:04:05.678Z\",\"data\":{\"camera\":{\"id\":\"gate\",\"name\":\"东门\"},\"active\":true}}"
#define STILL "{\"time\":\"2026-11-22T03:04:09.678Z\",\"data\":{\"camera\":{\"id\":\"gate\",\"name\":\"东门\"},\"active\":false}}"

static char *lines_of(SkyWatchView *view, const char *topic, const char *payload, gboolean retained) {
    SkyTransportIncoming message = {
        .topic = topic, .payload = (const uint8_t *)payload, .payload_bytes = strlen(payload), .retained = retained};
    return sky_watch_view_lines(view, &message);
}

static void expect(SkyWatchView *view, const char *topic, const char *payload, const char *part) {
    g_autofree char *lines = lines_of(view, topic, payload, FALSE);
    if (!part) {
        g_assert_null(lines);
        return;
    }
    g_assert_nonnull(lines);
    g_assert_nonnull(strstr(lines, part));
    g_assert_true(g_str_has_suffix(lines, "\n"));
}

/* The daemon says its states again and again: still at first is no news, nor is the same twice. A reconnect changes nothing. */
static void test_motion_changes_only(void) {
    g_autoptr(SkyWatchView) view = sky_watch_view_new(FALSE, NULL);
    expect(view, MOTION, STILL, NULL);
    expect(view, MOTION, MOVING, "moving");
    expect(view, MOTION, MOVING, NULL);
    expect(view, ROOT "camera/yard/motion", MOVING, "moving");
    expect(view, MOTION, STILL, "still");
    expect(view, MOTION, STILL, NULL);
    expect(view, MOTION, "", NULL); /* the camera is gone */
    expect(view, MOTION, MOVING, "moving");
}

/* A camera's status is a line each time: a person wants to see that it lives. */
static void test_status_every_time(void) {
    static const char ok[] = "{\"data\":{\"camera\":{\"id\":\"gate\",\"name\":\"东门\"},\"state\":\"ok\"}}";
    g_autoptr(SkyWatchView) view = sky_watch_view_new(FALSE, NULL);
    expect(view, ROOT "camera/gate/status", ok, "东门 (gate) ok");
    expect(view, ROOT "camera/gate/status", ok, "东门 (gate) ok");
}

static void test_json(void) {
    g_autoptr(SkyWatchView) view = sky_watch_view_new(TRUE, NULL);
    g_autofree char *line = lines_of(view, ROOT "status", "{\n \"a\": 0.1\n}", TRUE);
    g_assert_cmpstr(line, ==, "{\"topic\":\"" ROOT "status\",\"retained\":true,\"payload\":{\"a\":0.1}}\n");
    g_autofree char *empty = lines_of(view, ROOT "camera/x/status", "", FALSE);
    g_assert_cmpstr(empty, ==, "{\"topic\":\"" ROOT "camera/x/status\",\"retained\":false,\"payload\":null}\n");
    g_autofree char *odd = lines_of(view, ROOT "status", "o\"\n", FALSE);
    g_assert_cmpstr(odd, ==, "{\"topic\":\"" ROOT "status\",\"retained\":false,\"payload\":\"o\\\"\\n\"}\n");
    expect(view, MOTION, MOVING, "\"active\":true");
    expect(view, MOTION, MOVING, NULL);
}

/* Nothing that a broker sends moves the cursor. */
static void test_hostile(void) {
    g_autoptr(SkyWatchView) view = sky_watch_view_new(FALSE, NULL);
    g_autofree char *lines = lines_of(view, ROOT "status", "{\"data\":{\"state\":\"\\u001b[2J\\u202e\"}}", FALSE);
    g_assert_nonnull(lines);
    g_assert_null(strchr(lines, '\x1b'));
    g_assert_null(strstr(lines, "\xE2\x80\xAE"));
    expect(view, ROOT "status", "rubbish", "not understood");
}

typedef struct {
    char *folder, *camera, *clip, *picture;
} Evidence;

static void set_up(Evidence *evidence, gconstpointer data) {
    evidence->folder = g_dir_make_tmp("skynet-view-XXXXXX", NULL);
    evidence->camera = g_build_filename(evidence->folder, "gate", NULL);
    evidence->clip = g_build_filename(evidence->camera, "01jd.mp4", NULL);
    evidence->picture = g_build_filename(evidence->camera, "01jd.jpg", NULL);
    g_assert_cmpint(g_mkdir(evidence->camera, 0700), ==, 0);
    g_assert_true(g_file_set_contents(evidence->clip, "x", 1, NULL));
}

static void tear_down(Evidence *evidence, gconstpointer data) {
    g_remove(evidence->clip);
    g_remove(evidence->picture);
    g_rmdir(evidence->camera);
    g_rmdir(evidence->folder);
    g_free(evidence->clip);
    g_free(evidence->picture);
    g_free(evidence->camera);
    g_free(evidence->folder);
}

#define LOG ROOT "alert-log/duty"
#define ALERT(CAUSE, ID) \
    "{\"subject\":\"gate\",\"data\":{\"alert\":\"" ID "\",\"state\":\"raised\",\"kind\":\"motion\",\"cause\":\"" CAUSE "\"}}"

/* Only what is there, only for the revision that brings it. */
static void test_files(Evidence *evidence, gconstpointer data) {
    g_autoptr(SkyWatchView) view = sky_watch_view_new(FALSE, evidence->folder);
    g_autofree char *clip_only = lines_of(view, LOG, ALERT("evidence", "01jd"), FALSE);
    g_assert_nonnull(strstr(clip_only, evidence->clip));
    g_assert_null(strstr(clip_only, evidence->picture));
    g_assert_true(g_file_set_contents(evidence->picture, "x", 1, NULL));
    expect(view, LOG, ALERT("evidence", "01jd"), evidence->picture);
    g_autofree char *raised = lines_of(view, LOG, ALERT("raised", "01jd"), FALSE);
    g_assert_null(strstr(raised, evidence->folder));
    g_autofree char *climbs = lines_of(view, LOG, ALERT("evidence", "../gate/01jd"), FALSE);
    g_assert_null(strstr(climbs, evidence->folder));
    g_autoptr(SkyWatchView) elsewhere = sky_watch_view_new(FALSE, NULL);
    g_autofree char *without = lines_of(elsewhere, LOG, ALERT("evidence", "01jd"), FALSE);
    g_assert_null(strstr(without, "01jd.mp4"));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ctl_watch_view/motion-changes-only", test_motion_changes_only);
    g_test_add_func("/ctl_watch_view/status-every-time", test_status_every_time);
    g_test_add_func("/ctl_watch_view/json", test_json);
    g_test_add_func("/ctl_watch_view/hostile", test_hostile);
    g_test_add("/ctl_watch_view/files", Evidence, NULL, set_up, test_files, tear_down);
    return g_test_run();
}
