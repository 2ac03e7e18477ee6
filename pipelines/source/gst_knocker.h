/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gst/gst.h>

/* Where GStreamer's threads say that something happened: a sink has a sample, the bus a message, the camera sent something. They
 * may outlive the source, when an element hangs: the knocker lives as long as any of them holds it. */
typedef struct SkyGstKnocker SkyGstKnocker;

SkyGstKnocker *sky_gst_knocker_new(void);
void sky_gst_knocker_unref(SkyGstKnocker *knocker); /* the maker's reference; the listeners have their own */
/* Samples of this GstAppSink; errors, ends and progress on this bus (all else is dropped there); whatever leaves this element, and
 * that it refused a certificate. */
void sky_gst_knocker_hear_sink(SkyGstKnocker *knocker, GstElement *sink);
void sky_gst_knocker_hear_bus(SkyGstKnocker *knocker, GstBus *bus);
void sky_gst_knocker_hear_camera(SkyGstKnocker *knocker, GstElement *camera);
/* Until something happened, or the monotonic time. The camera's data alone do not end it. Thread: the source's. */
void sky_gst_knocker_wait(SkyGstKnocker *knocker, int64_t until_ns);
/* When the camera sent something last, SKY_TIME_NONE before. */
int64_t sky_gst_knocker_camera_ns(SkyGstKnocker *knocker);
/* The camera's certificate was refused. */
gboolean sky_gst_knocker_distrusts(SkyGstKnocker *knocker);
/* Nobody asks for the camera's data any more: it costs nothing from now on. */
void sky_gst_knocker_forget_camera(SkyGstKnocker *knocker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyGstKnocker, sky_gst_knocker_unref)
