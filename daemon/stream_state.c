/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/stream_state.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"

#define FIRST_NS (1 * SKY_NS_PER_S)
#define MOST_NS (60 * SKY_NS_PER_S)
#define YOUNG_OUTAGE_NS (45 * SKY_NS_PER_S)
#define YOUNG_MOST_NS (6 * SKY_NS_PER_S)
#define PROVEN_NS (10 * SKY_NS_PER_S) /* it has worked for so long: the next loss is a new one */
#define MINUTE_NS (60 * SKY_NS_PER_S)
#define MOVED_NS (5 * MINUTE_NS) /* no restart of a camera takes so long */

static void enter(SkyStreamState *state, SkyStreamPhase phase, int64_t now_ns) {
    state->phase = phase;
    state->since_ns = now_ns;
}

void sky_stream_state_init(SkyStreamState *state, int64_t now_ns) {
    *state = (SkyStreamState){.next_try_ns = now_ns, .lost_ns = now_ns};
    sky_backoff_init(&state->backoff, FIRST_NS, MOST_NS);
    enter(state, SKY_STREAM_WAITING, now_ns);
}

gboolean sky_stream_state_is_due(const SkyStreamState *state, int64_t now_ns) {
    return state->phase == SKY_STREAM_WAITING && now_ns >= state->next_try_ns;
}

void sky_stream_state_started(SkyStreamState *state, int64_t now_ns) {
    enter(state, SKY_STREAM_CONNECTING, now_ns);
}

void sky_stream_state_runs(SkyStreamState *state, int64_t now_ns) {
    if (state->phase == SKY_STREAM_RUNNING)
        return;
    enter(state, SKY_STREAM_RUNNING, now_ns);
    if (state->ran)
        state->reconnects++;
    state->ran = TRUE;
    state->fault = SKY_STREAM_FINE;
    state->why[0] = '\0';
    state->lost_ns = SKY_TIME_NONE;
    state->refusals = 0;
}

static SkyStreamFault fault_of(const GError *error) {
    if (g_error_matches(error, SKY_ERROR, SKY_ERR_CONFIG))
        return SKY_STREAM_MISCONFIGURED;
    if (error && g_str_has_prefix(error->message, "stalled"))
        return SKY_STREAM_STALLED;
    return SKY_STREAM_OFFLINE;
}

/* Nobody was reached: a camera that got another address from its router, most often. */
static gboolean is_away(const char *why) {
    static const char *const begins[] = {"connect: ", "ONVIF: connect: ", "look-up of "};
    if (g_str_has_prefix(why, "connect: the camera ")) /* it answers */
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(begins); i++)
        if (g_str_has_prefix(why, begins[i]))
            return TRUE;
    return FALSE;
}

static int64_t refused_delay_ns(uint32_t refusals) {
    static const int minutes[] = {10, 40, 60};
    return minutes[MIN(refusals, G_N_ELEMENTS(minutes)) - 1] * MINUTE_NS;
}

static int64_t delay_ns(SkyStreamState *state, int64_t now_ns, uint32_t dice) {
    /* Only a refused account is locked by tries. What else looks like a wrong configuration may be a camera that has not started yet, or
     * a recorder's channel whose camera is away: both say 404, or offer no video, and are well a moment later. */
    if (state->fault == SKY_STREAM_MISCONFIGURED && g_str_has_prefix(state->why, "authentication"))
        return refused_delay_ns(++state->refusals);
    int64_t next_ns = sky_backoff_next(&state->backoff, dice);
    return now_ns - state->lost_ns < YOUNG_OUTAGE_NS ? MIN(next_ns, YOUNG_MOST_NS) : next_ns;
}

void sky_stream_state_ended(SkyStreamState *state, const GError *error, int64_t now_ns, uint32_t dice) {
    gboolean ran = state->phase == SKY_STREAM_RUNNING;
    if (ran && now_ns - state->since_ns >= PROVEN_NS)
        sky_backoff_reset(&state->backoff);
    if (state->lost_ns == SKY_TIME_NONE)
        state->lost_ns = now_ns;
    state->fault = fault_of(error);
    g_strlcpy(state->why, error ? error->message : "the camera ended the stream", sizeof state->why);
    if (state->fault == SKY_STREAM_OFFLINE && now_ns - state->lost_ns >= MOVED_NS && is_away(state->why))
        g_strlcat(state->why, ": if it has power, its address may be another one now: `skynetctl discover` shows it", sizeof state->why);
    state->next_try_ns = now_ns + delay_ns(state, now_ns, dice);
    enter(state, SKY_STREAM_WAITING, now_ns);
}

void sky_stream_state_hold_back(SkyStreamState *state, const char *why, int64_t until_ns) {
    g_assert(state->phase == SKY_STREAM_WAITING);
    state->fault = SKY_STREAM_MISCONFIGURED;
    g_strlcpy(state->why, why, sizeof state->why);
    state->next_try_ns = MAX(state->next_try_ns, until_ns);
}

void sky_stream_state_retry(SkyStreamState *state, int64_t now_ns) {
    if (state->phase != SKY_STREAM_WAITING)
        return;
    state->next_try_ns = MIN(state->next_try_ns, now_ns);
    state->refusals = 0;
}
