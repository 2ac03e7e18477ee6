/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>

#include "fuzz.h"
#include "message/message.h"
#include "store/store_database.h"
#include "store/store_pages.h"
#include "support/store_fixture.h"

/* The first byte says what the rest is.
 * rows: messages, each a byte of class, a byte of lengths, its texts, a byte of payload in 16s, the payload, a byte of time: they go
 *       through the store and come back as they were, and can be finished, acknowledged, and asked for again.
 * pages: patches of a good database, each two bytes of place, one of page, one of length, and the bytes: what SQLite may not read is
 *       read without a fault; opened as a store it hands out nothing that was not written, and takes commits. */
#define COMMITS 30
#define ROWS_MAX 64

typedef struct {
    const uint8_t *data;
    gsize bytes;
} Input;

static guint take_byte(Input *input) {
    if (input->bytes == 0)
        return 0;
    input->bytes--;
    return *input->data++;
}

/* At most so many bytes, up to a NUL: texts are C strings. */
static char *take_text(Input *input, gsize most) {
    gsize length = MIN(most, input->bytes);
    char *text = g_strndup((const char *)input->data, length);
    input->data += length;
    input->bytes -= length;
    return text;
}

/* Not on a real disk: nothing here is about cuts of power. */
static void fixture_init(StoreFixture *fixture) {
    if (g_access("/dev/shm", W_OK) == 0)
        g_setenv("TMPDIR", "/dev/shm", TRUE);
    store_fixture_init(fixture);
}

/* ---- rows ---- */

static SkyMessageRecord *take_message(Input *input, uint64_t seq) {
    SkyMessageClass message_class = take_byte(input) % 4;
    guint lengths = take_byte(input);
    g_autofree char *audience = take_text(input, lengths & 7), *topic = take_text(input, lengths >> 3 & 15);
    g_autofree char *alert = take_text(input, lengths >> 7 ? SKY_ID_BYTES - 1 : 3);
    gsize said_bytes = take_byte(input) << 4, payload_bytes = MIN(said_bytes, input->bytes);
    SkyMessageRecord *record = sky_message_record_new(message_class, audience, topic, input->data, payload_bytes);
    input->data += payload_bytes;
    input->bytes -= payload_bytes;
    g_strlcpy(record->alert, alert, sizeof record->alert);
    record->seq = message_class == SKY_MESSAGE_LOG ? seq : 0;
    record->created_utc_ns = (int64_t)take_byte(input) << 55;
    return record;
}

static void expect_same(const SkyMessageRecord *found, const SkyMessageRecord *put) {
    g_assert_cmpint(found->message_class, ==, put->message_class);
    g_assert_cmpstr(found->audience, ==, put->audience);
    g_assert_cmpstr(found->topic, ==, put->topic);
    g_assert_cmpstr(found->alert, ==, put->alert);
    g_assert_cmpuint(found->seq, ==, put->seq);
    g_assert_cmpint(found->created_utc_ns, ==, put->created_utc_ns);
    g_assert_cmpmem(found->payload, found->payload_bytes, put->payload, put->payload_bytes);
}

static void finish(const SkyMessageRecord *record) {
    if (!record->json || record->payload_bytes == 0)
        return;
    g_autofree char *whole = sky_message_finish((const char *)record->payload, record->payload_bytes, TRUE, record->created_utc_ns);
    gsize text_bytes = strnlen((const char *)record->payload, record->payload_bytes); /* no JSON holds a NUL */
    g_assert_true(memcmp(whole, record->payload, text_bytes) == 0 && g_str_has_suffix(whole, "}}"));
}

/* Of a topic only the newest state waits; everything else comes back in the order in which it was put. */
static gboolean is_superseded(GPtrArray *put, guint at) {
    const SkyMessageRecord *record = put->pdata[at];
    for (guint i = at + 1; record->message_class == SKY_MESSAGE_STATE && i < put->len; i++) {
        const SkyMessageRecord *later = put->pdata[i];
        if (later->message_class == SKY_MESSAGE_STATE && strcmp(later->topic, record->topic) == 0)
            return TRUE;
    }
    return FALSE;
}

/* Numbers of a log that were never put are told as a gap just before the next one. */
static gboolean is_gap_before(const SkyMessageRecord *found, const SkyMessageRecord *put) {
    uint64_t from = 0, to = 0;
    if (!sky_message_record_is_gap(found, &from, &to))
        return FALSE;
    g_assert_cmpstr(found->audience, ==, put->audience);
    g_assert_cmpuint(from, <=, to);
    g_assert_cmpuint(to, ==, put->seq - 1);
    return TRUE;
}

static void compare(StoreFixture *fixture, GPtrArray *put) {
    g_autoptr(GPtrArray) rows = store_fixture_waiting(fixture, 0, ROWS_MAX * 2, NULL);
    guint at = 0;
    for (guint i = 0; i < put->len; i++) {
        if (is_superseded(put, i))
            continue;
        g_assert_cmpuint(at, <, rows->len);
        at += is_gap_before(rows->pdata[at], put->pdata[i]);
        g_assert_cmpuint(at, <, rows->len);
        expect_same(rows->pdata[at], put->pdata[i]);
        finish(rows->pdata[at++]);
    }
    g_assert_cmpuint(at, ==, rows->len);
    for (guint i = 0; i < rows->len; i++) {
        int64_t row = ((SkyMessageRecord *)rows->pdata[i])->row;
        sky_store_delivered(fixture->store, &row, 1);
    }
    g_autoptr(GPtrArray) left = store_fixture_waiting(fixture, 0, ROWS_MAX, NULL);
    g_assert_cmpuint(left->len, ==, 0);
}

