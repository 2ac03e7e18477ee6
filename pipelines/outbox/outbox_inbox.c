/* SPDX-License-Identifier: Apache-2.0 */
#include "outbox/outbox_inbox.h"

#include <sys/eventfd.h>
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/lock.h"
#include "base/ref.h"

struct SkyOutboxInbox {
    SkyRef ref;
    SkyLock lock;
    int fd;
    SkyOutboxMail mail;
    GHashTable *change_of; /* topic -> its GList in mail.changes: several changes of a topic are one */
    gsize note_bytes;
    uint64_t notes_dropped;
    int64_t oldest_ns;     /* of what was left and not taken yet */
    uint32_t flushing;
    gboolean quiet;
    SkyOutboxNumbers numbers;
};

typedef struct {
    SkyOutboxInbox *inbox;
    uint64_t ticket;
} Expected;

static void change_free(SkyOutboxChange *change) {
    g_free(change->topic);
    g_free(change->json);
    g_free(change);
}

void sky_outbox_note_free(SkyOutboxNote *note) {
    if (!note) return;
    g_free(note->topic);
    g_bytes_unref(note->payload);
    g_free(note);
}

static void replay_free(SkyOutboxReplayRequest *request) {
    g_free(request->topic);
    g_free(request);
}

static void page_free(SkyOutboxPage *page) {
    g_ptr_array_unref(page->rows);
    g_free(page);
}

void sky_outbox_mail_clear(SkyOutboxMail *mail) {
    g_queue_clear_full(&mail->changes, (GDestroyNotify)change_free);
    g_queue_clear_full(&mail->notes, (GDestroyNotify)sky_outbox_note_free);
    g_queue_clear_full(&mail->replays, (GDestroyNotify)replay_free);
    g_queue_clear_full(&mail->pages, (GDestroyNotify)page_free);
    g_strfreev(mail->audiences);
    g_strfreev(mail->topics);
}

SkyOutboxInbox *sky_outbox_inbox_new(void) {
    SkyOutboxInbox *inbox = g_new0(SkyOutboxInbox, 1);
    sky_ref_init(&inbox->ref);
    sky_lock_init(&inbox->lock);
    inbox->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    g_assert(inbox->fd >= 0);
    inbox->change_of = g_hash_table_new(g_str_hash, g_str_equal);
    inbox->oldest_ns = SKY_TIME_NONE;
    inbox->numbers.oldest_unserved_ns = SKY_TIME_NONE;
    return inbox;
}

SkyOutboxInbox *sky_outbox_inbox_ref(SkyOutboxInbox *inbox) {
    sky_ref_take(&inbox->ref);
    return inbox;
}

void sky_outbox_inbox_unref(SkyOutboxInbox *inbox) {
    if (!inbox || !sky_ref_drop(&inbox->ref)) return;
    sky_outbox_mail_clear(&inbox->mail);
    g_hash_table_unref(inbox->change_of);
    sky_close_fd(&inbox->fd);
    sky_lock_clear(&inbox->lock);
    g_free(inbox);
}

int sky_outbox_inbox_fd(const SkyOutboxInbox *inbox) {
    return inbox->fd;
}

/* Inside the lock. */
static void ring(SkyOutboxInbox *inbox) {
    if (inbox->oldest_ns != SKY_TIME_NONE) return; /* rung already */
    inbox->oldest_ns = sky_clock_monotonic_ns();
    G_GNUC_UNUSED int ignored = eventfd_write(inbox->fd, 1);
}

void sky_outbox_inbox_change(SkyOutboxInbox *inbox, const char *topic, const char *json, int rank) {
    sky_lock_enter(&inbox->lock);
    GList *known = g_hash_table_lookup(inbox->change_of, topic);
    if (known) {
        SkyOutboxChange *change = known->data;
        g_free(change->json);
        change->json = g_strdup(json);
        change->rank = rank;
    } else {
        SkyOutboxChange *change = g_new0(SkyOutboxChange, 1);
        *change = (SkyOutboxChange){g_strdup(topic), g_strdup(json), rank};
        g_queue_push_tail(&inbox->mail.changes, change);
        g_hash_table_insert(inbox->change_of, change->topic, inbox->mail.changes.tail);
    }
    ring(inbox);
    sky_lock_leave(&inbox->lock);
}

gboolean sky_outbox_inbox_note(SkyOutboxInbox *inbox, const char *topic, GBytes *payload, int qos) {
    gsize bytes = g_bytes_get_size(payload);
    sky_lock_enter(&inbox->lock);
    gboolean room = inbox->mail.notes.length < SKY_OUTBOX_NOTES_MAX && inbox->note_bytes + bytes <= SKY_OUTBOX_NOTES_BYTES_MAX;
    if (room) {
        SkyOutboxNote *note = g_new0(SkyOutboxNote, 1);
        *note = (SkyOutboxNote){g_strdup(topic), payload, qos}; /* given away, not shared: see sky_store_request_run() */
        g_queue_push_tail(&inbox->mail.notes, note);
        inbox->note_bytes += bytes;
        ring(inbox);
    } else {
        inbox->notes_dropped++;
    }
    sky_lock_leave(&inbox->lock);
    if (!room) g_bytes_unref(payload);
    return room;
}

