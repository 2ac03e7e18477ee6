/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/disk_trial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define TRIAL_BYTES 65536

static SkyDiskTrial try_to_write(const char *directory) {
    static const char bytes[TRIAL_BYTES];
    int64_t begun_ns = sky_clock_monotonic_ns();
    errno = 0;
    int fd = open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0 && errno != ENOSPC && errno != EDQUOT && errno != EROFS && errno != EIO)
        return (SkyDiskTrial){.tried = FALSE};
    gboolean written = fd >= 0 && write(fd, bytes, sizeof bytes) == (ssize_t)sizeof bytes && fsync(fd) == 0;
    return (SkyDiskTrial){.tried = TRUE,
                          .failed = written ? 0 : errno ? errno : ENOSPC, /* a short write: no room */
                          .took_ns = sky_clock_monotonic_ns() - begun_ns};
}

/* Whoever reads what the parent prints does not wait for the child, which may stay for long. */
G_GNUC_NORETURN static void run_child(const char *directory, int out) {
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
    SkyDiskTrial trial = try_to_write(directory);
    _exit(write(out, &trial, sizeof trial) == (ssize_t)sizeof trial ? 0 : 1);
}

SkyDiskTrial sky_disk_trial(const char *directory, int64_t limit_ns) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return (SkyDiskTrial){.tried = FALSE};
    sky_autofd in = ends[0], out = ends[1];
    pid_t child = fork();
    if (child == 0)
        run_child(directory, out);
    sky_close_fd(&out);
    struct pollfd wait = {.fd = in, .events = POLLIN};
    if (child < 0)
        return (SkyDiskTrial){.tried = FALSE};
    if (poll(&wait, 1, (int)(limit_ns / SKY_NS_PER_MS)) == 0)
        return (SkyDiskTrial){.tried = TRUE, .stuck = TRUE, .took_ns = limit_ns};
    SkyDiskTrial trial;
    gboolean told = read(in, &trial, sizeof trial) == (ssize_t)sizeof trial;
    waitpid(child, NULL, 0);
    return told ? trial : (SkyDiskTrial){.tried = FALSE};
}
