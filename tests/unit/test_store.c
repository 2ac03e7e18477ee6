/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include "base/clock.h"
#include "support/store_fixture.h"

static const SkyMessageRecord *at(GPtrArray *rows, guint i) {
    g_assert_cmpuint(i, <, rows->len);
    return rows->pdata[i];
}

static void test_order(void) {
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_open(&f);
    g_assert_cmpuint(strlen(f.start.epoch), ==, 26);
    for (guint i = 1; i <= 10; i++) g_assert_true(store_fixture_put(&f, SKY_MESSAGE_LOG, "log", "x", i));
    gboolean more = FALSE;
    g_autoptr(GPtrArray) first = store_fixture_waiting(&f, 0, 4, &more);
    g_assert_cmpuint(first->len, ==, 4);
    g_assert_true(more);
    for (guint i = 0; i < 4; i++) g_assert_cmpuint(at(first, i)->seq, ==, i + 1);
    g_autoptr(GPtrArray) rest = store_fixture_waiting(&f, at(first, 3)->row, 100, &more);
    g_assert_cmpuint(rest->len, ==, 6);
    g_assert_false(more);
    g_assert_cmpuint(sky_store_numbers(f.store).undelivered, ==, 10);
    store_fixture_clear(&f);
}

static void test_acknowledged(void) {
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_open(&f);
    g_assert_true(store_fixture_put(&f, SKY_MESSAGE_EVENT, "event/c/motion", "{", 0));
    g_assert_true(store_fixture_put(&f, SKY_MESSAGE_LOG, "log", "{", 1));
    g_assert_true(store_fixture_put(&f, SKY_MESSAGE_IMAGE, "image/duty/a1", "\xff\xd8", 0));
    g_autoptr(GPtrArray) rows = store_fixture_waiting(&f, 0, 10, NULL);
    g_assert_cmpuint(rows->len, ==, 3);
    g_assert_true(at(rows, 0)->json);
    g_assert_false(at(rows, 2)->json);
    g_assert_cmpmem(at(rows, 2)->payload, at(rows, 2)->payload_bytes, "\xff\xd8", 2);
    int64_t numbers[2] = {at(rows, 0)->row, at(rows, 1)->row};
    sky_store_delivered(f.store, numbers, 2);
    /* Not yet on the disk, and yet not offered again. */
    g_autoptr(GPtrArray) after = store_fixture_waiting(&f, 0, 10, NULL);
    g_assert_cmpuint(after->len, ==, 1);
    g_assert_cmpint(at(after, 0)->row, ==, at(rows, 2)->row);
    sky_store_dead_letter(f.store, at(rows, 2)->row, 0x87);
    g_autoptr(GPtrArray) none = store_fixture_waiting(&f, 0, 10, NULL);
    g_assert_cmpuint(none->len, ==, 0);
    SkyStoreNumbers counted = sky_store_numbers(f.store);
    g_assert_cmpuint(counted.undelivered, ==, 0);
    g_assert_cmpuint(counted.dead, ==, 1);
    /* The log is kept for replay, also over a restart; the event is gone; row numbers go on. */
    store_fixture_close(&f);
    store_fixture_open(&f);
    g_autoptr(GPtrArray) log = store_fixture_log(&f, 1, 10);
    g_assert_cmpuint(log->len, ==, 1);
    g_assert_true(store_fixture_put(&f, SKY_MESSAGE_EVENT, "event/c/motion", "{", 0));
    g_autoptr(GPtrArray) next = store_fixture_waiting(&f, 0, 10, NULL);
    g_assert_cmpint(at(next, 0)->row, >, at(rows, 2)->row);
    store_fixture_clear(&f);
}

