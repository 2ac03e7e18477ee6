/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "evidence/evidence.h"

/* Real encoded video as packets, an evidence worker in a directory of its own, and its results. */
typedef struct {
    GPtrArray *packets; /* SkyPacket *, arrival = dts = from 0 */
    SkyStreamInfo *info;
    int64_t length_ns;
} EvidenceVideo;

/* What the ffmpeg program makes of its test picture: "-c:v libx264 -bf 2", "-c:v mjpeg", ...; size as 640x360. NULL: that encoder
 * is not there; the test is marked as skipped. */
EvidenceVideo *evidence_video_make(const char *size, int fps, int seconds, const char *encoder);
EvidenceVideo *evidence_video_read(const char *path);
void evidence_video_free(EvidenceVideo *video);
/* Pushes what lies in from..to seconds of it; it arrives at base_ns + its dts. */
void evidence_video_push(const EvidenceVideo *video, SkyPreroll *preroll, double from_s, double to_s, int64_t base_ns);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EvidenceVideo, evidence_video_free)

typedef struct {
    char *directory;
    SkyEvidenceParams params; /* may be changed before the start */
    SkyEvidence *evidence;
    struct SkyQueue *results;
} EvidenceFixture;

void evidence_fixture_init(EvidenceFixture *fixture);
void evidence_fixture_make(EvidenceFixture *fixture); /* only the object, no thread */
void evidence_fixture_start(EvidenceFixture *fixture);
void evidence_fixture_stop(EvidenceFixture *fixture);
void evidence_fixture_clear(EvidenceFixture *fixture); /* the directory goes too, unless SKYNET_KEEP_EVIDENCE is set */
/* The next result, within 30 s. */
SkyEvidenceResult evidence_fixture_await(EvidenceFixture *fixture);
gboolean evidence_fixture_has_result(EvidenceFixture *fixture);
void evidence_fixture_clip(EvidenceFixture *fixture, SkyPreroll *preroll, const char *alert, int64_t begin_ns);
void evidence_fixture_snapshot(EvidenceFixture *fixture, SkyPreroll *preroll, const char *alert, int64_t at_ns);
/* Names below the directory, sorted, one a line: "cam1/a1.mp4\n". */
char *evidence_fixture_list(EvidenceFixture *fixture);

/* The output of a program, NULL where it failed; its words are in the test's log. */
char *evidence_run(const char *const *argv);
/* What ffprobe says: "codec_name", "codec_tag_string", ... of the video stream; "duration" of the format. */
char *evidence_probe(const char *path, const char *entry);
/* Decodes every picture, strictly: how many there are. Fails the test where a decoder complains, where the first picture is later
 * than the reordering explains, or where dts does not grow. */
unsigned evidence_check_clip(const char *path);
/* One grey level for each pixel of a picture file. */
uint8_t *evidence_read_pixels(const char *path, unsigned *ret_width, unsigned *ret_height);
char *evidence_sha256(const char *path); /* by sha256sum */
