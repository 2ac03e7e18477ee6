/* SPDX-License-Identifier: Apache-2.0 */
#include "source/gst_attempt.h"

#include <gst/rtsp/gstrtspmessage.h>

/* Thread: the element's, one message at a time. Owner: its signal. */
typedef struct {
    GstRTSPMethod method; /* of the last message */
    guint sent, again;    /* times it went; of those, with the account again */
    gboolean let_in;      /* something went on behind what had to be asked twice */
} Attempt;

/* FALSE: it does not go, and the refusal stands. */
static gboolean on_send(GstElement *camera, GstRTSPMessage *message, gpointer user) {
    Attempt *attempt = user;
    GstRTSPMethod method = message->type_data.request.method;
    char *account = NULL; /* of the last time that this very message went */
    if (gst_rtsp_message_get_header(message, GST_RTSP_HDR_AUTHORIZATION, &account, 0) == GST_RTSP_OK)
        return attempt->let_in && attempt->again++ == 0;
    attempt->let_in = attempt->let_in || (method != attempt->method && attempt->sent > 1);
    attempt->sent = method == attempt->method ? attempt->sent + 1 : 1;
    attempt->method = method;
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