static void test_supersede(void) {
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_open(&f);
    g_assert_true(store_fixture_commit(&f, store_fixture_revision("a1", 1, TRUE, "one", 1), NULL));
    g_assert_true(store_fixture_commit(&f, store_fixture_revision("a2", 1, TRUE, "other", 2), NULL));
    g_assert_true(store_fixture_commit(&f, store_fixture_revision("a1", 2, TRUE, "two", 3), NULL));
    g_autoptr(GPtrArray) states = store_fixture_states(&f);
    g_assert_cmpuint(states->len, ==, 2);
    g_assert_cmpmem(at(states, 1)->payload, at(states, 1)->payload_bytes, "two", 3);
    g_autoptr(GPtrArray) rows = store_fixture_waiting(&f, 0, 10, NULL);
    g_assert_cmpuint(rows->len, ==, 5); /* three LOG, two STATE */

    /* Delivered, it still belongs to every connect; closed and cleared, it does not, and the clear goes once delivered. */
    int64_t number = at(states, 1)->row;
    sky_store_delivered(f.store, &number, 1);
    g_autoptr(GPtrArray) again = store_fixture_states(&f);
    g_assert_cmpuint(again->len, ==, 2);
    g_assert_true(store_fixture_commit(&f, store_fixture_revision("a1", 3, FALSE, "", 4), NULL));
    g_autoptr(GPtrArray) left = store_fixture_states(&f);
    g_assert_cmpuint(left->len, ==, 2);
    g_assert_cmpstr(at(left, 0)->alert, ==, "a2");
    g_assert_cmpuint(at(left, 1)->payload_bytes, ==, 0); /* until it is delivered */
    g_autoptr(GPtrArray) waiting = store_fixture_waiting(&f, 0, 10, NULL);
    const SkyMessageRecord *clear = at(waiting, waiting->len - 2);
    g_assert_cmpuint(clear->payload_bytes, ==, 0);
    g_assert_false(clear->json);
    int64_t cleared = clear->row;
    sky_store_delivered(f.store, &cleared, 1);

    store_fixture_close(&f);
    store_fixture_open(&f);
    g_autoptr(GPtrArray) open = store_fixture_states(&f);
    g_assert_cmpuint(open->len, ==, 1);
    g_assert_cmpuint(f.start.alerts->len, ==, 1);
    g_assert_cmpstr(((SkyAlertRecord *)f.start.alerts->pdata[0])->alert, ==, "a2");
    g_assert_cmpuint(sky_store_numbers(f.store).undelivered, ==, 5); /* four LOG and the state of a2 */
    store_fixture_clear(&f);
}

static void test_reopen(void) {
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_open(&f);
    char epoch[SKY_ULID_BYTES];
    g_strlcpy(epoch, f.start.epoch, sizeof epoch);
    g_assert_cmpuint(g_hash_table_size(f.start.next_seq), ==, 0);
    SkyStoreCommit *commit = store_fixture_revision("a1", 1, TRUE, "one", 1);
    commit->audit = g_new0(SkyAuditRecord, 1);
    *commit->audit = (SkyAuditRecord){.audience = "duty", .client = "li", .request_id = "r1", .verb = "comment", .ok = TRUE,
                                      .utc_ns = sky_clock_utc_ns(), .reply = g_strdup("{}")};
    SkyStoreCommit *twice = sky_store_commit_new();
    twice->audit = g_memdup2(commit->audit, sizeof *commit->audit);
    twice->audit->reply = g_strdup(commit->audit->reply);
    int64_t latest = MAX(commit->audit->utc_ns, ((SkyMessageRecord *)commit->messages->pdata[1])->created_utc_ns);
    g_assert_true(store_fixture_commit(&f, commit, NULL));
    g_assert_true(store_fixture_commit(&f, twice, NULL)); /* long forgotten, and done again: both are in the trail */
    g_assert_true(sky_store_numbers(f.store).durable);
    store_fixture_close(&f);
    store_fixture_open(&f);
    g_assert_cmpstr(f.start.epoch, ==, epoch);
    g_assert_cmpuint(*(uint64_t *)g_hash_table_lookup(f.start.next_seq, "duty"), ==, 2);
    g_assert_cmpuint(f.start.audits->len, ==, 2);
    g_assert_cmpstr(((SkyAuditRecord *)f.start.audits->pdata[0])->request_id, ==, "r1");
    g_assert_cmpint(((SkyAuditRecord *)f.start.audits->pdata[1])->request_id[0], ==, '?');
    g_assert_cmpint(f.start.last_utc_ns, >=, latest);
    /* The same seq twice is a bug of the caller; nothing of that commit is kept. */
    g_assert_false(store_fixture_put(&f, SKY_MESSAGE_LOG, "log", "again", 1));
    g_assert_true(store_fixture_put(&f, SKY_MESSAGE_LOG, "log", "next", 2));
    g_autoptr(GPtrArray) log = store_fixture_log(&f, 0, 10);
    g_assert_cmpuint(log->len, ==, 2);
    g_assert_cmpuint(at(log, 1)->seq, ==, 2);
    store_fixture_clear(&f);
}

