/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

typedef struct {
    const char *path;         /* of the database; its directory exists. Copied */
    int64_t log_age_max_ns;   /* delivered LOG rows are kept so long for replay, and while no clock is synced: 30 days */
    uint64_t rows_max;        /* undelivered; then EVENT rows, IMAGE rows, superseded STATE and oldest LOG rows go, in that order, counted */
    uint64_t bytes_max;       /* of all payloads kept */
    uint64_t ballast_bytes;   /* beside the database, given up first when the disk is full; 0: none */
} SkyStoreParams;
