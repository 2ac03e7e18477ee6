/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence_inbox.h"

#include "base/clock.h"
#include "base/lock.h"

typedef struct {
    SkyEvidenceRequest *request;
    int64_t offered_ns;
} Waiting;

struct SkyEvidenceInbox {
    SkyLock lock;
    Waiting waiting[SKY_EVIDENCE_REQUESTS_MAX]; /* a ring */
    uint32_t first, length;
    GHashTable *clips;   /* alert -> int64_t *, when its event ended: accepted and not done */
    GHashTable *open;    /* alerts, a set */
    gboolean news;       /* an end, for whoever waits */
    gboolean closed;
};

void sky_evidence_request_free(SkyEvidenceRequest *request) {
    if (request == NULL)
        return;
    sky_preroll_hold_free(request->hold);
    sky_preroll_unref(request->preroll);
    sky_preroll_hold_free(request->spare_hold);
    sky_preroll_unref(request->spare);
    g_free(request->privacy);
    g_free(request);
}

SkyEvidenceInbox *sky_evidence_inbox_new(void) {
    SkyEvidenceInbox *inbox = g_new0(SkyEvidenceInbox, 1);
    sky_lock_init(&inbox->lock);
    inbox->clips = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    inbox->open = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return inbox;
}

/* Inside the lock, not empty. */
static SkyEvidenceRequest *take_first(SkyEvidenceInbox *inbox) {
    SkyEvidenceRequest *request = inbox->waiting[inbox->first].request;
    inbox->first = (inbox->first + 1) % SKY_EVIDENCE_REQUESTS_MAX;
    inbox->length--;
    return request;
}

void sky_evidence_inbox_free(SkyEvidenceInbox *inbox) {
    if (inbox == NULL)
        return;
    while (inbox->length > 0)
        sky_evidence_request_free(take_first(inbox));
    g_hash_table_unref(inbox->clips);
    g_hash_table_unref(inbox->open);
    sky_lock_clear(&inbox->lock);
    g_free(inbox);
}

gboolean sky_evidence_inbox_offer(SkyEvidenceInbox *inbox, SkyEvidenceRequest *request) {
    gboolean is_clip = request->kind == SKY_EVIDENCE_CLIP;
    sky_lock_enter(&inbox->lock);
    gboolean taken = !inbox->closed && inbox->length < SKY_EVIDENCE_REQUESTS_MAX &&
                     !(is_clip && g_hash_table_contains(inbox->clips, request->alert));
    if (taken) {
        uint32_t at = (inbox->first + inbox->length++) % SKY_EVIDENCE_REQUESTS_MAX;
        inbox->waiting[at] = (Waiting){request, sky_clock_monotonic_ns()};
        if (is_clip) {
            int64_t *end_ns = g_new(int64_t, 1);
            *end_ns = SKY_TIME_NONE;
            g_hash_table_insert(inbox->clips, g_strdup(request->alert), end_ns);
        }
        sky_lock_wake(&inbox->lock);
    }
    sky_lock_leave(&inbox->lock);
    if (!taken)
        sky_evidence_request_free(request);
    return taken;
}

void sky_evidence_inbox_set_end(SkyEvidenceInbox *inbox, const char *alert, int64_t end_ns) {
    sky_lock_enter(&inbox->lock);
    int64_t *known = g_hash_table_lookup(inbox->clips, alert);
    if (known != NULL) {
        *known = end_ns;
        inbox->news = TRUE;
        sky_lock_wake(&inbox->lock);
    }
    sky_lock_leave(&inbox->lock);
}

void sky_evidence_inbox_set_open(SkyEvidenceInbox *inbox, const char *alert, gboolean open) {
    sky_lock_enter(&inbox->lock);
    if (open)
        g_hash_table_add(inbox->open, g_strdup(alert));
    else
        g_hash_table_remove(inbox->open, alert);
    sky_lock_leave(&inbox->lock);
}

void sky_evidence_inbox_close(SkyEvidenceInbox *inbox) {
    sky_lock_enter(&inbox->lock);
    inbox->closed = TRUE;
    sky_lock_wake(&inbox->lock);
    sky_lock_leave(&inbox->lock);
}

int64_t sky_evidence_inbox_oldest_ns(SkyEvidenceInbox *inbox) {
    sky_lock_enter(&inbox->lock);
    int64_t oldest_ns = inbox->length > 0 ? inbox->waiting[inbox->first].offered_ns : SKY_TIME_NONE;
    sky_lock_leave(&inbox->lock);
    return oldest_ns;
}

SkyEvidenceRequest *sky_evidence_inbox_take(SkyEvidenceInbox *inbox, int64_t deadline_ns) {
    sky_lock_enter(&inbox->lock);
    while (inbox->length == 0 && !inbox->closed && !inbox->news && deadline_ns > 0 &&
           sky_lock_wait_until(&inbox->lock, deadline_ns))
        ;
    inbox->news = FALSE;
    SkyEvidenceRequest *request = inbox->length > 0 ? take_first(inbox) : NULL;
    sky_lock_leave(&inbox->lock);
    return request;
}

gboolean sky_evidence_inbox_is_closed(SkyEvidenceInbox *inbox) {
    sky_lock_enter(&inbox->lock);
    gboolean closed = inbox->closed;
    sky_lock_leave(&inbox->lock);
    return closed;
}

int64_t sky_evidence_inbox_end_of(SkyEvidenceInbox *inbox, const char *alert) {
    sky_lock_enter(&inbox->lock);
    const int64_t *end_ns = g_hash_table_lookup(inbox->clips, alert);
    int64_t found_ns = end_ns != NULL ? *end_ns : SKY_TIME_NONE;
    sky_lock_leave(&inbox->lock);
    return found_ns;
}

void sky_evidence_inbox_clip_done(SkyEvidenceInbox *inbox, const char *alert) {
    sky_lock_enter(&inbox->lock);
    g_hash_table_remove(inbox->clips, alert);
    sky_lock_leave(&inbox->lock);
}

gboolean sky_evidence_inbox_is_open(SkyEvidenceInbox *inbox, const char *alert) {
    sky_lock_enter(&inbox->lock);
    gboolean open = g_hash_table_contains(inbox->open, alert);
    sky_lock_leave(&inbox->lock);
    return open;
}
