/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "evidence/evidence.h"

/* Where the callers and the evidence worker meet: what is asked for, which events are over, which alerts are open. Nothing here
 * ever waits for a disk. Thread: the worker waits and takes, any may do the rest. */
typedef struct SkyEvidenceInbox SkyEvidenceInbox;

typedef struct {
    SkyEvidenceKind kind; /* CLIP or SNAPSHOT */
    char camera[SKY_ID_BYTES], alert[SKY_ID_BYTES];
    SkyPreroll *preroll;  /* NULL: recall the file that is there */
    SkyPrerollHold *hold; /* on what will be read of it; NULL as well */
    SkyPreroll *spare;    /* clip, maybe NULL; with the same hold */
    SkyPrerollHold *spare_hold;
    int64_t at_ns;        /* clip: the event's begin */
    SkyPolygon *privacy;
    uint32_t privacy_count;
} SkyEvidenceRequest;
void sky_evidence_request_free(SkyEvidenceRequest *request);

#define SKY_EVIDENCE_REQUESTS_MAX 32u

SkyEvidenceInbox *sky_evidence_inbox_new(void);
void sky_evidence_inbox_free(SkyEvidenceInbox *inbox);
/* Takes the request. FALSE: full, closed, or a clip of that alert is under way already. */
gboolean sky_evidence_inbox_offer(SkyEvidenceInbox *inbox, SkyEvidenceRequest *request);
/* Ignored where no clip of it is under way. */
void sky_evidence_inbox_set_end(SkyEvidenceInbox *inbox, const char *alert, int64_t end_ns);
void sky_evidence_inbox_set_open(SkyEvidenceInbox *inbox, const char *alert, gboolean open);
void sky_evidence_inbox_close(SkyEvidenceInbox *inbox);
int64_t sky_evidence_inbox_oldest_ns(SkyEvidenceInbox *inbox); /* when the oldest waiting request came; SKY_TIME_NONE */

/* The worker's. Waits until a request or an end comes, the inbox is closed, or the deadline passes; NULL: no request. */
SkyEvidenceRequest *sky_evidence_inbox_take(SkyEvidenceInbox *inbox, int64_t deadline_ns);
gboolean sky_evidence_inbox_is_closed(SkyEvidenceInbox *inbox);
int64_t sky_evidence_inbox_end_of(SkyEvidenceInbox *inbox, const char *alert); /* SKY_TIME_NONE: goes on */
void sky_evidence_inbox_clip_done(SkyEvidenceInbox *inbox, const char *alert); /* forgets it */
gboolean sky_evidence_inbox_is_open(SkyEvidenceInbox *inbox, const char *alert);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyEvidenceRequest, sky_evidence_request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyEvidenceInbox, sky_evidence_inbox_free)
