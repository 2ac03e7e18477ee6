/* SPDX-License-Identifier: Apache-2.0 */
#include "base/queue.h"

#include <poll.h>

#include "base/clock.h"
#include "base/mailbox.h"

static void test_order_and_bound(void) {
    g_autoptr(SkyQueue) queue = sky_queue_new(2, g_free);
    g_assert_cmpint(sky_queue_oldest_ns(queue), ==, SKY_TIME_NONE);
    g_assert_cmpint(sky_queue_push(queue, g_strdup("a")), ==, SKY_QUEUE_OK);
    g_assert_cmpint(sky_queue_push(queue, g_strdup("b")), ==, SKY_QUEUE_OK);
    g_autofree char *refused = g_strdup("c");
    g_assert_cmpint(sky_queue_push(queue, refused), ==, SKY_QUEUE_FULL);
    gpointer item = NULL;
    g_assert_cmpint(sky_queue_pop(queue, 0, &item), ==, SKY_QUEUE_OK);
    g_assert_cmpstr(item, ==, "a");
    g_free(item);
    g_assert_cmpuint(sky_queue_length(queue), ==, 1);
    g_assert_cmpint(sky_queue_oldest_ns(queue), >, 0);
}

static void test_close_drains(void) {
    g_autoptr(SkyQueue) queue = sky_queue_new(2, NULL);
    int a = 1;
    sky_queue_push(queue, &a);
    sky_queue_close(queue);
    gpointer item = NULL;
    g_assert_cmpint(sky_queue_push(queue, &a), ==, SKY_QUEUE_CLOSED);
    g_assert_cmpint(sky_queue_pop(queue, INT64_MAX, &item), ==, SKY_QUEUE_OK);
    g_assert_cmpint(sky_queue_pop(queue, INT64_MAX, &item), ==, SKY_QUEUE_CLOSED);
}

static void test_deadline(void) {
    g_autoptr(SkyQueue) queue = sky_queue_new(1, NULL);
    gpointer item = NULL;
    int64_t before_ns = sky_clock_monotonic_ns();
    g_assert_cmpint(sky_queue_pop(queue, before_ns + 5 * SKY_NS_PER_MS, &item), ==, SKY_QUEUE_EMPTY);
    g_assert_cmpint(sky_clock_monotonic_ns() - before_ns, >=, 5 * SKY_NS_PER_MS);
}

static int readable(SkyMailbox *mailbox) {
    struct pollfd poll_fd = {.fd = sky_mailbox_fd(mailbox), .events = POLLIN};
    return poll(&poll_fd, 1, 0);
}

static void test_mailbox_rings(void) {
    g_autoptr(SkyMailbox) mailbox = sky_mailbox_new(2, NULL);
    int a = 1, b = 2;
    g_assert_cmpint(readable(mailbox), ==, 0);
    g_assert_cmpint(sky_mailbox_post(mailbox, &a), ==, SKY_QUEUE_OK);
    g_assert_cmpint(sky_mailbox_post(mailbox, &b), ==, SKY_QUEUE_OK);
    g_assert_cmpint(sky_mailbox_post(mailbox, &b), ==, SKY_QUEUE_FULL);
    g_assert_cmpint(readable(mailbox), ==, 1);
    g_assert_true(sky_mailbox_take(mailbox) == &a);
    g_assert_cmpint(readable(mailbox), ==, 1); /* something is left: still rings */
    g_assert_true(sky_mailbox_take(mailbox) == &b);
    g_assert_null(sky_mailbox_take(mailbox));
    g_assert_cmpint(readable(mailbox), ==, 0);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/queue/order-and-bound", test_order_and_bound);
    g_test_add_func("/queue/close-drains", test_close_drains);
    g_test_add_func("/queue/deadline", test_deadline);
    g_test_add_func("/mailbox/rings", test_mailbox_rings);
    return g_test_run();
}
