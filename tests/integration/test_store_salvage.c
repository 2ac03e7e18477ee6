/* SPDX-License-Identifier: Apache-2.0 */
/* Damage to every page of a database in turn: the store opens, what it hands out is as it was written, and commits are durable. */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "store/store_database.h"
#include "support/store_fixture.h"

#define ALERTS 40
#define COMMITS 260

typedef struct {
    char *image; /* the whole database file */
    gsize bytes;
    char epoch[SKY_ULID_BYTES];
    GPtrArray *waiting;  /* SkyMessageRecord * */
    GHashTable *by_row;  /* int64_t * -> SkyMessageRecord *, borrowed */
    GHashTable *newest;  /* open alert -> GUINT_TO_POINTER(rev) */
    guint64 next_seq;
    GRand *random;
} Truth;

typedef enum { GARBAGE, ZEROS, FLIPS, DAMAGES } Damage;
static const char *const damage_names[DAMAGES] = {"garbage", "zeros", "flipped bits"};

typedef struct {
    guint cases, set_aside, new_epochs, worst;
    guint64 waiting, saved, lost_told, alerts, older;
} Tally;

static SkyStoreCommit *revision(guint number) {
    g_autofree char *alert = g_strdup_printf("a%u", number % ALERTS);
    g_autofree char *state = g_strnfill(200 + number % 7 * 40, 'a' + (char)(number % 26));
    gboolean open = number < COMMITS - ALERTS / 2; /* what closes an alert clears its topic */
    SkyStoreCommit *commit = store_fixture_revision(alert, number / ALERTS + 1, open, open ? state : "", number + 1);
    SkyMessageRecord *event = sky_message_record_new(SKY_MESSAGE_EVENT, "", "skynet/v1/s/event/gate/motion", state, strlen(state));
    g_ptr_array_add(commit->messages, event);
    if (number % 8 == 0) {
        commit->audit = g_new0(SkyAuditRecord, 1);
        *commit->audit = (SkyAuditRecord){.audience = "duty", .client = "phone", .verb = "acknowledge", .utc_ns = sky_clock_utc_ns(),
                                          .ok = TRUE, .reply = g_strdup("{}")};
        g_snprintf(commit->audit->request_id, sizeof commit->audit->request_id, "r%u", number);
        g_strlcpy(commit->audit->alert, alert, sizeof commit->audit->alert);
    }
    if (number % 32 == 0) { /* on overflow pages */
        g_autofree char *picture = g_strnfill(9000, 'p');
        g_ptr_array_add(commit->messages, sky_message_record_new(SKY_MESSAGE_IMAGE, "duty", "skynet/v1/s/image/duty/a", picture, 9000));
    }
    return commit;
}

static void fill(StoreFixture *f) {
    for (guint i = 0; i < COMMITS; i++) g_assert_true(store_fixture_commit(f, revision(i), NULL));
    g_autoptr(GPtrArray) rows = store_fixture_waiting(f, 0, 100, NULL); /* part of it was delivered */
    for (guint i = 0; i < 50; i++) sky_store_delivered(f->store, &((SkyMessageRecord *)rows->pdata[i])->row, 1);
    sky_store_dead_letter(f->store, ((SkyMessageRecord *)rows->pdata[60])->row, 135);
}

/* A fetch answers with at most 1 MiB. */
static GPtrArray *all_waiting(StoreFixture *f) {
    gboolean more = TRUE;
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)sky_message_record_free);
    for (gint64 after = 0; more;) {
        g_autoptr(GPtrArray) rows = store_fixture_waiting(f, after, 1000, &more);
        if (rows->len > 0) after = ((SkyMessageRecord *)rows->pdata[rows->len - 1])->row;
        g_ptr_array_extend_and_steal(all, g_ptr_array_ref(rows));
    }
    return g_steal_pointer(&all);
}

static void truth_init(Truth *truth) {
    memset(truth, 0, sizeof *truth);
    truth->random = g_rand_new_with_seed((guint32)g_test_rand_int());
    truth->by_row = g_hash_table_new(g_int64_hash, g_int64_equal);
    truth->newest = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_open(&f);
    fill(&f);
    store_fixture_close(&f);
    g_assert_true(g_file_get_contents(f.path, &truth->image, &truth->bytes, NULL));
    store_fixture_open(&f);
    g_strlcpy(truth->epoch, f.start.epoch, sizeof truth->epoch);
    truth->next_seq = *(uint64_t *)g_hash_table_lookup(f.start.next_seq, "duty");
    truth->waiting = all_waiting(&f);
    for (guint i = 0; i < truth->waiting->len; i++) {
        SkyMessageRecord *row = truth->waiting->pdata[i];
        g_hash_table_insert(truth->by_row, &row->row, row);
    }
    for (guint i = 0; i < f.start.alerts->len; i++) {
        SkyAlertRecord *alert = f.start.alerts->pdata[i];
        g_hash_table_insert(truth->newest, g_strdup(alert->alert), GUINT_TO_POINTER(alert->rev));
    }
    g_assert_cmpuint(truth->waiting->len, >, 300);
    g_assert_cmpuint(f.start.alerts->len, >, 10);
    store_fixture_clear(&f);
}

