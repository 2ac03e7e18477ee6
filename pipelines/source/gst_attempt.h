/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gst/gst.h>

/* rtspsrc 1.22 answers each refusal with the same account again, eight times within one attempt: that locks it at most cameras. With this
 * one refusal is all; what may come after a nonce that grew old goes again once, where the account was good before. Elements that are
 * no rtspsrc are left alone. Before it plays. */
void sky_gst_attempt_bound(GstElement *camera);
