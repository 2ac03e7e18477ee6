/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/alert_book.h"

#include <string.h>

#include "alert/alert_shelf.h"
#include "alert/alert_step.h"
#include "base/clock.h"

/* Late evidence (a clip that is still being closed) finds its alert for so long after the alert was closed; the end of an event that
 * outlasts its alert does so at any time. */
#define REMEMBER_NS (10 * 60 * SKY_NS_PER_S)
/* Of one alert that further events join, at most one revision in so long. */
#define JOINED_EVERY_NS (10 * SKY_NS_PER_S)
/* Ticks come every few seconds: a longer step is the wall clock being set. */
#define CLOCK_STEP_NS (5 * 60 * SKY_NS_PER_S)

struct SkyAlertBook {
    SkyAlertBookParams params;
    SkyAlertSink sink;
    gpointer user;
    SkyAlertShelf shelf;
    int64_t ticked_ns; /* UTC of the last tick, SKY_TIME_NONE before the first */
};

SkyAlertBook *sky_alert_book_new(const SkyAlertBookParams *params, SkyAlertSink sink, gpointer user) {
    SkyAlertBook *book = g_new0(SkyAlertBook, 1);
    book->params = *params;
    book->sink = sink;
    book->user = user;
    book->ticked_ns = SKY_TIME_NONE;
    sky_alert_shelf_init(&book->shelf);
    return book;
}

void sky_alert_book_free(SkyAlertBook *book) {
    if (!book)
        return;
    sky_alert_shelf_clear(&book->shelf);
    g_free(book);
}

/* ---- one more revision ---- */

/* A damaged store may say any time. */
static int64_t later(int64_t utc_ns, int64_t by_ns) {
    return by_ns > 0 && utc_ns > G_MAXINT64 - by_ns ? G_MAXINT64 : utc_ns + by_ns;
}

static void revise(SkyAlertEntry *entry, const char *cause, const char *actor, int64_t now_utc_ns) {
    entry->owed = NULL; /* told along */
    entry->alert.rev++;
    entry->alert.updated_utc_ns = now_utc_ns;
    g_strlcpy(entry->alert.cause, cause, sizeof entry->alert.cause);
    g_strlcpy(entry->alert.actor, actor, sizeof entry->alert.actor);
}

static void tell(SkyAlertBook *book, const SkyAlertEntry *entry) {
    book->sink(&entry->alert, book->user);
}

/* As many closed ones are remembered as may be open, so that neither can grow without end. */
static void forget_surplus(SkyAlertBook *book) {
    while (g_queue_get_length(&book->shelf.closed) > MAX(book->params.open_max, 1))
        sky_alert_shelf_forget(&book->shelf, g_queue_peek_head(&book->shelf.closed));
}

static void close_entry(SkyAlertBook *book, SkyAlertEntry *entry) {
    sky_alert_shelf_close(&book->shelf, entry);
    entry->due_ns = later(entry->alert.updated_utc_ns, REMEMBER_NS);
    tell(book, entry);
    forget_surplus(book);
}

/* ---- events ---- */

void sky_alert_book_restore(SkyAlertBook *book, const SkyAlert *alert) {
    if (g_hash_table_contains(book->shelf.by_id, alert->id))
        return;
    SkyAlertEntry *entry = sky_alert_shelf_add(&book->shelf, alert);
    entry->due_ns = sky_alert_is_open(alert) ? later(alert->raised_utc_ns, book->params.expire_ns)
                                             : later(alert->updated_utc_ns, REMEMBER_NS);
    if (alert->end_utc_ns == SKY_TIME_NONE)
        sky_alert_shelf_event_begins(&book->shelf, entry, alert->event_id);
    forget_surplus(book);
}

/* The revision of an alert that bears several events. */
static void tell_joined(SkyAlertBook *book, SkyAlertEntry *entry, const char *cause, int64_t now_utc_ns) {
    int64_t since_ns = now_utc_ns - entry->joined_ns;
    if (entry->joined_ns > 0 && since_ns >= 0 && since_ns < JOINED_EVERY_NS) {
        entry->owed = cause;
        return;
    }
    entry->joined_ns = now_utc_ns;
    revise(entry, cause, "", now_utc_ns);
    tell(book, entry);
}

static void tell_owed(SkyAlertBook *book, const GQueue *queue, int64_t now_utc_ns, gboolean all) {
    for (GList *link = queue->head; link; link = link->next) {
        SkyAlertEntry *entry = link->data;
        if (all)
            entry->joined_ns = 0;
        if (entry->owed)
            tell_joined(book, entry, entry->owed, now_utc_ns);
    }
}

