/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/desk.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/letter.h"
#include "message/message.h"
#include "message/topic.h"

#define OPEN_ALERTS_MAX 512
#define BURST_NS (600 * SKY_NS_PER_S)

struct SkyDesk {
    SkyConfig *config;
    SkyStore *store;
    SkyDeskSink sink;
    SkyAlertBook *book;
    SkyDrafts *drafts;
    GPtrArray *revised;      /* SkyAlert *: revisions of the change under way; */
    GPtrArray *standing;     /* SkyStandingRecord *: and what stands, or stands no longer, by it */
    gboolean started_whole;  /* all that was open when this run began was read from the disk */
};

/* ---- the book's revisions ---- */

static void on_revision(const SkyAlert *revision, gpointer user) {
    SkyDesk *desk = user;
    g_ptr_array_add(desk->revised, g_memdup2(revision, sizeof *revision));
    if (revision->rev == 1 || !sky_alert_is_open(revision))
        desk->sink.opened(revision->id, sky_alert_is_open(revision), desk->sink.user);
}

static void stand(SkyDesk *desk, SkyStandingKind kind, const char *id, const char *body) {
    g_ptr_array_add(desk->standing, sky_standing_record_new(kind, id, body));
}

/* Posts what the change under way made. extra (taken, may be NULL) and what stands go with the first commit, audit with the last. */
static void settle(SkyDesk *desk, SkyMessageRecord *extra, SkyAuditRecord *audit, SkyDraftStored stored, gpointer user) {
    guint count = MAX(desk->revised->len, extra || audit || desk->standing->len > 0 ? 1 : 0);
    for (guint i = 0; i < count; i++) {
        SkyDraft *draft = sky_draft_new(i < desk->revised->len ? desk->revised->pdata[i] : NULL);
        if (i == 0 && extra)
            g_ptr_array_add(draft->messages, extra);
        if (i == 0) {
            GPtrArray *none = draft->standing;
            draft->standing = desk->standing;
            desk->standing = none;
        }
        if (i == count - 1) {
            draft->audit = audit;
            draft->stored = stored;
            draft->user = user;
        }
        sky_drafts_post(desk->drafts, draft);
    }
    g_ptr_array_set_size(desk->revised, 0);
}

void sky_desk_settle(SkyDesk *desk, SkyAuditRecord *audit, SkyDraftStored stored, gpointer user) {
    settle(desk, NULL, audit, stored, user);
}

/* ---- life ---- */

static void restore_alerts(SkyDesk *desk, GPtrArray *alerts) {
    for (guint i = 0; i < alerts->len; i++) {
        const SkyAlertRecord *record = alerts->pdata[i];
        g_autoptr(GError) error = NULL;
        SkyAlert alert;
        if (!sky_message_alert_body_parse(record->body, &alert, &error)) {
            sky_log(SKY_LOG_ERROR, "store", NULL, "alert %s can not be read, left as it is: %s", record->alert, error->message);
            desk->started_whole = FALSE;
            continue;
        }
        sky_alert_book_restore(desk->book, &alert);
        if (sky_alert_is_open(&alert))
            desk->sink.opened(alert.id, TRUE, desk->sink.user);
    }
}

/* last_utc_ns: the last moment of the last run that is known of. */
static void interrupt_event(SkyDesk *desk, const SkyStandingRecord *record, int64_t last_utc_ns) {
    g_autoptr(GError) error = NULL;
    SkyAlert known;
    stand(desk, SKY_STANDING_EVENT, record->id, NULL);
    SkyMessageRecord *end = NULL;
    if (sky_message_alert_body_parse(record->body, &known, &error))
        end = sky_letter_interrupted(desk->config, &known, MAX(known.begin_utc_ns, last_utc_ns));
    else
        sky_log(SKY_LOG_ERROR, "store", NULL, "event %s can not be read, its end is not told: %s", record->id, error->message);
    settle(desk, end, NULL, NULL, NULL);
}

