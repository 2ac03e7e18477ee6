/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/account.h"

#include <string.h>

#include "base/clock.h"
#include "base/uri.h"
#include "daemon/account_name.h"

#define MINUTE_NS (60 * SKY_NS_PER_S)

struct SkyAccount {
    char *id, *place, *user, *camera;
    guint guests, inside;
    SkyGuest *trying;    /* NULL */
    GPtrArray *waiting;  /* SkyGuest *: who asked while another one tried, the first one first */
    uint32_t refusals;
    int64_t next_ns;
    gboolean changed;
};

struct SkyAccounts {
    GHashTable *all; /* id -> SkyAccount * */
};

static void account_free(gpointer data) {
    SkyAccount *account = data;
    g_assert(account->guests == 0);
    g_ptr_array_unref(account->waiting);
    g_free(account->id);
    g_free(account->place);
    g_free(account->user);
    g_free(account->camera);
    g_free(account);
}

SkyAccounts *sky_accounts_new(void) {
    SkyAccounts *accounts = g_new0(SkyAccounts, 1);
    accounts->all = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, account_free);
    return accounts;
}

void sky_accounts_free(SkyAccounts *accounts) {
    if (!accounts)
        return;
    g_hash_table_unref(accounts->all);
    g_free(accounts);
}

static SkyAccount *find(SkyAccounts *accounts, const char *id) {
    SkyAccount *account = g_hash_table_lookup(accounts->all, id);
    if (account)
        return account;
    account = g_new0(SkyAccount, 1);
    account->id = g_strdup(id);
    account->camera = g_strdup("");
    account->waiting = g_ptr_array_new();
    account->next_ns = SKY_TIME_NONE;
    g_hash_table_insert(accounts->all, account->id, account);
    return account;
}

static void name_account(SkyAccount *account, const char *place, const char *user) {
    if (account->place)
        return;
    account->place = g_strdup(place);
    account->user = g_strdup(user);
}

/* Nobody here has it, and its wait is over: it may be forgotten. */
static gboolean is_gone(const SkyAccount *account, int64_t now_ns) {
    return account->guests == 0 && (account->next_ns == SKY_TIME_NONE || account->next_ns <= now_ns);
}

/* ---- guests ---- */

void sky_guest_init(SkyGuest *guest, SkyAccounts *accounts, const char *camera, const char *url, const char *user,
                    const char *password) {
    *guest = (SkyGuest){.camera = camera};
    g_autoptr(SkyUri) uri = sky_uri_parse(url, NULL);
    user = user ? user : uri ? uri->user : NULL;
    password = password ? password : uri ? uri->password : NULL;
    if (!user || !uri)
        return;
    g_autofree char *place = sky_account_place(uri);
    g_autofree char *id = sky_account_id(place, user, password ? password : "");
    guest->account = find(accounts, id);
    guest->account->guests++;
    name_account(guest->account, place, user);
}

void sky_guest_clear(SkyGuest *guest) {
    if (!guest->account)
        return;
    sky_guest_leave(guest, FALSE, 0);
    guest->account->guests--;
    guest->account = NULL;
}

static gboolean is_in_turn(const SkyAccount *account, const SkyGuest *guest) {
    return account->inside > 0 || (!account->trying && (account->waiting->len == 0 || account->waiting->pdata[0] == guest));
}

SkyAccountAnswer sky_guest_ask(SkyGuest *guest, int64_t now_ns, int64_t *ret_next_ns) {
    SkyAccount *account = guest->account;
    if (!account)
        return SKY_ACCOUNT_FREE;
    if (account->next_ns != SKY_TIME_NONE && now_ns < account->next_ns) {
        *ret_next_ns = account->next_ns;
        return SKY_ACCOUNT_REFUSED;
    }
    if (!is_in_turn(account, guest)) {
        if (!g_ptr_array_find(account->waiting, guest, NULL))
            g_ptr_array_add(account->waiting, guest);
        return SKY_ACCOUNT_BUSY;
    }
    g_ptr_array_remove(account->waiting, guest);
    guest->place = SKY_GUEST_TRYING;
    if (account->inside == 0)
        account->trying = guest;
    return SKY_ACCOUNT_FREE;
}

static void settle(SkyAccount *account, uint32_t refusals, int64_t next_ns) {
    account->changed = account->changed || refusals != account->refusals || next_ns != account->next_ns;
    account->refusals = refusals;
    account->next_ns = next_ns;
}

void sky_guest_is_in(SkyGuest *guest) {
    SkyAccount *account = guest->account;
    if (!account || guest->place != SKY_GUEST_TRYING)
        return;
    guest->place = SKY_GUEST_IN;
    account->inside++;
    if (account->trying == guest)
        account->trying = NULL;
    settle(account, 0, SKY_TIME_NONE);
}

