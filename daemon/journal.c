/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/journal.h"

#include <stdio.h>
#include <sys/stat.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "base/log.h"

static void to_journal(SkyLogLevel level, const char *stage, const char *camera, const char *text, gpointer user) {
    static const int priorities[] = {LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG};
    if (camera)
        sd_journal_send("PRIORITY=%d", priorities[level], "SKYNET_STAGE=%s", stage, "SKYNET_CAMERA=%s", camera, "MESSAGE=%s %s: %s",
                        stage, camera, text, NULL);
    else
        sd_journal_send("PRIORITY=%d", priorities[level], "SKYNET_STAGE=%s", stage, "MESSAGE=%s: %s", stage, text, NULL);
}

/* systemd.exec(5): JOURNAL_STREAM names device and inode of the stream; another file may have taken its place since. */
gboolean sky_journal_use(void) {
    const char *stream = g_getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat status;
    if (!stream || sscanf(stream, "%llu:%llu", &device, &inode) != 2 || fstat(STDERR_FILENO, &status) != 0)
        return FALSE;
    if (status.st_dev != device || status.st_ino != inode)
        return FALSE;
    sky_log_set_sink(to_journal, NULL);
    return TRUE;
}
