/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "support/clip_fixture.h"

/* An RTSP server of a few lines that misbehaves on demand: one H.264 clip over TCP, as fast as it is read, with whatever statuses,
 * SDP and time stamps a test wants. What a well-behaved camera does is tested with skynet-camera. */
typedef struct RtspStage RtspStage;

typedef enum {
    RTSP_STAGE_CLOSE,   /* after the last packet */
    RTSP_STAGE_HOLD,    /* the connection stays open, nothing comes */
    RTSP_STAGE_GARBAGE, /* RTP packets of noise for ever */
} RtspStageEnd;

typedef struct {
    const char *describe_status; /* NULL: "200 OK" */
    const char *challenge;       /* with 401; NULL: a digest by MD5 */
    const char *setup_status;    /* NULL: "200 OK" */
    const char *location;        /* not NULL: DESCRIBE is answered with 302 and this URL */
    const char *public_verbs;    /* what OPTIONS says it takes; NULL: no GET_PARAMETER among them */
    int session_s;               /* of the session, told at SETUP; 0: 60 */
    int pace_ms;                 /* between two pictures; requests are answered there too. 0: as fast as it is read */
    gboolean multicast;          /* pictures go to 239.255.42.1, by the loopback */
    guint early;                 /* so many pictures go out before PLAY is answered */
    const char *sdp;             /* NULL: one that fits the clip */
    const char *raw_reply;       /* not NULL: the answer to everything, as it stands */
    gboolean mute;               /* accepts, reads, never answers */
    guint mute_after;            /* not 0: mute from the next connection after so many on */
    gboolean mute_at_play;       /* all but PLAY is answered */
    gboolean odd_types;          /* before each picture from the 25th on goes a packet that hardly anybody knows (MTAP24, RFC 6184 5.7.2),
                                    behind the last of each 25 an end of sequence that is too long */
    gboolean no_sprop;           /* the SDP tells no parameter sets */
    gboolean with_audio;         /* and offers a sound track */
    guint first, count;          /* of the clip's packets; count 0: all */
    uint32_t (*stamp)(guint i);  /* RTP time of the i-th packet; NULL: 3600 apart, near the wrap */
    RtspStageEnd end;
} RtspStageScript;

/* clip: borrowed, may be NULL where no packet is sent. */
RtspStage *rtsp_stage_new(const RtspStageScript *script, const ClipCatch *clip);
void rtsp_stage_free(RtspStage *stage);
const char *rtsp_stage_url(const RtspStage *stage); /* rtsp://127.0.0.1:PORT/cam */
char *rtsp_stage_requests(RtspStage *stage);        /* all requests so far, as they came */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtspStage, rtsp_stage_free)