void sky_alert_book_flush(SkyAlertBook *book, int64_t now_utc_ns) {
    tell_owed(book, &book->shelf.open, now_utc_ns, TRUE);
    tell_owed(book, &book->shelf.closed, now_utc_ns, TRUE);
}

static gboolean is_trouble(SkyEventKind kind) {
    return kind == SKY_EVENT_OFFLINE || kind == SKY_EVENT_TAMPER;
}

/* The newest of the camera's open alerts where it has raised its fill of late; NULL: it has not. */
static SkyAlertEntry *of_burst(const SkyAlertBook *book, const char *camera, int64_t now_utc_ns) {
    const GQueue *queue = sky_alert_shelf_of(&book->shelf, camera);
    SkyAlertEntry *newest = NULL;
    uint32_t raised = 0;
    for (GList *link = queue ? queue->tail : NULL; link; link = link->prev) {
        SkyAlertEntry *entry = link->data;
        int64_t since_ns = now_utc_ns - entry->alert.raised_utc_ns;
        if (is_trouble(entry->alert.kind) || since_ns < 0 || since_ns >= book->params.burst_ns)
            continue;
        newest = newest ? newest : entry;
        if (++raised >= book->params.burst_max)
            return newest;
    }
    return NULL;
}

/* A camera may have as many alerts open as there is room for more. So none can fill the book, and one that has been quiet finds room
 * however many others flood it (dynamic queue length thresholds, Choudhury and Hahne 1998). */
static gboolean has_its_share(const SkyAlertBook *book, const char *camera) {
    const GQueue *own = sky_alert_shelf_of(&book->shelf, camera);
    return own && own->length + book->shelf.open.length >= book->params.open_max;
}

/* The alert that an event joins instead of raising its own. A camera that has none open still gets its own: nothing is lost. */
static SkyAlertEntry *bearer_for(const SkyAlertBook *book, const char *camera, SkyEventKind kind, int64_t now_utc_ns) {
    if (book->shelf.open.length >= book->params.open_max || (!is_trouble(kind) && has_its_share(book, camera)))
        return sky_alert_shelf_newest_of(&book->shelf, camera);
    return book->params.burst_max > 0 && !is_trouble(kind) ? of_burst(book, camera, now_utc_ns) : NULL;
}

gboolean sky_alert_book_joins(const SkyAlertBook *book, const char *camera, SkyEventKind kind, int64_t now_utc_ns) {
    return bearer_for(book, camera, kind, now_utc_ns) != NULL;
}

static void join_event(SkyAlertBook *book, SkyAlertEntry *entry, const SkyAlert *template_alert, int64_t now_utc_ns) {
    sky_alert_shelf_event_begins(&book->shelf, entry, template_alert->event_id);
    SkyAlert *alert = &entry->alert;
    alert->count++;
    alert->end_utc_ns = SKY_TIME_NONE;
    alert->severity = MIN(alert->severity, CLAMP(template_alert->severity, 1, 4));
    alert->score = MAX(alert->score, template_alert->score);
    tell_joined(book, entry, "joined", now_utc_ns);
}

/* A test alert shows that the road works and then must not lie about: it closes in the same breath. */
static void close_test(SkyAlertBook *book, SkyAlertEntry *entry, int64_t now_utc_ns) {
    SkyAlert *alert = &entry->alert;
    alert->state = SKY_ALERT_RESOLVED;
    if (alert->end_utc_ns == SKY_TIME_NONE)
        alert->end_utc_ns = MAX(alert->begin_utc_ns, now_utc_ns);
    revise(entry, "test", "", now_utc_ns);
    close_entry(book, entry);
}

