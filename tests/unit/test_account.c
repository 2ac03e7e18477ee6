/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/account.h"
#include "daemon/account_name.h"

#include <string.h>

#include "base/clock.h"

#define MINUTE (60 * SKY_NS_PER_S)
#define URL "rtsp://192.0.2.1/main"

static SkyGuest guest_of(SkyAccounts *accounts, const char *camera, const char *url, const char *password) {
    SkyGuest guest;
    sky_guest_init(&guest, accounts, camera, url, "viewer", password);
    return guest;
}

static void expect(SkyGuest *guest, int64_t now_ns, SkyAccountAnswer answer, int64_t next_ns) {
    int64_t next = SKY_TIME_NONE;
    g_assert_cmpint(sky_guest_ask(guest, now_ns, &next), ==, answer);
    if (answer == SKY_ACCOUNT_REFUSED)
        g_assert_cmpint(next, ==, next_ns);
}

static void test_no_account(void) {
    g_autoptr(SkyAccounts) accounts = sky_accounts_new();
    SkyGuest a, b;
    sky_guest_init(&a, accounts, "a", URL, NULL, NULL);
    sky_guest_init(&b, accounts, "b", URL, NULL, NULL);
    expect(&a, 0, SKY_ACCOUNT_FREE, 0);
    expect(&b, 0, SKY_ACCOUNT_FREE, 0);
    sky_guest_leave(&a, TRUE, 0);
    expect(&a, 1, SKY_ACCOUNT_FREE, 0);
    sky_guest_clear(&a);
    sky_guest_clear(&b);
}

/* Eight channels of a recorder, main and sub: one password, one try. 10, 40, 60, 60 minutes. */
static void test_recorder(void) {
    static const int minutes[] = {10, 40, 60, 60};
    g_autoptr(SkyAccounts) accounts = sky_accounts_new();
    SkyGuest guests[16];
    for (guint i = 0; i < G_N_ELEMENTS(guests); i++) {
        g_autofree char *url = g_strdup_printf("rtsp://192.0.2.1:554/%u", i);
        guests[i] = guest_of(accounts, "channel", url, "wrong");
    }
    int64_t now_ns = 0;
    for (guint round = 0; round < G_N_ELEMENTS(minutes); round++) {
        guint tries = 0;
        SkyGuest *trying = NULL;
        for (guint i = 0; i < G_N_ELEMENTS(guests); i++) {
            int64_t next_ns;
            if (sky_guest_ask(&guests[i], now_ns, &next_ns) != SKY_ACCOUNT_FREE)
                continue;
            trying = &guests[i];
            tries++;
        }
        g_assert_cmpuint(tries, ==, 1);
        sky_guest_leave(trying, TRUE, now_ns);
        int64_t next_ns = now_ns + minutes[round] * MINUTE;
        for (guint i = 0; i < G_N_ELEMENTS(guests); i++)
            expect(&guests[i], next_ns - 1, SKY_ACCOUNT_REFUSED, next_ns);
        now_ns = next_ns;
    }
    sky_accounts_retry(accounts); /* a reload */
    expect(&guests[7], now_ns - MINUTE, SKY_ACCOUNT_FREE, 0);
    expect(&guests[8], now_ns - MINUTE, SKY_ACCOUNT_BUSY, 0);
    sky_guest_is_in(&guests[7]);
    for (guint i = 8; i < G_N_ELEMENTS(guests); i++)
        expect(&guests[i], now_ns - MINUTE, SKY_ACCOUNT_FREE, 0); /* all at once */
    for (guint i = 7; i < G_N_ELEMENTS(guests); i++)
        sky_guest_leave(&guests[i], FALSE, now_ns); /* the recorder restarts */
    expect(&guests[0], now_ns, SKY_ACCOUNT_FREE, 0);
    expect(&guests[1], now_ns, SKY_ACCOUNT_BUSY, 0);
    for (guint i = 0; i < G_N_ELEMENTS(guests); i++)
        sky_guest_clear(&guests[i]);
}

/* A try that says nothing about the account passes it on, and a dead channel does not come first again and again. */
static void test_in_turn(void) {
    g_autoptr(SkyAccounts) accounts = sky_accounts_new();
    SkyGuest a = guest_of(accounts, "a", URL, "x"), b = guest_of(accounts, "b", URL, "x"), c = guest_of(accounts, "c", URL, "x");
    expect(&a, 0, SKY_ACCOUNT_FREE, 0);
    expect(&b, 0, SKY_ACCOUNT_BUSY, 0);
    expect(&c, 0, SKY_ACCOUNT_BUSY, 0);
    sky_guest_leave(&a, FALSE, 1);
    expect(&a, 1, SKY_ACCOUNT_BUSY, 0);
    expect(&c, 1, SKY_ACCOUNT_BUSY, 0);
    expect(&b, 1, SKY_ACCOUNT_FREE, 0);
    sky_guest_leave(&c, FALSE, 2); /* it is stopped while it waits */
    sky_guest_leave(&b, FALSE, 2);
    expect(&b, 2, SKY_ACCOUNT_BUSY, 0);
    expect(&a, 2, SKY_ACCOUNT_FREE, 0);
    sky_guest_clear(&a);
    expect(&b, 3, SKY_ACCOUNT_FREE, 0); /* the one that tried is gone */
    sky_guest_clear(&b);
    sky_guest_clear(&c);
}

