/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* A named, joinable thread. Every thread has a name, an owner and a join. All signals but its own faults are blocked in it.
 * Owner: whoever started it; _join() frees it and may be called with NULL. */
typedef struct SkyThread SkyThread;
typedef void (*SkyThreadMain)(gpointer user);

/* name: at most 15 bytes (the kernel's limit; longer is cut). Fails with RESOURCE. */
SkyThread *sky_thread_start(const char *name, SkyThreadMain run, gpointer user, GError **error);
void sky_thread_join(SkyThread *thread);
