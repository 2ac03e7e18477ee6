/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "config/config.h"

/* No part of a password reaches an error, wherever it stands and however broken the file is: the password is eight letters or
 * digits that stand nowhere else, each text is damaged at every byte, and four of them in a row in an error fail the test. */
#define SECRET "qzxjkvwy"
#define DIGITS "48159263"

static const char *const texts[] = {
    /* where it belongs */
    "site: {id: a}\nbroker: {host: h}\naudiences: [{id: duty}]\ncameras:\n  - id: gate\n    main: rtsp://admin:" SECRET "@h/1\n"
    "    sub: 'rtsp://admin:" SECRET "@h/2'\n    hold: x\n",
    /* as people write it */
    "broker:\n  host: h\n  user: a\n  password: " SECRET "\n  passwd: \"" SECRET "\"\n  pw: '" SECRET "'\n",
    "broker: {host: h, port: 0, user: a, password: " SECRET ", tls: maybe}\n",
    "broker:\n  host: h\n  port: 0 # and the password is " SECRET "\n  password_file: " SECRET "\n  key_file: 'x " SECRET "'\n",
    "cameras:\n  - id: gate\n    user: a\n    密码: " SECRET "\n    mima: " SECRET "\n    main: \"rtsp://a:" SECRET "\n      @h/1\"\n    hold: x\n",
    "cameras:\n  - id: gate\n    main: a:" SECRET "@h\n    sub: 'rtsp://a:x " SECRET " y@h/'\n    severity: 9\n",
    "cameras:\n  - id: gate\n    main: >\n      rtsp://a:\n      " SECRET "\n      @h/1\n    password: |\n      " SECRET "\n    severity: 9\n",
    "cameras:\n  - id: gate\n    main: >\n      " DIGITS "\n    sub: |\n      [" DIGITS "\n    severity: 9\n",
    "broker:\n  host: >\n  user: a\n  kennwort: " SECRET "\n  port: x\n",
    "cameras: [{\"id\":\"gate\",\"main\":\"rtsp://a:" SECRET "@h/1\",\"severity\":9,\"password\":\"" SECRET "\"}]\n",
    "cameras:\n  - id: x\n    main:rtsp://a:" SECRET "@h/1\n",
    "cameras:\n  - ? main\n    : rtsp://a:" SECRET "@h/1\n    ? password\n    : " SECRET "\n",
    "site:\n  id: rtsp://a:" SECRET "@h/1\n  name: [a, b]\nworkers: http://u:" SECRET "@x\n",
    "rtsp://a:" SECRET "@h/1\n",
    "'rtsp://a:" SECRET "@h/1': x\n",
    "cameras:\n  - id: gate\n    main: rtsp://h/?user=a&password=" SECRET "\n    severity: 9\n    sub: ftp://h/?pwd=" SECRET "\n",
    "cameras:\n  - id: gate\n    main: !" SECRET " x\n    password: &" SECRET " y\n    sub: *" SECRET "\n",
};

static gboolean leaks(const char *error) {
    for (gsize i = 0; i + 4 <= strlen(SECRET); i++)
        if (memmem(error, strlen(error), &SECRET[i], 4) || memmem(error, strlen(error), &DIGITS[i], 4))
            return TRUE;
    return FALSE;
}

static guint check(const char *text, gsize bytes) {
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    sky_config_unref(sky_config_parse(text, bytes, "s.yaml", "/nowhere", errors));
    for (guint i = 0; i < errors->len; i++) {
        if (leaks(errors->pdata[i])) {
            g_test_message("%.*s\nsays\n%s", (int)bytes, text, (const char *)errors->pdata[i]);
            g_test_fail();
        }
    }
    return errors->len;
}

static void test_as_it_is(void) {
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_assert_cmpuint(check(texts[i], strlen(texts[i])), >, 0);
}

/* Cut off, a byte gone, a byte more. */
static void test_damaged(void) {
    static const char bytes[] = "\n \"'{}[]#:@&*!|>%\t-?,\x01\xff";
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        gsize length = strlen(texts[i]);
        for (gsize at = 0; at < length && !g_test_failed(); at++) {
            check(texts[i], at);
            g_autoptr(GString) text = g_string_new(texts[i]);
            g_string_erase(text, (gssize)at, 1);
            check(text->str, text->len);
            g_string_insert_c(text, (gssize)at, ' ');
            for (gsize b = at % 3; b < sizeof bytes - 1; b += 3) { /* a third of them: the sanitizers are slow */
                text->str[at] = bytes[b];
                check(text->str, text->len);
            }
            g_string_insert_c(text, (gssize)at, '\n');
            check(text->str, text->len);
        }
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config_secret/as-it-is", test_as_it_is);
    g_test_add_func("/config_secret/damaged", test_damaged);
    return g_test_run();
}
