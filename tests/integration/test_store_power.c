/* SPDX-License-Identifier: Apache-2.0 */
/* The store against power cuts: at every operation on the disk, with what was not synced lost, kept, torn and out of order.
 * SKYNET_POWER_SEEDS=N tries N ways to tear at each point and N long histories; SKYNET_POWER_SEED=S begins with that one. */
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/store_history.h"

#define TRIES 3        /* ways to tear at each point of the life of an alert */
#define HISTORIES 24
#define CUTS 12        /* in each long history */

static guint number_of(const char *name, guint otherwise) {
    const char *text = g_getenv(name);
    return text ? (guint)g_ascii_strtoull(text, NULL, 10) : otherwise;
}

/* The tables as they are between two syncs of the log: what a cut leaves has to be the one or the other. */
typedef struct {
    guint at; /* before this operation; G_MAXUINT: unknown */
    char *digest;
} Boundary;

typedef struct {
    StoreHistory *history;
    char *directory, *path;
    PowerCut *cut, *whole;
    Boundary before, after;
    gboolean blind; /* without syncs there are no boundaries: only what was promised counts */
    guint cuts, compared, wrong;
    char *first_wrong;
} Sweep;

static void sweep_init(Sweep *sweep, StoreHistory *history) {
    *sweep = (Sweep){.history = history, .directory = g_dir_make_tmp("sky-power-XXXXXX", NULL),
                     .cut = power_cut_new(history->trace), .whole = power_cut_new(history->trace), .before.at = G_MAXUINT,
                     .after.at = G_MAXUINT};
    sweep->path = g_build_filename(sweep->directory, "skynetd.db", NULL);
}

static void sweep_clear(Sweep *sweep) {
    power_disk_empty(sweep->directory);
    g_rmdir(sweep->directory);
    power_cut_free(sweep->cut);
    power_cut_free(sweep->whole);
    g_free(sweep->before.digest);
    g_free(sweep->after.digest);
    g_free(sweep->directory);
    g_free(sweep->path);
    g_free(sweep->first_wrong);
}

static void read_boundary(Sweep *sweep, guint at, Boundary *boundary) {
    g_autofree char *wrong = NULL;
    power_cut_advance(sweep->whole, at);
    power_cut_lay_out(sweep->whole, POWER_KEEP, 0, sweep->directory);
    g_free(boundary->digest);
    *boundary = (Boundary){.at = at, .digest = store_history_digest(sweep->path, &wrong)};
}

/* n never runs backwards. */
static void find_boundaries(Sweep *sweep, guint n) {
    PowerTrace *trace = sweep->history->trace;
    guint before = n, after = n, length = power_trace_length(trace);
    while (before > 0 && !power_trace_syncs(trace, "-wal", before - 1, before)) before--;
    while (after < length && !power_trace_syncs(trace, "-wal", after, after + 1)) after++;
    if (sweep->before.at == before) return;
    if (sweep->after.at == before) {
        g_free(sweep->before.digest);
        sweep->before = sweep->after;
        sweep->after.digest = NULL;
    } else {
        read_boundary(sweep, before, &sweep->before);
    }
    read_boundary(sweep, MIN(after + 1, length), &sweep->after);
}

static char *check_tables(Sweep *sweep) {
    char *wrong = NULL;
    g_autofree char *digest = store_history_digest(sweep->path, &wrong);
    if (!digest || !sweep->before.digest || !sweep->after.digest) return wrong;
    sweep->compared++;
    if (!strcmp(digest, sweep->before.digest) || !strcmp(digest, sweep->after.digest)) return NULL;
    return g_strdup("the tables are neither as before nor as after the commit under way");
}

