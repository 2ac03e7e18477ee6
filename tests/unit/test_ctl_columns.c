/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "daemon/ctl/columns.h"

static char *text_of(guint columns, const char *const *cells) {
    g_auto(SkyColumns) table;
    sky_columns_init(&table, columns);
    for (; *cells; cells++)
        sky_columns_add(&table, *cells);
    return sky_columns_text(&table, "> ");
}

static void test_plain(void) {
    static const char *const cells[] = {"id", "state", "why", "gate", "ok", "", "yard-2", "offline", "no route", NULL};
    g_autofree char *text = text_of(3, cells);
    g_assert_cmpstr(text, ==,
                    "> id      state    why\n"
                    "> gate    ok\n"
                    "> yard-2  offline  no route\n");
}

/* 东门 is two characters, six bytes, four cells. */
static void test_chinese(void) {
    g_autofree char *text = text_of(2, (const char *const[]){"东门", "a", "ab", "b", "村口A", "c", NULL});
    g_assert_cmpstr(text, ==,
                    "> 东门   a\n"
                    "> ab     b\n"
                    "> 村口A  c\n");
}

/* A combining accent takes no cell; fullwidth letters and Korean take two. */
static void test_other_widths(void) {
    g_autofree char *text = text_of(2, (const char *const[]){"e\xCC\x81", "a", "Ａ한", "b", NULL});
    g_assert_cmpstr(text, ==, "> e\xCC\x81     a\n> Ａ한  b\n");
}

static void test_empty(void) {
    g_autofree char *none = text_of(4, (const char *const[]){NULL});
    g_assert_cmpstr(none, ==, "");
    g_auto(SkyColumns) table;
    sky_columns_init(&table, 2);
    sky_columns_add(&table, NULL);
    sky_columns_add(&table, NULL);
    g_autofree char *blank = sky_columns_text(&table, "  ");
    g_assert_cmpstr(blank, ==, "\n");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ctl_columns/plain", test_plain);
    g_test_add_func("/ctl_columns/chinese", test_chinese);
    g_test_add_func("/ctl_columns/other-widths", test_other_widths);
    g_test_add_func("/ctl_columns/empty", test_empty);
    return g_test_run();
}
