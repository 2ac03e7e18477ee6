/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* What each camera looked at (view_watch.h), so that it outlives a restart: who cuts the power and covers or turns a camera is not to
 * have that learnt as its view. Believed only within SKY_VIEW_MEMORY_NS of when it was noted, which is done when a view is
 * learnt, when it is seen again after a start, and each hour: by then dusk and dawn may have changed all that is to be seen. And only for the stream it was seen in: a camera
 * put in the place of another one is no tampering. Decides only. Thread: main. Owner: the app. */
typedef struct SkyViewMemory SkyViewMemory;

#define SKY_VIEW_MEMORY_NS (2 * 3600 * INT64_C(1000000000))

SkyViewMemory *sky_view_memory_new(void);
void sky_view_memory_free(SkyViewMemory *memory);
void sky_view_memory_note(SkyViewMemory *memory, const char *camera, const char *url, const char *note, int64_t now_utc_ns);
/* The note to begin with, borrowed until the next call; NULL: none. One from the time to come (the clock was set back, or is not set
 * yet) counts as new. */
const char *sky_view_memory_recall(const SkyViewMemory *memory, const char *camera, const char *url, int64_t now_utc_ns);
/* It stands no longer; nothing changes where none stood. */
void sky_view_memory_forget(SkyViewMemory *memory, const char *camera);

/* What the store keeps, and back: all that has changed since the last call. body NULL: it stands no longer. */
void sky_view_memory_take_changes(SkyViewMemory *memory, void (*keep)(const char *id, const char *body, gpointer user), gpointer user);
void sky_view_memory_restore(SkyViewMemory *memory, const char *camera, const char *body);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyViewMemory, sky_view_memory_free)
