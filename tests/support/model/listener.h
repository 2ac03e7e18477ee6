/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "support/model/ledger.h"
#include "support/model/sim_broker.h"

/* Who hears: one client an audience, with a session at the broker, and what the broker itself was given. A client takes anything
 * twice by id and rev, sees by seq what it missed, and asks for it with `replay`. What it is given is held against the ledger. */
typedef struct {
    guint audience;
    gboolean online;
    GQueue session;         /* char *: payloads of its log, its replay and its replies, not taken yet */
    GHashTable *known;      /* "<alert>-<rev>" -> seq */
    GHashTable *seqs;       /* seq (gint64 *) -> itself */
    /* What the broker was offered of this audience's log. */
    guint connection;
    guint64 last_seq;       /* in that connection */
    guint64 most_seq;       /* ever */
    GHashTable *refused;    /* seqs that the broker refused: they come again when somebody says so */
    GHashTable *state_rev;  /* alert -> newest revision on its retained topic */
} Listener;

typedef struct {
    Ledger *ledger;
    SimBroker *broker;
    Listener each[LEDGER_AUDIENCES];
    guint messages, doubles;
} Listeners;

void listeners_init(Listeners *listeners, Ledger *ledger, SimBroker *broker);
void listeners_clear(Listeners *listeners);
SimBrokerSink listeners_sink(Listeners *listeners);
void listeners_take(Listeners *listeners); /* who is online takes what waits */
guint64 listener_missing(const Listener *listener, guint64 up_to_seq); /* the first that it lacks; 0: none */
/* All has been sent and taken: does everybody know what they have to, and nothing stands that should not? */
void listeners_final(Listeners *listeners);
