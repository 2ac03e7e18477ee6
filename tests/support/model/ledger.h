/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "config/config.h"
#include "event/event.h"
#include "store/store.h"

/* The reference: what has to be so by the contract (mqtt.md), said plainly. It is told what happens to the gateway and what the store
 * has committed, and knows what each alert's chain of revisions, each event and each request has to look like. Whatever is not so
 * is a finding: the first one is kept. */
#define LEDGER_AUDIENCES 4
extern const char *const ledger_audiences[LEDGER_AUDIENCES]; /* any that a configuration of the histories may have */

typedef struct {
    const char *state, *cause;
    char actor[SKY_ID_BYTES];
    guint heard; /* bit an audience: by the configuration of that moment */
} LedgerRevision;

typedef struct {
    char id[SKY_ID_BYTES], event[SKY_ID_BYTES], camera[SKY_ID_BYTES];
    SkyEventKind kind;
    GArray *chain;      /* LedgerRevision: the first is revision 1 */
    guint stored;       /* so many of them are committed */
    guint again;        /* bit an audience: came to hear of it later, and is told what is stored already, perhaps once more */
    gboolean goes_on;   /* its event has not ended */
    int64_t raised_ns, due_ns;
} LedgerAlert;

typedef struct {
    char id[SKY_ID_BYTES], alert[SKY_ID_BYTES];
    gboolean begun, ended;               /* committed */
    gboolean told_begun, told_ended;     /* the broker had it */
    gboolean interrupted;                /* its end has to say so */
} LedgerEvent;

typedef struct {
    char audience[SKY_ID_BYTES], client[SKY_ID_BYTES], id[SKY_ID_BYTES];
    char *topic, *payload;               /* to send it again; NULL: it is not */
    const char *verb, *fixed;            /* fixed: the code whatever the state of the alert; NULL: by that */
    char alert[SKY_ID_BYTES];
    const char *code, *also;             /* as it has to be answered; also: or so */
    gboolean done, stored;               /* carried out; its audit is committed */
    char *reply;                         /* as first received */
} LedgerRequest;

typedef struct {
    SkyConfig *config;
    GHashTable *alerts, *events, *requests; /* by id; requests by "audience/client/id" */
    GHashTable *disarmed;                   /* camera -> as committed */
    guint64 next_seq[LEDGER_AUDIENCES];     /* as committed */
    char epoch[SKY_ULID_BYTES];
    int64_t ticked_ns;
    char *finding;
} Ledger;

void ledger_init(Ledger *ledger);
void ledger_clear(Ledger *ledger);
void ledger_find(Ledger *ledger, const char *format, ...) G_GNUC_PRINTF(2, 3);
void ledger_set_config(Ledger *ledger, SkyConfig *config);
gint ledger_audience(const char *id); /* -1: none */
gboolean ledger_hears(const Ledger *ledger, guint audience, SkyEventKind kind);
const char *ledger_state(const LedgerAlert *alert); /* of its newest revision */
gboolean ledger_is_open(const LedgerAlert *alert);

/* ---- what happens ---- */
void ledger_begin(Ledger *ledger, const char *event, const char *camera, SkyEventKind kind, const char *alert, int64_t now_ns);
void ledger_raise(Ledger *ledger, const char *event, const char *camera, SkyEventKind kind, const char *alert, int64_t now_ns);
void ledger_end(Ledger *ledger, const char *event);
void ledger_evidence(Ledger *ledger, const char *alert);
void ledger_tick(Ledger *ledger, int64_t now_ns);
/* An alert's command that is well-formed and permitted: the code that it has to be answered with, *ret_also: or that one. */
const char *ledger_command(Ledger *ledger, const char *verb, const char *alert, const char *actor, const char **ret_also);
LedgerRequest *ledger_request(Ledger *ledger, const char *audience, const char *client, const char *id);

/* ---- what the store does ---- */
void ledger_committed(Ledger *ledger, const SkyStoreCommit *commit);
/* After a kill that cut this commit (NULL: none): was it there or not? Then what was never committed is forgotten, what the start
 * holds has to be what was committed, and what was open is interrupted. */
void ledger_restart(Ledger *ledger, const SkyStoreCommit *cut, const SkyStoreStart *start, int64_t expire_ns);

/* The value of a flat member in one of our texts ("" where there is none); new memory. */
char *ledger_field(const char *text, const char *name);
