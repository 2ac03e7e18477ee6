/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdatomic.h>
#include "base/error.h"
#include "outbox/outbox.h"
#include "support/store_fixture.h"

/* A transport that does as it is told: what was handed over stands in `sent` until the test acknowledges it. */
typedef struct {
    uint32_t token;
    char *topic, *payload;
    gboolean retain;
    int qos;
} Sent;

typedef struct {
    StoreFixture store;
    SkyOutbox *outbox;
    SkyTransportEvents events;
    SkyTransportOps ops;
    GQueue sent, filters, left; /* Sent *; char *: subscribed to, unsubscribed from */
    uint32_t next_token;
    int refuse;                /* SkyErrorCode of the next publishes, -1: none */
    gboolean sending;          /* what was handed over is on its way */
    int64_t now_ns;
    int64_t queued_ms;         /* of the last record that was finished */
    guint ups, downs, hang_ups, commands, delivered, refused;
    atomic_bool flushing;
    atomic_int flushed;
} Bench;

/* payload + " again" where replayed; "gap FROM-TO". */
char *bench_finish(const SkyMessageRecord *record, gboolean replayed, int64_t queued_ms, gpointer user);
void bench_init(Bench *bench, uint32_t window);
void bench_clear(Bench *bench);
/* Until the store has answered all that the outbox asked. */
void bench_turn(Bench *bench);
void bench_connect(Bench *bench);
/* What was in flight is gone. */
void bench_disconnect(Bench *bench, SkyErrorCode code);
/* Takes the oldest message, which has to be this one (payload NULL: any), and answers it. */
void bench_assert_sent(Bench *bench, const char *topic, const char *payload, uint32_t reason);
void bench_assert_nothing_sent(Bench *bench);
/* "log N" for the audience duty. */
void bench_put_log(Bench *bench, guint from, guint to);
void bench_put_alert(Bench *bench, const char *alert, guint rev, gboolean open, const char *state, guint64 seq);
/* With the marks written. */
guint64 bench_undelivered(Bench *bench);
