/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "source/source_params.h"

/* `transport: auto` of one stream: which transport its next attempt begins with. That a camera refuses one (461) is seen by the
 * source, which takes the other one at once; that a line swallows one is seen here, by an attempt that was let in and brought nothing.
 * What has brought packets before is not given up for one silent attempt: the camera may just be ill. Decides only. */
typedef struct {
    SkyRtspTransport first;
    gboolean proven; /* it has brought packets */
    guint silent;    /* attempts in a row that brought none */
} SkyTransportChoice;

#define SKY_TRANSPORT_SILENT_MAX 3 /* of a proven one */

/* first: TCP, which loses nothing and passes where a line is opened from inside; or what an earlier run found, which is not proven. */
void sky_transport_choice_init(SkyTransportChoice *choice, SkyRtspTransport first);
/* An attempt used that transport. */
void sky_transport_choice_worked(SkyTransportChoice *choice, SkyRtspTransport transport);
void sky_transport_choice_was_silent(SkyTransportChoice *choice, SkyRtspTransport transport);
