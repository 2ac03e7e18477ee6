/* SPDX-License-Identifier: Apache-2.0 */
#include "source/gst_attempt.h"

#include <gst/rtsp/gstrtspmessage.h>

/* Thread: the element's, one message at a time. Owner: its signal. */
typedef struct {
    guint again; /* times that the last message went again with the account */
} Attempt;

/* FALSE: it does not go, and the refusal stands. Why it is to go again is not told: a refusal, or that the camera hung up before it read it,
 * as many do behind the 401 that asks for the account. */
static gboolean on_send(GstElement *camera, GstRTSPMessage *message, gpointer user) {
    Attempt *attempt = user;
    char *account = NULL; /* of the last time that this very message went */
    if (gst_rtsp_message_get_header(message, GST_RTSP_HDR_AUTHORIZATION, &account, 0) == GST_RTSP_OK)
        return attempt->again++ == 0;
    attempt->again = 0;
    return TRUE;
}

static void let_go(gpointer attempt, GClosure *closure) {
    g_free(attempt);
}

void sky_gst_attempt_bound(GstElement *camera) {
    if (g_signal_lookup("before-send", G_OBJECT_TYPE(camera)) != 0)
        g_signal_connect_data(camera, "before-send", G_CALLBACK(on_send), g_new0(Attempt, 1), let_go, 0);
}
