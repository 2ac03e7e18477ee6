/* SPDX-License-Identifier: Apache-2.0 */
#include "message/alarm_type.h"

#define METHOD_DEVICE 2
#define METHOD_VIDEO 5

static gboolean found(int method, int type, int *ret_method, int *ret_type) {
    *ret_method = method;
    *ret_type = type;
    return TRUE;
}

gboolean sky_alarm_type_of(SkyEventKind kind, int *ret_method, int *ret_type) {
    switch (kind) {
    case SKY_EVENT_MOTION: /* moving object */
        return found(METHOD_VIDEO, 2, ret_method, ret_type);
    case SKY_EVENT_LINE_CROSS: /* tripwire */
        return found(METHOD_VIDEO, 5, ret_method, ret_type);
    case SKY_EVENT_INTRUSION:
        return found(METHOD_VIDEO, 6, ret_method, ret_type);
    case SKY_EVENT_DWELL: /* loitering */
        return found(METHOD_VIDEO, 8, ret_method, ret_type);
    case SKY_EVENT_TAMPER: /* abnormal picture; a type of its own for a covered lens came only with the edition of 2022 */
        return found(METHOD_VIDEO, 11, ret_method, ret_type);
    case SKY_EVENT_OFFLINE: /* video lost */
        return found(METHOD_DEVICE, 1, ret_method, ret_type);
    case SKY_EVENT_RECOVERED:
        return FALSE;
    }
    g_assert_not_reached();
}
