/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* Both clocks of this process, its NTP state and its chance, as a history wants them: linked in, this clock_gettime(), adjtimex() and
 * getrandom() stand before the C library's, so that a seed replays a history to the letter. Until sim_machine_start() they are the
 * kernel's. */
void sim_machine_start(int64_t utc_ns, guint32 seed);
void sim_machine_stop(void);
void sim_machine_pass(int64_t by_ns); /* time passes: both */
void sim_machine_step(int64_t by_ns); /* the wall clock is set */
void sim_machine_set_synced(gboolean synced);