static void reopen(StoreFixture *f, gboolean same_epoch) {
    char epoch[SKY_ULID_BYTES];
    g_strlcpy(epoch, f->start.epoch, sizeof epoch);
    store_fixture_close(f);
    store_fixture_open(f);
    g_assert_cmpint(g_str_equal(f->start.epoch, epoch), ==, same_epoch);
    g_assert_cmpint(f->start.copy, ==, !same_epoch);
}

/* The numbers that were given since are not given again. */
static void test_copy_put_back(void) {
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_open(&f);
    g_assert_true(store_fixture_put(&f, SKY_MESSAGE_LOG, "log", "one", 1));
    reopen(&f, TRUE);
    store_fixture_close(&f);
    g_autofree char *copy = NULL;
    gsize bytes = 0;
    g_assert_true(g_file_get_contents(f.path, &copy, &bytes, NULL));
    store_fixture_open(&f);
    g_assert_true(store_fixture_put(&f, SKY_MESSAGE_LOG, "log", "two", 2));
    char epoch[SKY_ULID_BYTES];
    g_strlcpy(epoch, f.start.epoch, sizeof epoch);
    store_fixture_close(&f);
    g_assert_true(g_file_set_contents(f.path, copy, (gssize)bytes, NULL));
    store_fixture_open(&f);
    g_assert_cmpstr(f.start.epoch, !=, epoch);
    g_assert_true(f.start.copy);
    g_assert_cmpuint(g_hash_table_size(f.start.next_seq), ==, 0);
    g_assert_true(store_fixture_put(&f, SKY_MESSAGE_LOG, "log", "anew", 1));
    g_autoptr(GPtrArray) rows = store_fixture_waiting(&f, 0, 10, NULL);
    g_assert_cmpuint(rows->len, ==, 2); /* what waited in the copy is sent as well */
    g_assert_cmpmem(at(rows, 0)->payload, at(rows, 0)->payload_bytes, "one", 3);
    reopen(&f, TRUE);
    store_fixture_clear(&f);
}

/* A database alone, as on another box. */
static void test_moved(void) {
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_open(&f);
    g_assert_true(store_fixture_put(&f, SKY_MESSAGE_LOG, "log", "one", 1));
    g_autofree char *mark = g_strconcat(f.path, ".highwater", NULL), *epoch = g_strdup(f.start.epoch);
    store_fixture_close(&f);
    g_assert_cmpint(g_unlink(mark), ==, 0);
    store_fixture_open(&f);
    g_assert_true(f.start.copy);
    g_assert_cmpstr(f.start.epoch, !=, epoch);
    reopen(&f, TRUE);
    store_fixture_clear(&f);
}

/* Of another life of the store, which gave fewer. */
static void test_mark_of_another_epoch(void) {
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_open(&f);
    g_assert_true(store_fixture_put(&f, SKY_MESSAGE_LOG, "log", "one", 1));
    g_autofree char *mark = g_strconcat(f.path, ".highwater", NULL), *text = NULL;
    store_fixture_close(&f);
    g_assert_true(g_file_get_contents(mark, &text, NULL, NULL));
    text[25] = text[25] == '0' ? '1' : '0'; /* the epoch's last letter */
    g_assert_true(g_file_set_contents(mark, text, -1, NULL));
    store_fixture_open(&f);
    g_assert_true(f.start.copy);
    store_fixture_clear(&f);
}

/* One that no longer tells how many were given must not stay: it would vouch for a copy. */
static void test_mark_on_a_full_disk(void) {
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_open(&f);
    g_autofree char *mark = g_strconcat(f.path, ".highwater", NULL);
    g_assert_cmpint(g_unlink(mark), ==, 0);
    g_assert_cmpint(symlink("/dev/full", mark), ==, 0); /* takes no byte */
    g_assert_true(store_fixture_put(&f, SKY_MESSAGE_LOG, "log", "one", 1));
    g_assert_false(g_file_test(mark, G_FILE_TEST_IS_SYMLINK));
    store_fixture_clear(&f);
}