static void truth_clear(Truth *truth) {
    g_free(truth->image);
    g_hash_table_unref(truth->by_row);
    g_hash_table_unref(truth->newest);
    g_ptr_array_unref(truth->waiting);
    g_rand_free(truth->random);
}

static void damage_page(Truth *truth, char *image, guint page, Damage damage) {
    char *at = image + (gsize)page * SKY_DATABASE_PAGE_BYTES;
    switch (damage) {
    case GARBAGE:
        for (guint i = 0; i < SKY_DATABASE_PAGE_BYTES; i++) at[i] = (char)g_rand_int(truth->random);
        return;
    case ZEROS: memset(at, 0, SKY_DATABASE_PAGE_BYTES); return;
    default:
        for (guint i = 0; i < 12; i++) at[g_rand_int_range(truth->random, 0, SKY_DATABASE_PAGE_BYTES)] ^= (char)(1 << g_rand_int_range(truth->random, 0, 8));
    }
}

static gboolean same(const SkyMessageRecord *a, const SkyMessageRecord *b) {
    return a->message_class == b->message_class && a->seq == b->seq && !strcmp(a->topic, b->topic) && !strcmp(a->audience, b->audience) &&
           !strcmp(a->alert, b->alert) && a->payload_bytes == b->payload_bytes &&
           (a->payload_bytes == 0 || !memcmp(a->payload, b->payload, a->payload_bytes));
}

/* Counts what is there and true; what is not true fails the test. A log row that is missing has to be told, where the epoch goes on. */
static void judge(const Truth *truth, StoreFixture *f, GPtrArray *waiting, Tally *tally) {
    guint64 from_seq = 0, to_seq = 0, from, to;
    g_autoptr(GHashTable) there = g_hash_table_new(g_int64_hash, g_int64_equal);
    for (guint i = 0; i < waiting->len; i++) {
        SkyMessageRecord *row = waiting->pdata[i];
        if (sky_message_record_is_gap(row, &from, &to)) {
            from_seq = from;
            to_seq = to;
            continue;
        }
        const SkyMessageRecord *expected = g_hash_table_lookup(truth->by_row, &row->row);
        g_assert_nonnull(expected);
        g_assert_true(same(row, expected));
        g_assert_true(g_hash_table_add(there, &row->row)); /* not twice */
    }
    guint lost = truth->waiting->len - g_hash_table_size(there);
    tally->worst = MAX(tally->worst, lost);
    tally->waiting += truth->waiting->len;
    tally->saved += g_hash_table_size(there);
    for (guint i = 0; i < truth->waiting->len && !strcmp(f->start.epoch, truth->epoch); i++) {
        const SkyMessageRecord *row = truth->waiting->pdata[i];
        if (row->seq == 0 || g_hash_table_contains(there, &row->row)) continue;
        if (row->seq < from_seq || row->seq > to_seq) g_test_message("seq %" G_GUINT64_FORMAT " is lost and was not told (%" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT "): %s", row->seq, from_seq, to_seq,
                           sky_store_numbers(f->store).trouble);
        g_assert_true(row->seq >= from_seq && row->seq <= to_seq);
        tally->lost_told++;
    }
    for (guint i = 0; i < f->start.alerts->len; i++) {
        const SkyAlertRecord *alert = f->start.alerts->pdata[i];
        g_autofree char *body = g_strdup_printf("{\"rev\":%u}", alert->rev); /* as the fixture writes it */
        g_assert_cmpstr(alert->body, ==, body);
        guint newest = GPOINTER_TO_UINT(g_hash_table_lookup(truth->newest, alert->alert));
        tally->alerts += newest == alert->rev;
        tally->older += newest != alert->rev;
    }
}

