/* SPDX-License-Identifier: Apache-2.0 */
/* A lane whose worker comes late: what is given up, and what is not. */
#include <stdatomic.h>

#include "base/clock.h"
#include "daemon/lane.h"
#include "support/clip_fixture.h"

#define FRESH (-60 * SKY_NS_PER_S) /* still on its way: in time however late a busy machine looks at it */

static ClipFixture *fixture;
static ClipCatch *clip;      /* a key frame, then 24 others, four times over */
static ClipCatch *long_clip; /* a key frame, then 99 others in 10 s, twice */
static ClipCatch *coming;    /* a key frame, then 49 others, four times over; from picture 110 on something moves */

typedef struct {
    SkyBudget budget;
    SkyBell bell;
    SkyWorkers *workers;
    SkyLane *lane;
    int64_t pushed_ns; /* the first of its packets */
} Rig;

static Rig *rig_new_of(double analysis_fps, int64_t min_duration_ns) {
    Rig *rig = g_new0(Rig, 1);
    SkyCameraConfig camera;
    sky_analysis_defaults(&camera);
    camera.memory_bytes_max = 64 << 20;
    camera.analysis_fps = analysis_fps;
    camera.min_duration_ns = min_duration_ns;
    camera.decode_policy = SKY_DECODE_FULL;
    sky_budget_init(&rig->budget, 64 << 20);
    sky_bell_init(&rig->bell);
    rig->workers = sky_workers_new(1);
    rig->lane = sky_lane_new(&camera, &rig->budget, rig->workers, &rig->bell);
    return rig;
}

static Rig *rig_new(double analysis_fps) {
    return rig_new_of(analysis_fps, 500 * SKY_NS_PER_MS);
}

static void rig_free(Rig *rig) {
    sky_lane_unref(rig->lane);
    sky_workers_free(rig->workers);
    sky_bell_clear(&rig->bell);
    g_free(rig);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rig, rig_free)

static void push_one(Rig *rig, SkyPacket *packet, int64_t waited_ns) {
    SkyPacketTimes times = *sky_packet_times(packet);
    int64_t now_ns = sky_clock_monotonic_ns();
    rig->pushed_ns = rig->pushed_ns > 0 ? rig->pushed_ns : now_ns;
    times.arrival_ns = now_ns - waited_ns;
    sky_lane_push(rig->lane, sky_packet_new_copy(sky_packet_info(packet), &times, sky_packet_data(packet), sky_packet_size_bytes(packet)));
}

static void push_of(Rig *rig, const ClipCatch *from_clip, guint from, guint to, int64_t waited_ns) {
    for (guint i = from; i < to; i++)
        push_one(rig, clip_catch_at(from_clip, i), waited_ns);
}

/* Fresh, each as long after the one before as it was taken. */
static void push_paced(Rig *rig, const ClipCatch *from_clip, guint from, guint to) {
    for (guint i = from; i < to; i++)
        push_one(rig, clip_catch_at(from_clip, i), FRESH - sky_packet_times(clip_catch_at(from_clip, i))->pts_ns);
}

static void push(Rig *rig, guint from, guint to, int64_t waited_ns) {
    push_of(rig, clip, from, to, waited_ns);
}

/* The workers begin only now, take what waits, and end. */
static SkyLaneNumbers work(Rig *rig) {
    g_autoptr(GError) error = NULL;
    sky_lane_request_end(rig->lane);
    g_assert_true(sky_workers_start(rig->workers, &error));
    while (!sky_lane_is_ended(rig->lane))
        g_usleep(1000);
    sky_workers_stop(rig->workers);
    return sky_lane_numbers(rig->lane);
}

/* None was late, unless this machine itself took that long. */
static void assert_in_time(const Rig *rig, const SkyLaneNumbers *numbers, int64_t machine_ns) {
    if (sky_clock_monotonic_ns() - rig->pushed_ns < machine_ns)
        g_assert_cmpuint(numbers->late_packets, ==, 0);
    else
        g_test_message("too busy a machine to tell what is late");
}

