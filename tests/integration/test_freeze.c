/* SPDX-License-Identifier: Apache-2.0 */
/* A camera that hangs and one that looks at a place where nothing happens, both coarsely encoded: only the first is told. */
#include "daemon/analysis.h"
#include "support/clip_fixture.h"

#define HELD "testsrc2=s=320x180:r=1:d=1,loop=loop=719:size=1,setpts=N/TB" /* one picture, 720 times, one a second */
#define COARSE "-c:v libx264 -preset ultrafast -g 10 -bf 0 -qp 40"

static ClipFixture *fixture;

static void ignore(const SkyEvent *event, gpointer user) {
    (void)event;
    (void)user;
}

/* What is seen after 560 and after all 720 s; FALSE: no clip could be made. */
static gboolean see(const char *name, const char *picture, SkyViewState seen[2]) {
    g_autofree char *path = clip_fixture_make(fixture, name, picture, COARSE);
    if (!path)
        return FALSE;
    g_autoptr(ClipCatch) caught = clip_catch_replay(&(SkySourceParams){.camera = "file", .url = path}, 0);
    g_assert_no_error(caught->error);
    g_assert_cmpuint(caught->packets->len, ==, 720);
    SkyAnalysis *analysis = sky_analysis_new(NULL, ignore, NULL);
    for (guint i = 0; i < caught->packets->len; i++) {
        g_autoptr(GError) error = NULL;
        sky_analysis_push(analysis, clip_catch_at(caught, i), &error);
        g_assert_no_error(error);
        if (i == 560)
            seen[0] = sky_analysis_numbers(analysis).view;
    }
    seen[1] = sky_analysis_numbers(analysis).view;
    sky_analysis_free(analysis);
    return TRUE;
}

static void test_hangs(void) {
    SkyViewState seen[2];
    if (!see("hangs.mp4", HELD, seen)) {
        g_test_skip("no ffmpeg with this encoder");
        return;
    }
    g_assert_cmpint(seen[0], ==, SKY_VIEW_CLEAR);
    g_assert_cmpint(seen[1], ==, SKY_VIEW_FROZEN);
}

/* Its noise is half a level, less than one step of the encoder by far. */
static void test_lives(void) {
    SkyViewState seen[2];
    if (!see("lives.mp4", HELD ",noise=c0s=2:c0f=t", seen)) {
        g_test_skip("no ffmpeg with this encoder");
        return;
    }
    g_assert_cmpint(seen[0], ==, SKY_VIEW_CLEAR);
    g_assert_cmpint(seen[1], ==, SKY_VIEW_CLEAR);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    fixture = clip_fixture_new();
    g_test_add_func("/freeze/hangs", test_hangs);
    g_test_add_func("/freeze/lives", test_lives);
    int failed = g_test_run();
    clip_fixture_free(fixture);
    return failed;
}
