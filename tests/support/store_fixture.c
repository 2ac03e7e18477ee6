/* SPDX-License-Identifier: Apache-2.0 */
#include "support/store_fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/mount.h>
#include "base/clock.h"

#define ANSWER_NS (30 * SKY_NS_PER_S)

typedef struct {
    gboolean ok, durable, more;
    GPtrArray *rows;
} Answer;

void store_fixture_init(StoreFixture *fixture) {
    memset(fixture, 0, sizeof *fixture);
    fixture->directory = g_dir_make_tmp("sky-store-XXXXXX", NULL);
    g_assert_nonnull(fixture->directory);
    fixture->path = g_build_filename(fixture->directory, "skynetd.db", NULL);
    fixture->params = (SkyStoreParams){.path = fixture->path, .log_age_max_ns = 30 * 24 * 3600 * SKY_NS_PER_S, .rows_max = 10000,
                                       .bytes_max = 64 << 20};
    fixture->answers = sky_queue_new(4096, g_free);
}

void store_fixture_open(StoreFixture *fixture) {
    g_autoptr(GError) error = NULL;
    fixture->store = sky_store_open(&fixture->params, &fixture->start, &error);
    g_assert_no_error(error);
    g_assert_true(sky_store_start(fixture->store, &error));
}

void store_fixture_close(StoreFixture *fixture) {
    if (!fixture->store) return;
    sky_store_stop(fixture->store);
    g_clear_pointer(&fixture->store, sky_store_free);
    sky_store_start_clear(&fixture->start);
}

void store_fixture_put_in(StoreFixture *fixture, const char *image, gsize bytes, const char *epoch) {
    g_autofree char *mark = g_strconcat(fixture->path, ".highwater", NULL), *text = g_strdup_printf("%s %020u\n", epoch, 0);
    g_assert_true(g_file_set_contents(fixture->path, image, (gssize)bytes, NULL));
    g_assert_true(g_file_set_contents(mark, text, -1, NULL));
}

gboolean store_fixture_mount(StoreFixture *fixture, const char *size) {
    if (mount("none", fixture->directory, "tmpfs", MS_NOSUID | MS_NODEV, size) == 0) return TRUE;
    g_test_skip("no tmpfs can be mounted here (needs root)");
    return FALSE;
}

void store_fixture_unmount(StoreFixture *fixture) {
    store_fixture_close(fixture);
    g_assert_cmpint(umount2(fixture->directory, MNT_DETACH), ==, 0);
}

void store_fixture_clear(StoreFixture *fixture) {
    store_fixture_close(fixture);
    g_autoptr(GDir) directory = g_dir_open(fixture->directory, 0, NULL);
    const char *name;
    while (directory && (name = g_dir_read_name(directory))) {
        g_autofree char *path = g_build_filename(fixture->directory, name, NULL);
        g_unlink(path);
    }
    g_rmdir(fixture->directory);
    sky_queue_free(fixture->answers);
    g_free(fixture->directory);
    g_free(fixture->path);
}

static void on_done(const GError *error, gboolean durable, gpointer user) {
    StoreFixture *fixture = user;
    Answer *answer = g_new0(Answer, 1);
    answer->ok = error == NULL;
    answer->durable = durable;
    if (error) g_test_message("commit: %s", error->message);
    g_assert_cmpint(sky_queue_push(fixture->answers, answer), ==, SKY_QUEUE_OK);
}

static void on_rows(GPtrArray *rows, gboolean more, gpointer user) {
    StoreFixture *fixture = user;
    Answer *answer = g_new0(Answer, 1);
    answer->rows = rows;
    answer->more = more;
    g_assert_cmpint(sky_queue_push(fixture->answers, answer), ==, SKY_QUEUE_OK);
}

static Answer *take(StoreFixture *fixture) {
    gpointer item = NULL;
    g_assert_cmpint(sky_queue_pop(fixture->answers, sky_clock_monotonic_ns() + ANSWER_NS, &item), ==, SKY_QUEUE_OK);
    return item;
}

gboolean store_fixture_commit(StoreFixture *fixture, SkyStoreCommit *commit, gboolean *ret_durable) {
    g_assert_true(sky_store_commit(fixture->store, commit, on_done, fixture));
    g_autofree Answer *answer = take(fixture);
    if (ret_durable) *ret_durable = answer->durable;
    return answer->ok;
}

static SkyMessageRecord *record(SkyMessageClass message_class, const char *alert, const char *topic, const char *text, guint64 seq) {
    const char *audience = message_class == SKY_MESSAGE_EVENT ? "" : "duty";
    SkyMessageRecord *message = sky_message_record_new(message_class, audience, topic, text, strlen(text));
    message->seq = seq;
    message->created_utc_ns = sky_clock_utc_ns();
    g_strlcpy(message->alert, alert, sizeof message->alert);
    return message;
}

gboolean store_fixture_put(StoreFixture *fixture, SkyMessageClass message_class, const char *topic, const char *text, guint64 seq) {
    SkyStoreCommit *commit = sky_store_commit_new();
    g_ptr_array_add(commit->messages, record(message_class, "a1", topic, text, seq));
    return store_fixture_commit(fixture, commit, NULL);
}

SkyStoreCommit *store_fixture_revision(const char *alert, guint rev, gboolean open, const char *state, guint64 seq) {
    SkyStoreCommit *commit = sky_store_commit_new();
    commit->alert = g_new0(SkyAlertRecord, 1);
    g_strlcpy(commit->alert->alert, alert, sizeof commit->alert->alert);
    commit->alert->rev = rev;
    commit->alert->open = open;
    commit->alert->updated_utc_ns = sky_clock_utc_ns();
    commit->alert->body = g_strdup_printf("{\"rev\":%u}", rev);
    g_autofree char *topic = g_strconcat("skynet/v1/s/alert/duty/", alert, NULL);
    g_ptr_array_add(commit->messages, record(SKY_MESSAGE_STATE, alert, topic, state, 0));
    g_autofree char *text = g_strdup_printf("{\"data\":{\"alert\":\"%s\",\"seq\":%" G_GUINT64_FORMAT, alert, seq);
    g_ptr_array_add(commit->messages, record(SKY_MESSAGE_LOG, alert, "skynet/v1/s/alert-log/duty", text, seq));
    return commit;
}

static GPtrArray *take_rows(StoreFixture *fixture, gboolean *ret_more) {
    g_autofree Answer *answer = take(fixture);
    if (ret_more) *ret_more = answer->more;
    return answer->rows;
}

GPtrArray *store_fixture_waiting(StoreFixture *fixture, gint64 after_row, guint count, gboolean *ret_more) {
    g_assert_true(sky_store_fetch(fixture->store, after_row, count, on_rows, fixture));
    return take_rows(fixture, ret_more);
}

GPtrArray *store_fixture_states(StoreFixture *fixture) {
    g_assert_true(sky_store_fetch_states(fixture->store, 0, 1000, on_rows, fixture));
    return take_rows(fixture, NULL);
}

GPtrArray *store_fixture_log(StoreFixture *fixture, guint64 from_seq, guint count) {
    g_assert_true(sky_store_fetch_log(fixture->store, "duty", from_seq, count, on_rows, fixture));
    return take_rows(fixture, NULL);
}

gboolean store_fixture_await_durable(StoreFixture *fixture, gboolean durable, int limit_s) {
    for (int i = 0; i < limit_s * 20; i++) {
        if (sky_store_numbers(fixture->store).durable == durable) return TRUE;
        g_usleep(50000);
    }
    return FALSE;
}
