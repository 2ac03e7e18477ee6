/* SPDX-License-Identifier: Apache-2.0 */
#include "source/gst_knocker.h"

#include <gst/app/gstappsink.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/ref.h"

struct SkyGstKnocker {
    SkyRef ref;
    SkyLock lock;
    gboolean rung; /* inside the lock */
    _Atomic int64_t camera_ns;
    atomic_bool forgotten, distrusts;
};

SkyGstKnocker *sky_gst_knocker_new(void) {
    SkyGstKnocker *knocker = g_new0(SkyGstKnocker, 1);
    sky_ref_init(&knocker->ref);
    sky_lock_init(&knocker->lock);
    atomic_init(&knocker->camera_ns, SKY_TIME_NONE);
    atomic_init(&knocker->forgotten, FALSE);
    atomic_init(&knocker->distrusts, FALSE);
    return knocker;
}

void sky_gst_knocker_unref(SkyGstKnocker *knocker) {
    if (knocker == NULL || !sky_ref_drop(&knocker->ref))
        return;
    sky_lock_clear(&knocker->lock);
    g_free(knocker);
}

static void let_go(gpointer knocker) {
    sky_gst_knocker_unref(knocker);
}

static void let_go_of_signal(gpointer knocker, GClosure *closure) {
    sky_gst_knocker_unref(knocker);
}

static SkyGstKnocker *hold(SkyGstKnocker *knocker) {
    sky_ref_take(&knocker->ref);
    return knocker;
}

static void knock(SkyGstKnocker *knocker) {
    sky_lock_enter(&knocker->lock);
    knocker->rung = TRUE;
    sky_lock_wake(&knocker->lock);
    sky_lock_leave(&knocker->lock);
}

void sky_gst_knocker_wait(SkyGstKnocker *knocker, int64_t until_ns) {
    sky_lock_enter(&knocker->lock);
    while (!knocker->rung && sky_lock_wait_until(&knocker->lock, until_ns))
        ;
    knocker->rung = FALSE;
    sky_lock_leave(&knocker->lock);
}

/* ---- sinks, bus ---- */

static GstFlowReturn on_sample(GstAppSink *sink, gpointer user) {
    knock(user);
    return GST_FLOW_OK;
}

void sky_gst_knocker_hear_sink(SkyGstKnocker *knocker, GstElement *sink) {
    GstAppSinkCallbacks callbacks = {.new_sample = on_sample};
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, hold(knocker), let_go);
}

static GstBusSyncReply on_message(GstBus *bus, GstMessage *message, gpointer user) {
    switch ((int)GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ERROR:
    case GST_MESSAGE_EOS:
    case GST_MESSAGE_PROGRESS:
        knock(user);
        return GST_BUS_PASS;
    default:
        return GST_BUS_DROP;
    }
}

void sky_gst_knocker_hear_bus(SkyGstKnocker *knocker, GstBus *bus) {
    gst_bus_set_sync_handler(bus, on_message, hold(knocker), let_go);
}

/* ---- the camera ---- */

static GstPadProbeReturn on_data(GstPad *pad, GstPadProbeInfo *info, gpointer user) {
    SkyGstKnocker *knocker = user;
    if (atomic_load_explicit(&knocker->forgotten, memory_order_relaxed))
        return GST_PAD_PROBE_REMOVE;
    atomic_store_explicit(&knocker->camera_ns, sky_clock_monotonic_ns(), memory_order_relaxed);
    return GST_PAD_PROBE_OK;
}

static void on_pad(GstElement *camera, GstPad *pad, gpointer user) {
    if (gst_pad_get_direction(pad) == GST_PAD_SRC)
        gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_data, hold(user), let_go);
}

static gboolean on_pad_there(GstElement *camera, GstPad *pad, gpointer user) {
    on_pad(camera, pad, user);
    return TRUE;
}

/* Ahead of the error, which says less. */
static gboolean on_refused(GstElement *camera, gpointer line, gpointer certificate, int flags, gpointer user) {
    SkyGstKnocker *knocker = user;
    atomic_store_explicit(&knocker->distrusts, TRUE, memory_order_relaxed);
    return FALSE;
}

/* Before it plays: pads come when the camera has answered. */
void sky_gst_knocker_hear_camera(SkyGstKnocker *knocker, GstElement *camera) {
    gst_element_foreach_src_pad(camera, on_pad_there, knocker);
    g_signal_connect_data(camera, "pad-added", G_CALLBACK(on_pad), hold(knocker), let_go_of_signal, 0);
    if (g_signal_lookup("accept-certificate", G_OBJECT_TYPE(camera)) != 0)
        g_signal_connect_data(camera, "accept-certificate", G_CALLBACK(on_refused), hold(knocker), let_go_of_signal, 0);
}

gboolean sky_gst_knocker_distrusts(SkyGstKnocker *knocker) {
    return atomic_load_explicit(&knocker->distrusts, memory_order_relaxed);
}

int64_t sky_gst_knocker_camera_ns(SkyGstKnocker *knocker) {
    return atomic_load_explicit(&knocker->camera_ns, memory_order_relaxed);
}

void sky_gst_knocker_forget_camera(SkyGstKnocker *knocker) {
    atomic_store_explicit(&knocker->forgotten, TRUE, memory_order_relaxed);
}
