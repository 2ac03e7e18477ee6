/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/doctor_judge.h"

#include <errno.h>

#include "base/clock.h"

#define YEAR_2025_NS (INT64_C(1735689600) * SKY_NS_PER_S) /* older than this program: no true time */
#define YEAR_2100_NS (INT64_C(4102444800) * SKY_NS_PER_S)
#define BACK_NS (120 * SKY_NS_PER_S)
#define NEEDED_BYTES (UINT64_C(32) << 20) /* the database, its log, one clip under way */
#define SLOW_WRITE_NS SKY_NS_PER_S
#define RECEIVE_BYTES_MIN 393216 /* what libavformat asks for a UDP stream */

void sky_judge_clock(const SkyClockFacts *facts, SkySheet *sheet) {
    char now[SKY_UTC_TEXT_BYTES], last[SKY_UTC_TEXT_BYTES] = "";
    sky_clock_utc_text(facts->utc_ns, now);
    gboolean known = facts->last_utc_ns != SKY_TIME_NONE;
    if (known)
        sky_clock_utc_text(facts->last_utc_ns, last);
    static const char set_it[] =
        "set it: timedatectl set-ntp true (with network), or timedatectl set-time 'YYYY-MM-DD hh:mm'; is the "
        "clock's battery flat?";
    if (facts->utc_ns < YEAR_2025_NS || facts->utc_ns > YEAR_2100_NS)
        sky_sheet_add(sheet, "clock", "", SKY_DOCTOR_TROUBLE, set_it, "it says %s, which can not be: certificates will be refused",
                      now);
    else if (known && facts->utc_ns < facts->last_utc_ns - BACK_NS)
        sky_sheet_add(sheet, "clock", "", SKY_DOCTOR_TROUBLE, set_it,
                      "it says %s, but the service has already stored something at %s", now, last);
    else if (!facts->synced)
        sky_sheet_add(sheet, "clock", "", SKY_DOCTOR_WARNING,
                      "timedatectl set-ntp true, and see that the box reaches a time server (timedatectl timesync-status)",
                      "it says %s, but nobody sets it: it will run away, and deadlines of alerts do not count", now);
    else
        sky_sheet_add(sheet, "clock", "", SKY_DOCTOR_OK, NULL, "%s, set by the network", now);
}

/* ---- the disk ---- */

static gboolean is_full(int failed) {
    return failed == ENOSPC || failed == EDQUOT;
}

static gboolean judge_folder(const SkyDiskFacts *facts, SkySheet *sheet) {
    if (facts->failed == ENOENT)
        sky_sheet_add(
            sheet, "disk", facts->directory, SKY_DOCTOR_TROUBLE,
            "is the disk mounted? else make it, owned by the service's account (install -d -o skynetd -g skynetd -m 0750)",
            "the state folder does not exist");
    else if (facts->failed == EACCES || facts->failed == EPERM)
        sky_sheet_add(sheet, "disk", facts->directory, SKY_DOCTOR_UNCHECKED, "run this as root",
                      "this account may not look into it");
    else if (facts->failed)
        sky_sheet_add(sheet, "disk", facts->directory, SKY_DOCTOR_TROUBLE, "look at the disk: dmesg says more", "%s",
                      g_strerror(facts->failed));
    else if (!facts->is_directory)
        sky_sheet_add(sheet, "disk", facts->directory, SKY_DOCTOR_TROUBLE, "storage.directory has to be a folder",
                      "it is no folder");
    else
        return TRUE;
    return FALSE;
}

static gboolean lacks_inodes(const SkyDiskFacts *facts) {
    return facts->inodes > 0 && facts->inodes_free < 100;
}

static void judge_room(const SkyDiskFacts *facts, SkySheet *sheet) {
    static const char make_room[] = "make room: df -h, du -x; or a smaller storage.evidence_max or free_min";
    g_autofree char *left = g_format_size(facts->free_bytes);
    g_autofree char *least = g_format_size(facts->free_bytes_min);
    if (facts->free_bytes < NEEDED_BYTES)
        sky_sheet_add(sheet, "disk", facts->directory, SKY_DOCTOR_TROUBLE, make_room,
                      "%s free: it is full, alerts are kept in memory and a power cut loses them", left);
    else if (lacks_inodes(facts))
        sky_sheet_add(sheet, "disk", facts->directory, SKY_DOCTOR_TROUBLE, "delete small files: df -i says which disk has too many",
                      "no room for more files (%" G_GUINT64_FORMAT " left), though %s are free", facts->inodes_free, left);
    else if (facts->free_bytes < facts->free_bytes_min)
        sky_sheet_add(sheet, "disk", facts->directory, SKY_DOCTOR_WARNING, make_room,
                      "%s free, less than storage.free_min (%s): clips and pictures are deleted to get there, alerts go on", left,
                      least);
    else if (facts->trial.tried && facts->trial.took_ns > SLOW_WRITE_NS)
        sky_sheet_add(sheet, "disk", facts->directory, SKY_DOCTOR_WARNING,
                      "a worn card or a dying disk: look at dmesg, replace it before it stops",
                      "%s free, but a small write took %.1f s", left, (double)facts->trial.took_ns / SKY_NS_PER_S);
    else
        sky_sheet_add(sheet, "disk", facts->directory, SKY_DOCTOR_OK, NULL, "%s free", left);
}

