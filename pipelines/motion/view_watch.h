/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "media/frame.h"
#include "motion/motion_result.h"

/* Whether the camera still sees what it has seen until now, or was covered, sprayed, knocked out of focus or turned away. Once a
 * second the picture's gradients, a quarter of the analysis size, are held against those of the view that was learnt, cell by cell:
 * where edges run as they ran, at whatever gain, the view is the old one (camera tampering as covered, defocused and moved:
 * Ribnick et al., "Real-time detection of camera tampering", AVSS 2006; edges held against a background's: Saglam and Temizel,
 * "Real-time adaptive camera tamper detection for video surveillance", AVSS 2009). Things in front of it hide some of the edges,
 * day, night and infrared light show others; so what is asked of a view is little, and the last ones are remembered: each is
 * learnt once. What comes slowly (dusk, fog) is followed, until nothing is left to be seen. What can be seen must live: see freeze.h.
 * Decides only. */
typedef struct SkyViewWatch SkyViewWatch;

SkyViewWatch *sky_view_watch_new(void);
void sky_view_watch_free(SkyViewWatch *watch);
/* By their arrival, ascending, one picture a second is looked at, none that is damaged. A new size begins a new view. */
SkyView sky_view_watch_look(SkyViewWatch *watch, const SkyFrame *frame);

/* What is known, for a later start: what covers a camera while the power is out must not be learnt as its view. One line, at most
 * SKY_VIEW_NOTE_BYTES with its end, of as many views as that holds, the last first; NULL: nothing is known yet, or it holds none. */
#define SKY_VIEW_NOTE_BYTES (256 * 1024)
char *sky_view_watch_note(const SkyViewWatch *watch);
uint32_t sky_view_watch_learnt(const SkyViewWatch *watch); /* views so far: where there are more, a note of before lacks the newest */
/* Before the first picture; pictures of another size make it forgotten. FALSE: no such text, nothing is changed. */
gboolean sky_view_watch_recall(SkyViewWatch *watch, const char *note);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyViewWatch, sky_view_watch_free)