/* Who hears no more must not keep what was retained for it, nor must the site whose name was ours before; told: as in SkyStoreStart. */
static void clear_unheard(SkyDesk *desk, GHashTable *told) {
    SkyDraft *draft = sky_draft_new(NULL);
    GHashTableIter iter;
    gpointer key;
    g_hash_table_iter_init(&iter, told);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        g_auto(GStrv) levels = g_strsplit(key, "/", -1); /* skynet/v1/<site>/alert/<audience>/<alert> */
        const SkyAlert *alert = g_strv_length(levels) == 6 ? sky_alert_book_find(desk->book, levels[5]) : NULL;
        gboolean ours = alert && strcmp(levels[2], sky_config_values(desk->config)->site.id) == 0;
        if (alert && sky_alert_is_open(alert) && !(ours && sky_letter_hears(desk->config, levels[4], alert)))
            g_ptr_array_add(draft->messages, sky_letter_cleared(key, levels[4], levels[5]));
    }
    if (draft->messages->len > 0)
        sky_drafts_post(desk->drafts, draft);
    else
        sky_draft_free(draft);
}

typedef struct {
    SkyDesk *desk;
    GHashTable *told;
} Telling;

/* and who hears of it from now on is told what is open. One that waits is told to everybody when the store takes it. */
static void tell_anew(const SkyAlert *alert, gpointer user) {
    const Telling *telling = user;
    const SkyConfigValues *values = sky_config_values(telling->desk->config);
    for (uint32_t i = 0; i < values->audience_count; i++) {
        const char *audience = values->audiences[i].id;
        g_autofree char *topic = sky_topic_alert(values->site.id, audience, alert->id);
        if (!sky_letter_hears(telling->desk->config, audience, alert) || g_hash_table_contains(telling->told, topic) ||
            sky_drafts_has(telling->desk->drafts, alert->id))
            continue;
        SkyDraft *draft = sky_draft_new(NULL);
        draft->alert = *alert;
        g_strlcpy(draft->again, audience, sizeof draft->again);
        sky_drafts_post(telling->desk->drafts, draft);
    }
}

static void sort_audiences(SkyDesk *desk, GHashTable *told) {
    clear_unheard(desk, told);
    sky_alert_book_each_open(desk->book, tell_anew, &(Telling){.desk = desk, .told = told});
}

static void take_up(SkyDesk *desk, const SkyStoreStart *start) {
    restore_alerts(desk, start->alerts);
    sort_audiences(desk, start->told);
    sky_alert_book_interrupt_all(desk->book, sky_clock_utc_ns());
    settle(desk, NULL, NULL, NULL, NULL);
    for (guint i = 0; i < start->standing->len; i++) {
        const SkyStandingRecord *record = start->standing->pdata[i];
        if (record->kind == SKY_STANDING_EVENT)
            interrupt_event(desk, record, start->last_utc_ns);
    }
}

SkyDesk *sky_desk_new(SkyConfig *config, SkyStore *store, const SkyStoreStart *start, const SkyDeskSink *sink) {
    SkyDesk *desk = g_new0(SkyDesk, 1);
    desk->config = sky_config_ref(config);
    desk->store = store;
    desk->sink = *sink;
    desk->started_whole = sky_desk_is_durable(desk);
    desk->drafts = sky_drafts_new(config, store, start, sink->stored, sink->user);
    desk->revised = g_ptr_array_new_with_free_func(g_free);
    desk->standing = g_ptr_array_new_with_free_func((GDestroyNotify)sky_standing_record_free);
    SkyAlertBookParams params = {.expire_ns = sky_config_values(config)->alert_expire_ns, .open_max = OPEN_ALERTS_MAX,
                                 .burst_max = (uint32_t)sky_config_values(config)->alert_burst,
                                 .burst_ns = BURST_NS};
    desk->book = sky_alert_book_new(&params, on_revision, desk);
    take_up(desk, start);
    return desk;
}

void sky_desk_free(SkyDesk *desk) {
    if (!desk)
        return;
    sky_drafts_free(desk->drafts);
    sky_alert_book_free(desk->book);
    g_ptr_array_unref(desk->revised);
    g_ptr_array_unref(desk->standing);
    sky_config_unref(desk->config);
    g_free(desk);
}