/* Which streams share an account, and which are kept apart. */
static void test_which(void) {
    static const struct {
        const char *url, *user, *password;
        gboolean same;
    } rows[] = {
        {"rtsp://192.0.2.1:554/sub", "viewer", "x", TRUE},     {"rtsp://viewer:x@192.0.2.1/sub", NULL, NULL, TRUE},
        {"rtsp://192.0.2.1:8554/main", "viewer", "x", FALSE},  {"rtsp://192.0.2.2/main", "viewer", "x", FALSE},
        {"rtsp://192.0.2.1/main", "admin", "x", FALSE},        {"rtsp://192.0.2.1/main", "viewer", "y", FALSE},
        {"rtsps://192.0.2.1:554/main", "viewer", "x", TRUE},   {"rtsps://192.0.2.1/main", "viewer", "x", FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(SkyAccounts) accounts = sky_accounts_new();
        SkyGuest first = guest_of(accounts, "a", URL, "x"), second;
        sky_guest_init(&second, accounts, "b", rows[i].url, rows[i].user, rows[i].password);
        expect(&first, 0, SKY_ACCOUNT_FREE, 0);
        expect(&second, 0, rows[i].same ? SKY_ACCOUNT_BUSY : SKY_ACCOUNT_FREE, 0);
        sky_guest_clear(&first);
        sky_guest_clear(&second);
    }
}

/* A channel that this account may not see is no reason to keep the others out. */
static void test_right_of_one_channel(void) {
    g_autoptr(SkyAccounts) accounts = sky_accounts_new();
    SkyGuest a = guest_of(accounts, "a", URL, "x"), b = guest_of(accounts, "b", URL, "x"), c = guest_of(accounts, "c", URL, "x");
    expect(&a, 0, SKY_ACCOUNT_FREE, 0);
    sky_guest_is_in(&a);
    expect(&b, 0, SKY_ACCOUNT_FREE, 0);
    sky_guest_leave(&b, TRUE, 1);
    expect(&c, 1, SKY_ACCOUNT_FREE, 0);
    sky_guest_clear(&a);
    sky_guest_clear(&b);
    sky_guest_clear(&c);
}

static void keep(const SkyAccountView *view, gpointer user) {
    char **texts = user;
    g_assert_true(view->changed);
    g_assert_cmpuint(strlen(view->id), <, 64);
    g_assert_null(strstr(view->id, "viewer"));
    texts[0] = g_strdup(view->id);
    texts[1] = sky_account_body(view, 5 * MINUTE, 1000 * MINUTE);
}

static void unchanged(const SkyAccountView *view, gpointer user) {
    g_assert_false(view->changed);
    g_assert_true(view->gone);
    (*(guint *)user)++;
}

/* A service that is restarted again and again waits as if it had run. */
static void test_restart(void) {
    g_autofree char *id = NULL, *body = NULL;
    {
        g_autoptr(SkyAccounts) accounts = sky_accounts_new();
        SkyGuest a = guest_of(accounts, "a", URL, "x");
        char *texts[2];
        expect(&a, 0, SKY_ACCOUNT_FREE, 0);
        sky_guest_leave(&a, TRUE, 0);
        sky_accounts_each(accounts, 0, keep, texts);
        id = texts[0];
        body = texts[1];
        sky_guest_clear(&a);
        guint count = 0;
        sky_accounts_tidy(accounts, 10 * MINUTE - 1); /* its wait is not over */
        sky_accounts_each(accounts, 10 * MINUTE, unchanged, &count);
        g_assert_cmpuint(count, ==, 1);
        sky_accounts_tidy(accounts, 10 * MINUTE);
        sky_accounts_each(accounts, 10 * MINUTE, unchanged, &count);
        g_assert_cmpuint(count, ==, 1);
    }
    static const struct {
        int64_t utc, waits; /* minutes */
    } rows[] = {{1000, 5}, {1003, 2}, {1005, 0}, {9999, 0}, {-500, 60}}; /* the last one: a clock that was set back */
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(SkyAccounts) accounts = sky_accounts_new();
        sky_accounts_recall(accounts, id, body, 70 * MINUTE, rows[i].utc * MINUTE);
        SkyGuest a = guest_of(accounts, "a", URL, "x"), changed = guest_of(accounts, "a", URL, "y");
        if (rows[i].waits > 0)
            expect(&a, 70 * MINUTE, SKY_ACCOUNT_REFUSED, (70 + rows[i].waits) * MINUTE);
        expect(&changed, 70 * MINUTE, SKY_ACCOUNT_FREE, 0);
        expect(&a, (70 + rows[i].waits) * MINUTE, SKY_ACCOUNT_FREE, 0);
        sky_guest_leave(&a, TRUE, 200 * MINUTE);
        expect(&a, 201 * MINUTE, SKY_ACCOUNT_REFUSED, 240 * MINUTE); /* the second wait, not the first one again */
        sky_guest_clear(&a);
        sky_guest_clear(&changed);
    }
}

