/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "base/polygon.h"
#include "media/packet.h"

/* Why a picture could not be written to that path: not a .jpg, or something is there already. FALSE: error; asked before a camera is. */
gboolean sky_snapshot_may_write(const char *path, GError **error);
/* A key frame as JPEG into a new file that only its owner can read, masks burnt in; nothing is overwritten, and half a file not left.
 * Blocks: decodes, writes. */
gboolean sky_snapshot_write(const char *path, SkyPacket *key, const SkyPolygon *privacy, uint32_t privacy_count, GError **error);
