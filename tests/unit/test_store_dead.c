/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_dead.h"

#include "base/clock.h"
#include "store/store_internal.h"
#include "support/store_fixture.h"

#define NOT_AUTHORIZED 0x87

typedef struct {
    StoreFixture store;
    SkyQueue *queues, *settled;
} Fixture;

static void set_up(Fixture *f) {
    store_fixture_init(&f->store);
    store_fixture_open(&f->store);
    f->queues = sky_queue_new(4, (GDestroyNotify)sky_store_queue_free);
    f->settled = sky_queue_new(4, (GDestroyNotify)sky_store_settled_free);
}

static void tear_down(Fixture *f) {
    store_fixture_clear(&f->store);
    sky_queue_free(f->queues);
    sky_queue_free(f->settled);
}

static gpointer take(SkyQueue *answers) {
    gpointer item = NULL;
    g_assert_cmpint(sky_queue_pop(answers, sky_clock_monotonic_ns() + 30 * SKY_NS_PER_S, &item), ==, SKY_QUEUE_OK);
    return item;
}

static void on_queue(const GError *error, SkyStoreQueue *queue, gpointer user) {
    g_assert_no_error(error);
    g_assert_cmpint(sky_queue_push(((Fixture *)user)->queues, queue), ==, SKY_QUEUE_OK);
}

static SkyStoreQueue *list(Fixture *f, uint32_t count) {
    g_assert_true(sky_store_list_queue(f->store.store, count, on_queue, f));
    return take(f->queues);
}

static void on_settled(const GError *error, SkyStoreSettled *settled, gpointer user) {
    g_assert_no_error(error);
    g_assert_cmpint(sky_queue_push(((Fixture *)user)->settled, settled), ==, SKY_QUEUE_OK);
}

static SkyStoreSettled *settle(Fixture *f, SkyStoreSettle what, int64_t after_row, int64_t before_row) {
    g_assert_true(sky_store_settle_dead(f->store.store, what, after_row, before_row, on_settled, f));
    return take(f->settled);
}

/* Events "e0", "e1", ...; all of them dead. */
static void put_dead(Fixture *f, guint count) {
    for (guint i = 0; i < count; i++) {
        g_autofree char *topic = g_strdup_printf("skynet/v1/s/event/e%u/motion", i);
        g_assert_true(store_fixture_put(&f->store, SKY_MESSAGE_EVENT, topic, "{", 0));
    }
    gboolean more;
    g_autoptr(GPtrArray) rows = store_fixture_waiting(&f->store, 0, count, &more);
    g_assert_cmpuint(rows->len, ==, count);
    for (guint i = 0; i < rows->len; i++)
        sky_store_dead_letter(f->store.store, ((SkyMessageRecord *)rows->pdata[i])->row, NOT_AUTHORIZED);
}

static const SkyDeadLetter *letter(GPtrArray *letters, guint index) {
    g_assert_cmpuint(index, <, letters->len);
    return letters->pdata[index];
}

static void test_list(void) {
    Fixture f;
    set_up(&f);
    g_autoptr(SkyStoreQueue) none = list(&f, 5);
    g_assert_cmpuint(none->dead + none->letters->len + none->waiting[SKY_MESSAGE_LOG], ==, 0);
    g_assert_cmpint(none->oldest_utc_ns[SKY_MESSAGE_LOG], ==, SKY_TIME_NONE);

    put_dead(&f, 3);
    g_assert_true(store_fixture_commit(&f.store, store_fixture_revision("a1", 1, TRUE, "{", 1), NULL));
    g_autoptr(SkyStoreQueue) queue = list(&f, 2);
    g_assert_cmpuint(queue->dead, ==, 3);
    g_assert_cmpuint(queue->letters->len, ==, 2); /* no more than asked for */
    g_assert_cmpstr(letter(queue->letters, 0)->topic, ==, "skynet/v1/s/event/e0/motion");
    g_assert_cmpuint(letter(queue->letters, 1)->reason_code, ==, NOT_AUTHORIZED);
    g_assert_cmpuint(letter(queue->letters, 1)->payload_bytes, ==, 1);
    g_assert_cmpuint(queue->waiting[SKY_MESSAGE_EVENT], ==, 0);
    g_assert_cmpuint(queue->waiting[SKY_MESSAGE_STATE], ==, 1);
    g_assert_cmpuint(queue->waiting[SKY_MESSAGE_LOG], ==, 1);
    g_assert_cmpint(sky_clock_utc_ns() - queue->oldest_utc_ns[SKY_MESSAGE_LOG], <, 60 * SKY_NS_PER_S);
    tear_down(&f);
}

