/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include "base/id.h"
#include "store/store_internal.h"

/* What waits longer is told; a restart would not help. */
#define STUCK_NS (10 * SKY_NS_PER_S)
/* Commits are refused at 256; the rest (fetches: one or two under way; marks: at most what is in flight) always finds room. */
#define REQUESTS_MAX (4 * SKY_STORE_COMMITS_MAX)

static SkyStore *store_new(const SkyStoreParams *params) {
    SkyStore *store = g_new0(SkyStore, 1);
    store->path = g_canonicalize_filename(params->path, NULL);
    store->log_age_max_ns = params->log_age_max_ns;
    store->rows_max = params->rows_max;
    store->bytes_max = params->bytes_max;
    store->ballast_bytes = params->ballast_bytes;
    store->acknowledged = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    store->acknowledged_by_ns = INT64_MAX;
    store->next_seq = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    store->next_row = 1;
    store->requests = sky_queue_new(REQUESTS_MAX, (GDestroyNotify)sky_store_request_free);
    atomic_init(&store->commits_waiting, 0);
    atomic_init(&store->busy_since_ns, SKY_TIME_NONE);
    sky_lock_init(&store->numbers_lock);
    return store;
}

/* Nothing of its numbers is taken over. */
static void forget_epoch(SkyStore *store) {
    store->epoch[0] = '\0';
    g_hash_table_remove_all(store->next_seq);
}

/* What was given after a copy was made would be given again, for something new. TRUE: it was one. */
static gboolean leave_epoch_of_copy(SkyStore *store) {
    gboolean copy = sky_store_is_copy(store);
    if (copy) {
        forget_epoch(store);
        sky_ulid_make(sky_clock_utc_ns(), store->epoch);
    }
    return copy;
}

static gboolean open_and_read(SkyStore *store, SkyStoreStart *ret_start, GError **error) {
    store->database = sky_store_open_file(store, error);
    if (!store->database || !sky_store_read_counters(store, error)) return FALSE;
    gboolean copy = leave_epoch_of_copy(store);
    if (!sky_store_write_counters(store, error) || !sky_store_read_start(store, ret_start, error)) return FALSE;
    ret_start->copy = copy;
    return TRUE;
}

/* Where the disk can only be read: a row that is not true shows in memory as well, and then only what is true is taken. */
static gboolean begin_in_memory(SkyStore *store, const GError *why, SkyStoreStart *ret_start, GError **error) {
    g_autoptr(GError) refused = NULL;
    if (!sky_store_fall_back(store, why, error)) return FALSE;
    gboolean copy = leave_epoch_of_copy(store); /* the file's is read again */
    if (copy && !sky_store_write_counters(store, error)) return FALSE;
    if (sky_store_read_start(store, ret_start, &refused)) {
        ret_start->copy = copy;
        return TRUE;
    }
    if (!store->database->corrupt) {
        g_propagate_error(error, g_steal_pointer(&refused));
        return FALSE;
    }
    forget_epoch(store);
    return sky_store_fall_back(store, refused, error) && sky_store_read_start(store, ret_start, error);
}

/* Damage that shows only while reading is answered like damage that shows at once: set aside, begin anew. */
static gboolean begin(SkyStore *store, SkyStoreStart *ret_start, GError **error) {
    g_autoptr(GError) refused = NULL;
    if (open_and_read(store, ret_start, &refused)) return TRUE;
    if (store->database && store->database->corrupt) {
        g_clear_pointer(&store->database, sky_database_free);
        g_clear_error(&refused);
        store->damaged = TRUE;
        forget_epoch(store);
        if (open_and_read(store, ret_start, &refused)) return TRUE;
    }
    return begin_in_memory(store, refused, ret_start, error);
}

SkyStore *sky_store_open(const SkyStoreParams *params, SkyStoreStart *ret_start, GError **error) {
    g_autoptr(SkyStore) store = store_new(params);
    g_autoptr(GError) failed = NULL;
    sky_store_keep_ballast(store);
    if (!begin(store, ret_start, &failed)) {
        g_set_error(error, SKY_ERROR, SKY_ERR_FATAL, "%s", failed->message);
        return NULL;
    }
    sky_store_make_mark(store);
    store->tidy_ns = store->last_utc_due_ns = sky_clock_monotonic_ns() + SKY_NS_PER_S;
    sky_store_publish_numbers(store);
    return g_steal_pointer(&store);
}

void sky_store_free(SkyStore *store) {
    if (!store) return;
    sky_store_stop(store);
    sky_queue_free(store->requests);
    sky_database_free(store->database);
    g_hash_table_unref(store->acknowledged);
    g_hash_table_unref(store->next_seq);
    sky_lock_clear(&store->numbers_lock);
    g_free(store->path);
    g_free(store);
}

static void run(gpointer user) {
    SkyStore *store = user;
    for (;;) {
        gpointer item = NULL;
        SkyQueueStatus status = sky_queue_pop(store->requests, sky_store_due_ns(store), &item);
        int64_t now_ns = sky_clock_monotonic_ns();
        atomic_store(&store->busy_since_ns, now_ns);
        if (status == SKY_QUEUE_CLOSED) break;
        if (status == SKY_QUEUE_OK) {
            SkyStoreRequest *request = item;
            if (request->verb == SKY_STORE_COMMIT) atomic_fetch_sub(&store->commits_waiting, 1);
            sky_store_request_run(store, request);
            sky_store_request_free(request);
        }
        sky_store_keep_house(store, now_ns);
        atomic_store(&store->busy_since_ns, SKY_TIME_NONE);
    }
    sky_store_last_will(store);
    atomic_store(&store->busy_since_ns, SKY_TIME_NONE);
}

