/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* Call before anything else of GStreamer, from any thread, as often as you like: the first of a process blocks, for seconds where
 * the plugins have to be looked through anew, and all others wait for it. What GStreamer says goes through our log, at debug,
 * without what could hold an account. FALSE with CONFIG: it does not start. */
gboolean sky_gst_library_init(GError **error);
