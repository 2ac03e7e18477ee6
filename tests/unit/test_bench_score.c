/* SPDX-License-Identifier: Apache-2.0 */
/* The bench's judge: what it calls found, false, stuck, joined and late, on lists made by hand. */
#include "bench/bench_rival.h"
#include "bench/bench_score.h"

static const SceneTruth two[] = {{10, 20}, {40, 50}};

static Score judge(const Heard *events, unsigned count, const SceneTruth *truth, unsigned truths) {
    g_autoptr(GArray) heard = g_array_new(FALSE, FALSE, sizeof(Heard));
    g_array_append_vals(heard, events, count);
    Score score = score_new();
    score_scene(&score, heard, truth, truths, 1, "made", NULL);
    return score;
}

static void test_found(void) {
    Score score = judge((Heard[]){{10.5, 20.5, 11}, {40.25, 50, 40.75}}, 2, two, 2);
    g_assert_cmpuint(score.real, ==, 2);
    g_assert_cmpuint(score.found, ==, 2);
    g_assert_cmpuint(score.pieces, ==, 2);
    g_assert_cmpuint(score.wrong, ==, 0);
    g_assert_cmpuint(score.joins, ==, 0);
    g_assert_cmpfloat(score.stuck_s, ==, 0);
    g_assert_cmpfloat(score_found_share(&score), ==, 1);
    g_assert_cmpfloat(score_latency(&score, 0), ==, 0.75);
    g_assert_cmpfloat(score_latency(&score, 1), ==, 1);
    score_clear(&score);
}

/* A second beside what is real is not false, but finds nothing either; farther away it is false. */
static void test_edges_of_the_truth(void) {
    Score near = judge((Heard[]){{8, 9.5, 8.5}, {20.5, 23, 21}}, 2, two, 2);
    g_assert_cmpuint(near.found, ==, 0);
    g_assert_cmpuint(near.wrong, ==, 0);
    score_clear(&near);
    Score far = judge((Heard[]){{5, 9, 5.5}, {21.5, 23, 22}}, 2, two, 2);
    g_assert_cmpuint(far.found, ==, 0);
    g_assert_cmpuint(far.wrong, ==, 2);
    score_clear(&far);
    Score touch = judge((Heard[]){{8, 10.25, 8.5}, {38, 40.125, 39}}, 2, two, 2); /* 0.2 s of overlap are enough, less is not */
    g_assert_cmpuint(touch.found, ==, 1);
    g_assert_cmpfloat(score_latency(&touch, 1), ==, 0); /* told before it was there: not early, but not late */
    score_clear(&touch);
}

static void test_false_and_missed(void) {
    g_autoptr(GArray) heard = g_array_new(FALSE, FALSE, sizeof(Heard));
    g_array_append_val(heard, ((Heard){28, 30, 29}));
    g_autoptr(GString) report = g_string_new(NULL);
    Score score = score_new();
    score_scene(&score, heard, two, 2, 0.5, "made", report);
    g_assert_cmpuint(score.wrong, ==, 1);
    g_assert_cmpuint(score.found, ==, 0);
    g_assert_cmpfloat(score.stuck_s, ==, 2);
    g_assert_cmpfloat(score_false_per_day(&score), ==, 48); /* one in half an hour */
    g_assert_cmpfloat(score_found_share(&score), ==, 0);
    g_assert_cmpfloat(score_latency(&score, 0.5), ==, 0);
    g_assert_cmpstr(report->str, ==, "  made: false 28.00 to 30.00 s, detected 29.00\n  made: missed 10.00 to 20.00 s\n"
                                     "  made: missed 40.00 to 50.00 s\n");
    score_clear(&score);
}

/* Stuck is what lies outside of everything real, 0.3 s before it and 1 s behind it granted. */
static void test_stuck(void) {
    Score score = judge((Heard[]){{10, 25, 10.5}}, 1, two, 2);
    g_assert_cmpfloat_with_epsilon(score.stuck_s, 4, 1e-9);
    score_clear(&score);
    score = judge((Heard[]){{9, 21, 9.5}}, 1, two, 2);
    g_assert_cmpfloat_with_epsilon(score.stuck_s, 0.7, 1e-9);
    score_clear(&score);
    static const SceneTruth lapped[] = {{10, 20}, {15, 30}}; /* what two share counts once */
    score = judge((Heard[]){{10, 33, 10.5}}, 1, lapped, 2);
    g_assert_cmpfloat_with_epsilon(score.stuck_s, 2, 1e-9);
    score_clear(&score);
}