static void damaged(Truth *truth, guint page, Damage damage, Tally *tally) {
    StoreFixture f;
    store_fixture_init(&f);
    g_autofree char *image = g_memdup2(truth->image, truth->bytes);
    damage_page(truth, image, page, damage);
    store_fixture_put_in(&f, image, truth->bytes, truth->epoch);
    store_fixture_open(&f);
    g_autoptr(GPtrArray) waiting = all_waiting(&f);
    judge(truth, &f, waiting, tally);
    if (page == 0 && damage == ZEROS) /* found at once: by a time that nobody could save nothing is old */
        g_assert_cmpint(f.start.age_utc_ns, ==, SKY_CLOCK_EARLIEST_UTC_NS);
    const uint64_t *known = g_hash_table_lookup(f.start.next_seq, "duty");
    guint64 seq = known ? *known : 1;
    if (!strcmp(f.start.epoch, truth->epoch)) g_assert_cmpuint(seq, >=, truth->next_seq);
    else tally->new_epochs++;
    gboolean durable = FALSE;
    g_assert_true(store_fixture_commit(&f, store_fixture_revision("new", 1, TRUE, "new", seq), &durable));
    if (!durable) g_assert_true(store_fixture_commit(&f, store_fixture_revision("new", 2, TRUE, "new", seq + 1), &durable));
    g_assert_true(durable);
    if (g_test_verbose()) g_test_message("page %u, %u waiting: %s", page + 1, waiting->len, sky_store_numbers(f.store).trouble);
    gboolean aside = strstr(sky_store_numbers(f.store).trouble, "damaged") != NULL;
    tally->set_aside += aside;
    tally->cases++;
    char epoch[SKY_ULID_BYTES];
    g_strlcpy(epoch, f.start.epoch, sizeof epoch);
    guint before = waiting->len;
    store_fixture_close(&f);
    store_fixture_open(&f); /* and stays so */
    if (aside) g_assert_cmpstr(f.start.epoch, ==, epoch);
    g_autoptr(GPtrArray) after = all_waiting(&f);
    if (aside) g_assert_cmpuint(after->len, ==, before + 2);
    store_fixture_clear(&f);
}

static void test_every_page(gconstpointer user) {
    Damage damage = (Damage)GPOINTER_TO_INT(user);
    Truth truth;
    truth_init(&truth);
    Tally tally = {0};
    guint pages = (guint)(truth.bytes / SKY_DATABASE_PAGE_BYTES);
    for (guint page = 0; page < pages; page++) damaged(&truth, page, damage, &tally);
    g_test_message("%s: %u pages, %u times set aside, %u new epochs; %.2f %% of the waiting rows saved, at worst %u of %u lost, %" G_GUINT64_FORMAT
                   " told as gaps", damage_names[damage], tally.cases, tally.set_aside, tally.new_epochs, 100.0 * (double)tally.saved / (double)tally.waiting,
                   tally.worst, truth.waiting->len, tally.lost_told);
    g_test_message("%s: %.2f %% of the open alerts as they were, %" G_GUINT64_FORMAT " in all at an older revision", damage_names[damage],
                   100.0 * (double)tally.alerts / (double)(tally.cases * g_hash_table_size(truth.newest)), tally.older);
    g_assert_cmpuint(tally.set_aside, >, pages / 4);
    /* One page holds so many rows, and no damage to a page costs those of another. */
    g_assert_cmpuint(tally.worst, <=, 40);
    truth_clear(&truth);
}

/* One letter of the newest log row is another: it is told as a gap, and its number is not given again. */
static void test_newest_row(void) {
    Truth truth;
    truth_init(&truth);
    StoreFixture f;
    store_fixture_init(&f);
    g_autofree char *text = g_strdup_printf("\"seq\":%" G_GUINT64_FORMAT, truth.next_seq - 1);
    guint found = 0;
    for (gsize at = 0; at + strlen(text) < truth.bytes; at++) {
        if (memcmp(truth.image + at, text, strlen(text)) != 0) continue;
        truth.image[at + 1] = 'S';
        found++;
    }
    g_assert_cmpuint(found, ==, 1);
    store_fixture_put_in(&f, truth.image, truth.bytes, truth.epoch);
    store_fixture_open(&f);
    g_autoptr(GPtrArray) waiting = all_waiting(&f);
    Tally tally = {0};
    judge(&truth, &f, waiting, &tally);
    g_assert_cmpuint(tally.worst, ==, 1);
    g_assert_cmpuint(tally.lost_told, ==, 1);
    g_assert_true(store_fixture_commit(&f, store_fixture_revision("new", 1, TRUE, "new", truth.next_seq), NULL));
    store_fixture_close(&f);
    store_fixture_open(&f);
    g_assert_cmpstr(f.start.epoch, ==, truth.epoch);
    g_assert_cmpuint(*(uint64_t *)g_hash_table_lookup(f.start.next_seq, "duty"), ==, truth.next_seq + 1);
    store_fixture_clear(&f);
    truth_clear(&truth);
}

