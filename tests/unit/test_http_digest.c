/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "source/http_digest.h"

static void answers(const char *challenge, const char *password, const char *client_nonce, const char *response) {
    g_autofree char *words = sky_http_digest(challenge, "Mufasa", password, "GET", "/dir/index.html", client_nonce);
    g_assert_nonnull(words);
    g_autofree char *wanted = g_strdup_printf("response=\"%s\"", response);
    g_assert_nonnull(strstr(words, wanted));
    g_assert_nonnull(strstr(words, "username=\"Mufasa\""));
    g_assert_null(strstr(words, password));
}

#define RFC7616                                                                                                                        \
    "realm=\"http-auth@example.org\", qop=\"auth, auth-int\", nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "                \
    "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
#define CLIENT "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"

/* The examples of RFC 2617 3.5 and RFC 7616 3.9.1. */
static void test_examples(void) {
    answers("Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5c\"",
            "Circle Of Life", "0a4f113b", "6629fae49393a05397450978507c4ef1");
    answers("Digest " RFC7616 ", algorithm=MD5", "Circle of Life", CLIENT, "8ca523f5e9506fed4657c9700eebdbec");
    answers("digest algorithm=SHA-256, " RFC7616, "Circle of Life", CLIENT,
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

/* RFC 2069, as old firmware has it: the same account without qop. */
static void test_without_qop(void) {
    g_autofree char *words = sky_http_digest("Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"", "Mufasa",
                                             "Circle Of Life", "GET", "/dir/index.html", "x");
    g_assert_nonnull(strstr(words, "response=\"670fd8c2df070c60b045671b8b24ff02\""));
    g_assert_null(strstr(words, "qop"));
    g_assert_null(strstr(words, "cnonce"));
}

static void test_odd_challenges(void) {
    static const char *const taken[] = {"Basic realm=\"x\", Digest realm=\"a\",nonce=\"b\"", "Digest realm=a, nonce=b, Basic realm=\"c\"",
                                        "Digest  realm = \"a\\\"b\" , stale=FALSE, nonce=\"\"",
                                        "Basic realm=\"Our Digest camera\", Digest realm=\"a\", nonce=\"b\"",
                                        "Basic realm=\"Digest camera\", Digest realm=\"a\", nonce=\"b\"",
                                        "Digest realm=\"a\", nonce=\"b\", algorithm=SHA-512-256, Digest realm=\"a\", nonce=\"b\""};
    static const char *const refused[] = {"", "Basic realm=\"x\"", "Digest", "Digest realm=\"a\"", "Digest nonce=\"a\"",
                                          "Digest realm=\"a\", nonce=\"b", "Digest realm=\"a\", nonce=\"b\", algorithm=MD5-sess",
                                          "Digest realm=\"a\", nonce=\"b\", qop=\"auth-int\"", "XDigest realm=a, nonce=b"};
    for (guint i = 0; i < G_N_ELEMENTS(taken); i++) {
        g_autofree char *words = sky_http_digest(taken[i], "u", "p", "POST", "/", "c");
        g_assert_nonnull(words);
    }
    for (guint i = 0; i < G_N_ELEMENTS(refused); i++)
        g_assert_null(sky_http_digest(refused[i], "u", "p", "POST", "/", "c"));
    g_autofree char *words = sky_http_digest(taken[2], "a\"\\", "p", "POST", "/", "c");
    g_assert_nonnull(strstr(words, "username=\"a\\\"\\\\\", realm=\"a\\\"b\", nonce=\"\""));
}

static void test_algorithms(void) {
    static const char *const rows[][2] = {{"Digest realm=\"a\", nonce=\"b\"", "MD5"},
                                          {"digest realm=\"a\", nonce=\"b\", algorithm=\"SHA-256\", qop=\"auth\"", "SHA-256"},
                                          {"Digest realm=\"a\", nonce=\"b\", algorithm=\"\033[31m\"", NULL},
                                          {"Basic realm=\"Digest realm=a, nonce=b\"", NULL},
                                          {"Digest realm=\"a\"", NULL}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *algorithm = sky_http_digest_algorithm(rows[i][0]);
        g_assert_cmpstr(algorithm, ==, rows[i][1]);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http_digest/examples", test_examples);
    g_test_add_func("/http_digest/algorithms", test_algorithms);
    g_test_add_func("/http_digest/without_qop", test_without_qop);
    g_test_add_func("/http_digest/odd_challenges", test_odd_challenges);
    return g_test_run();
}