/* One event for two that came far apart is a join; over a short gap it is not. */
static void test_joins(void) {
    Score score = judge((Heard[]){{10.5, 50, 11}}, 1, two, 2);
    g_assert_cmpuint(score.joins, ==, 1);
    g_assert_cmpuint(score.found, ==, 2);
    g_assert_cmpfloat_with_epsilon(score.stuck_s, 40 - 0.3 - 21, 1e-9);
    score_clear(&score);
    static const SceneTruth close[] = {{10, 20}, {22.25, 30}}, apart[] = {{10, 20}, {22.5, 30}};
    score = judge((Heard[]){{10.5, 30, 11}}, 1, close, 2);
    g_assert_cmpuint(score.joins, ==, 0);
    score_clear(&score);
    score = judge((Heard[]){{10.5, 30, 11}}, 1, apart, 2);
    g_assert_cmpuint(score.joins, ==, 1);
    score_clear(&score);
}

static void test_pieces(void) {
    Score score = judge((Heard[]){{10.5, 12, 11}, {13, 14, 13.5}, {16, 20, 17}}, 3, two, 2);
    g_assert_cmpuint(score.found, ==, 1);
    g_assert_cmpuint(score.pieces, ==, 3);
    g_assert_cmpfloat(score_latency(&score, 1), ==, 1); /* of the first */
    score_clear(&score);
}

static void test_late_is_said(void) {
    g_autoptr(GArray) heard = g_array_new(FALSE, FALSE, sizeof(Heard));
    g_array_append_val(heard, ((Heard){10.5, 20, 12}));
    g_array_append_val(heard, ((Heard){41, 50, 43.5}));
    g_autoptr(GString) report = g_string_new(NULL);
    Score score = score_new();
    score_scene(&score, heard, two, 2, 1, "made", report);
    g_assert_cmpstr(report->str, ==, "  made: late 40.00 to 50.00 s, by 3.50 s\n");
    score_clear(&score);
}

static void test_sums(void) {
    Score total = score_new(), none = score_new();
    Score one = judge((Heard[]){{10.5, 20, 12}}, 1, two, 1), other = judge((Heard[]){{40, 50, 40.5}, {60, 61, 61}}, 2, two + 1, 1);
    score_add(&total, &one);
    score_add(&total, &other);
    g_assert_cmpuint(total.real, ==, 2);
    g_assert_cmpuint(total.found, ==, 2);
    g_assert_cmpuint(total.wrong, ==, 1);
    g_assert_cmpfloat(score_false_per_day(&total), ==, 12); /* one in two hours */
    g_assert_cmpfloat(score_latency(&total, 0), ==, 0.5);
    g_assert_cmpfloat(score_latency(&total, 1), ==, 2);
    g_assert_cmpfloat(score_found_share(&none), ==, 1);
    g_assert_cmpfloat(score_false_per_day(&none), ==, 0);
    score_clear(&total);
    score_clear(&none);
    score_clear(&one);
    score_clear(&other);
}

/* What answers is kept, in its order; what fails, or is no program, goes. */
static void test_absent_rivals(void) {
    char *commands[] = {g_strdup("/nonexistent/rival knn"), g_strdup("cat"), g_strdup("sh -c 'exit 1'"), g_strdup("sort -n"), NULL};
    rivals_leave_out_absent(commands);
    g_assert_cmpstr(commands[0], ==, "cat");
    g_assert_cmpstr(commands[1], ==, "sort -n");
    g_assert_null(commands[2]);
    g_free(commands[0]);
    g_free(commands[1]);
}

static void test_rival_speaks(void) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) heard = g_array_new(FALSE, FALSE, sizeof(Heard));
    const char said[] = "1 2.5 1.5\n7 9 8\n";
    Rival *rival = rival_start("cat", &error);
    g_assert_no_error(error);
    rival_show(rival, (const uint8_t *)said, sizeof said - 1);
    g_assert_true(rival_finish(rival, heard));
    g_assert_cmpuint(heard->len, ==, 2);
    g_assert_cmpfloat(g_array_index(heard, Heard, 0).end_s, ==, 2.5);
    g_assert_cmpfloat(g_array_index(heard, Heard, 1).detected_s, ==, 8);
    double ms = -1;
    rival = rival_start("sh -c 'cat >&2; echo 0.75'", &error);
    g_assert_true(rival_finish_timed(rival, &ms));
    g_assert_cmpfloat(ms, ==, 0.75);
    g_assert_false(rival_finish_timed(rival_start("sh -c 'echo 0.5; exit 3'", &error), &ms)); /* its word is not taken */
    g_assert_false(rival_finish_timed(rival_start("true", &error), &ms));
    g_assert_cmpfloat(ms, ==, 0.75);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/bench_score/found", test_found);
    g_test_add_func("/bench_score/edges", test_edges_of_the_truth);
    g_test_add_func("/bench_score/false-and-missed", test_false_and_missed);
    g_test_add_func("/bench_score/stuck", test_stuck);
    g_test_add_func("/bench_score/joins", test_joins);
    g_test_add_func("/bench_score/pieces", test_pieces);
    g_test_add_func("/bench_score/late", test_late_is_said);
    g_test_add_func("/bench_score/sums", test_sums);
    g_test_add_func("/bench_rival/absent", test_absent_rivals);
    g_test_add_func("/bench_rival/speaks", test_rival_speaks);
    return g_test_run();
}
