/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

typedef enum {
    SKY_RTSP_TCP, /* RTP within the RTSP connection */
    SKY_RTSP_UDP,
    SKY_RTSP_MULTICAST,
    SKY_RTSP_AUTO, /* TCP or UDP, and within the attempt the other one where the camera refuses it */
} SkyRtspTransport;

/* How to reach one stream of one camera. Values are copied by the source. */
typedef struct {
    const char *camera; /* id, for log lines */
    const char *url;    /* rtsp://, rtsps://, onvif:// or onvifs:// (onvif.h) for the RTSP engine, a path for the replay engine; credentials in it are taken out */
    const char *user;   /* NULL: none, or what the URL bears */
    const char *password;
    SkyRtspTransport transport;
    SkyRtspTransport first; /* AUTO: which one to begin with, TCP or UDP */
    int64_t connect_timeout_ns; /* resolve + connect + DESCRIBE + SETUP + PLAY, 10 s */
    int64_t stall_timeout_ns;   /* no packet for so long: the stream has failed, 6 s */
    const char *pipeline_text;  /* GStreamer engine only: see pipeline_text.h */
    const char *ca_file;        /* GStreamer engine and rtsps://, or onvifs://: PEM, the camera's certificate is one of these or signed by
                                   one of them; NULL: any will do */
    double picture_fps;         /* GStreamer engine only: pictures handed on a second; 0: all */
    gboolean paced;             /* replay only: at the speed of the file, arrival_ns = real time */
    gboolean loop;              /* replay only: begin again at the end (time goes on) */
} SkySourceParams;