void sky_judge_disk(const SkyDiskFacts *facts, SkySheet *sheet) {
    if (facts->trouble[0] && !facts->in_memory)
        sky_sheet_add(sheet, "disk", facts->directory, SKY_DOCTOR_WARNING,
                      "look at the disk: df -h, df -i; dmesg says more, and `ls -l` whose its folders are", "the service says: %s",
                      facts->trouble);
    else if (facts->trouble[0])
        sky_sheet_add(sheet, "disk", facts->directory, SKY_DOCTOR_TROUBLE,
                      "free or mend the disk: the service tries it again by itself every 10 s",
                      "the service keeps alerts in memory only: %s", facts->trouble);
    if (!judge_folder(facts, sheet))
        return;
    if (facts->trial.stuck)
        sky_sheet_add(sheet, "disk", facts->directory, SKY_DOCTOR_TROUBLE,
                      "look at the disk: dmesg says more; alerts go on, in memory: replace it before you switch the box off",
                      "it stands still: a small write has not come back for %.0f s", (double)facts->trial.took_ns / SKY_NS_PER_S);
    else if (facts->read_only || (facts->trial.tried && facts->trial.failed == EROFS))
        sky_sheet_add(sheet, "disk", facts->directory, SKY_DOCTOR_TROUBLE,
                      "mount -o remount,rw; where the kernel made it read-only after an error, dmesg says so: fsck, or replace it",
                      "the disk is read-only");
    else if (facts->trial.tried && facts->trial.failed && !is_full(facts->trial.failed))
        sky_sheet_add(sheet, "disk", facts->directory, SKY_DOCTOR_TROUBLE, "look at the disk: dmesg says more",
                      "a small file can not be written: %s", g_strerror(facts->trial.failed));
    else if (facts->trial.tried && is_full(facts->trial.failed) && !lacks_inodes(facts)) /* whose trial fails as well: alerts need no new file */
        sky_sheet_add(sheet, "disk", facts->directory, SKY_DOCTOR_TROUBLE, "make room: df -h, df -i, du -x; or a quota is used up",
                      "it is full, not even a small file can be written: alerts are kept in memory and a power cut loses them");
    else
        judge_room(facts, sheet);
}

gboolean sky_judge_may(guint mode, guint owner, guint group, guint uid, const guint *gids, guint gid_count, guint want) {
    if (uid == 0)
        return TRUE;
    if (uid == owner)
        return (mode >> 6 & want) == want;
    for (guint i = 0; i < gid_count; i++)
        if (gids[i] == group)
            return (mode >> 3 & want) == want;
    return (mode & want) == want;
}

void sky_judge_file(const SkyFileFacts *facts, SkySheet *sheet) {
    const char *what = facts->write ? "write there" : "read it";
    if (facts->failed == EACCES || facts->failed == EPERM)
        sky_sheet_add(sheet, "file", facts->path, SKY_DOCTOR_UNCHECKED, "run this as root", "this account may not look at it");
    else if (facts->failed)
        sky_sheet_add(sheet, "file", facts->path, SKY_DOCTOR_TROUBLE, "put it there, or mend its name in the configuration", "%s",
                      g_strerror(facts->failed));
    else if (facts->blocked)
        sky_sheet_add(sheet, "file", facts->path, SKY_DOCTOR_TROUBLE, "chgrp and chmod g+x that folder for the service's group",
                      "the service's account %s can not %s: it may not pass through %s", facts->user, what, facts->blocked);
    else if (!facts->may)
        sky_sheet_add(sheet, "file", facts->path, SKY_DOCTOR_TROUBLE,
                      facts->write ? "chown it to the service's account" : "chgrp it to the service's group, chmod 0640",
                      "the service's account %s can not %s", facts->user, what);
    else if (facts->secret && facts->others_read)
        sky_sheet_add(sheet, "file", facts->path, SKY_DOCTOR_WARNING, "chmod o= it", "a secret that everybody on the box can read");
    else
        sky_sheet_add(sheet, "file", facts->path, SKY_DOCTOR_OK, NULL, "%s can %s", facts->user, what);
}

void sky_judge_buffers(const SkyBufferFacts *facts, SkySheet *sheet) {
    if (!facts->udp)
        sky_sheet_add(sheet, "udp", "", SKY_DOCTOR_OK, NULL, "no camera comes over UDP");
    else if (!facts->receive_bytes_max)
        sky_sheet_add(sheet, "udp", "", SKY_DOCTOR_UNCHECKED, NULL, "the kernel does not say what net.core.rmem_max is");
    else if (facts->receive_bytes_max < RECEIVE_BYTES_MIN)
        sky_sheet_add(
            sheet, "udp", "", SKY_DOCTOR_WARNING,
            "echo net.core.rmem_max=1048576 > /etc/sysctl.d/60-skynetd.conf, sysctl --system, restart skynetd; or transport: tcp",
            "net.core.rmem_max is %" G_GUINT64_FORMAT ": a key frame of a 4 Mbit/s stream comes in one burst of up to 400 kB and "
            "does not fit, pictures will break",
            facts->receive_bytes_max);
    else
        sky_sheet_add(sheet, "udp", "", SKY_DOCTOR_OK, NULL, "net.core.rmem_max is %" G_GUINT64_FORMAT, facts->receive_bytes_max);
}