/* What skynetctl tried counts as if a stream had, be the account one of a camera so far or not. */
static void test_told(void) {
    g_autoptr(SkyAccounts) accounts = sky_accounts_new();
    g_autofree char *id = sky_account_id("192.0.2.1:554", "viewer", "x");
    g_assert_cmpint(sky_accounts_tell_refused(accounts, id, "192.0.2.1:554", "viewer", "", 0), ==, SKY_ACCOUNT_WAITS);
    SkyGuest a = guest_of(accounts, "a", URL, "x"), other = guest_of(accounts, "a", URL, "y");
    expect(&a, 1, SKY_ACCOUNT_REFUSED, 10 * MINUTE);
    expect(&other, 1, SKY_ACCOUNT_FREE, 0);
    SkyGuest nobody = {.account = NULL};
    g_assert_true(sky_guest_is_of(&a, id) && !sky_guest_is_of(&other, id) && !sky_guest_is_of(&nobody, id));
    g_autofree char *text = sky_guest_text(&a);
    g_assert_cmpstr(text, ==, "account viewer at 192.0.2.1:554");
    g_assert_cmpint(sky_accounts_tell_refused(accounts, id, "192.0.2.1:554", "viewer", "gate", 11 * MINUTE), ==, SKY_ACCOUNT_WAITS);
    expect(&a, 12 * MINUTE, SKY_ACCOUNT_REFUSED, 51 * MINUTE);
    expect(&a, 51 * MINUTE, SKY_ACCOUNT_FREE, 0);
    sky_guest_is_in(&a);
    /* A right of one channel: nobody waits. */
    g_assert_cmpint(sky_accounts_tell_refused(accounts, id, "192.0.2.1:554", "viewer", "", 51 * MINUTE), ==, SKY_ACCOUNT_IS_IN);
    SkyGuest b = guest_of(accounts, "b", URL, "x");
    expect(&b, 51 * MINUTE, SKY_ACCOUNT_FREE, 0);
    sky_guest_clear(&a);
    sky_guest_clear(&b);
    sky_guest_clear(&other);
    g_assert_cmpint(sky_accounts_tell_refused(accounts, "mended", "192.0.2.3:554", "viewer", "", 52 * MINUTE), ==, SKY_ACCOUNT_WAITS);
    g_assert_true(sky_accounts_tell_let_in(accounts, "mended"));
    g_assert_false(sky_accounts_tell_let_in(accounts, "mended")); /* nobody waits any more */
    g_assert_false(sky_accounts_tell_let_in(accounts, "unheard-of"));
    guint taken = 0;
    for (guint i = 0; i < SKY_ACCOUNT_STRANGERS_MAX + 5; i++) {
        char name[16];
        g_snprintf(name, sizeof name, "%u", i);
        taken += sky_accounts_tell_refused(accounts, name, "192.0.2.9:554", "viewer", "", 60 * MINUTE) == SKY_ACCOUNT_WAITS;
    }
    g_assert_cmpuint(taken, ==, SKY_ACCOUNT_STRANGERS_MAX - 3); /* the three above are remembered until they are tidied up */
    sky_accounts_tidy(accounts, 70 * MINUTE);
    g_assert_cmpint(sky_accounts_tell_refused(accounts, "new", "192.0.2.9:554", "viewer", "", 70 * MINUTE), ==, SKY_ACCOUNT_WAITS);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/account/none", test_no_account);
    g_test_add_func("/account/recorder", test_recorder);
    g_test_add_func("/account/in-turn", test_in_turn);
    g_test_add_func("/account/which", test_which);
    g_test_add_func("/account/right-of-one-channel", test_right_of_one_channel);
    g_test_add_func("/account/restart", test_restart);
    g_test_add_func("/account/told", test_told);
    return g_test_run();
}
