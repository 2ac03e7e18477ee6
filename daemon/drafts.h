/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "alert/alert.h"
#include "config/config.h"
#include "store/store.h"

/* What goes to the store, in its order: one commit each. While the store takes nothing (256 wait: the disk is stuck) the newest revision
 * of each alert is kept here and offered again, with those that a person made and up to 1024 begins and ends of events. The log's numbers
 * are given when the store takes a revision. Thread: main, but for what is called with `stored`. Owner: the desk. */
typedef struct SkyDrafts SkyDrafts;

/* What became of a commit; on the store's thread. error: borrowed; NULL where it is stored. */
typedef void (*SkyDraftStored)(const GError *error, gpointer user);

/* One commit: a revision of an alert, and what goes with it; or that alone. */
typedef struct {
    gboolean has_alert;
    SkyAlert alert;
    char again[SKY_ID_BYTES]; /* "" or the one audience that is told of it, a revision that is stored already */
    GPtrArray *messages; /* SkyMessageRecord *: events, pictures */
    GPtrArray *standing; /* SkyStandingRecord * */
    SkyAuditRecord *audit;
    SkyDraftStored stored; /* may be NULL */
    gpointer user;
} SkyDraft;
SkyDraft *sky_draft_new(const SkyAlert *alert); /* copied; NULL: none */
void sky_draft_free(SkyDraft *draft);

/* stored: something was committed; on the store's thread. */
SkyDrafts *sky_drafts_new(SkyConfig *config, SkyStore *store, const SkyStoreStart *start, void (*stored)(gpointer user), gpointer user);
void sky_drafts_free(SkyDrafts *drafts);
void sky_drafts_set_config(SkyDrafts *drafts, SkyConfig *config);
void sky_drafts_post(SkyDrafts *drafts, SkyDraft *draft); /* takes it */
void sky_drafts_turn(SkyDrafts *drafts);                  /* offers again what waits: each second */
gboolean sky_drafts_has(const SkyDrafts *drafts, const char *alert); /* a revision of it waits */
uint32_t sky_drafts_count(const SkyDrafts *drafts);
uint64_t sky_drafts_facts_dropped(const SkyDrafts *drafts);
const char *sky_drafts_epoch(const SkyDrafts *drafts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyDrafts, sky_drafts_free)