/* A mark that could not be written for a moment is made again at a clean stop. */
static void test_mark_is_lost(void) {
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_open(&f);
    g_autofree char *mark = g_strconcat(f.path, ".highwater", NULL);
    g_assert_cmpint(g_unlink(mark), ==, 0);
    g_assert_true(store_fixture_put(&f, SKY_MESSAGE_LOG, "log", "one", 1));
    reopen(&f, TRUE);
    store_fixture_clear(&f);
}

static guint count_of(GPtrArray *rows, SkyMessageClass message_class) {
    guint count = 0;
    for (guint i = 0; i < rows->len; i++) count += at(rows, i)->message_class == message_class;
    return count;
}

static void assert_gap_first(StoreFixture *f, uint64_t from_seq, uint64_t to_seq) {
    g_autoptr(GPtrArray) rows = store_fixture_waiting(f, 0, 1000, NULL);
    guint notes = 0;
    uint64_t from = 0, to = 0, first_seq = 0;
    for (guint i = 0; i < rows->len; i++) {
        const SkyMessageRecord *record = at(rows, i);
        if (record->message_class != SKY_MESSAGE_LOG) continue;
        if (sky_message_record_is_gap(record, &from, &to)) {
            notes++;
            g_assert_cmpuint(first_seq, ==, 0);
            g_assert_cmpstr(record->audience, ==, "duty");
            g_assert_true(g_str_has_suffix(record->topic, "log"));
        } else if (!first_seq) {
            first_seq = record->seq;
        }
    }
    g_assert_cmpuint(notes, ==, 1);
    g_assert_cmpuint(from, ==, from_seq);
    g_assert_cmpuint(to, ==, to_seq);
    g_assert_cmpuint(first_seq, ==, to_seq + 1);
}

static void test_eviction(void) {
    StoreFixture f;
    store_fixture_init(&f);
    f.params.rows_max = 6;
    store_fixture_open(&f);
    g_assert_true(store_fixture_commit(&f, store_fixture_revision("a1", 1, TRUE, "open", 1), NULL));
    for (guint i = 0; i < 2; i++) {
        g_assert_true(store_fixture_put(&f, SKY_MESSAGE_IMAGE, "image", "jpeg", 0));
        g_assert_true(store_fixture_put(&f, SKY_MESSAGE_EVENT, "event", "{", 0));
    }
    /* Full: events go first, then images, then the oldest log rows; never the state of the open alert. */
    static const struct { guint events, images, logs; } left[] = {{1, 2, 2}, {0, 2, 3}, {0, 1, 4}, {0, 0, 5}, {0, 0, 5}, {0, 0, 5}};
    for (guint i = 0; i < G_N_ELEMENTS(left); i++) {
        g_assert_true(store_fixture_put(&f, SKY_MESSAGE_LOG, "log", "{", i + 2));
        g_autoptr(GPtrArray) rows = store_fixture_waiting(&f, 0, 100, NULL);
        g_assert_cmpuint(rows->len, ==, 6);
        g_assert_cmpuint(count_of(rows, SKY_MESSAGE_STATE), ==, 1);
        g_assert_cmpuint(count_of(rows, SKY_MESSAGE_EVENT), ==, left[i].events);
        g_assert_cmpuint(count_of(rows, SKY_MESSAGE_IMAGE), ==, left[i].images);
        g_assert_cmpuint(count_of(rows, SKY_MESSAGE_LOG), ==, left[i].logs);
    }
    /* Of the log 1..3 went, and one note says so before the rest. */
    g_assert_cmpuint(sky_store_numbers(f.store).evicted, ==, 7);
    g_autoptr(GPtrArray) log = store_fixture_log(&f, 0, 100);
    g_assert_cmpuint(at(log, 0)->seq, ==, 4);
    assert_gap_first(&f, 1, 3);
    store_fixture_clear(&f);
}

