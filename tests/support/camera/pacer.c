/* SPDX-License-Identifier: Apache-2.0 */
#include "support/camera/feed.h"

#include <string.h>
#include "base/clock.h"
#include "base/lock.h"
#include "base/thread.h"

struct Pacer {
    SkyLock lock;
    GPtrArray *channels; /* Channel */
    SkyThread *thread;
    gboolean stop;
};

void pacer_enter(Pacer *pacer) {
    sky_lock_enter(&pacer->lock);
}

void pacer_leave(Pacer *pacer) {
    sky_lock_leave(&pacer->lock);
}

void pacer_wake(Pacer *pacer) {
    sky_lock_wake(&pacer->lock);
}

static int64_t push_due(Channel *channel, int64_t now_ns) {
    int64_t next_ns = INT64_MAX;
    for (guint i = 0; i < channel->feeds->len; i++) {
        Feed *feed = g_ptr_array_index(channel->feeds, i);
        while (feed_due_ns(feed) <= now_ns) feed_push(feed, now_ns);
        next_ns = MIN(next_ns, feed_due_ns(feed));
    }
    return next_ns;
}

static void run(gpointer user) {
    Pacer *pacer = user;
    sky_lock_enter(&pacer->lock);
    while (!pacer->stop) {
        int64_t now_ns = sky_clock_monotonic_ns(), next_ns = INT64_MAX;
        for (guint i = 0; i < pacer->channels->len; i++)
            next_ns = MIN(next_ns, push_due(g_ptr_array_index(pacer->channels, i), now_ns));
        if (next_ns > now_ns) sky_lock_wait_until(&pacer->lock, next_ns);
    }
    sky_lock_leave(&pacer->lock);
}

static void free_channel(gpointer user) {
    Channel *channel = user;
    g_free(channel->name);
    g_free(channel->path);
    g_ptr_array_unref(channel->feeds);
    g_free(channel);
}

Pacer *pacer_new(GError **error) {
    Pacer *pacer = g_new0(Pacer, 1);
    sky_lock_init(&pacer->lock);
    pacer->channels = g_ptr_array_new_with_free_func(free_channel);
    pacer->thread = sky_thread_start("pacer", run, pacer, error);
    if (pacer->thread == NULL) g_clear_pointer(&pacer, pacer_free);
    return pacer;
}

void pacer_free(Pacer *pacer) {
    if (pacer == NULL) return;
    sky_lock_enter(&pacer->lock);
    pacer->stop = TRUE;
    sky_lock_wake(&pacer->lock);
    sky_lock_leave(&pacer->lock);
    sky_thread_join(pacer->thread);
    g_ptr_array_unref(pacer->channels);
    sky_lock_clear(&pacer->lock);
    g_free(pacer);
}

Channel *pacer_add(Pacer *pacer, const char *name, const char *path, unsigned late_sets, GError **error) {
    g_autoptr(Video) video = video_open(path, error);
    if (video == NULL) return NULL;
    if (!video_fits_rtp(video))
        g_printerr("skynet-camera: %s: MJPEG with Huffman tables of its own, which RTP cannot carry (ffmpeg: -huffman default)\n",
                   path);
    Channel *channel = g_new0(Channel, 1);
    channel->pacer = pacer;
    channel->name = g_strdup(name);
    channel->path = g_strdup(path);
    channel->codec = video_codec(video);
    channel->late_sets = late_sets;
    channel->feeds = g_ptr_array_new();
    pacer_enter(pacer);
    g_ptr_array_add(pacer->channels, channel);
    pacer_leave(pacer);
    return channel;
}

Channel *pacer_find(Pacer *pacer, const char *name) {
    Channel *found = NULL;
    pacer_enter(pacer);
    for (guint i = 0; i < pacer->channels->len && found == NULL; i++) {
        Channel *channel = g_ptr_array_index(pacer->channels, i);
        if (strcmp(channel->name, name) == 0) found = channel;
    }
    pacer_leave(pacer);
    return found;
}
