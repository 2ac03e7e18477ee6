/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gst/rtsp-server/rtsp-server.h>
#include "support/camera/channel.h"

/* What all cameras of this process are like. */
typedef struct {
    GstRTSPLowerTrans transports, swallowed; /* swallowed: agreed to, and nothing comes by it */
    gboolean no_sprop, seq_wrap;
    int clock_offset_s;
    guint session_s; /* 0: a minute */
    const char *role; /* of who may look; NULL: everybody */
} Habits;

/* Serves the channel at /NAME. habits and channel live as long as the server. */
void mount_add(GstRTSPServer *server, Channel *channel, const Habits *habits);
/* Hangs up on everybody who is connected to it. */
void mount_disconnect(GstRTSPServer *server, const Channel *channel);