/* When bytes run out, what was sent and is only kept for replay goes before what nobody has seen. */
static void test_eviction_by_bytes(void) {
    StoreFixture f;
    store_fixture_init(&f);
    f.params.bytes_max = 10000;
    store_fixture_open(&f);
    g_autofree char *text = g_strnfill(2000, 'x');
    for (guint i = 1; i <= 3; i++) g_assert_true(store_fixture_put(&f, SKY_MESSAGE_LOG, "log", text, i));
    g_autoptr(GPtrArray) sent = store_fixture_waiting(&f, 0, 2, NULL);
    int64_t numbers[2] = {at(sent, 0)->row, at(sent, 1)->row};
    sky_store_delivered(f.store, numbers, 2);
    store_fixture_close(&f); /* the marks are on the disk now */
    store_fixture_open(&f);
    for (guint i = 0; i < 2; i++) g_assert_true(store_fixture_put(&f, SKY_MESSAGE_IMAGE, "image", text, 0));
    g_assert_true(store_fixture_put(&f, SKY_MESSAGE_IMAGE, "image", text, 0));
    g_autoptr(GPtrArray) rows = store_fixture_waiting(&f, 0, 10, NULL);
    g_assert_cmpuint(rows->len, ==, 4);
    g_assert_cmpuint(sky_store_numbers(f.store).evicted, ==, 0);
    store_fixture_clear(&f);
}

/* A commit that is refused takes its number with it: whoever gets the next one is told. */
static void test_refused(void) {
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_open(&f);
    g_assert_true(store_fixture_commit(&f, store_fixture_revision("a1", 1, TRUE, "open", 1), NULL));
    for (guint seq = 2; seq <= 3; seq++)
        g_assert_false(store_fixture_commit(&f, store_fixture_revision("a1", 1, TRUE, "open", seq), NULL)); /* there is a rev 1 */
    g_assert_true(store_fixture_commit(&f, store_fixture_revision("a1", 2, TRUE, "open", 4), NULL));
    g_autoptr(GPtrArray) rows = store_fixture_waiting(&f, 0, 10, NULL);
    g_assert_cmpuint(count_of(rows, SKY_MESSAGE_LOG), ==, 3);
    uint64_t from = 0, to = 0;
    g_assert_cmpuint(at(rows, rows->len - 1)->seq, ==, 4);
    g_assert_true(sky_message_record_is_gap(at(rows, rows->len - 2), &from, &to));
    g_assert_cmpuint(from, ==, 2);
    g_assert_cmpuint(to, ==, 3);
    store_fixture_clear(&f);
}

/* One that was never stored, in the midst of what waits, when the oldest go: what is told as missing does not come, and the other way round. */
static void test_refused_and_evicted(void) {
    StoreFixture f;
    store_fixture_init(&f);
    f.params.rows_max = 6;
    store_fixture_open(&f);
    for (guint seq = 1; seq <= 8; seq++)
        if (seq != 4) g_assert_true(store_fixture_put(&f, SKY_MESSAGE_LOG, "log", "x", seq));
    g_autoptr(GPtrArray) rows = store_fixture_waiting(&f, 0, 100, NULL);
    guint seen[9] = {0};
    for (guint i = 0; i < rows->len; i++) {
        uint64_t from = at(rows, i)->seq, to = from;
        sky_message_record_is_gap(at(rows, i), &from, &to);
        for (uint64_t seq = from; seq <= to; seq++) seen[seq]++;
    }
    for (guint seq = 1; seq <= 8; seq++) g_assert_cmpuint(seen[seq], ==, 1);
    store_fixture_clear(&f);
}

static void test_commit_bound(void) {
    StoreFixture f;
    store_fixture_init(&f);
    f.store = sky_store_open(&f.params, &f.start, NULL); /* not started: nothing drains */
    for (guint i = 0; i < 256; i++) g_assert_true(sky_store_commit(f.store, sky_store_commit_new(), NULL, NULL));
    SkyStoreCommit *kept = sky_store_commit_new();
    g_assert_false(sky_store_commit(f.store, kept, NULL, NULL));
    sky_store_commit_free(kept);
    g_assert_cmpint(sky_store_numbers(f.store).oldest_request_ns, !=, SKY_TIME_NONE);
    g_assert_true(sky_store_start(f.store, NULL));
    sky_store_stop(f.store);
    g_assert_cmpuint(sky_store_numbers(f.store).commits, ==, 256);
    store_fixture_clear(&f);
}

