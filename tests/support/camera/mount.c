/* SPDX-License-Identifier: Apache-2.0 */
#include "support/camera/mount.h"

#include <string.h>
#include "support/camera/rtp_damage.h"

#define WRAP_SEQUENCE 65500
#define WRAP_TIME (G_MAXUINT32 - 3 * 90000 - 1000) /* three seconds before it, and not by way of 2^32 - 1, libavformat's word for no time */

/* A media with this program's habits: its session description, and the clock of its reports. */
typedef struct {
    GstRTSPMedia parent;
    const Habits *habits;
} CameraMedia;
typedef struct {
    GstRTSPMediaClass parent;
} CameraMediaClass;
static GType camera_media_get_type(void);
G_DEFINE_TYPE(CameraMedia, camera_media, GST_TYPE_RTSP_MEDIA)

static void on_rtpbin_pad(GstElement *rtpbin, GstPad *pad, gpointer user) {
    const CameraMedia *media = user;
    if (g_str_has_prefix(GST_OBJECT_NAME(pad), "send_rtcp_src_")) rtcp_clock_attach(pad, media->habits->clock_offset_s);
}

static gboolean setup_rtpbin(GstRTSPMedia *base, GstElement *rtpbin) {
    CameraMedia *media = (CameraMedia *)base;
    if (media->habits->clock_offset_s) g_signal_connect(rtpbin, "pad-added", G_CALLBACK(on_rtpbin_pad), media);
    GstRTSPMediaClass *parent = GST_RTSP_MEDIA_CLASS(camera_media_parent_class);
    return parent->setup_rtpbin == NULL || parent->setup_rtpbin(base, rtpbin);
}

/* A line that swallows: what the media sends by that transport goes nowhere. */
static GstPadProbeReturn drop_all(GstPad *pad, GstPadProbeInfo *info, gpointer user) {
    return GST_PAD_PROBE_DROP;
}

static void on_element(GstBin *pipeline, GstBin *parent, GstElement *element, gpointer user) {
    const Habits *habits = user;
    GstElementFactory *factory = gst_element_get_factory(element);
    const char *kind = factory ? GST_OBJECT_NAME(factory) : "";
    gboolean udp = strcmp(kind, "multiudpsink") == 0, tcp = strcmp(kind, "appsink") == 0;
    if (!(udp && habits->swallowed & GST_RTSP_LOWER_TRANS_UDP) && !(tcp && habits->swallowed & GST_RTSP_LOWER_TRANS_TCP)) return;
    g_autoptr(GstPad) pad = gst_element_get_static_pad(element, "sink");
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, drop_all, NULL, NULL);
}

static void forget_parameter_sets(GstSDPMedia *described) {
    for (guint i = 0; i < gst_sdp_media_attributes_len(described); i++) {
        const GstSDPAttribute *attribute = gst_sdp_media_get_attribute(described, i);
        if (strcmp(attribute->key, "fmtp") != 0) continue;
        g_auto(GStrv) fields = g_strsplit(attribute->value, ";", -1);
        g_autoptr(GString) kept = g_string_new(NULL);
        for (char **field = fields; *field; field++)
            if (!g_str_has_prefix(*field, "sprop-")) g_string_append_printf(kept, "%s%s", kept->len ? ";" : "", *field);
        GstSDPAttribute changed;
        gst_sdp_attribute_set(&changed, "fmtp", kept->str);
        gst_sdp_media_replace_attribute(described, i, &changed);
    }
}

static gboolean setup_sdp(GstRTSPMedia *base, GstSDPMessage *sdp, GstSDPInfo *info) {
    CameraMedia *media = (CameraMedia *)base;
    if (!GST_RTSP_MEDIA_CLASS(camera_media_parent_class)->setup_sdp(base, sdp, info)) return FALSE;
    for (guint i = 0; media->habits->no_sprop && i < gst_sdp_message_medias_len(sdp); i++)
        forget_parameter_sets((GstSDPMedia *)gst_sdp_message_get_media(sdp, i));
    return TRUE;
}

static void camera_media_class_init(CameraMediaClass *class) {
    GST_RTSP_MEDIA_CLASS(class)->setup_rtpbin = setup_rtpbin;
    GST_RTSP_MEDIA_CLASS(class)->setup_sdp = setup_sdp;
}

static void camera_media_init(CameraMedia *media) {
}

typedef struct {
    Channel *channel;
    const Habits *habits;
} Mount;

static void free_feed(gpointer feed) {
    feed_free(feed);
}

static void on_state(GstRTSPMedia *media, gint state, gpointer user) {
    Feed *feed = g_object_get_data(G_OBJECT(media), "feed");
    if (feed) feed_play(feed, state == GST_STATE_PLAYING);
}

static void on_unprepared(GstRTSPMedia *media, gpointer user) {
    g_object_set_data(G_OBJECT(media), "feed", NULL);
}

