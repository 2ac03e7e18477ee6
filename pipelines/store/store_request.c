/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_internal.h"

#include "store/store_salvage.h"

#define ACKNOWLEDGED_MAX 64
#define TIDY_NS (60 * SKY_NS_PER_S)
#define LAST_UTC_NS (3600 * SKY_NS_PER_S) /* one write an hour */

void sky_store_request_free(SkyStoreRequest *request) {
    if (!request) return;
    sky_store_commit_free(request->commit);
    if (request->delivered) g_array_unref(request->delivered);
    g_free(request);
}

/* Where the disk is full, the ballast goes first; where the file is damaged, a new one takes over what can be saved; where neither helps,
 * the work is done again in memory. */
typedef gboolean (*Work)(SkyStore *store, gpointer user, GError **error);
static gboolean carry_out(SkyStore *store, Work work, gpointer user, GError **error) {
    for (gboolean anew = FALSE;;) {
        g_autoptr(GError) refused = NULL;
        if (work(store, user, &refused)) return TRUE;
        store->failures++;
        if (!store->database->file || !g_error_matches(refused, SKY_ERROR, SKY_ERR_RESOURCE)) {
            g_propagate_error(error, g_steal_pointer(&refused));
            return FALSE;
        }
        if (store->database->full && sky_store_give_up_ballast(store)) continue;
        if (store->database->corrupt && !anew) {
            anew = TRUE;
            if (sky_store_begin_anew(store, NULL)) continue;
        }
        if (sky_store_fall_back(store, refused, error)) return work(store, user, error);
        g_assert(store->database); /* not even memory could be had */
        return FALSE;
    }
}

static gboolean commit_work(SkyStore *store, gpointer user, GError **error) {
    return sky_store_write_commit(store, ((SkyStoreRequest *)user)->commit, error);
}

static void run_commit(SkyStore *store, SkyStoreRequest *request) {
    g_autoptr(GError) error = NULL;
    if (carry_out(store, commit_work, request, &error)) store->commits++;
    sky_store_publish_numbers(store);
    if (request->done) request->done(error, store->database->file, request->user);
}

typedef struct {
    SkyStoreRequest *request;
    GPtrArray *rows;
    gboolean more;
} Fetch;

static gboolean fetch_work(SkyStore *store, gpointer user, GError **error) {
    Fetch *fetch = user;
    SkyStoreRequest *request = fetch->request;
    if (request->verb == SKY_STORE_WAITING) {
        fetch->rows = sky_store_read_waiting(store, request->row, request->count, &fetch->more, error);
    } else if (request->verb == SKY_STORE_STATES) {
        /* A new connection: what was acknowledged a moment ago is told from what was not only on the disk. */
        if (request->row == 0 && !sky_store_write_delivered(store, error)) return FALSE;
        fetch->rows = sky_store_read_states(store, request->row, request->count, &fetch->more, error);
    } else if (!store->database->file) {
        fetch->rows = g_ptr_array_new_with_free_func((GDestroyNotify)sky_message_record_free); /* what is not in memory is not lost */
        fetch->more = FALSE;
    } else {
        fetch->rows = sky_store_read_log(store, request->audience, request->from_seq, request->count, &fetch->more, error);
    }
    return fetch->rows != NULL;
}

static void run_fetch(SkyStore *store, SkyStoreRequest *request) {
    Fetch fetch = {.request = request};
    if (!carry_out(store, fetch_work, &fetch, NULL)) {
        fetch.rows = g_ptr_array_new_with_free_func((GDestroyNotify)sky_message_record_free); /* counted as a failure; the caller asks again */
        fetch.more = FALSE;
    }
    /* Given away, not shared: what is freed on another thread later was touched here before, and not after. */
    request->rows(fetch.rows, fetch.more, request->user);
}

static gboolean delivered_work(SkyStore *store, gpointer user, GError **error) {
    return sky_store_write_delivered(store, error);
}

static void write_delivered(SkyStore *store) {
    if (!carry_out(store, delivered_work, NULL, NULL)) {
        /* They stay in `acknowledged` and the next batch tries them again; but not at once. */
        store->acknowledged_by_ns = sky_clock_monotonic_ns() + SKY_NS_PER_S;
    }
}

static void run_delivered(SkyStore *store, const SkyStoreRequest *request) {
    for (guint i = 0; i < request->delivered->len; i++) {
        g_hash_table_add(store->acknowledged, g_memdup2(&g_array_index(request->delivered, int64_t, i), sizeof(int64_t)));
    }
    if (store->acknowledged_by_ns == INT64_MAX) store->acknowledged_by_ns = sky_clock_monotonic_ns() + SKY_NS_PER_S;
    if (g_hash_table_size(store->acknowledged) >= ACKNOWLEDGED_MAX) write_delivered(store);
}

static gboolean dead_work(SkyStore *store, gpointer user, GError **error) {
    const SkyStoreRequest *request = user;
    return sky_store_write_dead(store, request->row, request->reason_code, error);
}

typedef struct {
    SkyStoreRequest *request;
    SkyStoreQueue *queue;
} Listing;

static gboolean queue_work(SkyStore *store, gpointer user, GError **error) {
    Listing *listing = user;
    listing->queue = sky_store_read_queue(store, listing->request->count, error);
    return listing->queue != NULL;
}

static void run_queue(SkyStore *store, SkyStoreRequest *request) {
    g_autoptr(GError) error = NULL;
    Listing listing = {.request = request};
    carry_out(store, queue_work, &listing, &error);
    request->queue(error, listing.queue, request->user);
}

