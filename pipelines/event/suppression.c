/* SPDX-License-Identifier: Apache-2.0 */
#include "event/suppression.h"

#include <glib.h>

#define PLACES SKY_SUPPRESSION_PLACES

static const char *const names[] = {"brief", "unsteady", "still", "leap", "sway", "flight", "erratic", "shape", "tick", "size", "soft",
                                   "lit"};

const char *sky_suppression_name(SkySuppression cause) {
    G_STATIC_ASSERT(G_N_ELEMENTS(names) == SKY_SUPPRESSED_CAUSES);
    g_assert((guint)cause < G_N_ELEMENTS(names));
    return names[cause];
}

void sky_suppressed_note(SkySuppressed *suppressed, SkySuppression cause, SkyPoint at) {
    unsigned row = (unsigned)CLAMP(at.y * PLACES, 0, PLACES - 1), column = (unsigned)CLAMP(at.x * PLACES, 0, PLACES - 1);
    sky_counter_add(&suppressed->by_place[cause][row][column], 1);
}

uint64_t sky_suppressed_count(const SkySuppressed *suppressed, SkySuppression cause) {
    uint64_t count = 0;
    for (unsigned place = 0; place < PLACES * PLACES; place++)
        count += sky_counter_get(&suppressed->by_place[cause][place / PLACES][place % PLACES]);
    return count;
}

void sky_suppressed_most(const SkySuppressed *suppressed, char ret_text[SKY_SUPPRESSED_MOST_BYTES]) {
    unsigned cause = 0, place = 0;
    uint64_t most = 0, densest = 0;
    for (unsigned i = 0; i < SKY_SUPPRESSED_CAUSES; i++) {
        uint64_t count = sky_suppressed_count(suppressed, (SkySuppression)i);
        if (count > most) {
            most = count;
            cause = i;
        }
    }
    for (unsigned i = 0; i < PLACES * PLACES; i++) {
        uint64_t count = sky_counter_get(&suppressed->by_place[cause][i / PLACES][i % PLACES]);
        if (count > densest) {
            densest = count;
            place = i;
        }
    }
    ret_text[0] = '\0';
    if (most > 0)
        g_snprintf(ret_text, SKY_SUPPRESSED_MOST_BYTES, "%s in row %u, column %u of %u", names[cause], place / PLACES + 1,
                   place % PLACES + 1, PLACES);
}
