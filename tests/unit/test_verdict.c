/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/verdict.h"

#include <string.h>

#include "base/clock.h"

#define S SKY_NS_PER_S
#define NOW (1000 * S)

static SkyStreamState running(void) {
    return (SkyStreamState){.phase = SKY_STREAM_RUNNING, .since_ns = NOW - 100 * S, .lost_ns = SKY_TIME_NONE};
}

static SkyStreamState waiting(SkyStreamFault fault, const char *why) {
    SkyStreamState state = {.phase = SKY_STREAM_WAITING, .fault = fault, .since_ns = NOW - 100 * S, .next_try_ns = NOW + 5 * S};
    g_strlcpy(state.why, why, sizeof state.why);
    return state;
}

static SkyVerdictInput input_of(const SkyStreamState *analysed, const SkyStreamState *main) {
    return (SkyVerdictInput){.enabled = TRUE, .analysed = analysed, .main = main, .view = SKY_VIEW_CLEAR, .last_picture_ns = NOW - S,
                             .waiting_since_ns = SKY_TIME_NONE};
}

static void test_streams(void) {
    static const struct {
        SkyStreamFault fault;
        SkyCameraHealth health;
    } cases[] = {
        {SKY_STREAM_FINE, SKY_CAMERA_CONNECTING},
        {SKY_STREAM_OFFLINE, SKY_CAMERA_OFFLINE},
        {SKY_STREAM_STALLED, SKY_CAMERA_STALLED},
        {SKY_STREAM_MISCONFIGURED, SKY_CAMERA_MISCONFIGURED},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        SkyStreamState bad = waiting(cases[i].fault, "why"), good = running();
        SkyVerdictInput input = input_of(&bad, NULL);
        SkyVerdict verdict = sky_verdict(&input, NOW);
        g_assert_cmpint(verdict.health, ==, cases[i].health);
        g_assert_cmpstr(verdict.why, ==, "why");
        g_assert_cmpint(verdict.next_try_ns, ==, NOW + 5 * S);
        /* A main stream that fails is a fault somebody must hear of, though motion is still seen. */
        input = input_of(&good, &bad);
        verdict = sky_verdict(&input, NOW);
        g_assert_cmpint(verdict.health, ==, cases[i].health);
        g_assert_true(g_str_has_prefix(verdict.why, "main stream"));
    }
    SkyStreamState good = running();
    SkyVerdictInput input = input_of(&good, &good);
    SkyVerdict verdict = sky_verdict(&input, NOW);
    g_assert_cmpint(verdict.health, ==, SKY_CAMERA_OK);
    g_assert_cmpstr(verdict.why, ==, "");
    g_assert_cmpint(verdict.next_try_ns, ==, SKY_TIME_NONE);
    input.enabled = FALSE;
    g_assert_cmpint(sky_verdict(&input, NOW).health, ==, SKY_CAMERA_DISABLED);
}

/* It is well, and of no use: said, but no fault. What is one is told first. */
static void test_few(void) {
    SkyStreamState good = running();
    SkyVerdictInput input = input_of(&good, NULL);
    input.few = TRUE;
    SkyVerdict verdict = sky_verdict(&input, NOW);
    g_assert_cmpint(verdict.health, ==, SKY_CAMERA_OK);
    g_assert_nonnull(strstr(verdict.why, "10 to 15"));
    input.nowhere = TRUE; /* more pictures would change nothing */
    g_assert_nonnull(strstr(sky_verdict(&input, NOW).why, "ignore"));
    input.view = SKY_VIEW_EMPTY;
    verdict = sky_verdict(&input, NOW);
    g_assert_cmpint(verdict.health, ==, SKY_CAMERA_BLIND);
    g_assert_null(strstr(verdict.why, "10 to 15"));
}

static void test_pictures(void) {
    SkyStreamState good = running();
    SkyVerdictInput input = input_of(&good, NULL);
    input.last_picture_ns = NOW - SKY_VERDICT_PICTURE_NS;
    g_assert_cmpint(sky_verdict(&input, NOW).health, ==, SKY_CAMERA_OK);
    input.last_picture_ns--;
    SkyVerdict verdict = sky_verdict(&input, NOW);
    g_assert_cmpint(verdict.health, ==, SKY_CAMERA_STALLED);
    g_assert_nonnull(strstr(verdict.why, "no picture"));
    g_assert_null(strstr(verdict.why, "key frame"));
    input.keyless_ns = SKY_VERDICT_PICTURE_NS + 1; /* the camera can be set otherwise */
    verdict = sky_verdict(&input, NOW);
    g_assert_cmpint(verdict.health, ==, SKY_CAMERA_STALLED);
    g_assert_nonnull(strstr(verdict.why, "I-frame interval"));
    input.waiting_since_ns = NOW - 6 * S; /* it is this box that does not keep up */
    verdict = sky_verdict(&input, NOW);
    g_assert_nonnull(strstr(verdict.why, "too slow"));
    input.waiting_since_ns = SKY_TIME_NONE;
    input.last_picture_ns = SKY_TIME_NONE; /* the stream has only just begun */
    good.since_ns = NOW - S;
    g_assert_cmpint(sky_verdict(&input, NOW).health, ==, SKY_CAMERA_OK);
    input.trouble = "no decoder";
    g_assert_cmpint(sky_verdict(&input, NOW).health, ==, SKY_CAMERA_MISCONFIGURED);
}