/* What the outbox has acknowledged and the disk does not know yet waits no more. */
static void test_acknowledged(void) {
    Fixture f;
    set_up(&f);
    g_assert_true(store_fixture_put(&f.store, SKY_MESSAGE_LOG, "t", "{", 1));
    g_autoptr(GPtrArray) rows = store_fixture_waiting(&f.store, 0, 1, NULL);
    sky_store_delivered(f.store.store, &((SkyMessageRecord *)rows->pdata[0])->row, 1);
    g_autoptr(SkyStoreQueue) queue = list(&f, 2);
    g_assert_cmpuint(queue->waiting[SKY_MESSAGE_LOG], ==, 0);
    tear_down(&f);
}

/* Behind what waits already, whatever the outbox has passed; and the next row is none that was given. */
static void test_resend(void) {
    Fixture f;
    set_up(&f);
    put_dead(&f, 3);
    g_assert_true(store_fixture_put(&f.store, SKY_MESSAGE_EVENT, "last", "{", 0));
    g_autoptr(SkyStoreQueue) before = list(&f, 9);
    int64_t second = letter(before->letters, 1)->row;
    g_autoptr(SkyStoreSettled) one = settle(&f, SKY_STORE_RESEND, second - 1, second + 1);
    g_assert_cmpuint(one->letters->len, ==, 1);
    g_assert_false(one->more);
    g_autoptr(GPtrArray) rows = store_fixture_waiting(&f.store, 0, 9, NULL);
    g_assert_cmpuint(rows->len, ==, 2);
    g_assert_cmpstr(((SkyMessageRecord *)rows->pdata[0])->topic, ==, "last");
    g_assert_cmpstr(((SkyMessageRecord *)rows->pdata[1])->topic, ==, "skynet/v1/s/event/e1/motion");

    int64_t moved = ((SkyMessageRecord *)rows->pdata[1])->row;
    sky_store_delivered(f.store.store, &moved, 1); /* gone from the table; its number was given all the same */
    store_fixture_close(&f.store);
    store_fixture_open(&f.store);
    g_assert_true(store_fixture_put(&f.store, SKY_MESSAGE_EVENT, "later", "{", 0));
    g_autoptr(GPtrArray) later = store_fixture_waiting(&f.store, moved, 9, NULL);
    g_assert_cmpuint(later->len, ==, 1);
    g_assert_cmpuint(sky_store_numbers(f.store.store).dead, ==, 2);
    tear_down(&f);
}

static void test_drop(void) {
    Fixture f;
    set_up(&f);
    put_dead(&f, 2);
    g_autoptr(SkyStoreSettled) none = settle(&f, SKY_STORE_DROP, 1000, 1001);
    g_assert_cmpuint(none->letters->len + none->kept, ==, 0);
    g_autoptr(SkyStoreSettled) all = settle(&f, SKY_STORE_DROP, 0, 0);
    g_assert_cmpuint(all->letters->len, ==, 2);
    g_assert_cmpuint(sky_store_numbers(f.store.store).dead, ==, 0);
    g_autoptr(GPtrArray) rows = store_fixture_waiting(&f.store, 0, 9, NULL);
    g_assert_cmpuint(rows->len, ==, 0);
    tear_down(&f);
}

