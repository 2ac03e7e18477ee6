/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "base/counter.h"
#include "media/packet.h"
#include "media/picture.h"
#include "source/source_params.h"

/* Camera -> SkyPacket. ONE attempt: connects, delivers packets until it fails, ends or is told to stop, then says `ended` once.
 * When to try again is the camera's state machine's business. Engines: rtsp (libavformat), gst (a GStreamer pipeline given as
 * text), replay (a file). What every engine promises: video only, audio is never set up; packets in decode order, the first one a
 * key frame; dts strictly growing whatever the stream's own time stamps do; parameter sets that change make a new SkyStreamInfo,
 * seen on the packets. */
typedef struct SkySource SkySource;

/* Thread: all of these are called on the source's own thread, which must not be held up. */
typedef struct {
    void (*packet)(SkyPacket *packet, gpointer user); /* takes */
    /* The last call. error: borrowed, NULL only when told to stop, or when a replay reached its end. CONFIG: wrong
     * account (message begins "authentication"), certificate, URL, codec. RETRY: all else; the message begins "stalled"
     * where pictures came and then nothing any more. */
    void (*ended)(const GError *error, gpointer user);
    gpointer user;
    /* The camera took the account and plays, by this transport (never AUTO); its first picture may still be long in coming. NULL:
     * nobody asks. */
    void (*admitted)(SkyRtspTransport transport, gpointer user);
    /* A picture that the engine decoded itself (a pipeline text's appsink `frames`): borrowed for the call, ascending pts_ns and
     * arrival_ns, thinned to params.picture_fps. NULL: nobody wants any, and they are not decoded. */
    void (*picture)(const SkyPicture *picture, gpointer user);
    /* Before the first packet, where pictures will come: what they show need not be decoded from the packets. With `picture`. */
    void (*has_pictures)(gpointer user);
    /* Where the camera tells its wall clock (RTCP sender reports, RFC 3550 6.4.1): with a packet, so far it seemed ahead of ours when
     * that came; what it took from the lens to here makes it seem behind. Only libavformat's engine. NULL: nobody asks. */
    void (*clock)(int64_t ahead_ns, gpointer user);
} SkySourceSink;

/* Of an onvif:// URL: why asking the camera came to nothing. */
typedef struct {
    SkyCounter refused;    /* the account */
    SkyCounter unanswered; /* not reached, too slow, too large, no HTTP, sent on, another status than there can be, a certificate that is not ca_file's */
    SkyCounter unreadable; /* no XML, a fault, something else than was asked, more than an answer holds, no such channel */
    SkyCounter unusable;   /* names another host, or no RTSP */
} SkyOnvifNumbers;

#define SKY_REPLAY_USUAL_RATE 25.0 /* pictures a second */

typedef struct {
    SkyCounter packets, bytes;
    SkyCounter plain_keys;   /* key frames that nothing says to be some, for want of others: stream_watch.h */
    SkyCounter bad_packets;  /* too large, empty, not parseable: dropped */
    SkyCounter untimed;      /* plays of a file that has no time stamps: its frame rate serves, or SKY_REPLAY_USUAL_RATE */
    SkyCounter mended_times; /* time stamps that jumped, repeated or were missing */
    SkyCounter pictures;     /* decoded by the engine itself, those thinned out too */
    SkyCounter bad_pictures; /* of them, that could not be read: dropped */
    SkyOnvifNumbers onvif;
} SkySourceNumbers;

/* The engines. Params are copied; start makes the thread and returns at once. */
SkySource *sky_rtsp_source_new(const SkySourceParams *params, const SkySourceSink *sink);
SkySource *sky_gst_source_new(const SkySourceParams *params, const SkySourceSink *sink); /* pipeline_text.h says what it plays */
SkySource *sky_replay_source_new(const SkySourceParams *params, const SkySourceSink *sink);
const char *sky_rtsp_transport_name(SkyRtspTransport transport); /* "TCP", "UDP", "multicast" */
gboolean sky_source_start(SkySource *source, GError **error);
/* Asks it to end; returns at once; it ends within 1 s. */
void sky_source_request_stop(SkySource *source);
/* Requests a stop, joins, frees. Blocks only until the thread has ended (at once after `ended`). */
void sky_source_free(SkySource *source);
const SkySourceNumbers *sky_source_numbers(const SkySource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkySource, sky_source_free)
