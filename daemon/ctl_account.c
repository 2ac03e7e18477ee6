/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl_account.h"

#include <string.h>

#include "base/clock.h"
#include "daemon/ctl_queue_view.h"

#define ANSWER_NS (3 * SKY_NS_PER_S)

static const char *text_of(GHashTable *answer, const char *id, const char *name) {
    g_autofree char *key = g_strjoin(".", "account", id, name, NULL);
    return sky_ctl_text(answer, key);
}

static char *explain(GHashTable *answer, const char *id) {
    int64_t left_s = g_ascii_strtoll(text_of(answer, id, "next_try_s"), NULL, 10);
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autoptr(GDateTime) until = g_date_time_add_seconds(now, (double)left_s);
    g_autofree char *clock = g_date_time_format(until, "%H:%M");
    g_autofree char *span = sky_queue_span(left_s);
    const char *camera = text_of(answer, id, "camera");
    return g_strdup_printf("the daemon waits until %s (%s) because account %s at %s was refused%s%s: many cameras lock an account after "
                           "five wrong passwords",
                           clock, span, text_of(answer, id, "user"), text_of(answer, id, "place"), camera[0] ? " to camera " : "",
                           camera);
}

char *sky_ctl_account_refused(const SkyCtl *ctl, const SkyUri *uri, const char *user) {
    g_autofree char *why = NULL;
    int failed;
    user = user ? user : uri->user;
    g_autoptr(GHashTable) answer = user ? sky_ctl_ask_quietly(ctl, ANSWER_NS, "status", &why, &failed) : NULL;
    if (!answer)
        return NULL;
    int port = uri->port > 0 ? uri->port : strcmp(uri->scheme, "rtsps") == 0 ? 322 : 554;
    g_autofree char *place = g_strdup_printf("%s:%d", uri->host, port);
    g_auto(GStrv) ids = g_strsplit(sky_ctl_text(answer, "accounts_refused"), ",", -1);
    for (char **id = ids; *id && **id; id++)
        if (strcmp(text_of(answer, *id, "place"), place) == 0 && strcmp(text_of(answer, *id, "user"), user) == 0)
            return explain(answer, *id);
    return NULL;
}
