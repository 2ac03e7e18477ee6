/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "base/queue.h"

/* A bounded queue with an eventfd, for a receiver that sleeps in poll(): the main loop, the MQTT thread.
 * Thread: post from any; fd, take from the one receiver. Owner: the mailbox owns what is in it. */
typedef struct SkyMailbox SkyMailbox;

SkyMailbox *sky_mailbox_new(uint32_t capacity, GDestroyNotify free_item);
void sky_mailbox_free(SkyMailbox *mailbox);
/* OK or FULL; the caller keeps a refused item. */
SkyQueueStatus sky_mailbox_post(SkyMailbox *mailbox, gpointer item);
/* Readable while something may be inside. Lives as long as the mailbox. */
int sky_mailbox_fd(SkyMailbox *mailbox);
/* NULL when empty; call until NULL after the fd woke the receiver. */
gpointer sky_mailbox_take(SkyMailbox *mailbox);
uint32_t sky_mailbox_length(SkyMailbox *mailbox);
int64_t sky_mailbox_oldest_ns(SkyMailbox *mailbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyMailbox, sky_mailbox_free)
