/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/account.h"

#include <string.h>

#include "base/clock.h"
#include "daemon/account_name.h"
#include "daemon/ctl/queue_view.h"
#include "message/reader_text.h"

#define ANSWER_NS (3 * SKY_NS_PER_S)

void sky_ctl_account_init(SkyCtlAccount *account, const SkyUri *uri, const char *user, const char *password) {
    *account = (SkyCtlAccount){0};
    user = user ? user : uri->user;
    password = password ? password : uri->password;
    if (!user)
        return;
    account->place = sky_account_place(uri);
    account->user = g_strdup(user);
    account->id = sky_account_id(account->place, user, password ? password : "");
}

void sky_ctl_account_clear(SkyCtlAccount *account) {
    g_clear_pointer(&account->id, g_free);
    g_clear_pointer(&account->place, g_free);
    g_clear_pointer(&account->user, g_free);
}

static char *explain(GHashTable *answer) {
    int64_t left_s = g_ascii_strtoll(sky_ctl_text(answer, "next_try_s"), NULL, 10);
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autoptr(GDateTime) until = g_date_time_add_seconds(now, (double)left_s);
    g_autofree char *clock = g_date_time_format(until, "%H:%M");
    g_autofree char *span = sky_queue_span(left_s);
    const char *camera = sky_ctl_text(answer, "camera");
    g_autofree char *words =
        g_strdup_printf("the daemon waits until %s (%s) because account %s at %s was refused%s%s: many cameras lock an account after "
                        "five wrong passwords",
                        clock, span, sky_ctl_text(answer, "user"), sky_ctl_text(answer, "place"), camera[0] ? " to camera " : "", camera);
    return sky_reader_text(words, 1024);
}

char *sky_ctl_account_refused(const SkyCtl *ctl, const SkyCtlAccount *account) {
    g_autofree char *why = NULL;
    int failed;
    if (!account->id)
        return NULL;
    g_autoptr(GHashTable) answer = sky_ctl_ask_quietly(ctl, ANSWER_NS, &why, &failed, "verb", "account", "id", account->id, NULL);
    return answer && strcmp(sky_ctl_text(answer, "refused"), "yes") == 0 ? explain(answer) : NULL;
}

void sky_ctl_account_tell_refused(const SkyCtl *ctl, const SkyCtlAccount *account, const char *camera) {
    g_autofree char *why = NULL;
    int failed;
    if (!account->id)
        return;
    GHashTable *answer = sky_ctl_ask_quietly(ctl, ANSWER_NS, &why, &failed, "verb", "account-refused", "id", account->id, "place",
                                             account->place, "user", account->user, "camera", camera, NULL);
    g_clear_pointer(&answer, g_hash_table_unref);
}

gboolean sky_ctl_account_tell_let_in(const SkyCtl *ctl, const SkyCtlAccount *account) {
    g_autofree char *why = NULL;
    int failed;
    if (!account->id)
        return FALSE;
    g_autoptr(GHashTable) answer =
        sky_ctl_ask_quietly(ctl, ANSWER_NS, &why, &failed, "verb", "account-let-in", "id", account->id, NULL);
    return answer && strcmp(sky_ctl_text(answer, "waited"), "yes") == 0;
}
