/* SPDX-License-Identifier: Apache-2.0 */
#include "support/camera/feed.h"

#include "base/clock.h"
#include "base/error.h"

const char *channel_name(const Channel *channel) {
    return channel->name;
}

VideoCodec channel_codec(const Channel *channel) {
    return channel->codec;
}

ChannelDamage *channel_damage(Channel *channel) {
    return &channel->damage;
}

void channel_stall(Channel *channel, gboolean stalled) {
    int64_t now_ns = sky_clock_monotonic_ns();
    pacer_enter(channel->pacer);
    if (stalled && !channel->stalled) channel->stalled_ns = now_ns;
    if (!stalled && channel->stalled)
        for (guint i = 0; i < channel->feeds->len; i++) {
            Feed *feed = g_ptr_array_index(channel->feeds, i);
            feed_delay(feed, now_ns - MAX(channel->stalled_ns, feed->zero_ns));
        }
    channel->stalled = stalled;
    pacer_wake(channel->pacer);
    pacer_leave(channel->pacer);
}

gboolean channel_switch(Channel *channel, const char *path, GError **error) {
    g_autoptr(Video) video = video_open(path, error);
    if (video == NULL) return FALSE;
    if (video_codec(video) != channel->codec) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "%s: another codec; a stream in use keeps its own", path);
        return FALSE;
    }
    pacer_enter(channel->pacer);
    g_free(channel->path);
    channel->path = g_strdup(path);
    for (guint i = 0; i < channel->feeds->len; i++) {
        Video *another = i == 0 ? g_steal_pointer(&video) : video_open(path, NULL);
        if (another) feed_replace(g_ptr_array_index(channel->feeds, i), another);
    }
    pacer_wake(channel->pacer);
    pacer_leave(channel->pacer);
    return TRUE;
}

gboolean channel_restart(Channel *channel, GError **error) {
    pacer_enter(channel->pacer);
    g_autofree char *path = g_strdup(channel->path);
    pacer_leave(channel->pacer);
    atomic_fetch_add(&channel->damage.time_jump, g_random_int());
    return channel_switch(channel, path, error);
}