static void note_told(const SkyAlert *alert, gpointer user) {
    const Telling *telling = user;
    const SkyConfigValues *values = sky_config_values(telling->desk->config);
    for (uint32_t i = 0; i < values->audience_count; i++)
        if (sky_letter_hears(telling->desk->config, values->audiences[i].id, alert))
            g_hash_table_add(telling->told, sky_topic_alert(values->site.id, values->audiences[i].id, alert->id));
}

void sky_desk_set_config(SkyDesk *desk, SkyConfig *config) {
    g_autoptr(GHashTable) told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    sky_alert_book_each_open(desk->book, note_told, &(Telling){.desk = desk, .told = told});
    SkyConfig *before = desk->config;
    desk->config = sky_config_ref(config);
    sky_config_unref(before);
    sky_drafts_set_config(desk->drafts, config);
    sort_audiences(desk, told);
}

/* ---- what happens ---- */

static void raise_alert(SkyDesk *desk, SkyAlert *alert, const SkyIncident *incident, gboolean evidence_missing) {
    alert->evidence_missing = evidence_missing;
    sky_alert_book_raise(desk->book, incident->alert_id, alert, sky_clock_utc_ns());
}

/* All that a later start has to know to tell its end, in the form of the alert that it raises. */
static void stand_event(SkyDesk *desk, const SkyIncident *incident, const SkyAlert *alert) {
    SkyAlert whole = *alert;
    g_strlcpy(whole.id, incident->alert_id, sizeof whole.id);
    g_strlcpy(whole.cause, "raised", sizeof whole.cause);
    whole.rev = whole.count = 1;
    whole.raised_utc_ns = whole.updated_utc_ns = sky_clock_utc_ns();
    g_autofree char *body = sky_message_alert_body(&whole);
    SkyStandingRecord *record = sky_standing_record_new(SKY_STANDING_EVENT, alert->event_id, body);
    const SkyAlert *bearer = sky_alert_book_of_event(desk->book, alert->event_id);
    g_strlcpy(record->alert, bearer ? bearer->id : "", sizeof record->alert);
    g_ptr_array_add(desk->standing, record);
}

void sky_desk_begin(SkyDesk *desk, const SkyCameraConfig *camera, const SkyIncident *incident, gboolean evidence_missing) {
    SkyAlert alert = sky_letter_alert(camera, incident);
    if (!incident->disarmed)
        raise_alert(desk, &alert, incident, evidence_missing);
    stand_event(desk, incident, &alert);
    settle(desk, sky_letter_event(desk->config, camera, incident, SKY_EVENT_BEGIN), NULL, NULL, NULL);
}

void sky_desk_raise(SkyDesk *desk, const SkyCameraConfig *camera, const SkyIncident *incident, gboolean evidence_missing) {
    SkyAlert alert = sky_letter_alert(camera, incident);
    raise_alert(desk, &alert, incident, evidence_missing);
    stand_event(desk, incident, &alert);
    settle(desk, NULL, NULL, NULL, NULL);
}

void sky_desk_end(SkyDesk *desk, const SkyCameraConfig *camera, const SkyIncident *incident) {
    SkyAlert alert = sky_letter_alert(camera, incident);
    stand(desk, SKY_STANDING_EVENT, incident->event_id, NULL);
    sky_alert_book_event_end(desk->book, &alert, sky_clock_utc_ns());
    settle(desk, sky_letter_event(desk->config, camera, incident, SKY_EVENT_END), NULL, NULL, NULL);
}

void sky_desk_fact(SkyDesk *desk, const SkyCameraConfig *camera, const SkyEvent *event) {
    SkyIncident fact = {.event = *event, .begin_utc_ns = sky_clock_utc_of(event->begin_ns), .clock_synced = sky_clock_is_synced()};
    sky_ulid_make_lower(fact.begin_utc_ns, fact.event_id);
    fact.event.end_ns = SKY_TIME_NONE;
    settle(desk, sky_letter_event(desk->config, camera, &fact, SKY_EVENT_BEGIN), NULL, NULL, NULL);
    fact.event.end_ns = event->time_ns;
    settle(desk, sky_letter_event(desk->config, camera, &fact, SKY_EVENT_END), NULL, NULL, NULL);
}

