/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "base/id.h"

/* One revision of an alert as the store keeps it; the body is the text that only message/ reads and writes. */
typedef struct {
    char alert[SKY_ID_BYTES];
    uint32_t rev;
    gboolean open;
    int64_t updated_utc_ns;
    char *body;
} SkyAlertRecord;

/* A command that was carried out or refused: the audit trail, and what makes a request_id work once. */
typedef struct {
    char audience[SKY_ID_BYTES], client[SKY_ID_BYTES], request_id[SKY_ID_BYTES];
    char verb[16];
    char alert[SKY_ID_BYTES]; /* "" where none */
    int64_t utc_ns;
    gboolean ok;
    char *reply; /* the payload that was sent back */
} SkyAuditRecord;