static void test_in_time(void) {
    g_autoptr(Rig) rig = rig_new(0);
    push(rig, 0, 100, FRESH);
    SkyLaneNumbers numbers = work(rig);
    g_assert_cmpuint(numbers.late_packets, ==, 0);
    g_assert_cmpuint(numbers.analysis.pictures, ==, 100);
}

/* What came too late is given up where a newer key frame waits. */
static void test_late(void) {
    g_autoptr(Rig) rig = rig_new(0);
    push(rig, 0, 50, 2 * SKY_NS_PER_S);
    push(rig, 50, 100, FRESH);
    SkyLaneNumbers numbers = work(rig);
    g_assert_cmpuint(numbers.late_packets, ==, 50);
    g_assert_cmpuint(numbers.analysis.pictures, ==, 50);
    g_assert_cmpuint(numbers.analysis.decode_errors, ==, 0);
    g_assert_true(numbers.overloaded);
}

/* The newest key frame is looked at however late it is: nothing newer is to be had. */
static void test_newest_key(void) {
    g_autoptr(Rig) rig = rig_new(0);
    push(rig, 0, 50, 2 * SKY_NS_PER_S);
    SkyLaneNumbers numbers = work(rig);
    g_assert_cmpuint(numbers.late_packets, ==, 25 + 24);
    g_assert_cmpuint(numbers.analysis.pictures, ==, 1);
    g_assert_cmpuint(numbers.analysis.decode_errors, ==, 0);
}

/* Not late enough to be given up, but to be told of. */
static void test_slow(void) {
    g_autoptr(Rig) slow = rig_new(0);
    push(slow, 0, 2, 400 * SKY_NS_PER_MS);
    SkyLaneNumbers numbers = work(slow);
    assert_in_time(slow, &numbers, 300 * SKY_NS_PER_MS);
    g_assert_true(numbers.overloaded);
    g_autoptr(Rig) well = rig_new(0);
    push(well, 0, 2, FRESH);
    g_assert_false(work(well).overloaded);
}

/* The same where the source decodes: its pictures wait, not its packets. */
static void test_slow_pictures(void) {
    static const uint8_t luma[64 * 64];
    for (unsigned slow = 0; slow < 2; slow++) {
        g_autoptr(Rig) rig = rig_new(0);
        const SkyPicture picture = {.width_px = 64, .height_px = 64, .luma = luma, .stride_bytes = 64, .bits = 8,
                                    .arrival_ns = sky_clock_monotonic_ns()};
        sky_lane_push_picture(rig->lane, &picture);
        g_usleep(slow * 400000);
        SkyLaneNumbers numbers = work(rig);
        g_assert_cmpuint(numbers.analysis.frames, ==, 1);
        if (slow || sky_clock_monotonic_ns() - picture.arrival_ns < 300 * SKY_NS_PER_MS)
            g_assert_cmpint(numbers.overloaded, ==, slow);
    }
}

/* Once late, the rest of the GOP refers to what was given up, in time or not. */
static void test_late_in_the_middle(void) {
    g_autoptr(Rig) rig = rig_new(0);
    push(rig, 0, 10, FRESH);
    push(rig, 10, 12, 2 * SKY_NS_PER_S);
    push(rig, 12, 50, FRESH);
    SkyLaneNumbers numbers = work(rig);
    g_assert_cmpuint(numbers.late_packets, ==, 15);
    g_assert_cmpuint(numbers.analysis.pictures, ==, 35);
    g_assert_cmpuint(numbers.analysis.decode_errors, ==, 0);
}

static uint64_t wait_for_frames(Rig *rig, uint64_t frames) {
    for (unsigned i = 0; i < 30000 && sky_lane_numbers(rig->lane).analysis.frames < frames; i++)
        g_usleep(1000);
    return sky_lane_numbers(rig->lane).analysis.frames;
}

