/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/verdict.h"

#include "base/clock.h"

#define LAG_NS (5 * SKY_NS_PER_S)

const char *sky_camera_health_name(SkyCameraHealth health) {
    static const char *const names[] = {
        [SKY_CAMERA_OK] = "ok",           [SKY_CAMERA_CONNECTING] = "connecting", [SKY_CAMERA_OFFLINE] = "offline",
        [SKY_CAMERA_STALLED] = "stalled", [SKY_CAMERA_BLIND] = "blind",           [SKY_CAMERA_MISCONFIGURED] = "misconfigured",
        [SKY_CAMERA_DISABLED] = "disabled",
    };
    g_assert((guint)health < G_N_ELEMENTS(names));
    return names[health];
}

static SkyCameraHealth health_of(const SkyStreamState *state) {
    if (state->phase == SKY_STREAM_RUNNING)
        return SKY_CAMERA_OK;
    switch (state->fault) {
    case SKY_STREAM_FINE:
        return SKY_CAMERA_CONNECTING;
    case SKY_STREAM_OFFLINE:
        return SKY_CAMERA_OFFLINE;
    case SKY_STREAM_STALLED:
        return SKY_CAMERA_STALLED;
    case SKY_STREAM_MISCONFIGURED:
        return SKY_CAMERA_MISCONFIGURED;
    }
    g_assert_not_reached();
}

static SkyVerdict of_stream(const SkyStreamState *state, const char *prefix) {
    SkyVerdict verdict = {.health = health_of(state), .next_try_ns = SKY_TIME_NONE};
    if (verdict.health == SKY_CAMERA_OK)
        return verdict;
    if (state->phase == SKY_STREAM_WAITING)
        verdict.next_try_ns = state->next_try_ns;
    g_snprintf(verdict.why, sizeof verdict.why, "%s%s", prefix, state->why[0] ? state->why : "waiting for the first picture");
    return verdict;
}

static SkyVerdict say(SkyCameraHealth health, const char *why) {
    SkyVerdict verdict = {.health = health, .next_try_ns = SKY_TIME_NONE};
    g_strlcpy(verdict.why, why, sizeof verdict.why);
    return verdict;
}

/* Packets come: are they pictures? */
static SkyVerdict of_pictures(const SkyVerdictInput *input, int64_t now_ns) {
    if (input->trouble)
        return say(SKY_CAMERA_MISCONFIGURED, input->trouble);
    int64_t seen_ns = MAX(input->last_picture_ns, input->analysed->since_ns);
    if (now_ns - seen_ns <= SKY_VERDICT_PICTURE_NS)
        return say(SKY_CAMERA_OK, "");
    if (input->waiting_since_ns != SKY_TIME_NONE && now_ns - input->waiting_since_ns > LAG_NS)
        return say(SKY_CAMERA_STALLED, "this box is too slow: pictures wait to be analysed");
    if (input->keyless_ns > SKY_VERDICT_PICTURE_NS) /* something was lost, and all that has come since refers to it */
        return say(SKY_CAMERA_STALLED, "data comes, but no key frame, and until one comes no picture is whole: set the camera's I-frame "
                   "interval to 1 to 2 s, and switch its intra refresh off");
    return say(SKY_CAMERA_STALLED, "data comes, but no picture can be decoded from it, or hardly one is whole");
}

/* They are pictures: of what? */
static const char *blind_by(const SkyVerdictInput *input) {
    if (input->turns && input->view != SKY_VIEW_FROZEN)
        return NULL;
    switch (input->view) {
    case SKY_VIEW_LEARNING:
    case SKY_VIEW_CLEAR:
        return NULL;
    case SKY_VIEW_FROZEN:
        return "the picture stands still to the last bit: the camera hangs, switch it off and on";
    case SKY_VIEW_EMPTY:
        return "nothing is to be seen: no light, fog, dirt on the lens, or out of focus";
    case SKY_VIEW_COVERED:
        return "nothing is to be seen any more, from one moment to the next: is it covered?";
    case SKY_VIEW_DARK:
        return "the picture went dark from one moment to the next: is it covered, or the light switched off?";
    case SKY_VIEW_BLURRED:
        return "nothing is sharp any more: is something on the lens, or is it out of focus?";
    case SKY_VIEW_MOVED:
        return "it shows something else than before: was it turned, or does something stand right in front of it?";
    }
    g_assert_not_reached();
}

SkyVerdict sky_verdict(const SkyVerdictInput *input, int64_t now_ns) {
    if (!input->enabled)
        return say(SKY_CAMERA_DISABLED, "switched off in the configuration");
    SkyVerdict verdict = of_stream(input->analysed, "");
    if (verdict.health == SKY_CAMERA_OK)
        verdict = of_pictures(input, now_ns);
    if (verdict.health == SKY_CAMERA_OK && input->main)
        verdict = of_stream(input->main, "main stream, clips and pictures are of the sub stream: ");
    if (verdict.health == SKY_CAMERA_OK && blind_by(input))
        verdict = say(SKY_CAMERA_BLIND, blind_by(input));
    if (verdict.health == SKY_CAMERA_OK && input->nowhere)
        verdict = say(SKY_CAMERA_OK, "nothing that moves counts: `ignore` covers all of the picture, or of its zones");
    else if (verdict.health == SKY_CAMERA_OK && input->few)
        verdict = say(SKY_CAMERA_OK, "hardly a picture a second is looked at, too few to see anybody by: set the camera to 10 to 15 a second, and "
                      "look at decode_policy and analysis_fps");
    return verdict;
}

void sky_outage_init(SkyOutage *outage) {
    *outage = (SkyOutage){.bad_since_ns = SKY_TIME_NONE};
}

SkyOutageStep sky_outage_step(SkyOutage *outage, SkyCameraHealth health, int64_t hold_ns, int64_t now_ns) {
    if (health == SKY_CAMERA_OK || health == SKY_CAMERA_BLIND || health == SKY_CAMERA_DISABLED) {
        SkyOutageStep step = outage->told ? SKY_OUTAGE_ENDS : SKY_OUTAGE_NOTHING;
        sky_outage_init(outage);
        return step;
    }
    if (outage->bad_since_ns == SKY_TIME_NONE)
        outage->bad_since_ns = now_ns;
    if (outage->told || now_ns - outage->bad_since_ns < hold_ns)
        return SKY_OUTAGE_NOTHING;
    outage->told = TRUE;
    return SKY_OUTAGE_BEGINS;
}
