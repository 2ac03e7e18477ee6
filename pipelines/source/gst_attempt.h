/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gst/gst.h>

/* rtspsrc 1.22 answers each refusal with the same account again, eight times within one attempt: that locks it at most cameras. With this
 * a message goes once more with it, and no further: the nonce may have grown old, or the camera hung up before it read the first one.
 * Elements that are no rtspsrc are left alone. Before it plays. */
void sky_gst_attempt_bound(GstElement *camera);