void sky_desk_evidence(SkyDesk *desk, const char *alert, const SkyAlertImage *image, const SkyAlertClip *clip, gboolean missing,
                       GBytes *picture) {
    if (!sky_alert_book_evidence(desk->book, alert, image, clip, missing, sky_clock_utc_ns()))
        return;
    SkyAlert *revision = desk->revised->pdata[desk->revised->len - 1];
    SkyDraft *draft = sky_draft_new(revision);
    if (picture)
        sky_letter_picture(desk->config, revision, picture, draft->messages);
    sky_drafts_post(desk->drafts, draft);
    g_ptr_array_set_size(desk->revised, 0);
}

void sky_desk_test(SkyDesk *desk, const char *audience, char ret_alert[SKY_ULID_BYTES]) {
    int64_t now_utc_ns = sky_clock_utc_ns();
    char event_id[SKY_ULID_BYTES];
    sky_ulid_make_lower(now_utc_ns, event_id);
    sky_ulid_make_lower(now_utc_ns, ret_alert);
    SkyAlert alert = {.kind = SKY_EVENT_MOTION,
                      .severity = 4,
                      .begin_utc_ns = now_utc_ns, .end_utc_ns = SKY_TIME_NONE,
                      .clock_synced = sky_clock_is_synced(),
                      .test = TRUE,
                      .evidence_missing = TRUE};
    g_strlcpy(alert.event_id, event_id, sizeof alert.event_id);
    g_strlcpy(alert.test_audience, audience, sizeof alert.test_audience);
    sky_alert_book_raise(desk->book, ret_alert, &alert, now_utc_ns);
    settle(desk, NULL, NULL, NULL, NULL);
}

SkyAlertAnswer sky_desk_command(SkyDesk *desk, const SkyAlertCommand *command, uint32_t *ret_rev) {
    SkyAlertAnswer answer = sky_alert_book_command(desk->book, command, sky_clock_utc_ns());
    const SkyAlert *alert = sky_alert_book_find(desk->book, command->alert);
    *ret_rev = alert ? alert->rev : 0;
    return answer;
}

void sky_desk_stand(SkyDesk *desk, SkyStandingKind kind, const char *id, const char *body) {
    stand(desk, kind, id, body);
}

void sky_desk_turn(SkyDesk *desk) {
    sky_alert_book_tick(desk->book, sky_clock_utc_ns());
    settle(desk, NULL, NULL, NULL, NULL);
    sky_drafts_turn(desk->drafts);
}

gboolean sky_desk_joins(const SkyDesk *desk, const char *camera, SkyEventKind kind) {
    return sky_alert_book_joins(desk->book, camera, kind, sky_clock_utc_ns());
}

void sky_desk_flush(SkyDesk *desk) {
    sky_alert_book_flush(desk->book, sky_clock_utc_ns());
    sky_desk_turn(desk);
}

const SkyAlert *sky_desk_find(const SkyDesk *desk, const char *alert) {
    return sky_alert_book_find(desk->book, alert);
}

void sky_desk_each_open(const SkyDesk *desk, SkyAlertSink each, gpointer user) {
    sky_alert_book_each_open(desk->book, each, user);
}

uint32_t sky_desk_open_count(const SkyDesk *desk) {
    return sky_alert_book_open_count(desk->book);
}

gboolean sky_desk_is_durable(const SkyDesk *desk) {
    return sky_store_numbers(desk->store).durable;
}

gboolean sky_desk_knows_all(const SkyDesk *desk) {
    return desk->started_whole && sky_desk_is_durable(desk);
}

uint32_t sky_desk_waiting(const SkyDesk *desk) {
    return sky_drafts_count(desk->drafts);
}

uint64_t sky_desk_facts_dropped(const SkyDesk *desk) {
    return sky_drafts_facts_dropped(desk->drafts);
}

const char *sky_desk_epoch(const SkyDesk *desk) {
    return sky_drafts_epoch(desk->drafts);
}
