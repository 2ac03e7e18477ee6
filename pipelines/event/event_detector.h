/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "event/event.h"
#include "event/event_params.h"
#include "event/followed.h"
#include "event/suppression.h"
#include "motion/motion_result.h"

/* SkyMotionResult -> SkyEvent: follows blobs, asks zones and durations, makes one event of one happening. Decides only.
 * Every BEGIN has exactly one END. Thread: one at a time. Owner: the camera's analysis. */
typedef struct SkyEventDetector SkyEventDetector;
typedef void (*SkyEventSink)(const SkyEvent *event, gpointer user); /* a value to copy */

SkyEventDetector *sky_event_detector_new(const SkyEventParams *params, SkyEventSink sink, gpointer user);
void sky_event_detector_free(SkyEventDetector *detector);
/* Whether the next picture's moment is one that can be shown at little cost: it is taken as the best one rather than another that shows a
 * little more. */
void sky_event_detector_favour(SkyEventDetector *detector, gboolean favoured);
void sky_event_detector_process(SkyEventDetector *detector, const SkyMotionResult *result);
/* The stream ended or broke: ends what is open at the last time seen; interrupted as given. */
void sky_event_detector_end_all(SkyEventDetector *detector, gboolean interrupted);
/* How far back what is still to be told can lie, by what is followed at now_ns, the last picture's time: the begin of an event that
 * is to come, the last word of one that is open. */
int64_t sky_event_detector_settled_ns(const SkyEventDetector *detector, int64_t now_ns);
/* What moved and became no event, since the detector was made, by cause and place; and what could not be followed, for want of a free
 * place. Thread: any. */
const SkySuppressed *sky_event_detector_suppressed(const SkyEventDetector *detector);
uint64_t sky_event_detector_left_out(const SkyEventDetector *detector);
/* What is followed now, as far as it fits; how many were written. */
uint32_t sky_event_detector_followed(const SkyEventDetector *detector, SkyFollowed ret_followed[SKY_FOLLOWED_MAX]);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyEventDetector, sky_event_detector_free)
