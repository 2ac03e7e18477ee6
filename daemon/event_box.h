/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "daemon/bell.h"
#include "event/event.h"

/* One camera's events on their way from the worker to the main thread. 64 at most: a begin reserves the place of its end; no
 * place, no begin, counted, and nothing more of that event; updates of one event merge.
 * Thread: one pusher, one taker. Owner: the camera's lane. */
#define SKY_EVENT_BOX_EVENTS_MAX 64
typedef struct SkyEventBox SkyEventBox;

SkyEventBox *sky_event_box_new(SkyBell *bell); /* rung at each push; outlives the box */
void sky_event_box_free(SkyEventBox *box);
void sky_event_box_push(SkyEventBox *box, const SkyEvent *event);
/* TRUE: none waits, and the last one that was taken has been dealt with: its taker has come back for more. */
gboolean sky_event_box_is_clear(SkyEventBox *box);
gboolean sky_event_box_take(SkyEventBox *box, SkyEvent *ret_event); /* FALSE: empty */
uint64_t sky_event_box_refused(SkyEventBox *box);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyEventBox, sky_event_box_free)