static void stand(StoreFixture *f, SkyStandingKind kind, const char *id, const char *body) {
    SkyStoreCommit *commit = sky_store_commit_new();
    g_ptr_array_add(commit->standing, sky_standing_record_new(kind, id, body));
    g_assert_true(store_fixture_commit(f, commit, NULL));
}

static void test_standing(void) {
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_open(&f);
    g_assert_cmpuint(f.start.standing->len, ==, 0);
    stand(&f, SKY_STANDING_EVENT, "e1", "one");
    stand(&f, SKY_STANDING_EVENT, "e2", "two");
    stand(&f, SKY_STANDING_DISARMED, "e1", "a camera of that name");
    stand(&f, SKY_STANDING_EVENT, "e2", "two, later");
    stand(&f, SKY_STANDING_EVENT, "e1", NULL);
    stand(&f, SKY_STANDING_EVENT, "never", NULL);
    store_fixture_close(&f);
    store_fixture_open(&f);
    g_assert_cmpuint(f.start.standing->len, ==, 2);
    const SkyStandingRecord *event = f.start.standing->pdata[0], *disarmed = f.start.standing->pdata[1];
    g_assert_cmpint(event->kind, ==, SKY_STANDING_EVENT);
    g_assert_cmpstr(event->id, ==, "e2");
    g_assert_cmpstr(event->body, ==, "two, later");
    g_assert_cmpint(disarmed->kind, ==, SKY_STANDING_DISARMED);
    g_assert_cmpstr(disarmed->id, ==, "e1");
    store_fixture_clear(&f);
}

/* A closed alert comes back where one of its events has not ended. */
static void test_standing_alert(void) {
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_open(&f);
    SkyStoreCommit *begin = store_fixture_revision("a1", 1, TRUE, "state", 1);
    SkyStandingRecord *record = sky_standing_record_new(SKY_STANDING_EVENT, "e1", "one");
    g_strlcpy(record->alert, "a1", sizeof record->alert);
    g_ptr_array_add(begin->standing, record);
    g_assert_true(store_fixture_commit(&f, begin, NULL));
    g_assert_true(store_fixture_commit(&f, store_fixture_revision("a2", 1, TRUE, "state", 2), NULL));
    g_assert_true(store_fixture_commit(&f, store_fixture_revision("a1", 2, FALSE, "", 3), NULL));
    g_assert_true(store_fixture_commit(&f, store_fixture_revision("a2", 2, FALSE, "", 4), NULL));
    store_fixture_close(&f);
    store_fixture_open(&f);
    g_assert_cmpuint(f.start.alerts->len, ==, 1);
    const SkyAlertRecord *alert = f.start.alerts->pdata[0];
    g_assert_cmpstr(alert->alert, ==, "a1");
    g_assert_cmpuint(alert->rev, ==, 2);
    g_assert_false(alert->open);
    stand(&f, SKY_STANDING_EVENT, "e1", NULL);
    store_fixture_close(&f);
    store_fixture_open(&f);
    g_assert_cmpuint(f.start.alerts->len, ==, 0);
    store_fixture_clear(&f);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/order", test_order);
    g_test_add_func("/store/acknowledged", test_acknowledged);
    g_test_add_func("/store/supersede", test_supersede);
    g_test_add_func("/store/reopen", test_reopen);
    g_test_add_func("/store/copy-put-back", test_copy_put_back);
    g_test_add_func("/store/moved", test_moved);
    g_test_add_func("/store/mark-is-lost", test_mark_is_lost);
    g_test_add_func("/store/mark-of-another-epoch", test_mark_of_another_epoch);
    g_test_add_func("/store/mark-on-a-full-disk", test_mark_on_a_full_disk);
    g_test_add_func("/store/eviction", test_eviction);
    g_test_add_func("/store/eviction-by-bytes", test_eviction_by_bytes);
    g_test_add_func("/store/refused", test_refused);
    g_test_add_func("/store/refused-and-evicted", test_refused_and_evicted);
    g_test_add_func("/store/standing", test_standing);
    g_test_add_func("/store/standing-alert", test_standing_alert);
    g_test_add_func("/store/commit-bound", test_commit_bound);
    return g_test_run();
}