static void refuse(SkyAccount *account, const char *camera, int64_t now_ns) {
    static const int minutes[] = {10, 40, 60};
    int64_t delay_ns = minutes[MIN(account->refusals, G_N_ELEMENTS(minutes) - 1)] * MINUTE_NS;
    settle(account, account->refusals + 1, now_ns + delay_ns);
    g_free(account->camera);
    account->camera = g_strdup(camera);
    g_ptr_array_set_size(account->waiting, 0);
}

void sky_guest_leave(SkyGuest *guest, gboolean refused, int64_t now_ns) {
    SkyAccount *account = guest->account;
    if (!account)
        return;
    account->inside -= guest->place == SKY_GUEST_IN;
    if (account->trying == guest)
        account->trying = NULL;
    g_ptr_array_remove(account->waiting, guest);
    guest->place = SKY_GUEST_OUT;
    if (refused && account->inside == 0)
        refuse(account, guest->camera, now_ns);
}

gboolean sky_guest_is_of(const SkyGuest *guest, const char *id) {
    return guest->account && strcmp(guest->account->id, id) == 0;
}

char *sky_guest_text(const SkyGuest *guest) {
    const SkyAccount *account = guest->account;
    const char *by = account->camera[0] ? ", last tried by camera " : "";
    return g_strdup_printf("account %s at %s%s%s", account->user, account->place, by, account->camera);
}

/* ---- all of them ---- */

SkyAccountTold sky_accounts_tell_refused(SkyAccounts *accounts, const char *id, const char *place, const char *user, const char *camera,
                                         int64_t now_ns) {
    guint strangers = 0;
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, accounts->all);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        strangers += ((SkyAccount *)value)->guests == 0;
    if (strangers >= SKY_ACCOUNT_STRANGERS_MAX && !g_hash_table_contains(accounts->all, id))
        return SKY_ACCOUNT_TOO_MANY;
    SkyAccount *account = find(accounts, id);
    name_account(account, place, user);
    if (account->inside > 0)
        return SKY_ACCOUNT_IS_IN;
    refuse(account, camera, now_ns);
    return SKY_ACCOUNT_WAITS;
}

gboolean sky_accounts_tell_let_in(SkyAccounts *accounts, const char *id) {
    SkyAccount *account = g_hash_table_lookup(accounts->all, id);
    if (!account || account->refusals == 0)
        return FALSE;
    settle(account, 0, SKY_TIME_NONE);
    return TRUE;
}

void sky_accounts_retry(SkyAccounts *accounts) {
    GHashTableIter iter;
    gpointer account;
    g_hash_table_iter_init(&iter, accounts->all);
    while (g_hash_table_iter_next(&iter, NULL, &account))
        settle(account, ((SkyAccount *)account)->refusals, SKY_TIME_NONE);
}

void sky_accounts_each(SkyAccounts *accounts, int64_t now_ns, void (*look)(const SkyAccountView *view, gpointer user), gpointer user) {
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, accounts->all);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        SkyAccount *account = value;
        SkyAccountView view = {.id = account->id, .place = account->place ? account->place : "",
                               .user = account->user ? account->user : "", .camera = account->camera,
                               .next_ns = account->next_ns, .refusals = account->refusals, .changed = account->changed,
                               .gone = is_gone(account, now_ns)};
        look(&view, user);
    }
}

static gboolean is_over(gpointer id, gpointer account, gpointer now_ns) {
    ((SkyAccount *)account)->changed = FALSE;
    return is_gone(account, *(int64_t *)now_ns);
}

void sky_accounts_tidy(SkyAccounts *accounts, int64_t now_ns) {
    g_hash_table_foreach_remove(accounts->all, is_over, &now_ns);
}

/* ---- across restarts ---- */

char *sky_account_body(const SkyAccountView *view, int64_t now_ns, int64_t now_utc_ns) {
    if (view->refusals == 0)
        return NULL;
    int64_t left_ns = view->next_ns == SKY_TIME_NONE ? 0 : MAX(view->next_ns - now_ns, 0);
    return g_strdup_printf("%u %" G_GINT64_FORMAT, view->refusals, (now_utc_ns + left_ns) / SKY_NS_PER_S);
}

void sky_accounts_recall(SkyAccounts *accounts, const char *id, const char *body, int64_t now_ns, int64_t now_utc_ns) {
    char *end = NULL;
    guint64 refusals = g_ascii_strtoull(body, &end, 10);
    int64_t next_utc_ns = g_ascii_strtoll(end, NULL, 10) * SKY_NS_PER_S;
    if (refusals == 0)
        return;
    SkyAccount *account = find(accounts, id);
    account->refusals = (uint32_t)MIN(refusals, 1000);
    /* The clock may have been set meanwhile: never longer than the longest wait. */
    account->next_ns = now_ns + CLAMP(next_utc_ns - now_utc_ns, 0, 60 * MINUTE_NS);
}
