/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "daemon/ctl/json_line.h"

static void expect_bytes(const char *payload, gsize bytes, const char *wanted) {
    g_autoptr(GString) line = g_string_new("[");
    g_autofree char *copy = g_memdup2(payload, bytes); /* without a NUL behind it: a read too far is seen under a sanitizer */
    sky_ctl_json_payload(line, copy, bytes);
    g_autofree char *whole = g_strconcat("[", wanted, NULL);
    g_assert_cmpstr(line->str, ==, whole);
}

static void expect(const char *payload, const char *wanted) {
    expect_bytes(payload, strlen(payload), wanted);
}

static void test_as_it_is(void) {
    static const char *const good[] = {
        "{}", "[]", "0", "-0.5e+10", "1E-3", "0.96689999999999998", "true", "false", "null", "\"\"", "\"东门\\u4e1c\\n\\\"\\/\"",
        "{\"a\":[1,{\"b\":null}],\"c\":\"\"}", "[[[1],2],3]", "{\"a\":1,\"a\":2}",
    };
    for (guint i = 0; i < G_N_ELEMENTS(good); i++)
        expect(good[i], good[i]);
}

static void test_one_line(void) {
    expect("{\r\n  \"a b\" : [ 1 ,\t2 ],\n  \"c\" : {  }\n}\n", "{\"a b\":[1,2],\"c\":{}}");
    expect("  [ ]  ", "[]");
}

static void test_nothing(void) {
    expect("", "null");
}

/* What a strict reader would choke on becomes a text, never a broken line. */
static void test_not_json(void) {
    static const char *const bad[] = {
        "online", "{", "}", "[1", "[1,]", "[,1]", "{\"a\":1,}", "{\"a\"}", "{a:1}", "{'a':1}", "{\"a\":1}x", "{} {}",
        "01", "-", "1.", ".5", "+1", "1e", "0x1", "NaN", "tru", "truex", "// {}", "[1 2]", "{\"a\" 1}", "[1,,2]", " ", "-a", "1e+",
    };
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *escaped = g_strescape(bad[i], NULL);
        g_autofree char *quoted = g_strdup_printf("\"%s\"", escaped);
        expect(bad[i], quoted);
    }
    expect("\"a", "\"\\\"a\"");
    expect("\"\\x\"", "\"\\\"\\\\x\\\"\"");
    expect("\"\\u12g4\"", "\"\\\"\\\\u12g4\\\"\"");
    expect("\"\\", "\"\\\"\\\\\"");
    expect("\"\\u12", "\"\\\"\\\\u12\"");
    expect("\"a\nb\"", "\"\\\"a\\nb\\\"\"");
    expect("\"\x1b[2J\"", "\"\\\"\\u001b[2J\\\"\"");
}

static void test_bytes(void) {
    expect("\xff\xd8\xff", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
    expect_bytes("{}\0{}", 5, "\"{}\"");
}

static void test_depth(void) {
    g_autoptr(GString) deep = g_string_new(NULL);
    for (int i = 0; i < 32; i++)
        g_string_append_c(deep, '[');
    for (int i = 0; i < 32; i++)
        g_string_append_c(deep, ']');
    expect(deep->str, deep->str);
    g_string_prepend_c(deep, '[');
    g_string_append_c(deep, ']');
    g_autofree char *quoted = g_strdup_printf("\"%s\"", deep->str);
    expect(deep->str, quoted);
    g_autofree char *hostile = g_strnfill(1000000, '[');
    g_autofree char *text = g_strdup_printf("\"%s\"", hostile);
    expect(hostile, text);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ctl_json_line/as-it-is", test_as_it_is);
    g_test_add_func("/ctl_json_line/one-line", test_one_line);
    g_test_add_func("/ctl_json_line/nothing", test_nothing);
    g_test_add_func("/ctl_json_line/not-json", test_not_json);
    g_test_add_func("/ctl_json_line/bytes", test_bytes);
    g_test_add_func("/ctl_json_line/depth", test_depth);
    return g_test_run();
}
