/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gst/gst.h>

/* A pipeline that plays, on a thread of its own that does nothing but start and close it: any element may hang in either, and
 * whoever waits for the camera must not. Thread: the source's. */
typedef struct SkyGstLife SkyGstLife;

#define SKY_GST_HANGING_MAX 8 /* pipelines that do not close; with so many no further one is begun */

/* Takes a reference on the pipeline. RESOURCE: no thread, or SKY_GST_HANGING_MAX hang. */
SkyGstLife *sky_gst_life_new(GstElement *pipeline, GError **error);
/* Closes it and waits for that at most limit_ns. What still hangs then is left to its thread, counted, and joined by a later call
 * once it is through. */
void sky_gst_life_end(SkyGstLife *life, int64_t limit_ns);
guint sky_gst_life_hanging(void);
