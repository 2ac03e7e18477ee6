/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "alert/alert_book.h"

/* One step of an alert's life at a person's command: the life cycle's only table. Decides only. */
/* FALSE: a value is missing, too long, no id or not UTF-8. */
gboolean sky_alert_step_is_good(const SkyAlertCommand *command);
/* FALSE: this state does not allow it. */
gboolean sky_alert_step_next(SkyAlertVerb verb, SkyAlertState state, SkyAlertState *ret_state);
/* "acknowledge", ...: as a revision's cause. */
const char *sky_alert_step_cause(SkyAlertVerb verb);