void sky_outbox_inbox_replay(SkyOutboxInbox *inbox, const char *audience, uint64_t from_seq, const char *topic) {
    SkyOutboxReplayRequest *request = g_new0(SkyOutboxReplayRequest, 1);
    g_strlcpy(request->audience, audience, sizeof request->audience);
    request->topic = g_strdup(topic);
    request->from_seq = from_seq;
    sky_lock_enter(&inbox->lock);
    gboolean room = inbox->mail.replays.length < SKY_OUTBOX_REPLAYS_MAX;
    if (room) {
        g_queue_push_tail(&inbox->mail.replays, request);
        ring(inbox);
    }
    sky_lock_leave(&inbox->lock);
    if (!room) replay_free(request);
}

void sky_outbox_inbox_probes(SkyOutboxInbox *inbox, const char *const *audiences, const char *const *topics, uint32_t count) {
    char **audience_copies = g_new0(char *, count + 1), **topic_copies = g_new0(char *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        audience_copies[i] = g_strdup(audiences[i]);
        topic_copies[i] = g_strdup(topics[i]);
    }
    sky_lock_enter(&inbox->lock);
    char **unused_audiences = inbox->mail.audiences, **unused_topics = inbox->mail.topics;
    inbox->mail.audiences = audience_copies;
    inbox->mail.topics = topic_copies;
    ring(inbox);
    sky_lock_leave(&inbox->lock);
    g_strfreev(unused_audiences);
    g_strfreev(unused_topics);
}

void sky_outbox_inbox_poke(SkyOutboxInbox *inbox) {
    sky_lock_enter(&inbox->lock);
    inbox->mail.poked = TRUE;
    ring(inbox);
    sky_lock_leave(&inbox->lock);
}

gpointer sky_outbox_inbox_expect(SkyOutboxInbox *inbox, uint64_t ticket) {
    Expected *expected = g_new(Expected, 1);
    *expected = (Expected){sky_outbox_inbox_ref(inbox), ticket};
    return expected;
}

void sky_outbox_inbox_forget(gpointer expected) {
    sky_outbox_inbox_unref(((Expected *)expected)->inbox);
    g_free(expected);
}

void sky_outbox_inbox_on_rows(GPtrArray *rows, gboolean more, gpointer user) {
    Expected *expected = user;
    SkyOutboxPage *page = g_new0(SkyOutboxPage, 1);
    *page = (SkyOutboxPage){expected->ticket, rows, more};
    sky_lock_enter(&expected->inbox->lock);
    g_queue_push_tail(&expected->inbox->mail.pages, page);
    ring(expected->inbox);
    sky_lock_leave(&expected->inbox->lock);
    sky_outbox_inbox_forget(expected);
}

SkyOutboxMail sky_outbox_inbox_take(SkyOutboxInbox *inbox) {
    sky_lock_enter(&inbox->lock);
    SkyOutboxMail mail = inbox->mail;
    inbox->mail = (SkyOutboxMail){.poked = FALSE};
    g_hash_table_remove_all(inbox->change_of);
    inbox->note_bytes = 0;
    if (inbox->oldest_ns != SKY_TIME_NONE) {
        eventfd_t ignored;
        eventfd_read(inbox->fd, &ignored);
    }
    inbox->oldest_ns = SKY_TIME_NONE;
    sky_lock_leave(&inbox->lock);
    return mail;
}

void sky_outbox_inbox_tell(SkyOutboxInbox *inbox, const SkyOutboxNumbers *numbers, gboolean quiet) {
    sky_lock_enter(&inbox->lock);
    inbox->numbers = *numbers;
    inbox->quiet = quiet && inbox->oldest_ns == SKY_TIME_NONE; /* what came in meanwhile is not out yet */
    if (inbox->flushing) sky_lock_wake(&inbox->lock);
    sky_lock_leave(&inbox->lock);
}

gboolean sky_outbox_inbox_is_flushing(SkyOutboxInbox *inbox) {
    sky_lock_enter(&inbox->lock);
    gboolean flushing = inbox->flushing > 0;
    sky_lock_leave(&inbox->lock);
    return flushing;
}

gboolean sky_outbox_inbox_flush(SkyOutboxInbox *inbox, int64_t limit_ns) {
    int64_t deadline_ns = sky_clock_monotonic_ns() + limit_ns;
    sky_lock_enter(&inbox->lock);
    inbox->flushing++;
    inbox->quiet = FALSE;
    ring(inbox);
    while (inbox->numbers.up && !inbox->quiet && sky_lock_wait_until(&inbox->lock, deadline_ns)) continue;
    gboolean quiet = inbox->quiet;
    if (--inbox->flushing == 0) ring(inbox); /* the rows may go on */
    sky_lock_leave(&inbox->lock);
    return quiet;
}

SkyOutboxNumbers sky_outbox_inbox_numbers(SkyOutboxInbox *inbox) {
    sky_lock_enter(&inbox->lock);
    SkyOutboxNumbers numbers = inbox->numbers;
    numbers.notes_dropped += inbox->notes_dropped;
    int64_t oldest_ns = inbox->oldest_ns;
    sky_lock_leave(&inbox->lock);
    if (numbers.oldest_unserved_ns == SKY_TIME_NONE) numbers.oldest_unserved_ns = oldest_ns;
    else if (oldest_ns != SKY_TIME_NONE) numbers.oldest_unserved_ns = MIN(numbers.oldest_unserved_ns, oldest_ns);
    return numbers;
}
