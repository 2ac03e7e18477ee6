/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/rate.h"

#define PICTURES_MIN 20
#define SHARE_AT_REST 0.03
#define SHARE_OF_BUDGET 0.04
#define GROUPS_ALIKE 1.25

void sky_rate_meter_init(SkyRateMeter *meter) {
    *meter = (SkyRateMeter){.between = g_array_new(FALSE, FALSE, sizeof(guint32)), .group_least = G_MAXUINT64};
}

void sky_rate_meter_clear(SkyRateMeter *meter) {
    g_clear_pointer(&meter->between, g_array_unref);
}

static void end_group(SkyRateMeter *meter) {
    meter->group_least = MIN(meter->group_least, meter->group_bytes);
    meter->group_most = MAX(meter->group_most, meter->group_bytes);
    meter->groups++;
    meter->group_bytes = 0;
}

void sky_rate_meter_take(SkyRateMeter *meter, gsize bytes, gboolean key) {
    guint32 size = (guint32)bytes;
    if (key && meter->keys > 0)
        end_group(meter);
    if (key) {
        meter->keys++;
        meter->key_bytes += bytes;
    } else {
        g_array_append_val(meter->between, size);
    }
    meter->group_bytes += bytes;
}

static gint by_size(gconstpointer a, gconstpointer b) {
    guint32 one = *(const guint32 *)a, two = *(const guint32 *)b;
    return one < two ? -1 : one > two;
}

SkyRate sky_rate_meter_judge(const SkyRateMeter *meter, double *ret_share) {
    *ret_share = 0;
    if (meter->keys == 0 || meter->between->len == 0)
        return SKY_RATE_UNCLEAR;
    g_array_sort(meter->between, by_size);
    double key = (double)meter->key_bytes / (double)meter->keys;
    *ret_share = g_array_index(meter->between, guint32, meter->between->len / 2) / key;
    if (meter->between->len < PICTURES_MIN)
        return SKY_RATE_UNCLEAR;
    if (*ret_share < SHARE_AT_REST)
        return SKY_RATE_VARIABLE;
    gboolean alike = meter->groups >= 2 && (double)meter->group_most <= GROUPS_ALIKE * (double)meter->group_least;
    return *ret_share >= SHARE_OF_BUDGET && alike ? SKY_RATE_CONSTANT : SKY_RATE_UNCLEAR;
}