/* Not done again in memory where the disk refuses: the person is told, and asks again. */
static void run_settle(SkyStore *store, SkyStoreRequest *request) {
    g_autoptr(GError) error = NULL;
    SkyStoreSettled *settled = sky_store_write_settled(store, request->settle, request->row, request->before_row, &error);
    if (!settled) store->failures++;
    sky_store_publish_numbers(store);
    request->settled(error, settled, request->user);
}

void sky_store_request_run(SkyStore *store, SkyStoreRequest *request) {
    switch (request->verb) {
    case SKY_STORE_COMMIT: run_commit(store, request); return; /* has published before it answered */
    case SKY_STORE_WAITING: case SKY_STORE_STATES: case SKY_STORE_LOG: run_fetch(store, request); break;
    case SKY_STORE_DELIVERED: run_delivered(store, request); break;
    case SKY_STORE_DEAD: carry_out(store, dead_work, request, NULL); break;
    case SKY_STORE_QUEUE: run_queue(store, request); break;
    case SKY_STORE_SETTLE: run_settle(store, request); return;
    }
    sky_store_publish_numbers(store);
}

/* A clock that nobody vouches for, or that has just been set, may stand a month ahead: by it all would go at once. */
static gboolean prune_work(SkyStore *store, gpointer user, GError **error) {
    int64_t before_utc_ns = sky_clock_tells_age() ? sky_clock_utc_ns() - store->log_age_max_ns : INT64_MIN;
    return sky_store_prune(store, before_utc_ns, user, error);
}

static gboolean last_utc_work(SkyStore *store, gpointer user, GError **error) {
    int64_t utc_ns = sky_clock_utc_ns();
    return sky_store_write_last_utc(store->database, utc_ns, error) &&
           (!sky_clock_tells_age() || sky_store_write_age_utc(store->database, utc_ns, error));
}

static void try_disk(SkyStore *store) {
    g_autoptr(GError) error = NULL;
    if (sky_store_return_to_disk(store, &error)) {
        sky_store_make_mark(store);
        sky_store_keep_ballast(store);
    } else {
        g_snprintf(store->trouble, sizeof store->trouble, "the disk refuses, kept in memory: %s", error->message);
    }
}

void sky_store_keep_house(SkyStore *store, int64_t now_ns) {
    gboolean busy = FALSE;
    if (now_ns >= store->acknowledged_by_ns) {
        write_delivered(store);
        busy = TRUE;
    }
    if (!store->database->file && now_ns >= store->disk_retry_ns) {
        try_disk(store);
        busy = TRUE;
    }
    if (now_ns >= store->tidy_ns) {
        gboolean more = FALSE;
        carry_out(store, prune_work, &more, NULL);
        if (now_ns >= store->last_utc_due_ns) {
            carry_out(store, last_utc_work, NULL, NULL);
            store->last_utc_due_ns = now_ns + LAST_UTC_NS;
        }
        store->tidy_ns = now_ns + (more ? SKY_NS_PER_S : TIDY_NS);
        if (store->salvage_waits && store->database->file) sky_store_salvage_aside(store, store->database, &store->salvage_waits);
        busy = TRUE;
    }
    if (now_ns >= store->ballast_retry_ns) {
        sky_store_keep_ballast(store);
        busy = TRUE;
    }
    if (busy) sky_store_publish_numbers(store);
}

int64_t sky_store_due_ns(const SkyStore *store) {
    int64_t due_ns = MIN(MIN(store->tidy_ns, store->ballast_retry_ns), store->acknowledged_by_ns);
    return store->database->file ? due_ns : MIN(due_ns, store->disk_retry_ns);
}

void sky_store_last_will(SkyStore *store) {
    write_delivered(store);
    carry_out(store, last_utc_work, NULL, NULL);
    if (!store->database->file) try_disk(store);
    /* A file without a WAL beside it: whoever copies it now has everything. */
    if (store->database->file) sky_database_execute(store->database, "PRAGMA wal_checkpoint(TRUNCATE)", NULL);
    if (store->database->file) sky_store_make_mark(store); /* also where one could not be written for a moment */
    sky_store_publish_numbers(store);
}

void sky_store_publish_numbers(SkyStore *store) {
    SkyStoreTally tally = {0};
    int64_t pages = 0;
    gboolean read = sky_store_read_tally(store, &tally, NULL) && sky_database_number(store->database, "PRAGMA page_count", 0, &pages, NULL);
    sky_lock_enter(&store->numbers_lock);
    SkyStoreNumbers *numbers = &store->numbers;
    numbers->durable = store->database->file;
    if (read) {
        uint64_t marked_soon = g_hash_table_size(store->acknowledged);
        numbers->undelivered = tally.waiting > marked_soon ? tally.waiting - marked_soon : 0;
        numbers->dead = tally.dead;
        numbers->bytes = (uint64_t)pages * 4096;
    }
    numbers->evicted = store->evicted;
    numbers->forgotten = store->forgotten;
    numbers->commits = store->commits;
    numbers->failures = store->failures;
    numbers->ballast_bytes = store->ballast ? store->ballast_bytes : 0;
    numbers->ballast_given_up = store->ballast_given_up;
    numbers->set_aside = store->set_aside;
    gboolean short_of_room = store->ballast_bytes > 0 && !store->ballast && !store->trouble[0];
    g_strlcpy(numbers->trouble, short_of_room ? "the disk is nearly full: no room to hold anything in reserve" : store->trouble,
              sizeof numbers->trouble);
    sky_lock_leave(&store->numbers_lock);
}
