/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/clip.h"

#include "base/clock.h"
#include "evidence/clip_file.h"
#include "evidence/evidence_path.h"
#include "evidence/retention.h"

#define PACKETS_A_TURN 64u
#define ARRIVAL_SLACK_NS (SKY_NS_PER_S / 2) /* the last packets may still be on their way */
/* So far behind the other stream of its camera: the large one is the first to be late on a bad link, and comes after all. At the clip's end what
 * it lacks is taken from the other. */
#define SILENT_NS (5 * SKY_NS_PER_S)
#define LACKING_NS (2 * SKY_NS_PER_S)

struct SkyClip {
    const SkyEvidenceParams *params;
    SkyPreroll *preroll, *spare; /* spare: NULL where there is none, or it is the one that is read */
    SkyPrerollHold *hold, *spare_hold;
    int64_t from_ns, begin_ns, started_ns;
    uint64_t cursor;
    SkyClipFile *file;       /* NULL: none is open */
    SkyStreamInfo *info;     /* of the file */
    gboolean await_key;      /* the next file begins at a key frame */
    double event_offset_s;   /* in the first file */
    gboolean event_reached;  /* in the first file, or it is over: the offset is final */
    gboolean on_spare;       /* what is read now is the spare */
    double seconds;          /* of the files that are closed */
    gboolean closed;
    SkyEvidenceResult result;
};

SkyClip *sky_clip_new(const SkyEvidenceParams *params, SkyEvidenceRequest *request, int64_t now_ns) {
    SkyClip *clip = g_new0(SkyClip, 1);
    clip->params = params;
    clip->preroll = g_steal_pointer(&request->preroll);
    clip->hold = g_steal_pointer(&request->hold);
    clip->spare = g_steal_pointer(&request->spare);
    clip->spare_hold = g_steal_pointer(&request->spare_hold);
    clip->begin_ns = request->at_ns;
    clip->from_ns = request->at_ns - params->pre_roll_ns;
    clip->started_ns = now_ns;
    clip->await_key = TRUE;
    clip->result.kind = SKY_EVIDENCE_CLIP;
    g_strlcpy(clip->result.camera, request->camera, sizeof clip->result.camera);
    g_strlcpy(clip->result.alert, request->alert, sizeof clip->result.alert);
    return clip;
}

void sky_clip_free(SkyClip *clip) {
    if (clip == NULL)
        return;
    sky_clip_file_free(clip->file);
    sky_stream_info_unref(clip->info);
    sky_preroll_hold_free(clip->hold);
    sky_preroll_unref(clip->preroll);
    sky_preroll_hold_free(clip->spare_hold);
    sky_preroll_unref(clip->spare);
    g_free(clip);
}

const char *sky_clip_alert(const SkyClip *clip) {
    return clip->result.alert;
}

const SkyEvidenceResult *sky_clip_result(const SkyClip *clip) {
    return &clip->result;
}

/* ---- the end ---- */

/* Files that are closed stay: what they show is true. */
static void close_with(SkyClip *clip, const char *why) {
    clip->closed = TRUE;
    clip->result.ok = clip->result.parts > 0;
    if (!clip->result.ok)
        g_strlcpy(clip->result.error, why, sizeof clip->result.error);
}

static void fail(SkyClip *clip, const GError *error) {
    g_clear_pointer(&clip->file, sky_clip_file_free);
    clip->result.truncated = TRUE;
    close_with(clip, error->message);
}

