/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "support/camera/channel.h"

/* The inside of a channel and its feeds; for pacer.c, channel.c and feed.c alone. All of it under the pacer's lock. */
struct Channel {
    Pacer *pacer;
    char *name, *path;
    VideoCodec codec;
    ChannelDamage damage;
    unsigned late_sets;
    gboolean stalled;
    int64_t stalled_ns; /* since when */
    uint64_t loops;
    GPtrArray *feeds; /* Feed, not owned */
};

struct Feed {
    Channel *channel;
    GstAppSrc *source;
    Video *video;
    GBytes *sets;      /* the video's parameter sets; NULL: it has none */
    VideoPicture next; /* packet is NULL: the file has become unreadable */
    int64_t zero_ns;   /* monotonic, of stream time 0 */
    int64_t begin_ns;  /* stream time of this loop's first picture */
    int64_t paused_ns; /* since when */
    unsigned bare;     /* key frames so far without parameter sets */
    gboolean playing, begins, skipping;
};

void pacer_enter(Pacer *pacer);
void pacer_leave(Pacer *pacer);
void pacer_wake(Pacer *pacer);

void feed_replace(Feed *feed, Video *video); /* takes it; it begins with the next picture */
void feed_delay(Feed *feed, int64_t by_ns);
int64_t feed_due_ns(const Feed *feed); /* INT64_MAX: not before something else happens */
void feed_push(Feed *feed, int64_t now_ns);
