/* SPDX-License-Identifier: Apache-2.0 */
#include "support/camera/rtp_damage.h"

#include <gst/rtp/gstrtcpbuffer.h>
#include <gst/rtp/gstrtpbuffer.h>

#define HARM_EVERY_BYTES 40

static void harm(GstRTPBuffer *rtp) {
    guint8 *payload = gst_rtp_buffer_get_payload(rtp);
    guint bytes = gst_rtp_buffer_get_payload_len(rtp);
    for (guint left = 1 + bytes / HARM_EVERY_BYTES; left > 0 && bytes > 0; left--)
        payload[g_random_int_range(0, (gint32)bytes)] ^= (guint8)g_random_int_range(1, 256);
}

static GstBuffer *damage_packet(GstBuffer *packet, gboolean garbage, guint32 jump) {
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    GstBuffer *copy = gst_buffer_copy_deep(packet); /* its payload is the file's, and shared */
    gst_buffer_unref(packet);
    if (!gst_rtp_buffer_map(copy, GST_MAP_READWRITE, &rtp)) return copy;
    gst_rtp_buffer_set_timestamp(&rtp, gst_rtp_buffer_get_timestamp(&rtp) + jump);
    if (garbage) harm(&rtp);
    gst_rtp_buffer_unmap(&rtp);
    return copy;
}

/* NULL: lost. */
static GstBuffer *suffer(GstBuffer *packet, ChannelDamage *damage) {
    gboolean garbage = atomic_load(&damage->garbage) > 0 && atomic_fetch_sub(&damage->garbage, 1) > 0;
    guint32 jump = atomic_load(&damage->time_jump);
    if (g_random_int_range(0, 100) >= atomic_load(&damage->drop_percent))
        return garbage || jump ? damage_packet(packet, garbage, jump) : packet;
    gst_buffer_unref(packet);
    return NULL;
}

static gboolean suffer_in_list(GstBuffer **packet, guint index, gpointer damage) {
    *packet = suffer(*packet, damage);
    return TRUE;
}

/* Of a picture in several packets, the second overtakes the first, the fourth the third. */
static void swap_neighbours(GstPadProbeInfo *info) {
    GstBufferList *list = gst_buffer_list_make_writable(GST_PAD_PROBE_INFO_BUFFER_LIST(info));
    for (guint i = 0; i + 1 < gst_buffer_list_length(list); i += 2) {
        GstBuffer *first = gst_buffer_ref(gst_buffer_list_get(list, i));
        gst_buffer_list_remove(list, i, 1);
        gst_buffer_list_insert(list, (gint)i + 1, first);
    }
    info->data = list;
}

static GstPadProbeReturn on_packets(GstPad *pad, GstPadProbeInfo *info, gpointer user) {
    ChannelDamage *damage = user;
    if (atomic_load(&damage->reorder) && info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) swap_neighbours(info);
    if (atomic_load(&damage->garbage) <= 0 && !atomic_load(&damage->drop_percent) && !atomic_load(&damage->time_jump))
        return GST_PAD_PROBE_OK;
    if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
        GstBufferList *list = gst_buffer_list_make_writable(GST_PAD_PROBE_INFO_BUFFER_LIST(info));
        gst_buffer_list_foreach(list, suffer_in_list, damage);
        info->data = list;
        if (gst_buffer_list_length(list) > 0) return GST_PAD_PROBE_OK;
    } else {
        info->data = suffer(GST_PAD_PROBE_INFO_BUFFER(info), damage);
        if (info->data) return GST_PAD_PROBE_OK;
        return GST_PAD_PROBE_HANDLED;
    }
    return GST_PAD_PROBE_DROP;
}

void rtp_damage_attach(GstElement *payloader, ChannelDamage *damage) {
    GstPad *pad = gst_element_get_static_pad(payloader, "src");
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_packets, damage, NULL);
    gst_object_unref(pad);
}

static GstPadProbeReturn on_report(GstPad *pad, GstPadProbeInfo *info, gpointer user) {
    GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
    GstRTCPPacket packet;
    info->data = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    if (!gst_rtcp_buffer_map(info->data, GST_MAP_READWRITE, &rtcp)) return GST_PAD_PROBE_OK;
    if (gst_rtcp_buffer_get_first_packet(&rtcp, &packet) && gst_rtcp_packet_get_type(&packet) == GST_RTCP_TYPE_SR) {
        guint32 ssrc, rtp_time, packets, octets;
        guint64 wall;
        gst_rtcp_packet_sr_get_sender_info(&packet, &ssrc, &wall, &rtp_time, &packets, &octets);
        wall += (guint64)(gint64)GPOINTER_TO_INT(user) << 32; /* NTP: seconds above, fraction below */
        gst_rtcp_packet_sr_set_sender_info(&packet, ssrc, wall, rtp_time, packets, octets);
    }
    gst_rtcp_buffer_unmap(&rtcp);
    return GST_PAD_PROBE_OK;
}

void rtcp_clock_attach(GstPad *pad, int offset_s) {
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_report, GINT_TO_POINTER(offset_s), NULL);
}
