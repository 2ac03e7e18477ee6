/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mailbox.h"

#include <sys/eventfd.h>

#include "base/cleanup.h"

struct SkyMailbox {
    SkyQueue *queue;
    int fd; /* counts posts since the receiver last emptied it */
};

SkyMailbox *sky_mailbox_new(uint32_t capacity, GDestroyNotify free_item) {
    SkyMailbox *mailbox = g_new0(SkyMailbox, 1);
    mailbox->queue = sky_queue_new(capacity, free_item);
    mailbox->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    g_assert(mailbox->fd >= 0); /* out of descriptors at start: a restart beats a deaf loop */
    return mailbox;
}

void sky_mailbox_free(SkyMailbox *mailbox) {
    if (mailbox == NULL)
        return;
    sky_queue_free(mailbox->queue);
    sky_close_fd(&mailbox->fd);
    g_free(mailbox);
}

static void ring(SkyMailbox *mailbox) {
    /* Fails only where the counter is full: then the receiver is awake anyway. */
    G_GNUC_UNUSED int ignored = eventfd_write(mailbox->fd, 1);
}

SkyQueueStatus sky_mailbox_post(SkyMailbox *mailbox, gpointer item) {
    SkyQueueStatus status = sky_queue_push(mailbox->queue, item);
    if (status == SKY_QUEUE_OK)
        ring(mailbox);
    return status;
}

int sky_mailbox_fd(SkyMailbox *mailbox) {
    return mailbox->fd;
}

gpointer sky_mailbox_take(SkyMailbox *mailbox) {
    gpointer item = NULL;
    if (sky_queue_pop(mailbox->queue, 0, &item) == SKY_QUEUE_OK)
        return item;
    /* Empty: silence the fd, then look once more, or a post in between would be slept through. */
    eventfd_t posts;
    G_GNUC_UNUSED int ignored = eventfd_read(mailbox->fd, &posts);
    return sky_queue_pop(mailbox->queue, 0, &item) == SKY_QUEUE_OK ? (ring(mailbox), item) : NULL;
}

uint32_t sky_mailbox_length(SkyMailbox *mailbox) {
    return sky_queue_length(mailbox->queue);
}

int64_t sky_mailbox_oldest_ns(SkyMailbox *mailbox) {
    return sky_queue_oldest_ns(mailbox->queue);
}
