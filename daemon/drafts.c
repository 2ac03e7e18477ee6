/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/drafts.h"

#include <string.h>

#include "base/log.h"
#include "daemon/letter.h"

#define FACTS_MAX 1024 /* event messages kept while the store takes nothing; the oldest goes, counted */

struct SkyDrafts {
    SkyConfig *config;
    SkyStore *store;
    void (*stored)(gpointer user);
    gpointer user;
    SkyLetterHead head;
    char epoch[SKY_ULID_BYTES];
    GQueue waiting; /* SkyDraft *, oldest first: what the store has not taken */
    uint64_t facts_dropped;
    SkyLogLimit log_limit;
};

SkyDraft *sky_draft_new(const SkyAlert *alert) {
    SkyDraft *draft = g_new0(SkyDraft, 1);
    draft->messages = g_ptr_array_new_with_free_func((GDestroyNotify)sky_message_record_free);
    draft->standing = g_ptr_array_new_with_free_func((GDestroyNotify)sky_standing_record_free);
    draft->has_alert = alert != NULL;
    if (alert)
        draft->alert = *alert;
    return draft;
}

void sky_draft_free(SkyDraft *draft) {
    if (!draft)
        return;
    g_ptr_array_unref(draft->messages);
    g_ptr_array_unref(draft->standing);
    sky_audit_record_free(draft->audit);
    g_free(draft);
}

static void move_all(GPtrArray *to, GPtrArray *from) {
    while (from->len > 0)
        g_ptr_array_add(to, g_ptr_array_steal_index(from, 0));
}

/* On the store's thread. */
typedef struct {
    SkyDrafts *drafts;
    SkyDraftStored stored;
    gpointer user;
} Answer;

static void on_done(const GError *error, gboolean durable, gpointer user) {
    g_autofree Answer *answer = user;
    if (error)
        sky_log_limited(&answer->drafts->log_limit, SKY_LOG_ERROR, "store", NULL, "a revision could not be stored: %s",
                        error->message);
    if (answer->stored)
        answer->stored(error, answer->user);
    answer->drafts->stored(answer->drafts->user);
}

static GHashTable *copy_seqs(GHashTable *seqs) {
    GHashTable *copy = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    GHashTableIter iter;
    gpointer audience, next;
    g_hash_table_iter_init(&iter, seqs);
    while (g_hash_table_iter_next(&iter, &audience, &next))
        g_hash_table_insert(copy, g_strdup(audience), g_memdup2(next, sizeof(uint64_t)));
    return copy;
}

/* TRUE: the store has it; the draft is spent. The log's numbers are given only now, so that a refusal leaves no hole. */
static gboolean offer(SkyDrafts *drafts, SkyDraft *draft) {
    g_autoptr(GHashTable) before = copy_seqs(drafts->head.next_seq);
    SkyStoreCommit *commit = sky_store_commit_new();
    drafts->head.durable = sky_store_numbers(drafts->store).durable;
    guint own = draft->messages->len;
    move_all(commit->messages, draft->messages);
    move_all(commit->standing, draft->standing);
    if (draft->has_alert) {
        commit->alert = sky_letter_record(&draft->alert);
        sky_letter_revision(drafts->config, &draft->alert, &drafts->head, commit->messages);
    }
    if (draft->again[0])
        sky_letter_again(drafts->config, draft->again, &draft->alert, &drafts->head, commit->messages);
    commit->audit = g_steal_pointer(&draft->audit);
    Answer *answer = g_new(Answer, 1);
    *answer = (Answer){.drafts = drafts, .stored = draft->stored, .user = draft->user};
    if (sky_store_commit(drafts->store, commit, on_done, answer))
        return TRUE;
    g_hash_table_unref(drafts->head.next_seq);
    drafts->head.next_seq = g_steal_pointer(&before);
    for (guint i = 0; i < own; i++)
        g_ptr_array_add(draft->messages, g_ptr_array_steal_index(commit->messages, 0));
    move_all(draft->standing, commit->standing);
    draft->audit = g_steal_pointer(&commit->audit);
    sky_store_commit_free(commit);
    g_free(answer);
    return FALSE;
}

/* The last one of that alert. */
static SkyDraft *find_waiting(const SkyDrafts *drafts, const char *alert) {
    for (GList *link = drafts->waiting.tail; link; link = link->prev) {
        SkyDraft *draft = link->data;
        if (draft->has_alert && strcmp(draft->alert.id, alert) == 0)
            return draft;
    }
    return NULL;
}

