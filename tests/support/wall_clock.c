/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

/* Preloaded into skynetd: the wall clock of a machine whose clock is set, stepped, or lost, and which sleeps. The file that SKYNET_CLOCK
 * names says by how much, and is read at every call. */
#define NS_PER_S INT64_C(1000000000)
#define EXPORT __attribute__((visibility("default")))

typedef struct {
    _Atomic int64_t wall_ns;  /* ahead of the machine's */
    _Atomic int64_t boot_ns;  /* slept since: the time since boot is ahead of the monotonic one */
    _Atomic int64_t synced;   /* what adjtimex says */
} Shift;

static const Shift *shift;

__attribute__((constructor)) static void map_shift(void) {
    const char *path = getenv("SKYNET_CLOCK");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *at = mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    shift = at == MAP_FAILED ? NULL : at;
}

static int64_t shift_of(clockid_t id) {
    if (!shift)
        return 0;
    if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
        return shift->wall_ns;
    return id == CLOCK_BOOTTIME ? shift->boot_ns : 0;
}

EXPORT int clock_gettime(clockid_t id, struct timespec *now) {
    static int (*next)(clockid_t, struct timespec *);
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
    int result = next(id, now);
    int64_t ns = (int64_t)now->tv_sec * NS_PER_S + now->tv_nsec + shift_of(id);
    if (result == 0)
        *now = (struct timespec){.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};
    return result;
}

/* OpenSSL and libmosquitto read it by these. */
EXPORT time_t time(time_t *ret_time) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (ret_time)
        *ret_time = now.tv_sec;
    return now.tv_sec;
}

EXPORT int gettimeofday(struct timeval *restrict ret_time, void *restrict zone) {
    (void)zone;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    *ret_time = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}

EXPORT int adjtimex(struct timex *state) {
    *state = (struct timex){.status = shift && shift->synced ? 0 : STA_UNSYNC};
    return shift && shift->synced ? TIME_OK : TIME_ERROR;
}
