/* SPDX-License-Identifier: Apache-2.0 */
#include "event/tamper.h"

#include "base/clock.h"

void sky_tamper_init(SkyTamper *tamper) {
    *tamper = (SkyTamper){.seen_ns = SKY_TIME_NONE, .event.end_ns = SKY_TIME_NONE};
}

static gboolean is_tampered(SkyViewState view) {
    return view == SKY_VIEW_COVERED || view == SKY_VIEW_DARK || view == SKY_VIEW_BLURRED || view == SKY_VIEW_MOVED;
}

static void begin(SkyTamper *tamper, const SkyMotionResult *result) {
    int64_t before_ns = tamper->event.end_ns == SKY_TIME_NONE ? INT64_MIN : tamper->event.end_ns; /* one at a time */
    tamper->open = TRUE;
    tamper->event = (SkyEvent){.kind = SKY_EVENT_TAMPER,
                               .phase = SKY_EVENT_BEGIN,
                               .begin_ns = MAX(result->view.since_ns, before_ns),
                               .detected_ns = result->arrival_ns,
                               .end_ns = SKY_TIME_NONE,
                               .time_ns = result->arrival_ns,
                               .best_ns = result->arrival_ns,
                               .best_favoured = TRUE, /* none better comes */
                               .score = 1};
}

static void end(SkyTamper *tamper, int64_t end_ns, gboolean interrupted) {
    tamper->open = FALSE;
    tamper->event.phase = SKY_EVENT_END;
    tamper->event.time_ns = tamper->seen_ns;
    tamper->event.end_ns = MAX(end_ns, tamper->event.detected_ns);
    tamper->event.interrupted = interrupted;
}

gboolean sky_tamper_end(SkyTamper *tamper, gboolean interrupted) {
    if (!tamper->open)
        return FALSE;
    end(tamper, tamper->seen_ns, interrupted);
    return TRUE;
}

gboolean sky_tamper_step(SkyTamper *tamper, const SkyMotionResult *result) {
    tamper->seen_ns = result->arrival_ns;
    if (is_tampered(result->view.state) == tamper->open)
        return FALSE;
    if (tamper->open)
        end(tamper, result->view.since_ns, FALSE);
    else
        begin(tamper, result);
    return TRUE;
}
