/* SPDX-License-Identifier: Apache-2.0 */
#include "message/alarm_type.h"

#define METHOD_DEVICE 2
#define METHOD_VIDEO 5

gboolean sky_alarm_type_of(SkyEventKind kind, int *ret_method, int *ret_type) {
    *ret_method = METHOD_VIDEO;
    switch (kind) {
    case SKY_EVENT_MOTION:
        *ret_type = 2; /* moving object */
        return TRUE;
    case SKY_EVENT_LINE_CROSS:
        *ret_type = 5; /* tripwire */
        return TRUE;
    case SKY_EVENT_INTRUSION:
        *ret_type = 6;
        return TRUE;
    case SKY_EVENT_DWELL:
        *ret_type = 8; /* loitering */
        return TRUE;
    case SKY_EVENT_TAMPER:
        *ret_type = 11; /* abnormal picture; a type of its own for a covered lens came only with the edition of 2022 */
        return TRUE;
    case SKY_EVENT_OFFLINE:
        *ret_method = METHOD_DEVICE;
        *ret_type = 1; /* video lost */
        return TRUE;
    case SKY_EVENT_RECOVERED:
        return FALSE;
    }
    g_assert_not_reached();
}