void sky_alert_book_raise(SkyAlertBook *book, const char *alert_id, const SkyAlert *template_alert, int64_t now_utc_ns) {
    SkyAlertShelf *shelf = &book->shelf;
    g_assert(sky_id_is_valid(alert_id));
    if (g_hash_table_contains(shelf->by_event, template_alert->event_id))
        return; /* the same begin again */
    SkyAlertEntry *bearer =
        template_alert->test ? NULL : bearer_for(book, template_alert->camera, template_alert->kind, now_utc_ns);
    if (bearer) {
        join_event(book, bearer, template_alert, now_utc_ns);
        return;
    }
    SkyAlert alert = *template_alert;
    g_strlcpy(alert.id, alert_id, sizeof alert.id);
    g_strlcpy(alert.cause, "raised", sizeof alert.cause);
    if (alert.test && !alert.note[0])
        g_strlcpy(alert.note, "test alert", sizeof alert.note);
    alert.rev = 1;
    alert.state = SKY_ALERT_RAISED;
    alert.severity = CLAMP(alert.severity, 1, 4);
    alert.raised_utc_ns = alert.updated_utc_ns = now_utc_ns;
    alert.count = 1;
    alert.actor[0] = alert.assignee[0] = 0;
    SkyAlertEntry *entry = sky_alert_shelf_add(shelf, &alert);
    entry->due_ns = later(now_utc_ns, book->params.expire_ns);
    if (alert.end_utc_ns == SKY_TIME_NONE)
        sky_alert_shelf_event_begins(shelf, entry, alert.event_id);
    tell(book, entry);
    if (alert.test)
        close_test(book, entry, now_utc_ns);
}

gboolean sky_alert_book_event_end(SkyAlertBook *book, const SkyAlert *template_alert, int64_t now_utc_ns) {
    SkyAlertEntry *entry = g_hash_table_lookup(book->shelf.by_event, template_alert->event_id);
    if (!entry)
        return FALSE;
    sky_alert_shelf_event_ends(&book->shelf, entry, template_alert->event_id);
    SkyAlert *alert = &entry->alert;
    gboolean own = strcmp(alert->event_id, template_alert->event_id) == 0;
    if (own) { /* box and path are those of the event that raised it */
        alert->box = template_alert->box;
        alert->from = template_alert->from;
        alert->to = template_alert->to;
        alert->path_seconds = template_alert->path_seconds;
    }
    alert->score = own && alert->count == 1 ? template_alert->score : MAX(alert->score, template_alert->score);
    alert->interrupted |= template_alert->interrupted;
    gboolean over = !sky_alert_entry_goes_on(entry);
    if (over) { /* of many events, and the wall clock may have been set back between them */
        int64_t end_utc_ns = template_alert->end_utc_ns == SKY_TIME_NONE ? now_utc_ns : template_alert->end_utc_ns;
        alert->end_utc_ns = MAX(alert->begin_utc_ns, end_utc_ns);
    }
    if (alert->count > 1) {
        tell_joined(book, entry, over ? "ended" : "joined", now_utc_ns);
        return TRUE;
    }
    revise(entry, "ended", "", now_utc_ns);
    tell(book, entry);
    return TRUE;
}

static void interrupt(SkyAlertBook *book, const GQueue *queue, int64_t now_utc_ns) {
    for (GList *link = queue->head; link; link = link->next) {
        SkyAlertEntry *entry = link->data;
        if (entry->alert.end_utc_ns != SKY_TIME_NONE)
            continue;
        sky_alert_shelf_events_end(&book->shelf, entry);
        entry->alert.end_utc_ns = MAX(entry->alert.begin_utc_ns, entry->alert.updated_utc_ns);
        entry->alert.interrupted = TRUE;
        revise(entry, "interrupted", "", now_utc_ns);
        tell(book, entry);
    }
}

void sky_alert_book_interrupt_all(SkyAlertBook *book, int64_t now_utc_ns) {
    interrupt(book, &book->shelf.open, now_utc_ns);
    interrupt(book, &book->shelf.closed, now_utc_ns);
}

/* ---- evidence ---- */

static gboolean take_image(SkyAlert *alert, const SkyAlertImage *image) {
    if (!image || (image->bytes == alert->image.bytes && strcmp(image->sha256, alert->image.sha256) == 0))
        return FALSE;
    alert->image = *image;
    return TRUE;
}

static gboolean take_clip(SkyAlert *alert, const SkyAlertClip *clip) {
    gboolean same = clip && strcmp(clip->id, alert->clip.id) == 0 && strcmp(clip->sha256, alert->clip.sha256) == 0;
    for (guint i = 0; same && i < SKY_CLIP_FURTHER_MAX; i++)
        same = strcmp(clip->further[i], alert->clip.further[i]) == 0;
    if (!clip || same)
        return FALSE;
    alert->clip = *clip;
    alert->evidence_missing = FALSE;
    return TRUE;
}

