/* SPDX-License-Identifier: Apache-2.0 */
/* The GStreamer engine in a build without GStreamer. */
#include "base/error.h"
#include "source/pipeline_text.h"
#include "source/source_engine.h"

gboolean sky_pipeline_text_check(const char *text, GError **error) {
    g_set_error_literal(error, SKY_ERROR, SKY_ERR_CONFIG,
                        "pipeline: this skynetd is built without GStreamer: take the key pipeline away, "
                        "or build with -Dgstreamer=enabled");
    return FALSE;
}

static gboolean run(SkySource *source, GError **error) {
    return sky_pipeline_text_check(source->params.pipeline_text, error);
}

SkySource *sky_gst_source_new(const SkySourceParams *params, const SkySourceSink *sink) {
    static const SkySourceEngine engine = {.name = "gst", .run = run};
    return sky_source_new(&engine, params, sink);
}
