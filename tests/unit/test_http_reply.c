/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "source/http_reply.h"

#define HEAD "HTTP/1.1 200 OK\r\nWWW-Authenticate: a\r\nwww-AUTHENTICATE:  b \r\n"

static SkyHttpState state_of(const char *text) {
    g_autoptr(GString) got = g_string_new(text);
    return sky_http_reply_state(got, 8);
}

static void test_states(void) {
    g_assert_cmpint(state_of(""), ==, SKY_HTTP_MORE);
    g_assert_cmpint(state_of(HEAD "Content-Length: 3\r\n\r"), ==, SKY_HTTP_MORE);
    g_assert_cmpint(state_of(HEAD "Content-Length: 3\r\n\r\nab"), ==, SKY_HTTP_MORE);
    g_assert_cmpint(state_of(HEAD "Content-Length: 3\r\n\r\nabc"), ==, SKY_HTTP_WHOLE);
    g_assert_cmpint(state_of(HEAD "Content-Length: 3\r\n\r\nabc and more than is taken"), ==, SKY_HTTP_WHOLE);
    g_assert_cmpint(state_of(HEAD "Content-Length: 9\r\n\r\n"), ==, SKY_HTTP_TOO_LARGE);
    g_assert_cmpint(state_of(HEAD "Content-Length: 18446744073709551616\r\n\r\n"), ==, SKY_HTTP_TOO_LARGE);
    g_assert_cmpint(state_of(HEAD "Content-Length: -1\r\n\r\n"), ==, SKY_HTTP_TOO_LARGE);
    g_assert_cmpint(state_of(HEAD "\r\n12345678"), ==, SKY_HTTP_UNBOUNDED);
    g_assert_cmpint(state_of(HEAD "\r\n123456789"), ==, SKY_HTTP_TOO_LARGE);
    g_autofree char *endless = g_strnfill(SKY_HTTP_HEAD_BYTES_MAX + 1, 'x');
    g_assert_cmpint(state_of(endless), ==, SKY_HTTP_TOO_LARGE);
}

#define CHUNKED "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: Chunked\r\n\r\n"

static void test_chunks(void) {
    static const struct {
        const char *text;
        SkyHttpState state;
    } cases[] = {{"", SKY_HTTP_MORE},
                 {"2", SKY_HTTP_MORE},
                 {"2\r\nab", SKY_HTTP_MORE},
                 {"2\r\nab\r\n0\r\n", SKY_HTTP_WHOLE},
                 {"0;x=y\r\nX: y\r\n\r\n", SKY_HTTP_WHOLE},
                 {"\r\n", SKY_HTTP_UNKNOWN},
                 {"-1\r\n", SKY_HTTP_UNKNOWN},
                 {"2z\r\nab\r\n", SKY_HTTP_UNKNOWN},
                 {"2\r\nabc\r\n", SKY_HTTP_UNKNOWN},
                 {"ffffffffffffffffff\r\nab\r\n", SKY_HTTP_MORE},
                 {"9\r\n12345678901234567890123456789012", SKY_HTTP_TOO_LARGE}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) got = g_string_new(CHUNKED);
        g_string_append(got, cases[i].text);
        g_assert_cmpint(sky_http_reply_state(got, 32), ==, cases[i].state);
    }
    g_autoptr(GString) endless = g_string_new(CHUNKED "1;");
    for (guint i = 0; i < 300; i++)
        g_string_append_c(endless, 'x');
    g_assert_cmpint(sky_http_reply_state(endless, 4096), ==, SKY_HTTP_UNKNOWN);
    g_assert_cmpint(state_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"), ==, SKY_HTTP_UNKNOWN);
    static const char whole[] = CHUNKED "4 \r\na\0\r\n\r\nA;x\r\n0123456789\r\n0\r\nlater";
    g_autoptr(GString) got = g_string_new_len(whole, sizeof whole - 1);
    g_assert_cmpint(sky_http_reply_state(got, 64), ==, SKY_HTTP_WHOLE);
    g_autoptr(GBytes) body = sky_http_reply_body(got);
    g_assert_cmpmem(g_bytes_get_data(body, NULL), g_bytes_get_size(body), "a\0\r\n0123456789", 14);
}

static void test_parts(void) {
    g_autoptr(GString) got = g_string_new(HEAD "Content-Length: 3\r\n\r\nabcd\nwww-authenticate: c");
    g_autofree char *first = sky_http_reply_field(got, "www-authenticate", 0), *second = sky_http_reply_field(got, "www-authenticate", 1);
    g_assert_cmpstr(first, ==, "a");
    g_assert_cmpstr(second, ==, "b");
    g_assert_null(sky_http_reply_field(got, "www-authenticate", 2));
    g_assert_null(sky_http_reply_field(got, "authenticate", 0));
    g_autoptr(GBytes) body = sky_http_reply_body(got);
    g_assert_cmpmem(g_bytes_get_data(body, NULL), g_bytes_get_size(body), "abc", 3);
}

static void test_status(void) {
    static const struct {
        const char *text;
        int status;
    } cases[] = {{"HTTP/1.1 401 X\r\n", 401}, {"HTTP/1.0 200\r\n", 200}, {"HTTP/1.1 42 X\r\n", 0}, {"HTTP/1.1 -20 X\r\n", 0},
                 {"HTTP/2 200\r\n", 0},       {"SSH-2.0-x\r\n", 0},      {"", 0}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) got = g_string_new(cases[i].text);
        g_assert_cmpint(sky_http_reply_status(got), ==, cases[i].status);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http_reply/states", test_states);
    g_test_add_func("/http_reply/chunks", test_chunks);
    g_test_add_func("/http_reply/parts", test_parts);
    g_test_add_func("/http_reply/status", test_status);
    return g_test_run();
}
