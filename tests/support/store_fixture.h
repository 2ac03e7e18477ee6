/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "base/queue.h"
#include "store/store.h"

/* A store in a directory of its own, asked synchronously. */
typedef struct {
    char *directory, *path;
    SkyStoreParams params;
    SkyStore *store;
    SkyStoreStart start;
    SkyQueue *answers;
} StoreFixture;

void store_fixture_init(StoreFixture *fixture);
void store_fixture_open(StoreFixture *fixture);  /* and starts it */
void store_fixture_close(StoreFixture *fixture);
/* While it is closed: a database in the place of the one that is there, and word that no number is missing in it. */
void store_fixture_put_in(StoreFixture *fixture, const char *image, gsize bytes, const char *epoch);
/* A disk of its own in place of the directory ("size=512k"); FALSE: none can be mounted here, the test is marked as skipped. */
gboolean store_fixture_mount(StoreFixture *fixture, const char *size);
void store_fixture_unmount(StoreFixture *fixture); /* closes the store before */
void store_fixture_clear(StoreFixture *fixture); /* removes the directory */

/* A commit of one message; TRUE when it was stored; *ret_durable may be NULL. */
gboolean store_fixture_commit(StoreFixture *fixture, SkyStoreCommit *commit, gboolean *ret_durable);
gboolean store_fixture_put(StoreFixture *fixture, SkyMessageClass message_class, const char *topic, const char *text, guint64 seq);
/* An alert's revision with its STATE and LOG row for the audience "duty". */
SkyStoreCommit *store_fixture_revision(const char *alert, guint rev, gboolean open, const char *state, guint64 seq);
GPtrArray *store_fixture_waiting(StoreFixture *fixture, gint64 after_row, guint count, gboolean *ret_more);
GPtrArray *store_fixture_states(StoreFixture *fixture);
GPtrArray *store_fixture_log(StoreFixture *fixture, guint64 from_seq, guint count);
/* Polls the numbers until `durable` is as wanted; FALSE after limit_s. */
gboolean store_fixture_await_durable(StoreFixture *fixture, gboolean durable, int limit_s);