/* The stream begins in the middle of a GOP: the decoder's pace begins later than the stream, and a worker comes when it wants. */
static void test_in_step(void) {
    g_autoptr(Rig) rig = rig_new(8);
    g_assert_true(sky_workers_start(rig->workers, NULL));
    push(rig, 24, 25, FRESH);
    while (sky_lane_numbers(rig->lane).queue.packets > 0 || sky_workers_oldest_ns(rig->workers) != SKY_TIME_NONE)
        g_usleep(1000);
    push(rig, 25, 26, FRESH);
    g_assert_cmpuint(wait_for_frames(rig, 1), ==, 1);
    push(rig, 26, 30, FRESH); /* 160 ms after the key frame */
    g_assert_cmpuint(wait_for_frames(rig, 2), ==, 2);
    sky_workers_stop(rig->workers);
}

/* One picture a second: packets wait for the one that is due. */
static void test_slow_pace(void) {
    g_autoptr(Rig) rig = rig_new(1);
    push(rig, 0, 50, SKY_NS_PER_S);
    SkyLaneNumbers numbers = work(rig);
    assert_in_time(rig, &numbers, 700 * SKY_NS_PER_MS);
}

/* The rest of a long GOP is much: a third of it may have been waited for. */
static void test_long_gop(void) {
    g_autoptr(Rig) patient = rig_new(0);
    push_of(patient, long_clip, 0, 1, FRESH);
    push_of(patient, long_clip, 100, 200, SKY_NS_PER_S);
    SkyLaneNumbers numbers = work(patient);
    assert_in_time(patient, &numbers, 2 * SKY_NS_PER_S);
    g_autoptr(Rig) late = rig_new(0);
    push_of(late, long_clip, 0, 1, FRESH);
    push_of(late, long_clip, 100, 200, 4 * SKY_NS_PER_S);
    g_assert_cmpuint(work(late).late_packets, ==, 99);
}

/* Where something began to move a moment ago what is late is looked at, and what nobody needs is given up as ever. */
static void test_deciding(void) {
    g_autoptr(Rig) deciding = rig_new(0);
    push_of(deciding, coming, 0, 115, FRESH);
    push_of(deciding, coming, 115, 150, 1200 * SKY_NS_PER_MS);
    push_of(deciding, coming, 150, 151, FRESH);
    SkyLaneNumbers numbers = work(deciding);
    assert_in_time(deciding, &numbers, 700 * SKY_NS_PER_MS);
    g_autoptr(Rig) calm = rig_new(0);
    push_of(calm, coming, 0, 105, FRESH);
    push_of(calm, coming, 105, 110, 1200 * SKY_NS_PER_MS);
    push_of(calm, coming, 110, 151, FRESH);
    g_assert_cmpuint(work(calm).late_packets, ==, 45);
}

/* Not for longer than it takes to decide: what is not told by then may be leaves. */
static void test_undecided(void) {
    for (unsigned soon = 0; soon < 2; soon++) {
        g_autoptr(Rig) rig = rig_new_of(0, 60 * SKY_NS_PER_S);
        guint late = soon ? 135 : 170;
        push_paced(rig, coming, 0, late); /* for 1 s, for 2.4 s */
        push_of(rig, coming, late, 185, 1200 * SKY_NS_PER_MS);
        SkyLaneNumbers numbers = work(rig);
        g_assert_cmpuint(numbers.analysis.events, ==, 0);
        if (soon)
            assert_in_time(rig, &numbers, 700 * SKY_NS_PER_MS);
        else
            g_assert_cmpuint(numbers.late_packets, ==, 15);
    }
}

/* What was about to be decided is not, once its stream has ended. */
static void test_deciding_ends(void) {
    g_autoptr(Rig) rig = rig_new(0);
    g_assert_true(sky_workers_start(rig->workers, NULL));
    push_of(rig, coming, 0, 115, FRESH);
    sky_lane_request_end(rig->lane);
    while (!sky_lane_is_ended(rig->lane))
        g_usleep(1000);
    push_of(rig, coming, 115, 150, 1200 * SKY_NS_PER_MS);
    sky_lane_request_end(rig->lane);
    while (!sky_lane_is_ended(rig->lane))
        g_usleep(1000);
    sky_workers_stop(rig->workers);
    g_assert_cmpuint(sky_lane_numbers(rig->lane).late_packets, ==, 35);
}

