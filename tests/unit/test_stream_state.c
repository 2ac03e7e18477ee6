/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/stream_state.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"

#define S SKY_NS_PER_S
#define MINUTE (60 * S)

static void end_with(SkyStreamState *state, SkyErrorCode code, const char *why, int64_t now_ns, uint32_t dice) {
    g_autoptr(GError) error = g_error_new_literal(SKY_ERROR, (gint)code, why);
    sky_stream_state_ended(state, error, now_ns, dice);
}

static void test_begins_at_once(void) {
    SkyStreamState state;
    sky_stream_state_init(&state, 100);
    g_assert_true(sky_stream_state_is_due(&state, 100));
    sky_stream_state_started(&state, 100);
    g_assert_false(sky_stream_state_is_due(&state, 200));
    sky_stream_state_runs(&state, 200);
    g_assert_cmpint(state.phase, ==, SKY_STREAM_RUNNING);
    g_assert_cmpint(state.lost_ns, ==, SKY_TIME_NONE);
    g_assert_cmpuint(state.reconnects, ==, 0);
}

/* Whatever the dice: in the first 45 s of an outage no two tries are more than 6 s apart, so a camera that is back within 30 s is seen
 * within 10; later at most 75 s (60 s and its jitter); it never gives up. */
static void test_delays(void) {
    for (uint32_t seed = 0; seed < 50; seed++) {
        SkyStreamState state;
        int64_t now_ns = 0, last_ns = 0;
        sky_stream_state_init(&state, 0);
        for (int i = 0; i < 200; i++) {
            g_assert_true(sky_stream_state_is_due(&state, now_ns));
            sky_stream_state_started(&state, now_ns);
            end_with(&state, SKY_ERR_RETRY, "connection refused", now_ns, seed * 0x9e3779b9u + (uint32_t)i * 0x85ebca6bu);
            last_ns = now_ns;
            now_ns = state.next_try_ns;
            int64_t delay_ns = now_ns - last_ns;
            g_assert_cmpint(delay_ns, >=, S / 2);
            g_assert_cmpint(delay_ns, <=, last_ns < 45 * S ? 6 * S : 75 * S);
        }
        g_assert_cmpint(now_ns - last_ns, >=, 40 * S);
    }
}

