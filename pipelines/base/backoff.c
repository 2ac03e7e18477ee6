/* SPDX-License-Identifier: Apache-2.0 */
#include "base/backoff.h"

void sky_backoff_init(SkyBackoff *backoff, int64_t first_ns, int64_t most_ns) {
    *backoff = (SkyBackoff){.first_ns = first_ns, .most_ns = most_ns};
}

int64_t sky_backoff_next(SkyBackoff *backoff, uint32_t dice) {
    int64_t delay = backoff->first_ns;
    for (uint32_t i = 0; i < backoff->failures && delay < backoff->most_ns; i++)
        delay *= 2;
    if (delay >= backoff->most_ns)
        delay = backoff->most_ns;
    else
        backoff->failures++;
    /* 0.75 .. 1.25 */
    return delay - delay / 4 + (int64_t)((double)dice / 4294967296.0 * (double)delay / 2.0);
}

void sky_backoff_reset(SkyBackoff *backoff) {
    backoff->failures = 0;
}