/* Half of the time what a writer mapped and nobody synced is whatever the blocks held before. */
static void spoil_shm(const Sweep *sweep, guint32 seed) {
    g_autofree char *path = g_strconcat(sweep->path, "-shm", NULL);
    if (seed % 2 == 0 || !g_file_test(path, G_FILE_TEST_EXISTS)) return;
    g_autofree char *garbage = g_strnfill(32768, (char)('A' + seed % 26));
    g_assert_true(g_file_set_contents_full(path, garbage, 32768, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void cut_once(Sweep *sweep, guint n, PowerFate fate, guint32 seed) {
    if (n >= sweep->history->opened && !sweep->blind) find_boundaries(sweep, n);
    power_cut_advance(sweep->cut, n);
    power_cut_lay_out(sweep->cut, fate, seed, sweep->directory);
    spoil_shm(sweep, seed);
    sweep->cuts++;
    g_autofree char *wrong = store_history_check(sweep->history, n, sweep->directory);
    if (!wrong) wrong = check_tables(sweep);
    if (!wrong || sweep->wrong++) return;
    g_autofree char *before = power_trace_say(sweep->history->trace, n);
    sweep->first_wrong = g_strdup_printf("before operation %u (%s), %s, seed %u: %s", n, before, power_fate_name(fate), seed,
                                         wrong);
}

static void cut_every_way(Sweep *sweep, guint n, guint tries) {
    cut_once(sweep, n, POWER_DROP, 0);
    cut_once(sweep, n, POWER_KEEP, 0);
    for (guint i = 0; i < tries; i++) {
        guint32 seed = number_of("SKYNET_POWER_SEED", 1) + i + 1000 * n;
        cut_once(sweep, n, i % 3 == 2 ? POWER_STALE : POWER_SCATTER, seed);
    }
}

static void say(const Sweep *sweep, const char *what) {
    g_test_message("%s: %u operations, %u cuts, %u wrong%s%s", what, power_trace_length(sweep->history->trace), sweep->cuts,
                   sweep->wrong, sweep->first_wrong ? ", first " : "", sweep->first_wrong ? sweep->first_wrong : "");
}

/* From the first start to the last PUBACK, the stop, and once more: raised with a picture, evidence, the end of the event,
 * acknowledged, resolved; three audiences, and another alert beside it. */
static void live(StoreHistory *history) {
    static const HistoryCommit life[] = {
        {"a1", 1, TRUE, 3, NULL, "e1", FALSE, 20000}, {"a1", 2, TRUE, 3}, {"a2", 1, TRUE, 1, NULL, "e2"},
        {"a1", 3, TRUE, 3, NULL, "e1", TRUE},         {"a1", 4, TRUE, 3, "r1"}, {"a1", 5, FALSE, 3, "r2"},
    };
    store_history_open(history);
    for (guint i = 0; i < G_N_ELEMENTS(life); i++) {
        store_history_commit(history, &life[i]);
        store_history_deliver(history, i == 1 ? 3 : 5);
        if (i == 3) store_history_connect(history);
    }
    store_history_deliver(history, 100);
    store_history_connect(history);
    store_history_close(history);
    store_history_open(history);
    store_history_commit(history, &(HistoryCommit){"a2", 2, FALSE, 2, "r3", "e2", TRUE});
    store_history_deliver(history, 100);
    store_history_close(history);
    power_disk_stop();
}

static void test_life(void) {
    StoreHistory history;
    Sweep sweep;
    store_history_init(&history);
    live(&history);
    sweep_init(&sweep, &history);
    for (guint n = 0; n <= power_trace_length(history.trace); n++) cut_every_way(&sweep, n, number_of("SKYNET_POWER_SEEDS", TRIES));
    say(&sweep, "life");
    g_assert_cmpstr(sweep.first_wrong, ==, NULL);
    g_assert_cmpuint(sweep.compared, >, sweep.cuts / 2); /* the rest is before the store was open */
    sweep_clear(&sweep);
    store_history_clear(&history);
}

/* The same sweep sees: with the syncs of the log, of the database, of the folder or of all of them only answered, as
 * synchronous=OFF would have it, it finds what is lost. */
static void test_sees(void) {
    static const char *const forgotten[] = {"", "-wal", ".db", "/"};
    StoreHistory history;
    store_history_init(&history);
    live(&history);
    PowerTrace *honest = history.trace;
    for (gsize i = 0; i < G_N_ELEMENTS(forgotten); i++) {
        Sweep sweep;
        history.trace = power_trace_copy(honest, power_trace_length(honest));
        power_trace_forget_syncs(history.trace, forgotten[i]);
        sweep_init(&sweep, &history);
        sweep.blind = TRUE;
        for (guint n = history.opened; n <= power_trace_length(history.trace); n += 4) cut_once(&sweep, n, POWER_DROP, 0);
        g_autofree char *what = g_strdup_printf("without the syncs of \"%s\"", forgotten[i]);
        say(&sweep, what);
        g_assert_cmpuint(sweep.wrong, >, 0);
        sweep_clear(&sweep);
        power_trace_free(history.trace);
    }
    history.trace = honest;
    store_history_clear(&history);
}

/* ---- a kill, and then the power ---- */

/* The machine lives on, so the next process reads what nobody has synced. What it shows to the world has to last as well. */
static guint kill_then_cut(const StoreHistory *history, guint killed) {
    StoreHistory next;
    Sweep sweep;
    store_history_resume(&next, history, killed);
    store_history_deliver(&next, 2);
    guint shown = power_trace_length(next.trace);
    store_history_connect(&next);
    store_history_commit(&next, &(HistoryCommit){"a3", 1, TRUE, 3, "r9"});
    power_disk_stop();
    sweep_init(&sweep, &next);
    guint end = power_trace_length(next.trace), step = MAX((end - killed) / 6, 1);
    for (guint n = killed; n <= end; n += n < shown && n + step > shown ? shown - n : step) {
        cut_once(&sweep, n, POWER_DROP, 0);
        cut_once(&sweep, n, POWER_SCATTER, n);
    }
    if (sweep.first_wrong) g_test_message("killed before operation %u", killed);
    g_assert_cmpstr(sweep.first_wrong, ==, NULL);
    guint cuts = sweep.cuts;
    sweep_clear(&sweep);
    store_history_clear(&next);
    return cuts;
}

static void test_kill_then_cut(void) {
    StoreHistory history;
    store_history_init(&history);
    live(&history);
    guint length = power_trace_length(history.trace), cuts = 0, kills = 0;
    for (guint n = history.opened; n < length; n += 1 + length / number_of("SKYNET_POWER_KILLS", 40), kills++) {
        cuts += kill_then_cut(&history, n);
    }
    g_test_message("%u kills, %u cuts after them", kills, cuts);
    store_history_clear(&history);
}

/* The first thing ever stored, of which no audience is told: nothing else at the next start brings a sync with it. */
static void test_kill_early(void) {
    StoreHistory history;
    store_history_init(&history);
    store_history_open(&history);
    store_history_commit(&history, &(HistoryCommit){"a1", 1, TRUE, 0, NULL, "e1"});
    power_disk_stop();
    for (guint n = history.opened; n <= power_trace_length(history.trace); n++) kill_then_cut(&history, n);
    store_history_clear(&history);
}

/* ---- long histories ---- */

/* Some hundred commits, a bound that makes gaps, marks, pruning, stops and starts, as the seed has it. */
static void live_long(StoreHistory *history, GRand *rand) {
    guint revs[6] = {0};
    history->params.rows_max = 120;
    history->params.log_age_max_ns = g_rand_boolean(rand) ? 0 : history->params.log_age_max_ns;
    history->bounded = TRUE;
    store_history_open(history);
    for (guint i = 0, commits = (guint)g_rand_int_range(rand, 150, 400); i < commits; i++) {
        guint a = (guint)g_rand_int_range(rand, 0, G_N_ELEMENTS(revs));
        g_autofree char *alert = g_strdup_printf("a%u-%u", a, revs[a] / 5);
        g_autofree char *request = g_strdup_printf("r%u", i);
        store_history_commit(history, &(HistoryCommit){alert, revs[a] % 5 + 1, revs[a] % 5 < 4, (guint)g_rand_int_range(rand, 1, 4),
                                                       g_rand_boolean(rand) ? request : NULL, revs[a] % 5 == 0 ? alert : NULL,
                                                       FALSE,
                                                       g_rand_int_range(rand, 0, 8) ? 0 : 30000});
        revs[a]++;
        switch (g_rand_int_range(rand, 0, 40)) {
        case 0: store_history_connect(history); break;
        case 1: sky_store_keep_house(history->store, sky_clock_monotonic_ns() + 100 * SKY_NS_PER_S); break; /* prunes */
        case 2: store_history_close(history); store_history_open(history); break;
        case 3: g_clear_pointer(&history->store, sky_store_free); store_history_open(history); break; /* SQLite's own end */
        default: store_history_deliver(history, (guint)g_rand_int_range(rand, 0, 9)); break;
        }
    }
    store_history_close(history);
    power_disk_stop();
}

static int compare_numbers(gconstpointer a, gconstpointer b) {
    return (int)*(const guint *)a - (int)*(const guint *)b;
}

static guint cut_history(guint32 seed) {
    GRand *rand = g_rand_new_with_seed(seed);
    StoreHistory history;
    Sweep sweep;
    store_history_init(&history);
    live_long(&history, rand);
    sweep_init(&sweep, &history);
    guint cuts[CUTS], length = power_trace_length(history.trace);
    for (guint i = 0; i < CUTS; i++) { /* half of them in a checkpoint or what comes of one */
        cuts[i] = (guint)g_rand_int_range(rand, (gint32)history.opened, (gint32)length + 1);
        guint checkpoint = i % 2 ? power_trace_find(history.trace, ".db", cuts[i]) : G_MAXUINT;
        guint later = (guint)g_rand_int_range(rand, 0, 400); /* drawn once: MIN looks twice */
        if (checkpoint != G_MAXUINT) cuts[i] = MIN(checkpoint + later, length);
    }
    qsort(cuts, CUTS, sizeof *cuts, compare_numbers);
    for (guint i = 0; i < CUTS; i++) {
        cut_once(&sweep, cuts[i], POWER_DROP, 0);
        cut_once(&sweep, cuts[i], i % 3 == 2 ? POWER_STALE : POWER_SCATTER, g_rand_int(rand));
    }
    g_autofree char *what = g_strdup_printf("history %u, %u checkpoints", seed, power_trace_syncs(history.trace, ".db", 0, length));
    say(&sweep, what);
    g_assert_cmpstr(sweep.first_wrong, ==, NULL);
    guint tried = sweep.cuts;
    sweep_clear(&sweep);
    store_history_clear(&history);
    g_rand_free(rand);
    return tried;
}

/* A seed that finds something is named in its line and comes again by SKYNET_POWER_SEED. */
static void test_histories(void) {
    guint first = number_of("SKYNET_POWER_SEED", 1), count = number_of("SKYNET_POWER_SEEDS", HISTORIES), cuts = 0;
    for (guint32 seed = first; seed < first + count; seed++) cuts += cut_history(seed);
    g_test_message("%u histories, %u cuts", count, cuts);
}

/* ---- what it costs ---- */

/* eMMC takes 5 to 20 ms for a sync. A commit is one, of the log; so are 64 acknowledgements. What a checkpoint adds, after each
 * 1,000 pages of log: the log once more, the database, and the head of the log when it begins anew: three. */
static void test_syncs(void) {
    enum { REVISIONS = 1000 };
    StoreHistory history;
    store_history_init(&history);
    store_history_open(&history);
    guint marks = 0, checkpoints_before = power_trace_syncs(history.trace, ".db", 0, history.opened), most = 0;
    for (guint i = 0; i < REVISIONS; i++) {
        guint from = power_trace_length(history.trace);
        store_history_commit(&history, &(HistoryCommit){"a1", i + 1, TRUE, 3});
        guint end = power_trace_length(history.trace);
        gboolean checkpoint = power_trace_syncs(history.trace, ".db", from, end) > 0;
        guint syncs = power_trace_syncs(history.trace, "", from, end);
        most = MAX(most, syncs);
        g_assert_cmpuint(syncs, <=, checkpoint ? 3 : 2); /* 2: the first after a checkpoint writes the head of the log */
        for (guint k = 0; k < 6; k++, end = power_trace_length(history.trace)) {
            store_history_deliver(&history, 1);
            marks += power_trace_syncs(history.trace, "-wal", end, power_trace_length(history.trace)) > 0;
        }
    }
    guint length = power_trace_length(history.trace), syncs = power_trace_syncs(history.trace, "", history.opened, length);
    guint checkpoints = power_trace_syncs(history.trace, ".db", 0, length) - checkpoints_before;
    g_test_message("%u revisions, %u acknowledgements: %u syncs, of them %u for marks and at most %u for each of %u checkpoints; "
                   "at most %u in one commit", REVISIONS, history.rows->len, syncs, marks, 3, checkpoints, most);
    g_assert_cmpuint(history.rows->len, ==, 6 * REVISIONS);
    g_assert_cmpuint(marks, <=, history.rows->len / 64);
    g_assert_cmpuint(checkpoints, <=, REVISIONS / 20); /* of 1,000 pages each: a revision for three audiences writes about 20 */
    g_assert_cmpuint(syncs, <=, REVISIONS + marks + 3 * checkpoints);
    store_history_clear(&history);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-power/syncs", test_syncs);
    g_test_add_func("/store-power/life", test_life);
    g_test_add_func("/store-power/sees", test_sees);
    g_test_add_func("/store-power/kill-then-cut", test_kill_then_cut);
    g_test_add_func("/store-power/kill-early", test_kill_early);
    g_test_add_func("/store-power/histories", test_histories);
    return g_test_run();
}
