/* SPDX-License-Identifier: Apache-2.0 */
#include "event/event.h"

#include <string.h>

static const char *const kind_names[] = {
    [SKY_EVENT_MOTION] = "motion", [SKY_EVENT_INTRUSION] = "intrusion", [SKY_EVENT_LINE_CROSS] = "line-cross",
    [SKY_EVENT_DWELL] = "dwell",   [SKY_EVENT_TAMPER] = "tamper",       [SKY_EVENT_OFFLINE] = "offline",
    [SKY_EVENT_RECOVERED] = "recovered",
};

const char *sky_event_kind_name(SkyEventKind kind) {
    g_assert((guint)kind < G_N_ELEMENTS(kind_names));
    return kind_names[kind];
}

gboolean sky_event_kind_parse(const char *name, SkyEventKind *ret_kind) {
    for (guint i = 0; i < G_N_ELEMENTS(kind_names); i++) {
        if (strcmp(name, kind_names[i]) == 0) {
            *ret_kind = (SkyEventKind)i;
            return TRUE;
        }
    }
    return FALSE;
}

const char *sky_event_phase_name(SkyEventPhase phase) {
    switch (phase) {
    case SKY_EVENT_BEGIN:
        return "begin";
    case SKY_EVENT_UPDATE:
        return "update";
    case SKY_EVENT_END:
        return "end";
    }
    g_assert_not_reached();
}
