/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "daemon/commands.h"
#include "daemon/desk.h"
#include "support/model/listener.h"
#include "support/power_disk.h"

/* The gateway from the desk to the outbox, all of it what ships, on one thread: the store's requests are carried out when the history
 * says so, its disk is the power disk, and the transport is the broker in memory. */
typedef struct {
    GRand *rand;
    Ledger ledger;
    SimBroker broker;
    Listeners listeners;
    char *directory, *path;
    PowerTrace *trace;
    SkyConfig *config;
    SkyStore *store;
    SkyStoreStart start;
    SkyOutbox *outbox;
    SkyDesk *desk;
    SkyCommands *commands;
    GPtrArray *incidents; /* SkyIncident *, going on */
    GHashTable *disarmed; /* cameras, as this run knows */
    GQueue asked;         /* LedgerRequest *: came in, not carried out */
    gboolean full;        /* the disk */
    guint steps, kills, cuts, losses;
} Gateway;

void gateway_init(Gateway *gateway, guint32 seed);
void gateway_clear(Gateway *gateway);
void gateway_reload(Gateway *gateway, guint variant);
gboolean gateway_store_run(Gateway *gateway); /* one request; FALSE: none waits */
void gateway_outbox_turn(Gateway *gateway);
void gateway_tick(Gateway *gateway, int64_t pass_ns); /* time passes, the second's work is done */
void gateway_carry_out(Gateway *gateway); /* the commands that came in */
void gateway_begin(Gateway *gateway, const char *camera, SkyEventKind kind);
void gateway_end(Gateway *gateway, guint incident);
/* request NULL: it bears no id, and changes nothing. */
void gateway_ask(Gateway *gateway, const char *topic, const char *payload, gboolean retained, LedgerRequest *request);
void gateway_set_full(Gateway *gateway, gboolean full);
void gateway_mend(Gateway *gateway); /* who sees a hole asks for it */
void gateway_heal(Gateway *gateway);  /* the disk takes everything again */
void gateway_kill(Gateway *gateway, gboolean power); /* and the next start */
void gateway_stop(Gateway *gateway);  /* properly, and the next start */
void gateway_drain(Gateway *gateway); /* until nothing moves any more */
