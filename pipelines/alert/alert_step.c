/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/alert_step.h"

#include <string.h>

static gboolean is_text(const char *text, gsize most_bytes) {
    return strlen(text) < most_bytes && g_utf8_validate(text, -1, NULL);
}

gboolean sky_alert_step_is_good(const SkyAlertCommand *command) {
    if (command->actor && command->actor[0] && !sky_id_is_valid(command->actor))
        return FALSE;
    if (command->note && !is_text(command->note, SKY_NOTE_BYTES))
        return FALSE;
    if (command->verb == SKY_COMMAND_ASSIGN)
        return command->assignee && sky_id_is_valid(command->assignee);
    if (command->verb == SKY_COMMAND_COMMENT)
        return command->note && command->note[0];
    return TRUE;
}

static gboolean is_allowed(SkyAlertVerb verb, SkyAlertState state) {
    switch (verb) {
    case SKY_COMMAND_ACKNOWLEDGE: /* once; whoever assigned has seen it too */
        return state == SKY_ALERT_RAISED;
    case SKY_COMMAND_RESOLVE:
        return state == SKY_ALERT_ACKNOWLEDGED || state == SKY_ALERT_ASSIGNED;
    case SKY_COMMAND_ASSIGN:
    case SKY_COMMAND_DISMISS:
    case SKY_COMMAND_COMMENT:
        return state < SKY_ALERT_RESOLVED;
    }
    g_assert_not_reached();
}

gboolean sky_alert_step_next(SkyAlertVerb verb, SkyAlertState state, SkyAlertState *ret_state) {
    static const SkyAlertState leads_to[] = {
        [SKY_COMMAND_ACKNOWLEDGE] = SKY_ALERT_ACKNOWLEDGED,
        [SKY_COMMAND_ASSIGN] = SKY_ALERT_ASSIGNED,
        [SKY_COMMAND_RESOLVE] = SKY_ALERT_RESOLVED,
        [SKY_COMMAND_DISMISS] = SKY_ALERT_DISMISSED,
    };
    if (!is_allowed(verb, state))
        return FALSE;
    *ret_state = verb == SKY_COMMAND_COMMENT ? state : leads_to[verb];
    return TRUE;
}

const char *sky_alert_step_cause(SkyAlertVerb verb) {
    static const char *const causes[] = {
        [SKY_COMMAND_ACKNOWLEDGE] = "acknowledge", [SKY_COMMAND_ASSIGN] = "assign",   [SKY_COMMAND_RESOLVE] = "resolve",
        [SKY_COMMAND_DISMISS] = "dismiss",         [SKY_COMMAND_COMMENT] = "comment",
    };
    g_assert((guint)verb < G_N_ELEMENTS(causes));
    return causes[verb];
}
