/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdatomic.h>
#include "base/ref.h"

/* Which requests have been answered, and how: what makes a request_id work once. The oldest go beyond the bound. Thread: main. */
#define SKY_REQUEST_LOG_MAX 10000
typedef struct SkyRequestLog SkyRequestLog;

/* One answer, of two: where the store took what it tells of, and where that could not be stored. Thread: any. Owner: references. */
typedef enum {
    SKY_REQUEST_PENDING, /* nobody may hear it yet: a kill would make it untrue */
    SKY_REQUEST_STORED,
    SKY_REQUEST_NOT_STORED,
} SkyRequestFate;
typedef struct {
    SkyRef ref;
    char *stored, *not_stored; /* not_stored NULL: it was stored when it was made */
    _Atomic SkyRequestFate fate;
} SkyRequestReply;
SkyRequestReply *sky_request_reply_new(const char *stored, const char *not_stored); /* copied */
const char *sky_request_reply_text(const SkyRequestReply *reply); /* NULL: pending */
void sky_request_reply_unref(SkyRequestReply *reply);

SkyRequestLog *sky_request_log_new(void);
void sky_request_log_free(SkyRequestLog *log);
/* Keeps a reference to reply; a request that is known stays as it is. */
void sky_request_log_add(SkyRequestLog *log, const char *audience, const char *client, const char *request_id, SkyRequestReply *reply);
/* The reply that was given, or NULL. Borrowed until the next _add. */
const SkyRequestReply *sky_request_log_find(const SkyRequestLog *log, const char *audience, const char *client, const char *request_id);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyRequestLog, sky_request_log_free)
