/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gst/app/gstappsrc.h>
#include <stdatomic.h>
#include "support/camera/video.h"

/* A channel is one NAME: which video it plays, and how it misbehaves. A feed is one running stream of it; there is none while
 * nobody is connected, and two for a moment while one comes and another goes. The pacer is the one thread that hands pictures to
 * all feeds, each at its time: zero_ns + the stream time, which goes on over loops, stalls and switches.
 * Thread: any. Owner: the pacer owns channels, a media owns its feed. */
typedef struct Pacer Pacer;
typedef struct Channel Channel;
typedef struct Feed Feed;

Pacer *pacer_new(GError **error); /* starts its thread */
void pacer_free(Pacer *pacer);    /* no feed may be left */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pacer, pacer_free)

/* late_sets: of each feed, so many key frames come without parameter sets. */
Channel *pacer_add(Pacer *pacer, const char *name, const char *path, unsigned late_sets, GError **error);
Channel *pacer_find(Pacer *pacer, const char *name); /* NULL: none */

const char *channel_name(const Channel *channel);
VideoCodec channel_codec(const Channel *channel);
void channel_stall(Channel *channel, gboolean stalled); /* it goes on where it stood */
/* The video at path begins at once, in the running stream. It has the same codec. */
gboolean channel_switch(Channel *channel, const char *path, GError **error);
/* The video begins anew and RTP time stamps jump. */
gboolean channel_restart(Channel *channel, GError **error);

/* What the RTP packets of this channel suffer; see rtp_damage.h. */
typedef struct {
    atomic_bool reorder;
    atomic_int garbage;      /* so many packets are still to be harmed */
    atomic_int drop_percent;
    atomic_uint time_jump; /* added to RTP time stamps */
} ChannelDamage;
ChannelDamage *channel_damage(Channel *channel);

/* The first picture is pushed at once, since a session description needs it; the second comes after feed_play(). */
Feed *feed_new(Channel *channel, GstAppSrc *source, GError **error);
void feed_free(Feed *feed);
void feed_play(Feed *feed, gboolean playing);
