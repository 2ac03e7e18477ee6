/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* The URLs of a camera's two streams, made of vendor, host, port and channel, for those who know no RTSP.
 *
 *   hikvision  /Streaming/Channels/<channel * 100 + 1 or 2>. Hikvision, ISAPI protocol reference, "rtsp://<host>[:port]/ISAPI/
 *              Streaming/channels/<ID>" (enpinfo.hikvision.com, GUID-515FF2B5-5E01-4F03-8B81-4CA5BD621965) says how the ID is made;
 *              the path without /ISAPI is the one that elder firmware knows too.
 *   dahua      /cam/realmonitor?channel=<channel>&subtype=<0 or 1>. Dahua, HTTP API for IPC & SD V1.40, real-time monitoring by RTSP.
 *   uniview    /unicast/c<channel>/s<0 or 1>/live. Uniview's note on live and recorded streams, as kept at
 *              wiki.zohead.com (宇视RTSP取流URL格式) and mofulls.pixnet.net/blog/post/351191279; that names /media/video1 and /media/video2
 *              for cameras of the first generation, which want main and sub.
 *   onvif      onvif://<host>:<port>/<channel>/<main or sub>: no URL to connect to; the camera is asked for that (source/onvif.h), with
 *              https as onvifs://. */
typedef enum { SKY_VENDOR_NONE, SKY_VENDOR_HIKVISION, SKY_VENDOR_DAHUA, SKY_VENDOR_UNIVIEW, SKY_VENDOR_ONVIF } SkyCameraVendor;

/* host: a name or an address, IPv6 without brackets. channel: 1 for a camera; of a recorder, its input. https: of onvif alone. New
 * memory; not for NONE. */
char *sky_camera_url(SkyCameraVendor vendor, const char *host, int port, gboolean https, uint32_t channel, gboolean sub);
/* Who answers there shows a certificate: rtsps, or onvif by https. */
gboolean sky_camera_url_has_certificate(const char *url);