static void test_blind(void) {
    SkyStreamState good = running(), bad = waiting(SKY_STREAM_OFFLINE, "gone");
    SkyVerdictInput input = input_of(&good, &good);
    static const SkyViewState blind[] = {SKY_VIEW_FROZEN, SKY_VIEW_EMPTY, SKY_VIEW_COVERED, SKY_VIEW_DARK, SKY_VIEW_BLURRED, SKY_VIEW_MOVED};
    for (guint i = 0; i < G_N_ELEMENTS(blind); i++) {
        input.view = blind[i];
        SkyVerdict verdict = sky_verdict(&input, NOW);
        g_assert_cmpint(verdict.health, ==, SKY_CAMERA_BLIND);
        g_assert_cmpstr(verdict.why, !=, "");
        input.turns = TRUE;
        SkyCameraHealth health = sky_verdict(&input, NOW).health;
        g_assert_cmpint(health, ==, blind[i] == SKY_VIEW_FROZEN ? SKY_CAMERA_BLIND : SKY_CAMERA_OK);
        input.turns = FALSE;
    }
    /* What it was seen to show last says nothing while nothing comes. */
    input.analysed = &bad;
    g_assert_cmpint(sky_verdict(&input, NOW).health, ==, SKY_CAMERA_OFFLINE);
    input = input_of(&good, &bad);
    input.view = SKY_VIEW_COVERED;
    g_assert_cmpint(sky_verdict(&input, NOW).health, ==, SKY_CAMERA_OFFLINE);
    input = input_of(&good, &good);
    input.view = SKY_VIEW_LEARNING;
    g_assert_cmpint(sky_verdict(&input, NOW).health, ==, SKY_CAMERA_OK);
    /* It has an event of its own, and is no outage. */
    SkyOutage outage;
    sky_outage_init(&outage);
    g_assert_cmpint(sky_outage_step(&outage, SKY_CAMERA_BLIND, 60 * S, 0), ==, SKY_OUTAGE_NOTHING);
    g_assert_cmpint(sky_outage_step(&outage, SKY_CAMERA_BLIND, 60 * S, 100 * S), ==, SKY_OUTAGE_NOTHING);
    g_assert_cmpint(sky_outage_step(&outage, SKY_CAMERA_OFFLINE, 60 * S, 101 * S), ==, SKY_OUTAGE_NOTHING);
    g_assert_cmpint(sky_outage_step(&outage, SKY_CAMERA_OFFLINE, 60 * S, 161 * S), ==, SKY_OUTAGE_BEGINS);
    g_assert_cmpint(sky_outage_step(&outage, SKY_CAMERA_BLIND, 60 * S, 170 * S), ==, SKY_OUTAGE_ENDS);
}

static void test_outage(void) {
    SkyOutage outage;
    sky_outage_init(&outage);
    g_assert_cmpint(sky_outage_step(&outage, SKY_CAMERA_OK, 60 * S, 0), ==, SKY_OUTAGE_NOTHING);
    /* A blip wakes nobody. */
    g_assert_cmpint(sky_outage_step(&outage, SKY_CAMERA_OFFLINE, 60 * S, 10 * S), ==, SKY_OUTAGE_NOTHING);
    g_assert_cmpint(sky_outage_step(&outage, SKY_CAMERA_STALLED, 60 * S, 69 * S), ==, SKY_OUTAGE_NOTHING);
    g_assert_cmpint(sky_outage_step(&outage, SKY_CAMERA_OK, 60 * S, 69 * S), ==, SKY_OUTAGE_NOTHING);
    /* An outage is told once, whatever shape it takes, and ends once. */
    g_assert_cmpint(sky_outage_step(&outage, SKY_CAMERA_OFFLINE, 60 * S, 100 * S), ==, SKY_OUTAGE_NOTHING);
    g_assert_cmpint(sky_outage_step(&outage, SKY_CAMERA_MISCONFIGURED, 60 * S, 160 * S), ==, SKY_OUTAGE_BEGINS);
    g_assert_cmpint(outage.bad_since_ns, ==, 100 * S);
    g_assert_cmpint(sky_outage_step(&outage, SKY_CAMERA_CONNECTING, 60 * S, 300 * S), ==, SKY_OUTAGE_NOTHING);
    g_assert_cmpint(sky_outage_step(&outage, SKY_CAMERA_OK, 60 * S, 400 * S), ==, SKY_OUTAGE_ENDS);
    g_assert_cmpint(sky_outage_step(&outage, SKY_CAMERA_OK, 60 * S, 401 * S), ==, SKY_OUTAGE_NOTHING);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/verdict/streams", test_streams);
    g_test_add_func("/verdict/pictures", test_pictures);
    g_test_add_func("/verdict/few", test_few);
    g_test_add_func("/verdict/blind", test_blind);
    g_test_add_func("/verdict/outage", test_outage);
    return g_test_run();
}