gboolean sky_store_start(SkyStore *store, GError **error) {
    g_assert(!store->thread);
    store->thread = sky_thread_start("sky-store", run, store, error);
    return store->thread != NULL;
}

void sky_store_stop(SkyStore *store) {
    sky_queue_close(store->requests);
    sky_thread_join(g_steal_pointer(&store->thread));
}

static gboolean post(SkyStore *store, SkyStoreRequest *request) {
    if (sky_queue_push(store->requests, request) == SKY_QUEUE_OK) return TRUE;
    request->commit = NULL; /* the caller keeps it */
    sky_store_request_free(request);
    return FALSE;
}

gboolean sky_store_commit(SkyStore *store, SkyStoreCommit *commit, SkyStoreDone done, gpointer user) {
    if (atomic_fetch_add(&store->commits_waiting, 1) < SKY_STORE_COMMITS_MAX) {
        SkyStoreRequest *request = g_new0(SkyStoreRequest, 1);
        *request = (SkyStoreRequest){.verb = SKY_STORE_COMMIT, .commit = commit, .done = done, .user = user};
        if (post(store, request)) return TRUE;
    }
    atomic_fetch_sub(&store->commits_waiting, 1);
    return FALSE;
}

gboolean sky_store_fetch(SkyStore *store, int64_t after_row, uint32_t count, SkyStoreRows rows, gpointer user) {
    SkyStoreRequest *request = g_new0(SkyStoreRequest, 1);
    *request = (SkyStoreRequest){.verb = SKY_STORE_WAITING, .row = after_row, .count = count, .rows = rows, .user = user};
    return post(store, request);
}

gboolean sky_store_fetch_states(SkyStore *store, int64_t after_row, uint32_t count, SkyStoreRows rows, gpointer user) {
    SkyStoreRequest *request = g_new0(SkyStoreRequest, 1);
    *request = (SkyStoreRequest){.verb = SKY_STORE_STATES, .row = after_row, .count = count, .rows = rows, .user = user};
    return post(store, request);
}

gboolean sky_store_fetch_log(SkyStore *store, const char *audience, uint64_t from_seq, uint32_t count, SkyStoreRows rows,
                             gpointer user) {
    SkyStoreRequest *request = g_new0(SkyStoreRequest, 1);
    *request = (SkyStoreRequest){.verb = SKY_STORE_LOG, .from_seq = from_seq, .count = count, .rows = rows, .user = user};
    g_strlcpy(request->audience, audience, sizeof request->audience);
    return post(store, request);
}

void sky_store_delivered(SkyStore *store, const int64_t *rows, uint32_t count) {
    SkyStoreRequest *request = g_new0(SkyStoreRequest, 1);
    request->verb = SKY_STORE_DELIVERED;
    request->delivered = g_array_sized_new(FALSE, FALSE, sizeof(int64_t), count);
    g_array_append_vals(request->delivered, rows, count);
    post(store, request); /* refused only while stopping: the row is sent once more after the next start */
}

void sky_store_dead_letter(SkyStore *store, int64_t row, uint32_t reason_code) {
    SkyStoreRequest *request = g_new0(SkyStoreRequest, 1);
    *request = (SkyStoreRequest){.verb = SKY_STORE_DEAD, .row = row, .reason_code = reason_code};
    post(store, request);
}

gboolean sky_store_list_queue(SkyStore *store, uint32_t count, SkyStoreQueueDone done, gpointer user) {
    SkyStoreRequest *request = g_new0(SkyStoreRequest, 1);
    *request = (SkyStoreRequest){.verb = SKY_STORE_QUEUE, .count = count, .queue = done, .user = user};
    return post(store, request);
}

gboolean sky_store_settle_dead(SkyStore *store, SkyStoreSettle settle, int64_t after_row, int64_t before_row, SkyStoreSettledDone done,
                               gpointer user) {
    SkyStoreRequest *request = g_new0(SkyStoreRequest, 1);
    *request = (SkyStoreRequest){.verb = SKY_STORE_SETTLE, .settle = settle, .row = after_row, .before_row = before_row,
                                 .settled = done, .user = user};
    return post(store, request);
}

SkyStoreNumbers sky_store_numbers(SkyStore *store) {
    sky_lock_enter(&store->numbers_lock);
    SkyStoreNumbers numbers = store->numbers;
    sky_lock_leave(&store->numbers_lock);
    int64_t waiting_ns = sky_queue_oldest_ns(store->requests);
    int64_t busy_ns = atomic_load(&store->busy_since_ns);
    numbers.oldest_request_ns = busy_ns == SKY_TIME_NONE ? waiting_ns : waiting_ns == SKY_TIME_NONE ? busy_ns : MIN(busy_ns, waiting_ns);
    if (numbers.oldest_request_ns != SKY_TIME_NONE && sky_clock_monotonic_ns() - numbers.oldest_request_ns > STUCK_NS) {
        g_strlcpy(numbers.trouble, "the disk is stuck: what is to be stored waits", sizeof numbers.trouble);
    }
    return numbers;
}
