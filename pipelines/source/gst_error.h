/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* What GStreamer says went wrong, in words, with a code that says what can be done: an account that is refused (the message begins
 * "authentication"), a path that does not exist, a transport that is refused, a plugin that is missing, a stream that does not fit
 * the text are CONFIG; all else RETRY. URLs are redacted, and the password is taken out wherever it stands.
 * failure, debug: of a GstMessage. what: the prefix, e.g. "connect". */
void sky_gst_error_set(GError **error, const GError *failure, const char *debug, const char *what, const char *password);
/* Where an element comes from, in words: its Debian package, and what else it wants. NULL: not known. */
const char *sky_gst_origin_of(const char *element);
/* Elements that a text names and that are not here: CONFIG, with where they come from, as far as known. missing: NULL at its end. */
void sky_gst_error_set_missing(GError **error, const char *const *missing);
