/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gst/gst.h>
#include "source/source_params.h"

/* A pipeline's text made into elements. Nothing is opened before it plays. Owner: whoever made it. */
typedef struct {
    GstElement *pipeline;
    GstElement *camera;  /* NULL: nothing in the text bears that name */
    GstElement *packets; /* a GstAppSink */
    GstElement *frames;  /* a GstAppSink; NULL: the text decodes nothing */
} SkyGstPipeline;

/* CONFIG: the text does not parse, lacks its appsink, or names an element that is not installed. */
gboolean sky_gst_pipeline_init(SkyGstPipeline *pipeline, const char *text, GError **error);
/* Its pictures are not wanted: the branch ends at the first one. Before it plays. */
void sky_gst_pipeline_rest_frames(SkyGstPipeline *pipeline);
void sky_gst_pipeline_clear(SkyGstPipeline *pipeline);
/* What `camera` is to know. url: without credentials. CONFIG: ca_file holds no certificate, or there is nobody to ask for one.
 */
gboolean sky_gst_pipeline_aim(SkyGstPipeline *pipeline, const char *url, const char *user, const char *password,
                              const SkySourceParams *params, GError **error);
/* The one that it will use: the text's, where that names it, else the params'. Never AUTO. */
SkyRtspTransport sky_gst_pipeline_transport(const SkyGstPipeline *pipeline, const SkySourceParams *params);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkyGstPipeline, sky_gst_pipeline_clear)
