/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "event/event.h"

/* The alarm of GB/T 28181-2016, annex A.2.5 (alarm notification), that says the same as one of our kinds: AlarmMethod (2 device,
 * 5 video) and the AlarmType within it. FALSE: the standard has none for it. */
gboolean sky_alarm_type_of(SkyEventKind kind, int *ret_method, int *ret_type);