static void test_faults(void) {
    static const struct {
        SkyErrorCode code;
        const char *why;
        SkyStreamFault fault;
    } cases[] = {
        {SKY_ERR_RETRY, "connection refused", SKY_STREAM_OFFLINE},
        {SKY_ERR_RETRY, "stalled: no packet for 6 s", SKY_STREAM_STALLED},
        {SKY_ERR_CONFIG, "authentication: the camera refuses this account", SKY_STREAM_MISCONFIGURED},
        {SKY_ERR_RESOURCE, "out of memory", SKY_STREAM_OFFLINE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        SkyStreamState state;
        sky_stream_state_init(&state, 0);
        sky_stream_state_started(&state, 0);
        end_with(&state, cases[i].code, cases[i].why, S, 0);
        g_assert_cmpint(state.fault, ==, cases[i].fault);
        g_assert_cmpstr(state.why, ==, cases[i].why);
        sky_stream_state_started(&state, 2 * S);
        g_assert_cmpint(state.fault, ==, cases[i].fault); /* until it runs again */
        sky_stream_state_runs(&state, 3 * S);
        g_assert_cmpint(state.fault, ==, SKY_STREAM_FINE);
        g_assert_cmpstr(state.why, ==, "");
    }
}

static void test_end_without_error_is_a_loss(void) {
    SkyStreamState state;
    sky_stream_state_init(&state, 0);
    sky_stream_state_started(&state, 0);
    sky_stream_state_runs(&state, S);
    sky_stream_state_ended(&state, NULL, 20 * S, 0);
    g_assert_cmpint(state.fault, ==, SKY_STREAM_OFFLINE);
    g_assert_cmpint(state.lost_ns, ==, 20 * S);
    sky_stream_state_started(&state, 21 * S);
    sky_stream_state_runs(&state, 22 * S);
    g_assert_cmpuint(state.reconnects, ==, 1);
}

/* An account is tried after 10, 40, 60, 60 minutes: never five times in half an hour. */
static void test_refused_account(void) {
    static const int minutes[] = {10, 40, 60, 60};
    SkyStreamState state;
    int64_t now_ns = 0;
    sky_stream_state_init(&state, 0);
    for (guint i = 0; i < G_N_ELEMENTS(minutes); i++) {
        sky_stream_state_started(&state, now_ns);
        end_with(&state, SKY_ERR_CONFIG, "authentication: refused", now_ns, 0);
        g_assert_cmpint(state.next_try_ns - now_ns, ==, minutes[i] * MINUTE);
        now_ns = state.next_try_ns;
    }
    SkyStreamState other;
    sky_stream_state_init(&other, 0);
    sky_stream_state_hold_back(&other, "authentication: refused", state.next_try_ns);
    g_assert_cmpint(other.fault, ==, SKY_STREAM_MISCONFIGURED);
    g_assert_cmpint(other.next_try_ns, ==, state.next_try_ns);
    sky_stream_state_retry(&other, S);
    g_assert_true(sky_stream_state_is_due(&other, S));
}

/* A camera that restarts may know no path for a while, a recorder not the channel of a camera that is away: it is tried as if it were off. */
static void test_wrong_for_a_moment(void) {
    static const char *const whys[] = {"connect: the camera knows no such path (404)", "connect: the camera offers no video"};
    for (guint i = 0; i < G_N_ELEMENTS(whys); i++) {
        SkyStreamState state;
        sky_stream_state_init(&state, 0);
        for (int64_t now_ns = 0, last_ns = 0; now_ns < 600 * S; last_ns = now_ns, now_ns = state.next_try_ns) {
            g_assert_cmpint(now_ns - last_ns, <=, last_ns < 45 * S ? 6 * S : 75 * S);
            sky_stream_state_started(&state, now_ns);
            end_with(&state, SKY_ERR_CONFIG, whys[i], now_ns, 0xffffffffu);
            g_assert_cmpint(state.fault, ==, SKY_STREAM_MISCONFIGURED);
        }
    }
}

/* Only a stream that has worked for a while begins its next outage with short delays. */
static void test_proof(void) {
    SkyStreamState state;
    int64_t now_ns = 0;
    sky_stream_state_init(&state, 0);
    for (int i = 0; i < 12; i++) {
        sky_stream_state_started(&state, now_ns);
        end_with(&state, SKY_ERR_RETRY, "refused", now_ns, 0x80000000u);
        now_ns = state.next_try_ns;
    }
    SkyStreamState flapping = state;
    sky_stream_state_started(&flapping, now_ns);
    sky_stream_state_runs(&flapping, now_ns);
    end_with(&flapping, SKY_ERR_RETRY, "reset", now_ns + S, 0x80000000u);
    g_assert_cmpint(flapping.next_try_ns - (now_ns + S), ==, 6 * S); /* 60 s, held to 6 while the outage is young */
    sky_stream_state_started(&state, now_ns);
    sky_stream_state_runs(&state, now_ns);
    end_with(&state, SKY_ERR_RETRY, "reset", now_ns + 11 * S, 0x80000000u);
    g_assert_cmpint(state.next_try_ns - (now_ns + 11 * S), <=, 2 * S);
}

/* Not reached for long: the technician is told where to look, and only then. */
static void test_moved(void) {
    static const struct {
        const char *why;
        gboolean told;
    } cases[] = {{"connect: Connection refused", TRUE}, {"connect: nothing for 10.0 s", TRUE}, {"ONVIF: connect: No route to host", TRUE},
                 {"look-up of gate: Name or service not known", TRUE}, {"stream: it ended", FALSE}, {"stalled: nothing for 6.0 s", FALSE},
                 {"ONVIF: the camera says: busy", FALSE}, {"connect: the camera reports an error of its own (5xx)", FALSE}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        SkyStreamState state;
        sky_stream_state_init(&state, 0);
        sky_stream_state_started(&state, 0);
        end_with(&state, SKY_ERR_RETRY, cases[i].why, 5 * MINUTE - 1, 7);
        g_assert_cmpstr(state.why, ==, cases[i].why);
        sky_stream_state_started(&state, 5 * MINUTE - 1);
        end_with(&state, SKY_ERR_RETRY, cases[i].why, 5 * MINUTE, 7);
        g_assert_cmpint(strstr(state.why, "`skynetctl discover` shows it") != NULL, ==, cases[i].told);
        sky_stream_state_runs(&state, 6 * MINUTE);
        end_with(&state, SKY_ERR_RETRY, cases[i].why, 7 * MINUTE, 7); /* a new outage */
        g_assert_cmpstr(state.why, ==, cases[i].why);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stream-state/begins-at-once", test_begins_at_once);
    g_test_add_func("/stream-state/delays", test_delays);
    g_test_add_func("/stream-state/faults", test_faults);
    g_test_add_func("/stream-state/end-without-error-is-a-loss", test_end_without_error_is_a_loss);
    g_test_add_func("/stream-state/refused-account", test_refused_account);
    g_test_add_func("/stream-state/wrong-for-a-moment", test_wrong_for_a_moment);
    g_test_add_func("/stream-state/proof", test_proof);
    g_test_add_func("/stream-state/moved", test_moved);
    return g_test_run();
}