static void fuzz_rows(Input input) {
    StoreFixture fixture;
    fixture_init(&fixture);
    store_fixture_open(&fixture);
    g_autoptr(GPtrArray) put = g_ptr_array_new_with_free_func((GDestroyNotify)sky_message_record_free);
    SkyStoreCommit *commit = sky_store_commit_new();
    while (input.bytes > 0 && put->len < ROWS_MAX) {
        Input same = input;
        g_ptr_array_add(put, take_message(&input, put->len + 1));
        g_ptr_array_add(commit->messages, take_message(&same, put->len));
    }
    g_assert_true(store_fixture_commit(&fixture, commit, NULL));
    compare(&fixture, put);
    store_fixture_close(&fixture);
    store_fixture_open(&fixture); /* what was acknowledged stays so */
    g_autoptr(GPtrArray) left = store_fixture_waiting(&fixture, 0, ROWS_MAX, NULL);
    g_assert_cmpuint(left->len, ==, 0);
    store_fixture_clear(&fixture);
}

/* ---- pages ---- */

static struct {
    char *image;
    gsize bytes;
    GHashTable *by_row; /* int64_t * -> SkyMessageRecord * */
} truth;

static void make_truth(void) {
    StoreFixture fixture;
    fixture_init(&fixture);
    store_fixture_open(&fixture);
    for (guint i = 0; i < COMMITS; i++) {
        g_autofree char *alert = g_strdup_printf("a%u", i % 7), *state = g_strnfill(i % 10 == 0 ? 9000 : 300, 'a' + (char)(i % 26));
        g_assert_true(store_fixture_commit(&fixture, store_fixture_revision(alert, i / 7 + 1, TRUE, state, i + 1), NULL));
    }
    truth.by_row = g_hash_table_new(g_int64_hash, g_int64_equal);
    GPtrArray *rows = store_fixture_waiting(&fixture, 0, 1000, NULL); /* kept for good */
    for (guint i = 0; i < rows->len; i++)
        g_hash_table_insert(truth.by_row, &((SkyMessageRecord *)rows->pdata[i])->row, rows->pdata[i]);
    store_fixture_close(&fixture);
    g_assert_true(g_file_get_contents(fixture.path, &truth.image, &truth.bytes, NULL));
    store_fixture_clear(&fixture);
}

static char *patched(Input input) {
    char *image = g_memdup2(truth.image, truth.bytes);
    while (input.bytes > 0) {
        guint high = take_byte(&input), low = take_byte(&input), page = take_byte(&input), length = take_byte(&input) + 1;
        page %= (guint)(truth.bytes / SKY_DATABASE_PAGE_BYTES);
        gsize at = (gsize)page * SKY_DATABASE_PAGE_BYTES + (high << 8 | low) % SKY_DATABASE_PAGE_BYTES;
        gsize count = MIN(MIN(length, input.bytes), truth.bytes - at);
        memcpy(image + at, input.data, count);
        input.data += count;
        input.bytes -= count;
    }
    return image;
}

static gboolean look(const SkyRow *row, gpointer user) {
    uint64_t *sum = user;
    g_assert_cmpuint(row->count, <=, SKY_ROW_CELLS_MAX);
    for (uint32_t i = 0; i < row->count; i++)
        for (uint32_t at = 0; row->cells[i].type >= SKY_CELL_TEXT && at < row->cells[i].count && row->cells[i].bytes; at++)
            *sum += row->cells[i].bytes[at];
    return TRUE;
}

static void read_pages(const char *path) {
    g_autoptr(GError) error = NULL;
    g_autoptr(SkyPages) pages = sky_pages_open(path, &error);
    g_assert((pages == NULL) == (error != NULL));
    uint64_t sum = 0;
    for (uint32_t page = 1; pages && page <= sky_pages_count(pages) + 1; page++)
        sky_pages_rows(pages, page, look, &sum);
}

static void use_as_store(StoreFixture *fixture) {
    store_fixture_open(fixture);
    g_autoptr(GPtrArray) rows = store_fixture_waiting(fixture, 0, 1000, NULL);
    for (guint i = 0; i < rows->len; i++) {
        const SkyMessageRecord *row = rows->pdata[i];
        uint64_t from, to;
        if (sky_message_record_is_gap(row, &from, &to))
            continue;
        const SkyMessageRecord *written = g_hash_table_lookup(truth.by_row, &row->row);
        g_assert_nonnull(written);
        expect_same(row, written);
    }
    const uint64_t *next = g_hash_table_lookup(fixture->start.next_seq, "duty");
    g_assert_true(store_fixture_commit(fixture, store_fixture_revision("new", 1, TRUE, "new", next ? *next : 1), NULL));
}

static void fuzz_pages(Input input, gboolean whole) {
    if (!truth.image)
        make_truth();
    StoreFixture fixture;
    fixture_init(&fixture);
    g_autofree char *image = patched(input);
    g_assert_true(g_file_set_contents(fixture.path, image, (gssize)truth.bytes, NULL));
    read_pages(fixture.path);
    if (whole)
        use_as_store(&fixture);
    store_fixture_clear(&fixture);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    Input input = {.data = data, .bytes = bytes};
    switch (take_byte(&input) % 3) {
    case 0:
        fuzz_rows(input);
        break;
    case 1:
        fuzz_pages(input, FALSE);
        break;
    default:
        fuzz_pages(input, TRUE);
    }
    return 0;
}
