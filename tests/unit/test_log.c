/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/log.h"

static void keep(SkyLogLevel level, const char *stage, const char *camera, const char *text, gpointer user) {
    g_ptr_array_add(user, g_strdup(text));
}

/* One message is one line, and nothing in it plays tricks on who reads it. */
static void test_one_line(void) {
    static const struct {
        const char *said, *line;
    } cases[] = {
        {"plain, 龙泉村 é 🙂", "plain, 龙泉村 é 🙂"},
        {"a\nb\r\n2026-11-26 error store: forged", "a\\nb\\x0d\\n2026-11-26 error store: forged"},
        {"\033[2J\tgone\177", "\\x1b[2J\\x09gone\\x7f"},
        {"C1 \xc2\x9b 31m", "C1 \\x9b 31m"},
        {"turned \u202e round\u2028", "turned \\u202e round\\u2028"},
        {"latin \xdf, cut \xe9\xbe", "latin \\xdf, cut \\xe9\\xbe"},
        {"long \xf4\x90\x80\x80 zero \xc0\x80", "long \\xf4\\x90\\x80\\x80 zero \\xc0\\x80"},
        {"", ""},
    };
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    sky_log_set_sink(keep, lines);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        sky_log(SKY_LOG_WARNING, "camera", "gate", "%s", cases[i].said);
        g_assert_cmpstr(lines->pdata[i], ==, cases[i].line);
    }
    sky_log_set_sink(NULL, NULL);
}

/* The text that counts what was held back goes the same way. */
static void test_limited(void) {
    SkyLogLimit limit = {0};
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    sky_log_set_sink(keep, lines);
    for (guint i = 0; i < SKY_LOG_LIMIT_BURST + 2; i++)
        sky_log_limited(&limit, SKY_LOG_WARNING, "camera", "gate", "%s", "a\nb");
    g_assert_cmpuint(lines->len, ==, SKY_LOG_LIMIT_BURST);
    limit.window_start_ns -= SKY_LOG_LIMIT_WINDOW_NS + 1;
    sky_log_limited(&limit, SKY_LOG_WARNING, "camera", "gate", "%s", "a\nb");
    g_assert_cmpstr(lines->pdata[SKY_LOG_LIMIT_BURST], ==, "a\\nb (2 like it held back)");
    sky_log_set_sink(NULL, NULL);
}

/* A state that may not be told now may be later, and asking is not counted as what was held back. */
static void test_state(void) {
    SkyLogLimit limit = {0};
    for (guint i = 0; i < SKY_LOG_LIMIT_BURST; i++)
        g_assert_true(sky_log_limit_take(&limit));
    for (guint i = 0; i < 1000; i++)
        g_assert_false(sky_log_limit_take(&limit));
    limit.window_start_ns -= SKY_LOG_LIMIT_WINDOW_NS + 1;
    g_assert_true(sky_log_limit_take(&limit));
    g_assert_cmpuint(limit.held_back, ==, 0);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/log/one_line", test_one_line);
    g_test_add_func("/log/limited", test_limited);
    g_test_add_func("/log/state", test_state);
    return g_test_run();
}
