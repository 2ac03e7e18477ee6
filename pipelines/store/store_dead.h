/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "store/store.h"

/* What waits and what the broker refused for good, for a person to look at and to settle. Asked for and answered like every request
 * to the store: on its thread. */

#define SKY_STORE_CLASSES (SKY_MESSAGE_IMAGE + 1)
#define SKY_STORE_SETTLE_MAX 1000 /* letters in one request: a stuck desk of the operator is no reason for a long transaction */

typedef struct {
    int64_t row;
    SkyMessageClass message_class;
    uint32_t reason_code;  /* MQTT 5's, 0x80 and above */
    char alert[SKY_ID_BYTES]; /* "" for an event without one */
    char *topic;
    gsize payload_bytes;
    int64_t created_utc_ns;
} SkyDeadLetter;
void sky_dead_letter_free(SkyDeadLetter *letter);

typedef struct {
    uint64_t waiting[SKY_STORE_CLASSES];           /* rows not acknowledged */
    int64_t oldest_utc_ns[SKY_STORE_CLASSES];      /* of the row that goes first; SKY_TIME_NONE where none waits */
    uint64_t dead;
    GPtrArray *letters;                            /* SkyDeadLetter *, oldest row first, at most as many as were asked for */
} SkyStoreQueue;
void sky_store_queue_free(SkyStoreQueue *queue);

/* queue: the callee's from now on; NULL with an error. */
typedef void (*SkyStoreQueueDone)(const GError *error, SkyStoreQueue *queue, gpointer user);
/* FALSE: the store is being stopped, or far too much waits. */
gboolean sky_store_list_queue(SkyStore *store, uint32_t count, SkyStoreQueueDone done, gpointer user);

typedef enum {
    SKY_STORE_RESEND, /* back into the queue, behind what is there: the row gets a new number */
    SKY_STORE_DROP,   /* gone for good. The newest state of an open alert is kept: a phone that comes later shows nothing else */
} SkyStoreSettle;

typedef struct {
    GPtrArray *letters;   /* SkyDeadLetter *: what was settled, with its number from before */
    uint64_t kept;        /* DROP: states of open alerts */
    gboolean more;        /* there are further ones below before_row: ask again with the same before_row and with after_row */
    int64_t after_row, before_row;
} SkyStoreSettled;
void sky_store_settled_free(SkyStoreSettled *settled);

typedef void (*SkyStoreSettledDone)(const GError *error, SkyStoreSettled *settled, gpointer user); /* as SkyStoreQueueDone */
/* The dead letters with after_row < row < before_row, at most SKY_STORE_SETTLE_MAX; before_row 0: all there are now. Fails with
 * RESOURCE while the store is kept in memory: the file would not hear of it. */
gboolean sky_store_settle_dead(SkyStore *store, SkyStoreSettle settle, int64_t after_row, int64_t before_row,
                               SkyStoreSettledDone done, gpointer user);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyDeadLetter, sky_dead_letter_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyStoreQueue, sky_store_queue_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyStoreSettled, sky_store_settled_free)
