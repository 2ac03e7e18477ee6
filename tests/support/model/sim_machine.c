/* SPDX-License-Identifier: Apache-2.0 */
#include "support/model/sim_machine.h"

#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"

static gboolean running, synced;
static int64_t monotonic_ns, wall_offset_ns;
static GRand *chance;

void sim_machine_start(int64_t utc_ns, guint32 seed) {
    g_clear_pointer(&chance, g_rand_free);
    chance = g_rand_new_with_seed(seed);
    monotonic_ns = 1000 * SKY_NS_PER_S;
    wall_offset_ns = utc_ns - monotonic_ns;
    running = synced = TRUE;
}

void sim_machine_stop(void) {
    running = FALSE;
    g_clear_pointer(&chance, g_rand_free);
}

void sim_machine_pass(int64_t by_ns) {
    monotonic_ns += by_ns;
}

void sim_machine_step(int64_t by_ns) {
    wall_offset_ns += by_ns;
}

void sim_machine_set_synced(gboolean is_synced) {
    synced = is_synced;
}

int clock_gettime(clockid_t id, struct timespec *ret_time) {
    if (!running) return (int)syscall(SYS_clock_gettime, id, ret_time);
    int64_t ns = id == CLOCK_REALTIME ? monotonic_ns + wall_offset_ns : monotonic_ns;
    *ret_time = (struct timespec){.tv_sec = ns / SKY_NS_PER_S, .tv_nsec = ns % SKY_NS_PER_S};
    return 0;
}

int adjtimex(struct timex *state) {
    if (!running) return (int)syscall(SYS_adjtimex, state);
    state->status = synced ? 0 : STA_UNSYNC;
    return synced ? TIME_OK : TIME_ERROR;
}

ssize_t getrandom(void *bytes, size_t count, unsigned flags) {
    if (!running) return syscall(SYS_getrandom, bytes, count, flags);
    for (size_t i = 0; i < count; i++) ((uint8_t *)bytes)[i] = (uint8_t)g_rand_int(chance);
    return (ssize_t)count;
}
