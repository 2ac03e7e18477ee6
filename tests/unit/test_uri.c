/* SPDX-License-Identifier: Apache-2.0 */
#include "base/uri.h"

#include "base/error.h"

static void test_parse(void) {
    g_autoptr(GError) error = NULL;
    g_autoptr(SkyUri) uri = sky_uri_parse("RTSP://admin:p%40ss@192.0.2.7:8554/Streaming/Channels/101?x=1", &error);
    g_assert_no_error(error);
    g_assert_cmpstr(uri->scheme, ==, "rtsp");
    g_assert_cmpstr(uri->user, ==, "admin");
    g_assert_cmpstr(uri->password, ==, "p@ss");
    g_assert_cmpstr(uri->host, ==, "192.0.2.7");
    g_assert_cmpint(uri->port, ==, 8554);
    g_assert_cmpstr(uri->rest, ==, "/Streaming/Channels/101?x=1");
    g_autofree char *plain = sky_uri_without_credentials(uri);
    g_assert_cmpstr(plain, ==, "rtsp://192.0.2.7:8554/Streaming/Channels/101?x=1");
}

static void test_parse_odd(void) {
    static const struct {
        const char *text, *host, *password;
        int port;
    } rows[] = {
        {"rtsp://[2001:db8::7]/a", "2001:db8::7", NULL, -1},
        {"rtsp://[2001:db8::7]:554", "2001:db8::7", NULL, 554},
        {"rtsp://u:a@b@host/x", "host", "a@b", -1},
        {"rtsp://u:a/b@host:1/x", "host", "a/b", 1},
        {"rtsp://u:100%@host", "host", "100%", -1},
        {"rtsp://host/a@b", "host", NULL, -1},
        {"rtsp://[fe80::1%25eth0]:554/", "fe80::1%eth0", NULL, 554},
        {"rtsp://[fe80::1%eth0.7]/", "fe80::1%eth0.7", NULL, -1},
        {"rtsp://[fe80::1%251]/", "fe80::1%1", NULL, -1},
        {"rtsp://[fe80::1%25]/", "fe80::1%25", NULL, -1},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(SkyUri) uri = sky_uri_parse(rows[i].text, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(uri->host, ==, rows[i].host);
        g_assert_cmpstr(uri->password, ==, rows[i].password);
        g_assert_cmpint(uri->port, ==, rows[i].port);
    }
}

/* As configuration and sockets know a zone, into a URL and back. */
static void test_zone(void) {
    static const char *const hosts[] = {"fe80::1%eth0", "fe80::1%1", "fe80::1%25", "fe80::1%251", "fe80::1", "h"};
    for (gsize i = 0; i < G_N_ELEMENTS(hosts); i++) {
        g_autofree char *host = g_strdup(hosts[i]);
        g_autofree char *url = sky_uri_without_credentials(&(SkyUri){.scheme = "rtsp", .host = host, .port = 554, .rest = "/1"});
        g_autoptr(SkyUri) uri = sky_uri_parse(url, NULL);
        g_assert_cmpstr(uri->host, ==, hosts[i]);
        g_assert_cmpstr(uri->rest, ==, "/1");
    }
}

static void test_refuse(void) {
    static const char *const rows[] = {"", "rtsp", "rtsp:/x", "://host", "rtsp://", "rtsp://u:secret@", "rtsp://h:0/",
                                       "rtsp://h:99999/", "rtsp://h:secret/", "rtsp://[::1", "rtsp://[::1]x/", "1x://h", "rtsp://h%25eth0/",
                                       "rtsp://[fe80::1%]/", "rtsp://[fe80::1%eth0%1]/", "rtsp://[fe80::1%e/0]/",
                                       "rtsp://a\nb/", "rtsp://u:secret word@h/", "rtsp://u:secret's@h/",
                                       "rtsp://u:secret\"s@h/", "rtsp://u:<secret>@h/", "rtsp://u:secret`@h/", "rtsp://h/?pwd=a secret"};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(sky_uri_parse(rows[i], &error));
        g_assert_error(error, SKY_ERROR, SKY_ERR_CONFIG);
        g_assert_null(g_strrstr(error->message, "secret"));
    }
}

static void test_redact(void) {
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"plain text", "plain text"},
        {"open rtsp://admin:secret@h/1 failed", "open rtsp://***@h/1 failed"},
        {"rtsp://admin:se/cr@et@h/1", "rtsp://***@h/1"},
        {"'rtsp://a:b@h' \"rtsp://c:d@i\"", "'rtsp://***@h' \"rtsp://***@i\""},
        {"http://h/snap?user=admin&password=secret&channel=1", "http://h/snap?user=***&password=***&channel=1"},
        {"rtsp://h/user=admin&Password=secret&x=1", "rtsp://h/user=***&Password=***&x=1"},
        {"rtsp://h/1", "rtsp://h/1"},
        {"user@example is no URL", "user@example is no URL"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *redacted = sky_uri_redact(rows[i].text);
        g_assert_cmpstr(redacted, ==, rows[i].expected);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/uri/parse", test_parse);
    g_test_add_func("/uri/parse-odd", test_parse_odd);
    g_test_add_func("/uri/zone", test_zone);
    g_test_add_func("/uri/refuse", test_refuse);
    g_test_add_func("/uri/redact", test_redact);
    return g_test_run();
}