/* The file is whole. FALSE: the clip has failed. */
static gboolean commit_file(SkyClip *clip) {
    g_autoptr(GError) error = NULL;
    g_autoptr(SkyClipFile) file = g_steal_pointer(&clip->file);
    char sha256[SKY_SHA256_BYTES];
    uint64_t bytes = 0;
    if (!sky_clip_file_commit(file, sha256, &bytes, &error)) {
        fail(clip, error);
        return FALSE;
    }
    SkyEvidenceResult *result = &clip->result;
    const SkyClipClock *clock = sky_clip_file_clock(file);
    clip->seconds += sky_clip_clock_seconds(clock);
    result->gaps += clock->gaps;
    result->spared |= clip->on_spare;
    if (result->parts++ > 0) {
        g_strlcpy(result->further_sha256[result->parts - 2], sha256, sizeof sha256);
        return TRUE;
    }
    result->seconds = sky_clip_clock_seconds(clock);
    result->event_offset_s = clip->event_offset_s;
    result->bytes = bytes;
    g_strlcpy(result->sha256, sha256, sizeof result->sha256);
    g_autofree char *path = sky_evidence_path(clip->params->directory, result->camera, result->alert, SKY_EVIDENCE_FILE_CLIP, 1);
    g_strlcpy(result->path, path, sizeof result->path);
    return TRUE;
}

static void close_clip(SkyClip *clip) {
    if (clip->file == NULL || commit_file(clip))
        close_with(clip, "the stream brought no picture in that time");
}

/* ---- packets ---- */

/* Where the event begins, by arrival: known once a packet has come that is later. */
static void look_for_event(SkyClip *clip, const SkyPacket *packet) {
    int64_t arrival_ns = sky_packet_times(packet)->arrival_ns;
    clip->event_reached |= arrival_ns > clip->begin_ns || clip->result.parts > 0;
    if (clip->event_reached)
        return;
    double at_s = (double)sky_clip_file_last_pts(clip->file) / SKY_CLIP_TICKS_PER_S;
    clip->event_offset_s = at_s + (double)(clip->begin_ns - arrival_ns) / 1e9;
}

static gboolean open_file(SkyClip *clip, const SkyPacket *packet, GError **error) {
    const SkyEvidenceResult *result = &clip->result;
    g_autofree char *path = sky_evidence_path(clip->params->directory, result->camera, result->alert, SKY_EVIDENCE_FILE_CLIP,
                                              result->parts + 1);
    double offset_s = (double)(clip->begin_ns - sky_packet_times(packet)->arrival_ns) / 1e9;
    clip->file = sky_clip_file_new(path, sky_retention_keep_free(clip->params), packet, MAX(offset_s, 0), error);
    if (clip->file == NULL)
        return FALSE;
    sky_stream_info_unref(clip->info);
    clip->info = sky_stream_info_ref(sky_packet_info(packet));
    clip->await_key = FALSE;
    return TRUE;
}

/* The stream is another one from here on. What was before is given up where the event is not in it: people look at the first file. FALSE: the
 * clip is closed. */
static gboolean change_file(SkyClip *clip, gboolean event_follows) {
    clip->await_key = TRUE;
    if (event_follows) {
        g_clear_pointer(&clip->file, sky_clip_file_free);
        clip->event_offset_s = 0;
        return TRUE;
    }
    clip->result.truncated = TRUE;
    if (!commit_file(clip))
        return FALSE;
    if (clip->result.parts == SKY_EVIDENCE_PARTS_MAX) {
        close_with(clip, "");
        return FALSE;
    }
    return TRUE;
}

static gboolean is_full(const SkyClip *clip) {
    double seconds = clip->seconds + (clip->file ? sky_clip_clock_seconds(sky_clip_file_clock(clip->file)) : 0);
    return seconds * 1e9 >= (double)clip->params->clip_max_ns;
}

static void write_packet(SkyClip *clip, SkyPacket *packet) {
    g_autoptr(GError) error = NULL;
    if ((clip->file == NULL && !open_file(clip, packet, &error)) || !sky_clip_file_write(clip->file, packet, &error)) {
        fail(clip, error);
        return;
    }
    look_for_event(clip, packet);
    if (is_full(clip)) {
        clip->result.truncated = TRUE;
        close_clip(clip);
    }
}

/* Borrows the packet. */
static void take_packet(SkyClip *clip, SkyPacket *packet, int64_t stop_ns) {
    if (sky_packet_times(packet)->arrival_ns > stop_ns) {
        close_clip(clip);
        return;
    }
    gboolean changed = clip->file != NULL && !sky_stream_info_equal(clip->info, sky_packet_info(packet));
    gboolean event_follows = !clip->event_reached && sky_packet_times(packet)->arrival_ns <= clip->begin_ns;
    if (changed && !change_file(clip, event_follows))
        return;
    if (clip->await_key && !sky_packet_times(packet)->key)
        return;
    write_packet(clip, packet);
}