/* The begin or the end of an event. Where an end goes, a later start still tells that it ended. */
static gboolean is_fact(const SkyDraft *draft) {
    if (draft->has_alert || draft->audit || draft->messages->len == 0)
        return FALSE;
    for (guint i = 0; i < draft->standing->len; i++)
        if (((const SkyStandingRecord *)draft->standing->pdata[i])->kind != SKY_STANDING_EVENT)
            return FALSE;
    return ((const SkyMessageRecord *)draft->messages->pdata[0])->message_class == SKY_MESSAGE_EVENT;
}

/* What goes with an elder revision stays in its place: an event's end must not come before its begin. */
static void supersede(SkyDrafts *drafts, const SkyDraft *draft) {
    SkyDraft *elder = find_waiting(drafts, draft->alert.id);
    if (!elder || elder->audit)
        return;
    elder->has_alert = FALSE;
    if (elder->messages->len > 0 || elder->standing->len > 0)
        return;
    g_queue_remove(&drafts->waiting, elder);
    sky_draft_free(elder);
}

/* The disk is stuck: of each alert only the newest revision waits, and each that a person made, which bears its audit. */
static void keep(SkyDrafts *drafts, SkyDraft *draft) {
    if (draft->has_alert && !draft->audit)
        supersede(drafts, draft);
    g_queue_push_tail(&drafts->waiting, draft);
    if (g_queue_get_length(&drafts->waiting) <= FACTS_MAX)
        return;
    for (GList *link = drafts->waiting.head; link; link = link->next) {
        SkyDraft *oldest = link->data;
        if (!is_fact(oldest))
            continue;
        g_queue_delete_link(&drafts->waiting, link);
        sky_draft_free(oldest);
        drafts->facts_dropped++;
        return;
    }
}

void sky_drafts_post(SkyDrafts *drafts, SkyDraft *draft) {
    if (g_queue_is_empty(&drafts->waiting) && offer(drafts, draft)) {
        sky_draft_free(draft);
        return;
    }
    sky_log_limited(&drafts->log_limit, SKY_LOG_WARNING, "store", NULL, "the disk does not keep up: %u revisions wait in memory",
                    g_queue_get_length(&drafts->waiting) + 1);
    keep(drafts, draft);
}

/* ---- life ---- */

SkyDrafts *sky_drafts_new(SkyConfig *config, SkyStore *store, const SkyStoreStart *start, void (*stored)(gpointer user), gpointer user) {
    SkyDrafts *drafts = g_new0(SkyDrafts, 1);
    drafts->config = sky_config_ref(config);
    drafts->store = store;
    drafts->stored = stored;
    drafts->user = user;
    g_strlcpy(drafts->epoch, start->epoch, sizeof drafts->epoch);
    drafts->head = (SkyLetterHead){.epoch = drafts->epoch, .next_seq = copy_seqs(start->next_seq), .durable = TRUE};
    g_queue_init(&drafts->waiting);
    return drafts;
}

void sky_drafts_free(SkyDrafts *drafts) {
    if (!drafts)
        return;
    g_queue_clear_full(&drafts->waiting, (GDestroyNotify)sky_draft_free);
    g_hash_table_unref(drafts->head.next_seq);
    sky_config_unref(drafts->config);
    g_free(drafts);
}

void sky_drafts_set_config(SkyDrafts *drafts, SkyConfig *config) {
    SkyConfig *before = drafts->config;
    drafts->config = sky_config_ref(config);
    sky_config_unref(before);
}

void sky_drafts_turn(SkyDrafts *drafts) {
    while (!g_queue_is_empty(&drafts->waiting)) {
        if (!offer(drafts, g_queue_peek_head(&drafts->waiting)))
            return;
        sky_draft_free(g_queue_pop_head(&drafts->waiting));
    }
}

gboolean sky_drafts_has(const SkyDrafts *drafts, const char *alert) {
    return find_waiting(drafts, alert) != NULL;
}

uint32_t sky_drafts_count(const SkyDrafts *drafts) {
    return drafts->waiting.length;
}

uint64_t sky_drafts_facts_dropped(const SkyDrafts *drafts) {
    return drafts->facts_dropped;
}

const char *sky_drafts_epoch(const SkyDrafts *drafts) {
    return drafts->epoch;
}
