/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "base/id.h"

/* What stands until it is taken back, and has to be known again after a power cut: an event that has begun and not ended, a camera
 * that somebody disarmed, an account that a camera refused, a stream that comes by UDP, what a camera looks at. Written by the same commit that tells of it. */
typedef enum { SKY_STANDING_EVENT, SKY_STANDING_DISARMED, SKY_STANDING_REFUSED, SKY_STANDING_BY_UDP, SKY_STANDING_VIEW } SkyStandingKind;

typedef struct {
    SkyStandingKind kind;
    char id[SKY_ID_BYTES];    /* of the event, the camera, the account, the stream; one a kind and id */
    char alert[SKY_ID_BYTES]; /* that bears the event; "" where none. A start gives this alert back too, also where it is closed */
    char *body;               /* only its writer's module reads it; NULL: it stands no longer */
} SkyStandingRecord;

SkyStandingRecord *sky_standing_record_new(SkyStandingKind kind, const char *id, const char *body); /* copied; body may be NULL */
void sky_standing_record_free(SkyStandingRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyStandingRecord, sky_standing_record_free)