static guint take_new(SkyClip *clip, int64_t stop_ns) {
    g_autoptr(GPtrArray) packets = sky_preroll_read(clip->preroll, clip->from_ns, &clip->cursor, PACKETS_A_TURN);
    for (guint i = 0; i < packets->len && !clip->closed; i++)
        take_packet(clip, packets->pdata[i], stop_ns);
    if (packets->len == 0)
        return 0;
    int64_t read_ns = sky_packet_times(packets->pdata[packets->len - 1])->arrival_ns;
    sky_preroll_hold_move(clip->hold, read_ns);
    if (clip->spare_hold != NULL && clip->event_reached)
        sky_preroll_hold_move(clip->spare_hold, clip->from_ns = read_ns);
    return packets->len;
}

/* A spare one without a key frame in it (its GOP outgrew its bound) shows nothing: what is silent may come back. */
static gboolean is_silent(const SkyClip *clip, int64_t stop_ns, int64_t patience_ns) {
    if (clip->spare == NULL)
        return FALSE;
    SkyPrerollNumbers spare = sky_preroll_numbers(clip->spare);
    if (spare.oldest_ns == SKY_TIME_NONE || spare.oldest_ns > stop_ns)
        return FALSE;
    int64_t spare_ns = MIN(spare.newest_ns, stop_ns);
    int64_t newest_ns = sky_preroll_numbers(clip->preroll).newest_ns;
    return newest_ns == SKY_TIME_NONE || spare_ns - newest_ns > patience_ns;
}

/* All that there is has been read. FALSE: the clip is closed. */
static gboolean go_on_with_spare(SkyClip *clip) {
    sky_preroll_hold_free(clip->hold);
    sky_preroll_unref(clip->preroll);
    clip->hold = g_steal_pointer(&clip->spare_hold);
    clip->preroll = g_steal_pointer(&clip->spare);
    clip->cursor = 0;
    gboolean open = clip->file == NULL || change_file(clip, !clip->event_reached);
    clip->on_spare = TRUE;
    return open;
}

SkyClipStatus sky_clip_turn(SkyClip *clip, int64_t end_ns, int64_t now_ns) {
    int64_t stop_ns = end_ns == SKY_TIME_NONE ? INT64_MAX : end_ns + clip->params->post_roll_ns;
    guint taken = take_new(clip, stop_ns);
    if (clip->closed)
        return SKY_CLIP_CLOSED;
    if (taken == PACKETS_A_TURN)
        return SKY_CLIP_MORE;
    /* By the clock: a camera that stalls holds nothing. */
    gboolean over = stop_ns != INT64_MAX && now_ns >= stop_ns + ARRIVAL_SLACK_NS;
    if (is_silent(clip, stop_ns, over ? LACKING_NS : SILENT_NS))
        return go_on_with_spare(clip) ? SKY_CLIP_MORE : SKY_CLIP_CLOSED;
    g_autoptr(GError) error = NULL;
    if (clip->file != NULL && !sky_clip_file_keep_safe(clip->file, now_ns, &error)) {
        fail(clip, error);
        return SKY_CLIP_CLOSED;
    }
    gboolean overlong = now_ns - clip->started_ns >= clip->params->clip_max_ns;
    if (!over && !overlong)
        return SKY_CLIP_IDLE;
    clip->result.truncated |= overlong && !over;
    close_clip(clip);
    return SKY_CLIP_CLOSED;
}

void sky_clip_finish(SkyClip *clip, int64_t now_ns) {
    do {
        while (!clip->closed && take_new(clip, now_ns) == PACKETS_A_TURN)
            ;
    } while (!clip->closed && is_silent(clip, now_ns, LACKING_NS) && go_on_with_spare(clip));
    if (!clip->closed)
        close_clip(clip);
}
