/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/event_box.h"

#include "base/lock.h"

struct SkyEventBox {
    SkyLock lock;
    SkyBell *bell;
    SkyEvent events[SKY_EVENT_BOX_EVENTS_MAX]; /* a ring */
    uint32_t first, length;
    gboolean taken; /* and maybe being dealt with */
    uint64_t begun[SKY_EVENT_BOX_EVENTS_MAX]; /* numbers whose end is still to come */
    uint32_t begun_count;
    uint64_t refused;
};

SkyEventBox *sky_event_box_new(SkyBell *bell) {
    SkyEventBox *box = g_new0(SkyEventBox, 1);
    sky_lock_init(&box->lock);
    box->bell = bell;
    return box;
}

void sky_event_box_free(SkyEventBox *box) {
    if (!box)
        return;
    sky_lock_clear(&box->lock);
    g_free(box);
}

static void append(SkyEventBox *box, const SkyEvent *event) {
    g_assert(box->length < SKY_EVENT_BOX_EVENTS_MAX);
    box->events[(box->first + box->length) % SKY_EVENT_BOX_EVENTS_MAX] = *event;
    box->length++;
}

static gboolean has_room(const SkyEventBox *box, uint32_t places) {
    return box->length + box->begun_count + places <= SKY_EVENT_BOX_EVENTS_MAX;
}

static int find_begun(const SkyEventBox *box, uint64_t number) {
    for (uint32_t i = 0; i < box->begun_count; i++)
        if (box->begun[i] == number)
            return (int)i;
    return -1;
}

static void begin(SkyEventBox *box, const SkyEvent *event) {
    if (!has_room(box, 2)) {
        box->refused++;
        return;
    }
    append(box, event);
    box->begun[box->begun_count++] = event->number;
}

static void update(SkyEventBox *box, const SkyEvent *event) {
    if (find_begun(box, event->number) < 0)
        return;
    for (uint32_t i = 0; i < box->length; i++) {
        SkyEvent *waiting = &box->events[(box->first + i) % SKY_EVENT_BOX_EVENTS_MAX];
        if (waiting->number == event->number && waiting->phase == SKY_EVENT_UPDATE) {
            *waiting = *event;
            return;
        }
    }
    if (has_room(box, 1))
        append(box, event);
}

static void end(SkyEventBox *box, const SkyEvent *event) {
    int at = find_begun(box, event->number);
    if (at < 0)
        return;
    box->begun[at] = box->begun[--box->begun_count];
    append(box, event);
}

void sky_event_box_push(SkyEventBox *box, const SkyEvent *event) {
    sky_lock_enter(&box->lock);
    switch (event->phase) {
    case SKY_EVENT_BEGIN:
        begin(box, event);
        break;
    case SKY_EVENT_UPDATE:
        update(box, event);
        break;
    case SKY_EVENT_END:
        end(box, event);
        break;
    }
    sky_lock_leave(&box->lock);
    sky_bell_ring(box->bell);
}

gboolean sky_event_box_take(SkyEventBox *box, SkyEvent *ret_event) {
    sky_lock_enter(&box->lock);
    gboolean taken = box->taken = box->length > 0;
    if (taken) {
        *ret_event = box->events[box->first];
        box->first = (box->first + 1) % SKY_EVENT_BOX_EVENTS_MAX;
        box->length--;
    }
    sky_lock_leave(&box->lock);
    return taken;
}

gboolean sky_event_box_is_clear(SkyEventBox *box) {
    sky_lock_enter(&box->lock);
    gboolean clear = box->length == 0 && !box->taken;
    sky_lock_leave(&box->lock);
    return clear;
}

uint64_t sky_event_box_refused(SkyEventBox *box) {
    sky_lock_enter(&box->lock);
    uint64_t refused = box->refused;
    sky_lock_leave(&box->lock);
    return refused;
}
