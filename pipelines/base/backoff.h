/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/* When to try again: first_ns doubling to most_ns, each with +-25 % jitter, for ever (a village's power returns for
 * everyone at once). Decides only: the caller gives the dice. Serves cameras and the broker alike. */
typedef struct {
    int64_t first_ns, most_ns;
    uint32_t failures;
} SkyBackoff;

void sky_backoff_init(SkyBackoff *backoff, int64_t first_ns, int64_t most_ns);
/* The delay before the next try; dice is any random 32 bits. */
int64_t sky_backoff_next(SkyBackoff *backoff, uint32_t dice);
/* Call only once the thing has WORKED for a while, not when it merely connected. */
void sky_backoff_reset(SkyBackoff *backoff);
