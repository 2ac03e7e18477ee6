/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/arming.h"

#include <string.h>

#include "base/clock.h"

struct SkyArming {
    GHashTable *until; /* camera -> int64_t *, UTC */
};

SkyArming *sky_arming_new(void) {
    SkyArming *arming = g_new0(SkyArming, 1);
    arming->until = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return arming;
}

void sky_arming_free(SkyArming *arming) {
    if (!arming)
        return;
    g_hash_table_unref(arming->until);
    g_free(arming);
}

gboolean sky_arming_limit(int64_t asked_utc_ns, int64_t now_utc_ns, int64_t *ret_until_utc_ns) {
    int64_t until_utc_ns = asked_utc_ns == SKY_TIME_NONE ? now_utc_ns + SKY_DISARM_DEFAULT_NS : asked_utc_ns;
    if (until_utc_ns <= now_utc_ns || until_utc_ns > now_utc_ns + SKY_DISARM_MAX_NS)
        return FALSE;
    *ret_until_utc_ns = until_utc_ns;
    return TRUE;
}

void sky_arming_disarm(SkyArming *arming, const char *camera, int64_t until_utc_ns) {
    g_hash_table_insert(arming->until, g_strdup(camera), g_memdup2(&until_utc_ns, sizeof until_utc_ns));
}

gboolean sky_arming_arm(SkyArming *arming, const char *camera) {
    return g_hash_table_remove(arming->until, camera);
}

int64_t sky_arming_until(const SkyArming *arming, const char *camera) {
    const int64_t *until_utc_ns = g_hash_table_lookup(arming->until, camera);
    return until_utc_ns ? *until_utc_ns : SKY_TIME_NONE;
}

uint32_t sky_arming_count(const SkyArming *arming) {
    return g_hash_table_size(arming->until);
}

void sky_arming_turn(SkyArming *arming, int64_t now_utc_ns, GPtrArray *ret_armed) {
    GHashTableIter iter;
    gpointer camera, until;
    g_hash_table_iter_init(&iter, arming->until);
    while (g_hash_table_iter_next(&iter, &camera, &until)) {
        int64_t *until_utc_ns = until;
        *until_utc_ns = MIN(*until_utc_ns, now_utc_ns + SKY_DISARM_MAX_NS);
        if (now_utc_ns < *until_utc_ns)
            continue;
        g_ptr_array_add(ret_armed, g_strdup(camera));
        g_hash_table_iter_remove(&iter);
    }
}

char *sky_arming_body(int64_t until_utc_ns) {
    return g_strdup_printf("%" G_GINT64_FORMAT, until_utc_ns);
}

gboolean sky_arming_body_parse(const char *body, int64_t *ret_until_utc_ns) {
    gint64 until_utc_ns = 0;
    if (!g_ascii_string_to_signed(body, 10, 0, G_MAXINT64, &until_utc_ns, NULL))
        return FALSE;
    *ret_until_utc_ns = until_utc_ns;
    return TRUE;
}