/* The newest state of an open alert stays until the alert is closed. */
static void test_drop_keeps(void) {
    Fixture f;
    set_up(&f);
    g_assert_true(store_fixture_commit(&f.store, store_fixture_revision("a1", 1, TRUE, "{", 1), NULL));
    g_autoptr(GPtrArray) rows = store_fixture_waiting(&f.store, 0, 9, NULL);
    for (guint i = 0; i < rows->len; i++)
        sky_store_dead_letter(f.store.store, ((SkyMessageRecord *)rows->pdata[i])->row, NOT_AUTHORIZED);
    g_autoptr(SkyStoreSettled) first = settle(&f, SKY_STORE_DROP, 0, 0);
    g_assert_cmpuint(first->kept, ==, 1);
    g_assert_cmpuint(first->letters->len, ==, 1);
    g_assert_cmpint(letter(first->letters, 0)->message_class, ==, SKY_MESSAGE_LOG);
    tear_down(&f);
}

/* What nobody settles goes with age, and so does the clear of an alert that the broker refused; not the state of one that is open. */
static void test_age(void) {
    Fixture f;
    set_up(&f);
    put_dead(&f, 2);
    g_assert_true(store_fixture_commit(&f.store, store_fixture_revision("a1", 1, TRUE, "{", 1), NULL));
    g_assert_true(store_fixture_commit(&f.store, store_fixture_revision("a2", 1, TRUE, "{", 2), NULL));
    g_assert_true(store_fixture_commit(&f.store, store_fixture_revision("a2", 2, FALSE, "", 3), NULL));
    g_autoptr(GPtrArray) rows = store_fixture_waiting(&f.store, 0, 9, NULL);
    for (guint i = 0; i < rows->len; i++)
        sky_store_dead_letter(f.store.store, ((SkyMessageRecord *)rows->pdata[i])->row, NOT_AUTHORIZED);
    g_autoptr(SkyStoreQueue) all = list(&f, 9);
    g_assert_cmpuint(all->dead, ==, 7);
    store_fixture_close(&f.store);

    g_autoptr(SkyStore) store = sky_store_open(&f.store.params, &f.store.start, NULL);
    for (gboolean more = TRUE; more;) {
        g_assert_true(sky_store_prune(store, sky_clock_utc_ns() + SKY_NS_PER_S, &more, NULL));
    }
    sky_store_publish_numbers(store);
    g_assert_cmpuint(sky_store_numbers(store).dead, ==, 1);
    sky_store_start_clear(&f.store.start);
    tear_down(&f);
}

/* A page at a time; what is refused again meanwhile has a higher number and is not settled twice. */
static void test_pages(void) {
    Fixture f;
    set_up(&f);
    put_dead(&f, SKY_STORE_SETTLE_MAX + 1);
    g_autoptr(SkyStoreSettled) first = settle(&f, SKY_STORE_RESEND, 0, 0);
    g_assert_cmpuint(first->letters->len, ==, SKY_STORE_SETTLE_MAX);
    g_assert_true(first->more);
    sky_store_dead_letter(f.store.store, first->before_row, NOT_AUTHORIZED); /* the first of the new numbers */
    g_autoptr(SkyStoreSettled) second = settle(&f, SKY_STORE_RESEND, first->after_row, first->before_row);
    g_assert_cmpuint(second->letters->len, ==, 1);
    g_assert_false(second->more);
    g_assert_cmpuint(sky_store_numbers(f.store.store).dead, ==, 1);
    tear_down(&f);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-dead/list", test_list);
    g_test_add_func("/store-dead/acknowledged", test_acknowledged);
    g_test_add_func("/store-dead/resend", test_resend);
    g_test_add_func("/store-dead/drop", test_drop);
    g_test_add_func("/store-dead/drop-keeps", test_drop_keeps);
    g_test_add_func("/store-dead/age", test_age);
    g_test_add_func("/store-dead/pages", test_pages);
    return g_test_run();
}
