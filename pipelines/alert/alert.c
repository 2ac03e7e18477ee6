/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/alert.h"

#include <string.h>

static const char *const state_names[] = {
    [SKY_ALERT_RAISED] = "raised",     [SKY_ALERT_ACKNOWLEDGED] = "acknowledged", [SKY_ALERT_ASSIGNED] = "assigned",
    [SKY_ALERT_RESOLVED] = "resolved", [SKY_ALERT_DISMISSED] = "dismissed",       [SKY_ALERT_EXPIRED] = "expired",
};

gboolean sky_alert_is_open(const SkyAlert *alert) {
    return alert->state < SKY_ALERT_RESOLVED;
}

const char *sky_alert_state_name(SkyAlertState state) {
    g_assert((guint)state < G_N_ELEMENTS(state_names));
    return state_names[state];
}

gboolean sky_alert_state_parse(const char *name, SkyAlertState *ret_state) {
    for (guint i = 0; i < G_N_ELEMENTS(state_names); i++) {
        if (strcmp(name, state_names[i]) == 0) {
            *ret_state = (SkyAlertState)i;
            return TRUE;
        }
    }
    return FALSE;
}
