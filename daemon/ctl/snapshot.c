/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "av/av_cleanup.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "evidence/evidence.h"
#include "evidence/picture.h"
#include "evidence/preroll.h"
#include "evidence/privacy.h"
#include "evidence/snapshot.h"

#define DECODE_NS (5 * SKY_NS_PER_S)
#define JPEG_BYTES_MAX (4 * 1000 * 1000)

static gboolean refuse(const char *path, int failed, GError **error) {
    if (failed == EEXIST)
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "%s is there already: remove it, or give another name", path);
    else
        sky_error_set_errno(error, failed, path);
    return FALSE;
}

gboolean sky_snapshot_may_write(const char *path, GError **error) {
    struct stat there;
    if (!g_str_has_suffix(path, ".jpg") && !g_str_has_suffix(path, ".jpeg")) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "%s: the picture is a JPEG: give a name that ends in .jpg", path);
        return FALSE;
    }
    return lstat(path, &there) != 0 || refuse(path, EEXIST, error);
}

/* By the evidence's own road: one GOP of one picture. */
static SkySnapshot *decode(SkyPacket *key, GError **error) {
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(SKY_PACKET_BYTES_MAX, 0, NULL);
    sky_preroll_push(preroll, sky_packet_ref(key));
    const SkySnapshotRequest request = {.camera = "probe", .alert = "probe", .preroll = preroll,
                                        .at_ns = sky_packet_times(key)->arrival_ns};
    int64_t now_ns = sky_clock_monotonic_ns(), until_ns = now_ns + DECODE_NS;
    g_autoptr(SkySnapshot) snapshot = sky_snapshot_new(&request, NULL, now_ns);
    SkySnapshotStatus status;
    do {
        now_ns = sky_clock_monotonic_ns();
        status = sky_snapshot_turn(snapshot, now_ns, until_ns, error);
    } while (status == SKY_SNAPSHOT_MORE && now_ns < until_ns);
    if (status == SKY_SNAPSHOT_DONE)
        return g_steal_pointer(&snapshot);
    if (status != SKY_SNAPSHOT_FAILED)
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_DATA, "decoding the picture took too long");
    return NULL;
}

static gboolean write_new(const char *path, GBytes *jpeg, GError **error) {
    gsize bytes;
    const char *data = g_bytes_get_data(jpeg, &bytes);
    sky_autofd fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return refuse(path, errno, error);
    for (gsize done = 0; done < bytes;) {
        ssize_t wrote = write(fd, data + done, bytes - done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            refuse(path, wrote < 0 ? errno : ENOSPC, error);
            g_unlink(path);
            return FALSE;
        }
        done += (gsize)wrote;
    }
    return TRUE;
}

gboolean sky_snapshot_write(const char *path, SkyPacket *key, const SkyPolygon *privacy, uint32_t privacy_count, GError **error) {
    g_autoptr(SkySnapshot) snapshot = decode(key, error);
    g_autoptr(AVFrame) frame = snapshot ? sky_picture_convert(sky_snapshot_frame(snapshot), 0, error) : NULL;
    if (!frame)
        return FALSE;
    sky_privacy_burn(frame, privacy, privacy_count);
    g_autoptr(GBytes) jpeg = sky_picture_encode(frame, JPEG_BYTES_MAX, error);
    return jpeg && write_new(path, jpeg, error);
}
