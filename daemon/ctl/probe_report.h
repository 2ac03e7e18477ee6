/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "daemon/ctl/look.h"

/* What a probe says of one stream. */
typedef struct {
    const char *name;            /* "main", "sub"; NULL: a bare URL */
    gboolean analysed, recorded; /* what the daemon does with it */
    const SkyLook *look;         /* packets came */
} SkyProbed;

/* Beside each other in a table, then what to change on the camera. New memory. */
char *sky_probe_report(const SkyProbed *streams, guint count);