/* A job that keeps the only worker busy for two windows of its load: the second one is full from end to end. */
typedef struct {
    SkyWorkers *workers;
    _Atomic unsigned slices;
} Hog;

static gboolean run_hog(gpointer user) {
    Hog *hog = user;
    sky_workers_load(hog->workers);
    g_usleep(600000);
    return atomic_fetch_add(&hog->slices, 1) == 0;
}

static void no_ref(gpointer user) {
}

/* Two packets, which none has to wait for: behind the hog's second slice, or after as long with nothing to do. */
static gboolean is_spared(gboolean busy) {
    g_autoptr(Rig) rig = rig_new(0);
    Hog hog = {.workers = rig->workers};
    SkyJob job = {.run = run_hog, .ref = no_ref, .unref = no_ref, .user = &hog};
    g_assert_true(sky_workers_start(rig->workers, NULL));
    if (busy)
        sky_workers_wake(rig->workers, &job);
    else
        g_usleep(600000);
    while (busy && atomic_load(&hog.slices) == 0)
        g_usleep(1000);
    push(rig, 0, 2, FRESH);
    sky_lane_request_end(rig->lane);
    while (!sky_lane_is_ended(rig->lane))
        g_usleep(1000);
    sky_workers_stop(rig->workers);
    return sky_lane_numbers(rig->lane).overloaded;
}

/* A box that is busy all the time spares before anything waits. Another program on it may be the one that gets its time. */
static void test_load(void) {
    g_assert_false(is_spared(FALSE));
    gboolean spared = FALSE;
    for (unsigned tries = 0; tries < 5 && !spared; tries++)
        spared = is_spared(TRUE);
    g_assert_true(spared);
}

static ClipCatch *make(const char *name, const char *picture, const char *encoder) {
    g_autofree char *path = clip_fixture_make(fixture, name, picture, encoder);
    ClipCatch *caught = path ? clip_catch_replay(&(SkySourceParams){.camera = "file", .url = path}, 0) : NULL;
    if (caught)
        g_assert_no_error(caught->error);
    return caught;
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    fixture = clip_fixture_new();
    clip = make("lane.mp4", "testsrc2=s=160x128:r=25:d=4", "-c:v libx264 -preset ultrafast -g 25 -bf 0");
    long_clip = make("long.mp4", "testsrc2=s=160x128:r=10:d=20", "-c:v libx264 -preset ultrafast -g 100 -bf 0");
    coming = make("coming.mp4", "\"color=gray:s=160x128:r=25:d=8[ground];color=white:s=20x40:r=25:d=8[thing];"
                                "[ground][thing]overlay=x='(n-110)*2':y=60:enable='gte(n,110)'\"",
                  "-c:v libx264 -preset ultrafast -g 50 -bf 0");
    if (clip && long_clip && coming) {
        g_test_add_func("/lane/in-time", test_in_time);
        g_test_add_func("/lane/late", test_late);
        g_test_add_func("/lane/newest-key", test_newest_key);
        g_test_add_func("/lane/slow", test_slow);
        g_test_add_func("/lane/slow-pictures", test_slow_pictures);
        g_test_add_func("/lane/late-in-the-middle", test_late_in_the_middle);
        g_test_add_func("/lane/in-step", test_in_step);
        g_test_add_func("/lane/slow-pace", test_slow_pace);
        g_test_add_func("/lane/long-gop", test_long_gop);
        g_test_add_func("/lane/deciding", test_deciding);
        g_test_add_func("/lane/undecided", test_undecided);
        g_test_add_func("/lane/deciding-ends", test_deciding_ends);
        g_test_add_func("/lane/load", test_load);
    } else {
        g_test_message("no ffmpeg with this encoder");
    }
    int failed = g_test_run();
    if (clip)
        clip_catch_free(clip);
    if (long_clip)
        clip_catch_free(long_clip);
    if (coming)
        clip_catch_free(coming);
    clip_fixture_free(fixture);
    return failed;
}
