/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "base/id.h"

/* A recorder of alert logs: each revision once, as a line of JSON in a file, whatever broker and line do in between. It keeps the last
 * number of each audience's log (epoch, seq), from the file at its start, and knows what to ask the gateway to send again. A broker
 * that has acknowledged a message may still lose it: that is why a reader counts. Decides, and writes its file.
 * Thread: one. Owner: skynetctl watch. */
typedef struct SkyRecorder SkyRecorder;

/* Reads what the file holds; a last line that a power cut left half is cut off. Fails with RESOURCE or DATA. */
SkyRecorder *sky_recorder_open(const char *path, GError **error);
void sky_recorder_free(SkyRecorder *recorder); /* what was written is on the disk */

/* A message of the audience's log, live or sent again: a revision, or the note that some are lost for good. TRUE: it is new and in the
 * file; FALSE with error: it could not be written and will be asked for again; without: known already, or nothing of a log. A number that is
 * known, with a time behind all that is in the file (or the latest one, and an id that is not in it), is new: the gateway's store was
 * restored from an older copy. */
gboolean sky_recorder_take(SkyRecorder *recorder, const char *audience, const void *payload, gsize payload_bytes, GError **error);
/* The gateway's store counts in this epoch; what has been missed of the audience's log since is asked for. Each time one connects. */
void sky_recorder_begin(SkyRecorder *recorder, const char *audience, const char *epoch);
gboolean sky_recorder_sync(SkyRecorder *recorder, GError **error);

typedef struct {
    char audience[SKY_ID_BYTES], epoch[SKY_ULID_BYTES];
    uint64_t from_seq;         /* replay from here */
    uint64_t lost_from, lost_to; /* asked for again and again, and not there any more: given up. 0: none */
    unsigned unanswered;       /* how often this has been asked before and nobody has answered */
} SkyRecorderWant;
/* The gateway has taken the last question of the audience: what it has of that comes. Or it has refused it: it is asked again. */
void sky_recorder_answered(SkyRecorder *recorder, const char *audience, gboolean taken);
/* FALSE: nothing is missing, or it was asked for within 10 s. Call again until then. */
gboolean sky_recorder_wants(SkyRecorder *recorder, int64_t now_ns, SkyRecorderWant *ret_want);
/* The newest number without a hole before it; 0: none. */
uint64_t sky_recorder_seq(const SkyRecorder *recorder, const char *audience, const char *epoch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyRecorder, sky_recorder_free)
