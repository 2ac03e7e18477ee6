/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* AVERROR in words, with a code that says what can be done: an account that is refused (the message begins "authentication"), a
 * path that does not exist, a codec or format or transport that is not there are CONFIG; memory and descriptors are RESOURCE;
 * broken data is DATA; all else RETRY. `what` is the prefix, e.g. "connect": never a URL. */
void sky_av_error_set(GError **error, int av_error, const char *what);
