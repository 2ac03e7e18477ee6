/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* The least RTSP client over TCP (RFC 2326, 10.12 for what lies between the replies): for what ffmpeg does not tell about a camera.
 * Thread: one. Fails the test where the server does not answer. */
typedef struct RtspClient RtspClient;

RtspClient *rtsp_client_new(int port);
void rtsp_client_free(RtspClient *client); /* hangs up without a word */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtspClient, rtsp_client_free)
/* headers: lines that end in "\r\n", or "". Returns the status; ret_body may be NULL. */
int rtsp_client_ask(RtspClient *client, const char *method, const char *url, const char *headers, char **ret_body);
/* Describe, set up the one stream, play. ret_description may be NULL. */
void rtsp_client_play(RtspClient *client, const char *url, char **ret_description);

typedef struct {
    gboolean report; /* RTCP, and only bytes and length mean anything */
    gboolean marker;
    uint16_t sequence;
    uint32_t time, source;
    const guint8 *bytes; /* the payload; of a report all of it; until the next call */
    gsize length;
} RtspPacket;
/* FALSE: nothing within the limit; or the server has hung up, see below. */
gboolean rtsp_client_next(RtspClient *client, int limit_ms, RtspPacket *ret_packet);
gboolean rtsp_client_hung_up(const RtspClient *client);