static void on_configure(GstRTSPMediaFactory *factory, GstRTSPMedia *media, gpointer user) {
    const Mount *mount = user;
    ((CameraMedia *)media)->habits = mount->habits;
    GstElement *bin = gst_rtsp_media_get_element(media);
    GstElement *source = gst_bin_get_by_name(GST_BIN(bin), "source");
    GstElement *payloader = gst_bin_get_by_name(GST_BIN(bin), "pay0");
    if (mount->habits->seq_wrap)
        g_object_set(payloader, "seqnum-offset", WRAP_SEQUENCE, "timestamp-offset", (guint)WRAP_TIME, NULL);
    rtp_damage_attach(payloader, channel_damage(mount->channel));
    g_autoptr(GstObject) pipeline = gst_object_get_parent(GST_OBJECT(bin));
    g_signal_connect(pipeline, "deep-element-added", G_CALLBACK(on_element), (gpointer)mount->habits);
    g_signal_connect(media, "new-state", G_CALLBACK(on_state), NULL);
    g_signal_connect(media, "unprepared", G_CALLBACK(on_unprepared), NULL);
    g_autoptr(GError) error = NULL;
    Feed *feed = feed_new(mount->channel, GST_APP_SRC(source), &error);
    if (feed) g_object_set_data_full(G_OBJECT(media), "feed", feed, free_feed);
    else g_printerr("skynet-camera: %s\n", error->message);
    gst_object_unref(payloader);
    gst_object_unref(source);
    gst_object_unref(bin);
}

/* Each client marks what it asked for, so that it can be found again. */
static void on_describe(GstRTSPClient *client, GstRTSPContext *context, gpointer user) {
    if (context->uri) g_object_set_data_full(G_OBJECT(client), "path", g_strdup(context->uri->abspath), g_free);
}

static void on_session(GstRTSPClient *client, GstRTSPSession *session, gpointer user) {
    const Habits *habits = user;
    if (habits->session_s) gst_rtsp_session_set_timeout(session, habits->session_s);
}

static void on_client(GstRTSPServer *server, GstRTSPClient *client, gpointer user) {
    g_signal_connect(client, "new-session", G_CALLBACK(on_session), user);
    g_signal_connect(client, "describe-request", G_CALLBACK(on_describe), NULL);
}

static void free_mount(gpointer mount, GClosure *closure) {
    g_free(mount);
}

void mount_add(GstRTSPServer *server, Channel *channel, const Habits *habits) {
    static const char *const payloaders[] = {
        [VIDEO_H264] = "rtph264pay", [VIDEO_H265] = "rtph265pay", [VIDEO_MJPEG] = "rtpjpegpay"};
    g_autofree char *pipeline =
        g_strdup_printf("( appsrc name=source is-live=true format=time ! %s name=pay0 pt=%d )", payloaders[channel_codec(channel)],
                        channel_codec(channel) == VIDEO_MJPEG ? 26 : 96);
    g_autofree char *path = g_strconcat("/", channel_name(channel), NULL);
    GstRTSPMediaFactory *factory = gst_rtsp_media_factory_new();
    Mount *mount = g_new0(Mount, 1);
    *mount = (Mount){channel, habits};
    gst_rtsp_media_factory_set_launch(factory, pipeline);
    gst_rtsp_media_factory_set_shared(factory, TRUE);
    gst_rtsp_media_factory_set_latency(factory, 0);
    gst_rtsp_media_factory_set_protocols(factory, habits->transports);
    gst_rtsp_media_factory_set_media_gtype(factory, camera_media_get_type());
    if (habits->role)
        gst_rtsp_media_factory_add_role(factory, habits->role, GST_RTSP_PERM_MEDIA_FACTORY_ACCESS, G_TYPE_BOOLEAN, TRUE,
                                        GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, NULL);
    g_signal_connect_data(factory, "media-configure", G_CALLBACK(on_configure), mount, free_mount, 0);
    GstRTSPMountPoints *points = gst_rtsp_server_get_mount_points(server);
    gst_rtsp_mount_points_add_factory(points, path, factory);
    g_object_unref(points);
    if (!g_object_get_data(G_OBJECT(server), "marks")) g_signal_connect(server, "client-connected", G_CALLBACK(on_client), (gpointer)habits);
    g_object_set_data(G_OBJECT(server), "marks", server);
}

/* What goes by UDP outlives the connection; what goes through it does not, and is left to the client's own thread, since
 * gst_rtsp_client_close() from another thread takes the ground from under packets on their way (an assertion in gst-rtsp-server
 * 1.22). */
static GstRTSPFilterResult drop_datagrams(GstRTSPSession *session, GstRTSPSessionMedia *media, gpointer user) {
    GstRTSPStreamTransport *stream = gst_rtsp_session_media_get_transport(media, 0);
    const GstRTSPTransport *transport = stream ? gst_rtsp_stream_transport_get_transport(stream) : NULL;
    return transport && transport->lower_transport == GST_RTSP_LOWER_TRANS_UDP ? GST_RTSP_FILTER_REMOVE : GST_RTSP_FILTER_KEEP;
}

static GstRTSPFilterResult drop_session(GstRTSPClient *client, GstRTSPSession *session, gpointer user) {
    g_list_free_full(gst_rtsp_session_filter(session, drop_datagrams, NULL), g_object_unref);
    return GST_RTSP_FILTER_KEEP;
}

static GstRTSPFilterResult hang_up(GstRTSPServer *server, GstRTSPClient *client, gpointer path) {
    if (g_strcmp0(g_object_get_data(G_OBJECT(client), "path"), path) == 0) {
        g_list_free_full(gst_rtsp_client_session_filter(client, drop_session, NULL), g_object_unref);
        GstRTSPConnection *connection = gst_rtsp_client_get_connection(client);
        if (connection) g_socket_shutdown(gst_rtsp_connection_get_read_socket(connection), TRUE, TRUE, NULL);
    }
    return GST_RTSP_FILTER_KEEP;
}

void mount_disconnect(GstRTSPServer *server, const Channel *channel) {
    g_autofree char *path = g_strconcat("/", channel_name(channel), NULL);
    g_list_free_full(gst_rtsp_server_client_filter(server, hang_up, path), g_object_unref);
}