/* Damage in the words of the schema, which still are SQL: SQLite's check sees nothing, but no commit can be carried out. */
static void test_words_of_the_schema(void) {
    Truth truth;
    truth_init(&truth);
    const char *text = "bytes + length(NEW.payload)";
    guint found = 0;
    for (gsize at = 0; at + strlen(text) < truth.bytes; at++) {
        if (memcmp(truth.image + at, text, strlen(text)) != 0) continue;
        truth.image[at + strlen("bytes + length(N")] = '_';
        found++;
    }
    g_assert_cmpuint(found, >, 0);
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_put_in(&f, truth.image, truth.bytes, truth.epoch);
    store_fixture_open(&f);
    gboolean durable = FALSE;
    const uint64_t *next = g_hash_table_lookup(f.start.next_seq, "duty");
    g_assert_true(store_fixture_commit(&f, store_fixture_revision("new", 1, TRUE, "new", next ? *next : 1), &durable));
    g_assert_true(durable);
    g_assert_nonnull(strstr(sky_store_numbers(f.store).trouble, "damaged"));
    g_autoptr(GPtrArray) waiting = all_waiting(&f);
    g_assert_cmpuint(waiting->len, ==, truth.waiting->len + 2);
    store_fixture_clear(&f);
    truth_clear(&truth);
}

/* A version that nobody has written. */
static void test_version_of_the_schema(void) {
    Truth truth;
    truth_init(&truth);
    truth.image[60] = 0x20; /* user_version, of 4 bytes */
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_put_in(&f, truth.image, truth.bytes, truth.epoch);
    store_fixture_open(&f);
    g_autoptr(GPtrArray) waiting = all_waiting(&f);
    g_assert_cmpuint(waiting->len, ==, truth.waiting->len);
    store_fixture_clear(&f);
    truth_clear(&truth);
}

/* An index gives one row's number for another: the one would go out twice and the other never. SQLite's quick_check sees nothing. */
static void test_index_to_another_row(void) {
    Truth truth;
    truth_init(&truth);
    const SkyMessageRecord *log[2] = {0}; /* no other index holds their numbers alone */
    for (guint i = 0, n = 0; i < truth.waiting->len && n < 2; i++) {
        const SkyMessageRecord *row = truth.waiting->pdata[i];
        if (row->seq > 0 && row->row >= 256) log[n++] = row;
    }
    g_assert_nonnull(log[1]);
    guint8 hi = (guint8)(log[0]->row >> 8), lo = (guint8)log[0]->row;
    const guint8 entry[] = {7 /* bytes */, 3, 2, 2 /* two numbers of 16 bits */, hi, lo, hi, lo};
    guint found = 0;
    for (gsize at = 0; at + sizeof entry < truth.bytes; at++) {
        if (memcmp(truth.image + at, entry, sizeof entry) != 0) continue;
        truth.image[at + 6] = (char)(log[1]->row >> 8);
        truth.image[at + 7] = (char)log[1]->row;
        found++;
    }
    g_assert_cmpuint(found, ==, 1);
    StoreFixture f;
    store_fixture_init(&f);
    store_fixture_put_in(&f, truth.image, truth.bytes, truth.epoch);
    store_fixture_open(&f);
    g_autoptr(GPtrArray) waiting = all_waiting(&f);
    Tally tally = {0};
    judge(&truth, &f, waiting, &tally);
    g_assert_cmpuint(tally.worst, ==, 0);
    store_fixture_clear(&f);
    truth_clear(&truth);
}

int main(int argc, char **argv) {
    /* Hundreds of databases, and not one cut of power: nothing here needs a real disk. */
    if (g_access("/dev/shm", W_OK) == 0) g_setenv("TMPDIR", "/dev/shm", TRUE);
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/store-salvage/garbage", GINT_TO_POINTER(GARBAGE), test_every_page);
    g_test_add_data_func("/store-salvage/zeros", GINT_TO_POINTER(ZEROS), test_every_page);
    g_test_add_data_func("/store-salvage/flips", GINT_TO_POINTER(FLIPS), test_every_page);
    g_test_add_func("/store-salvage/newest-row", test_newest_row);
    g_test_add_func("/store-salvage/index-to-another-row", test_index_to_another_row);
    g_test_add_func("/store-salvage/words-of-the-schema", test_words_of_the_schema);
    g_test_add_func("/store-salvage/version-of-the-schema", test_version_of_the_schema);
    return g_test_run();
}
