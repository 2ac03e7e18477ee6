/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "base/counter.h"
#include "base/id.h"
#include "base/polygon.h"
#include "evidence/evidence_params.h"
#include "evidence/evidence_path.h"
#include "evidence/preroll.h"

/* Clips, snapshots, retention: one worker thread that owns every open file. Requests are queued (32) and answered through the
 * sink, once each. Files become visible under their final name only when whole and on the disk (fragmented MP4 in
 * NAME.part, fsync, rename, fsync of the directory). What a power cut left as .part is repaired at start, or once the disk can
 * be written again, and told as a result with `repaired`. Ids that are not sky_id_is_valid() are refused. */
typedef struct SkyEvidence SkyEvidence;

typedef enum {
    SKY_EVIDENCE_CLIP,     /* answers sky_evidence_clip_begin, when it is closed */
    SKY_EVIDENCE_SNAPSHOT, /* answers sky_evidence_snapshot */
    SKY_EVIDENCE_REMOVED,  /* retention took an OPEN alert's clip: never silently */
} SkyEvidenceKind;

typedef struct {
    SkyEvidenceKind kind;
    char camera[SKY_ID_BYTES], alert[SKY_ID_BYTES];
    gboolean ok, repaired;
    char error[200];            /* where not ok: in words, no path, no URL */
    char path[512];             /* the clip, or the picture; for local use only, never in a message */
    char thumbnail_path[512];
    char sha256[65], thumbnail_sha256[65]; /* lower-case hex, of the file */
    uint64_t bytes;
    double seconds;             /* clip: length */
    double event_offset_s;      /* clip: where the event begins in it */
    int64_t at_ns;              /* snapshot: arrival of the picture that was taken */
    gboolean truncated;         /* clip: reached clip_max, or a second file follows */
    gboolean spared;            /* clip: its end, or all of it, is of the spare stream */
    uint32_t parts;             /* clip: files, 1 unless parameter sets or the stream changed (<alert>-2.mp4, ...); all else is of the first */
    char further_sha256[SKY_EVIDENCE_PARTS_MAX - 1][65]; /* of these, in order; "" behind the last */
    uint32_t gaps;              /* clip: places where pictures are missing; the time that they took is kept */
} SkyEvidenceResult;

typedef void (*SkyEvidenceSink)(const SkyEvidenceResult *result, gpointer user); /* on the worker's thread: copy, post, return */

typedef struct {
    SkyCounter clips, snapshots, failures, refused, removed_files, removed_bytes;
} SkyEvidenceNumbers;

/* Fails with CONFIG where the directory's path is too long. Where the disk refuses (read-only, full, another's) each request finds out:
 * alerts do not wait for their clips. */
SkyEvidence *sky_evidence_new(const SkyEvidenceParams *params, SkyEvidenceSink sink, gpointer user, GError **error);
gboolean sky_evidence_start(SkyEvidence *evidence, GError **error);
/* Closes open clips properly (their results come), stops, joins; within 3 s. Then free. */
void sky_evidence_stop(SkyEvidence *evidence);
void sky_evidence_free(SkyEvidence *evidence);

typedef struct {
    const char *camera, *alert; /* copied */
    SkyPreroll *preroll;        /* a reference is taken */
    SkyPreroll *spare;          /* likewise: of the same camera, for where preroll falls silent and this one does not. NULL: none */
    int64_t begin_ns;           /* of the event (arrival) */
} SkyClipRequest;
/* FALSE: refused (32 waiting), counted; the caller says that the alert has no clip. Never blocks. */
gboolean sky_evidence_clip_begin(SkyEvidence *evidence, const SkyClipRequest *request);
/* The event ended: the clip goes on for the post-roll, then closes. No camera stall can hold it: post-roll is by clock. */
void sky_evidence_clip_end(SkyEvidence *evidence, const char *alert, int64_t end_ns);

typedef struct {
    const char *camera, *alert;
    SkyPreroll *preroll;
    int64_t at_ns;              /* the best moment (arrival) */
    const SkyPolygon *privacy;  /* burnt in as grey before encoding; copied */
    uint32_t privacy_count;
} SkySnapshotRequest;
gboolean sky_evidence_snapshot(SkyEvidence *evidence, const SkySnapshotRequest *request);
/* After a start, for an alert whose clip nobody was told of: a CLIP result with `repaired`, of the file that is there; ok FALSE
 * where there is none. What had to be mended is told anyway, and not twice. */
gboolean sky_evidence_clip_recall(SkyEvidence *evidence, const char *camera, const char *alert);

/* The picture of an alert once more: a SNAPSHOT result with `repaired`, of the file that is there; ok FALSE where there is none. */
gboolean sky_evidence_picture_recall(SkyEvidence *evidence, const char *camera, const char *alert);

/* For retention: alerts that are open (their files go last). Unknown ones count as closed. */
void sky_evidence_set_open(SkyEvidence *evidence, const char *alert, gboolean open);
const SkyEvidenceNumbers *sky_evidence_numbers(const SkyEvidence *evidence);
/* Files under the directory now, by the last look of retention (each minute, and after each clip). */
void sky_evidence_usage(const SkyEvidence *evidence, uint64_t *ret_bytes, uint64_t *ret_free_bytes);
/* By the same look: can anything be written at all? */
typedef enum {
    SKY_EVIDENCE_DISK_OK,
    SKY_EVIDENCE_DISK_REFUSED, /* the directory, or a camera's in it, can not be made or written: somebody else's, or a file is there */
    SKY_EVIDENCE_DISK_FULL,    /* no room for another file: bytes, inodes or quota */
    SKY_EVIDENCE_DISK_SCARCE,  /* without any file of ours less than free_bytes_min would be free: what is written goes with its alert */
} SkyEvidenceDisk;
SkyEvidenceDisk sky_evidence_disk(const SkyEvidence *evidence);
int64_t sky_evidence_oldest_job_ns(SkyEvidence *evidence); /* for the health; SKY_TIME_NONE where idle */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyEvidence, sky_evidence_free)
