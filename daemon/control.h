/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* The local socket that skynetctl speaks to: one line in, one line out, closed. Lines are sky_reader_pack()'s. Who may: the file's
 * mode (0660, its directory's group). 16 callers at once, 64 KiB a request, 5 s to send it, 40 s for the answer. Thread: main. */
typedef struct SkyControl SkyControl;

/* call: name of this request, for sky_control_answer(), now or later. */
typedef void (*SkyControlHandler)(uint64_t call, GHashTable *request, gpointer user);

/* A socket that a dead run left behind is replaced; one that answers is not, nor what is no socket. Fails with CONFIG or RESOURCE. */
SkyControl *sky_control_new(const char *path, SkyControlHandler handler, gpointer user, GError **error);
void sky_control_free(SkyControl *control); /* removes the socket */
/* Nothing where the caller has gone. */
void sky_control_answer(SkyControl *control, uint64_t call, const char *const *names, const char *const *values, guint count);
void sky_control_fail(SkyControl *control, uint64_t call, const char *code, const char *error);
void sky_control_turn(SkyControl *control, int64_t now_ns); /* each second: time-outs */
/* Who was not let in. */
typedef struct {
    uint64_t turned_away;   /* callers, for there were 16 */
    uint64_t no_descriptor; /* looks at the door, each second while somebody stands there: the process has no descriptor left */
} SkyControlNumbers;
SkyControlNumbers sky_control_numbers(const SkyControl *control);
/* Since when a request is under way, for those who answer later; FALSE: nobody waits for it any more. */
gboolean sky_control_waits(SkyControl *control, uint64_t call, int64_t *ret_since_ns);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyControl, sky_control_free)
