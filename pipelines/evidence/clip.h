/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "evidence/evidence_inbox.h"

/* One clip under way: reads along in the pre-roll and writes one file, or one more each time the parameter sets change. Where the
 * pre-roll falls silent for 5 s (at the clip's end: 2 s) and the spare one, with a key frame in it, does not, it goes on with that, to its end, in
 * one more file; what came before is given up where the event is not in it: the spare one shows all.
 * Owner, thread: the evidence worker. */
typedef struct SkyClip SkyClip;

/* params: borrowed, outlives the clip. Takes the pre-rolls and the holds out of the request. */
SkyClip *sky_clip_new(const SkyEvidenceParams *params, SkyEvidenceRequest *request, int64_t now_ns);
void sky_clip_free(SkyClip *clip); /* not closed: nothing is left of the file under way */
const char *sky_clip_alert(const SkyClip *clip);

typedef enum {
    SKY_CLIP_MORE,   /* there is more to read at once */
    SKY_CLIP_IDLE,   /* nothing new */
    SKY_CLIP_CLOSED, /* the result is final */
} SkyClipStatus;

/* Takes what is new, at most some dozens of packets. end_ns: of the event, SKY_TIME_NONE while it goes on. */
SkyClipStatus sky_clip_turn(SkyClip *clip, int64_t end_ns, int64_t now_ns);
/* Takes what there is and closes now. */
void sky_clip_finish(SkyClip *clip, int64_t now_ns);
const SkyEvidenceResult *sky_clip_result(const SkyClip *clip);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyClip, sky_clip_free)