gboolean sky_alert_book_evidence(SkyAlertBook *book, const char *alert_id, const SkyAlertImage *image, const SkyAlertClip *clip,
                                 gboolean missing, int64_t now_utc_ns) {
    SkyAlertEntry *entry = g_hash_table_lookup(book->shelf.by_id, alert_id);
    if (!entry)
        return FALSE;
    SkyAlert *alert = &entry->alert;
    gboolean changed = take_image(alert, image);
    changed |= take_clip(alert, clip);
    if (missing && !clip && !alert->evidence_missing) {
        alert->evidence_missing = TRUE;
        memset(&alert->clip, 0, sizeof alert->clip); /* retention may have taken a clip that was told of before */
        changed = TRUE;
    }
    if (!changed)
        return FALSE;
    revise(entry, "evidence", "", now_utc_ns);
    tell(book, entry);
    return TRUE;
}

/* ---- time ---- */

static void postpone(GQueue *queue, int64_t step_ns) {
    for (GList *link = queue->head; link; link = link->next)
        ((SkyAlertEntry *)link->data)->due_ns = later(((SkyAlertEntry *)link->data)->due_ns, step_ns);
}

/* A box without a clock boots in the past and is set forward by days once the network is back: an alert that nobody could have
 * seen yet must not expire of that. */
static void follow_clock(SkyAlertBook *book, int64_t now_utc_ns) {
    int64_t step_ns = book->ticked_ns == SKY_TIME_NONE ? 0 : now_utc_ns - book->ticked_ns;
    book->ticked_ns = now_utc_ns;
    if (ABS(step_ns) < CLOCK_STEP_NS)
        return;
    postpone(&book->shelf.open, step_ns);
    postpone(&book->shelf.closed, step_ns);
}

void sky_alert_book_tick(SkyAlertBook *book, int64_t now_utc_ns) {
    follow_clock(book, now_utc_ns);
    tell_owed(book, &book->shelf.open, now_utc_ns, FALSE);
    tell_owed(book, &book->shelf.closed, now_utc_ns, FALSE);
    for (GList *link = book->shelf.open.head, *next; link; link = next) {
        next = link->next;
        SkyAlertEntry *entry = link->data;
        if (now_utc_ns < entry->due_ns)
            continue;
        entry->alert.state = SKY_ALERT_EXPIRED;
        revise(entry, "expired", "", now_utc_ns);
        close_entry(book, entry);
    }
    for (GList *link = book->shelf.closed.head, *next; link; link = next) {
        next = link->next;
        SkyAlertEntry *entry = link->data;
        if (now_utc_ns >= entry->due_ns && !sky_alert_entry_goes_on(entry))
            sky_alert_shelf_forget(&book->shelf, entry);
    }
}

/* ---- commands ---- */

SkyAlertAnswer sky_alert_book_command(SkyAlertBook *book, const SkyAlertCommand *command, int64_t now_utc_ns) {
    SkyAlertEntry *entry = command->alert ? g_hash_table_lookup(book->shelf.by_id, command->alert) : NULL;
    if (!entry)
        return SKY_ALERT_UNKNOWN;
    if (!sky_alert_step_is_good(command))
        return SKY_ALERT_BAD_VALUE;
    SkyAlert *alert = &entry->alert;
    SkyAlertState state;
    if (!sky_alert_step_next(command->verb, alert->state, &state))
        return SKY_ALERT_NOT_ALLOWED;
    alert->state = state;
    if (command->verb == SKY_COMMAND_ASSIGN)
        g_strlcpy(alert->assignee, command->assignee, sizeof alert->assignee);
    if (command->note && command->note[0])
        g_strlcpy(alert->note, command->note, sizeof alert->note);
    revise(entry, sky_alert_step_cause(command->verb), command->actor ? command->actor : "", now_utc_ns);
    if (sky_alert_is_open(alert))
        tell(book, entry);
    else
        close_entry(book, entry);
    return SKY_ALERT_DONE;
}

/* ---- looking ---- */

const SkyAlert *sky_alert_book_of_event(const SkyAlertBook *book, const char *event_id) {
    SkyAlertEntry *entry = g_hash_table_lookup(book->shelf.by_event, event_id);
    return entry ? &entry->alert : NULL;
}

const SkyAlert *sky_alert_book_find(const SkyAlertBook *book, const char *alert_id) {
    SkyAlertEntry *entry = g_hash_table_lookup(book->shelf.by_id, alert_id);
    return entry ? &entry->alert : NULL;
}

void sky_alert_book_each_open(const SkyAlertBook *book, SkyAlertSink each, gpointer user) {
    for (GList *link = book->shelf.open.head; link; link = link->next)
        each(&((SkyAlertEntry *)link->data)->alert, user);
}

uint32_t sky_alert_book_open_count(const SkyAlertBook *book) {
    return g_queue_get_length((GQueue *)&book->shelf.open);
}
