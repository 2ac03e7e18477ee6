/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* What the GStreamer engine plays: the text of a pipeline as gst-launch-1.0 takes it; lines that begin with # are comments. The
 * contract is by the names of elements:
 *   name=camera            the source. Of these properties it is given what it has: location, user-id, user-pw (always); protocols,
 *                          tcp-timeout (where the text left them alone). Values are set as properties, never pasted into the text.
 *                          With a ca_file also tls-database, and tls-validation-flags: what the text asks, and who has signed.
 *   appsink name=packets   gives access units: H.264 or H.265 as byte stream, or JPEG. There must be one: clips are made of them.
 *   appsink name=frames    gives pictures that the text itself decodes, in hardware or not, in system memory: GRAY8, NV12 or I420, of
 *                          which the luma is looked at. There may be one, behind a tee: then skynetd decodes nothing itself. Where
 *                          nobody wants pictures (a main stream beside a sub-stream), that branch is told not-linked and rests. */

/* Does the text parse, has it its appsink, are its elements installed? Makes the elements, opens nothing. Blocks, and for seconds
 * where GStreamer has to look for its plugins anew: not on the daemon's main thread. Errors: CONFIG, naming the element and the
 * Debian package that has it where known; also where this build has no GStreamer. */
gboolean sky_pipeline_text_check(const char *text, GError **error);
