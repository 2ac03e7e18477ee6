/* SPDX-License-Identifier: Apache-2.0 */
#include "config/spelling.h"

#include <string.h>

#define BYTES_MAX 32

guint sky_spelling_distance(const char *word, const char *written) {
    guint rows[2][BYTES_MAX + 1];
    gsize length = strlen(word), written_length = strlen(written);
    if (length > BYTES_MAX || written_length > BYTES_MAX)
        return G_MAXUINT;
    for (guint j = 0; j <= written_length; j++)
        rows[0][j] = j;
    for (guint i = 1; i <= length; i++) {
        guint *before = rows[(i - 1) & 1], *now = rows[i & 1];
        now[0] = i;
        for (guint j = 1; j <= written_length; j++) {
            guint change = before[j - 1] + (g_ascii_tolower(word[i - 1]) != g_ascii_tolower(written[j - 1]));
            now[j] = MIN(change, MIN(before[j], now[j - 1]) + 1);
        }
    }
    guint away = rows[length & 1][written_length];
    return away * 2 <= length ? away : G_MAXUINT;
}

const char *sky_spelling_nearest(const char *const *words, const char *written) {
    const char *nearest = NULL;
    guint least = SKY_SPELLING_DISTANCE_MAX + 1;
    for (; *words; words++) {
        guint away = sky_spelling_distance(*words, written);
        if (away < least) {
            least = away;
            nearest = *words;
        }
    }
    return nearest;
}
