/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/uri.h"
#include "daemon/ctl/ctl.h"

/* What skynetctl and the running daemon tell each other of an account that a camera refuses: each further wrong password, whoever gives
 * it, brings the camera nearer to locking it. */
typedef struct {
    char *id, *place, *user; /* account_name.h; id NULL: the camera needs none */
} SkyCtlAccount;

/* user, password: NULL for what the URL bears. */
void sky_ctl_account_init(SkyCtlAccount *account, const SkyUri *uri, const char *user, const char *password);
void sky_ctl_account_clear(SkyCtlAccount *account);
/* Why it should not be tried now, by the daemon's word. New memory; NULL: nothing is known against it, or no daemon answers. */
char *sky_ctl_account_refused(const SkyCtl *ctl, const SkyCtlAccount *account);
/* The camera refused it just now: the daemon's streams wait as if they had been refused. Without a daemon nobody is told. camera: an id
 * of the configuration; "". */
void sky_ctl_account_tell_refused(const SkyCtl *ctl, const SkyCtlAccount *account, const char *camera);
/* The camera let it in: streams that wait because it was refused try at once. TRUE: some did wait. */
gboolean sky_ctl_account_tell_let_in(const SkyCtl *ctl, const SkyCtlAccount *account);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkyCtlAccount, sky_ctl_account_clear)
