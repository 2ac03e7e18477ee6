/* SPDX-License-Identifier: Apache-2.0 */
/* Clips and pictures against power cuts: at every operation on the disk, with what was not synced lost, kept, torn and out of
 * order. SKYNET_POWER_SEEDS=N tears in N ways at each point, SKYNET_POWER_SEED=S begins with that one; SKYNET_POWER_KILLS=N kills
 * at N points. */
#include <glib/gstdio.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <string.h>

#include "av/av_cleanup.h"
#include "base/clock.h"
#include "base/queue.h"
#include "evidence/repair.h"
#include "support/evidence_fixture.h"
#include "support/power_disk.h"

#define H264 "-c:v libx264 -preset veryfast -g 50"
#define TRIES 4
#define ANSWER_NS (30 * SKY_NS_PER_S)

static guint number_of(const char *name, guint otherwise) {
    const char *text = g_getenv(name);
    return text ? (guint)g_ascii_strtoull(text, NULL, 10) : otherwise;
}

/* ---- what was said ---- */

/* A file whose hash was given away: from operation `from` on it has to be there. */
typedef struct {
    char *name, *sha256; /* "evidence/cam1/a1.mp4" */
    guint from;
} Promise;

typedef struct {
    char *directory;     /* the disk; the evidence lies in a folder of it */
    SkyEvidenceParams params;
    PowerTrace *trace;
    guint kept;          /* from here on the first seconds of the clip under way have been kept safe */
    SkyEvidence *evidence;
    GPtrArray *promises; /* Promise *: the worker's until it is stopped */
    SkyQueue *answers;
} Disk;

static void promise_free(gpointer item) {
    Promise *promise = item;
    g_free(promise->name);
    g_free(promise->sha256);
    g_free(promise);
}

static void add_promise(Disk *disk, const char *path, const char *sha256, guint from) {
    Promise *promise = g_new0(Promise, 1);
    *promise = (Promise){g_strdup(path + strlen(disk->directory) + 1), g_strdup(sha256), from};
    g_ptr_array_add(disk->promises, promise);
}

static void on_result(const SkyEvidenceResult *result, gpointer user) {
    Disk *disk = user;
    guint now = power_trace_length(disk->trace);
    if (result->ok) add_promise(disk, result->path, result->sha256, now);
    if (result->ok && result->thumbnail_path[0]) add_promise(disk, result->thumbnail_path, result->thumbnail_sha256, now);
    g_assert_cmpint(sky_queue_push(disk->answers, g_memdup2(result, sizeof *result)), ==, SKY_QUEUE_OK);
}

/* Others, of what was mended, may come before it. */
static void await(Disk *disk, SkyEvidenceKind kind, const char *alert) {
    for (;;) {
        gpointer item = NULL;
        g_assert_cmpint(sky_queue_pop(disk->answers, sky_clock_monotonic_ns() + ANSWER_NS, &item), ==, SKY_QUEUE_OK);
        g_autofree SkyEvidenceResult *result = item;
        if (result->kind == kind && strcmp(result->alert, alert) == 0) return;
    }
}

static void disk_init(Disk *disk) {
    *disk = (Disk){.directory = g_dir_make_tmp("sky-cut-XXXXXX", NULL), .answers = sky_queue_new(64, g_free)};
    disk->promises = g_ptr_array_new_with_free_func(promise_free);
    disk->params = (SkyEvidenceParams){.directory = g_build_filename(disk->directory, "evidence", NULL),
                                       .pre_roll_ns = 5 * SKY_NS_PER_S,
                                       .post_roll_ns = SKY_NS_PER_S, .clip_max_ns = 60 * SKY_NS_PER_S, .image_bytes_max = 200000,
                                       .thumbnail_width_px = 160};
}

static void disk_clear(Disk *disk) {
    power_disk_stop();
    power_disk_empty(disk->directory);
    g_rmdir(disk->directory);
    power_trace_free(disk->trace);
    g_ptr_array_unref(disk->promises);
    sky_queue_free(disk->answers);
    g_free(disk->directory);
    g_free((char *)disk->params.directory);
}

static void start(Disk *disk) {
    g_autoptr(GError) error = NULL;
    disk->evidence = sky_evidence_new(&disk->params, on_result, disk, &error);
    g_assert_no_error(error);
    g_assert_true(sky_evidence_start(disk->evidence, &error));
}

static void stop(Disk *disk) {
    sky_evidence_stop(disk->evidence);
    g_clear_pointer(&disk->evidence, sky_evidence_free);
}

/* A picture, and a clip that is synced once under way and then goes on. */
static void film(Disk *disk, const EvidenceVideo *video, const char *alert) {
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(64 << 20, 40 * SKY_NS_PER_S, NULL);
    int64_t base_ns = sky_clock_monotonic_ns() - 8 * SKY_NS_PER_S;
    SkyClipRequest clip = {.camera = "cam1", .alert = alert, .preroll = preroll, .begin_ns = base_ns + 3 * SKY_NS_PER_S};
    SkySnapshotRequest snapshot = {.camera = "cam1", .alert = alert, .preroll = preroll, .at_ns = base_ns + 3 * SKY_NS_PER_S};
    guint from = power_trace_length(disk->trace);
    evidence_video_push(video, preroll, 0, 4.5, base_ns);
    g_assert_true(sky_evidence_clip_begin(disk->evidence, &clip));
    g_autofree char *part = g_strconcat(alert, ".mp4.part", NULL);
    while (!power_trace_syncs(disk->trace, part, from, power_trace_length(disk->trace))) g_usleep(5000);
    while (!power_trace_syncs(disk->trace, part, from, from + 1)) from++;
    /* It goes on once the first seconds are safe, and no picture helps them. */
    evidence_video_push(video, preroll, 4.5, 6.5, base_ns);
    while (power_trace_find(disk->trace, part, from + 1) == G_MAXUINT) g_usleep(5000);
    disk->kept = power_trace_find(disk->trace, part, from + 1);
    g_assert_true(sky_evidence_snapshot(disk->evidence, &snapshot));
    await(disk, SKY_EVIDENCE_SNAPSHOT, alert);
    evidence_video_push(video, preroll, 6.5, 8, base_ns);
    sky_evidence_clip_end(disk->evidence, alert, base_ns + 6 * SKY_NS_PER_S);
    await(disk, SKY_EVIDENCE_CLIP, alert);
}

/* ---- what is left ---- */

typedef struct {
    const Disk *disk;
    char *directory;
    PowerCut *cut;
    guint cuts, mended, given_up, wrong;
    char *first_wrong;
} Sweep;

static char *sha256_of(const char *path) {
    g_autofree char *data = NULL;
    gsize bytes = 0;
    if (!g_file_get_contents(path, &data, &bytes, NULL)) return NULL;
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, (guchar *)data, bytes);
}

static char *check_promises(const Sweep *sweep, guint n) {
    for (guint i = 0; i < sweep->disk->promises->len; i++) {
        const Promise *promise = sweep->disk->promises->pdata[i];
        g_autofree char *path = g_build_filename(sweep->directory, promise->name, NULL);
        g_autofree char *sha256 = sha256_of(path);
        if (promise->from <= n && g_strcmp0(sha256, promise->sha256) != 0) {
            return g_strdup_printf("%s was given away and is %s", promise->name, sha256 ? "another" : "lost");
        }
        /* Said or not: what bears the name is whole. */
        if (sha256 && strcmp(sha256, promise->sha256) != 0) return g_strdup_printf("%s is half written", promise->name);
    }
    return NULL;
}

/* Every picture, strictly; 0: it does not play. */
static guint decode_anew(const char *path) {
    g_autoptr(AVFormatContext) input = NULL;
    g_autoptr(AVPacket) packet = av_packet_alloc();
    g_autoptr(AVFrame) frame = av_frame_alloc();
    if (avformat_open_input(&input, path, NULL, NULL) < 0 || input->nb_streams != 1) return 0;
    AVCodecContext *decoder = avcodec_alloc_context3(avcodec_find_decoder(input->streams[0]->codecpar->codec_id));
    avcodec_parameters_to_context(decoder, input->streams[0]->codecpar);
    decoder->err_recognition = AV_EF_EXPLODE;
    decoder->thread_count = 1;
    guint frames = 0;
    gboolean good = avcodec_open2(decoder, NULL, NULL) >= 0;
    for (gboolean end = FALSE; good && !end;) {
        end = av_read_frame(input, packet) < 0;
        good = avcodec_send_packet(decoder, end ? NULL : packet) >= 0;
        av_packet_unref(packet);
        for (int got = 0; good && (got = avcodec_receive_frame(decoder, frame)) != AVERROR(EAGAIN) && got != AVERROR_EOF;) {
            good = got >= 0;
            frames += good;
        }
    }
    avcodec_free_context(&decoder);
    return good ? frames : 0;
}

/* Most cuts leave one of a few clips. */
static guint decode(const char *path, const char *sha256) {
    static GHashTable *known;
    if (!known) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!g_hash_table_contains(known, sha256)) g_hash_table_insert(known, g_strdup(sha256), GUINT_TO_POINTER(decode_anew(path)));
    return GPOINTER_TO_UINT(g_hash_table_lookup(known, sha256));
}

static gboolean has_part(const char *directory) {
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    const char *name;
    gboolean part = FALSE;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(directory, name, NULL);
        part |= g_str_has_suffix(name, ".part") || (g_file_test(path, G_FILE_TEST_IS_DIR) && has_part(path));
    }
    return part;
}

/* As the next start does it: each part file becomes a clip that plays, or goes and is said. */
static char *check_mending(Sweep *sweep, guint n) {
    guint mended = sweep->mended;
    g_autofree char *directory = g_build_filename(sweep->directory, "evidence", NULL);
    g_autoptr(GPtrArray) leftovers = sky_repair_find(directory);
    for (guint i = 0; i < leftovers->len; i++) {
        SkyEvidenceResult result;
        g_assert_true(sky_repair_run(directory, leftovers->pdata[i], &result));
        sweep->mended += result.ok;
        sweep->given_up += !result.ok;
        if (!result.ok && !result.error[0]) return g_strdup("a clip is lost and nobody says why");
        if (!result.ok) continue;
        g_autofree char *sha256 = sha256_of(result.path);
        if (g_strcmp0(sha256, result.sha256) != 0) return g_strdup("a mended clip has another hash");
        guint frames = decode(result.path, result.sha256);
        if (frames < (guint)(result.seconds * 25) - 3) {
            return g_strdup_printf("a mended clip of %.1f s: %u pictures", result.seconds, frames);
        }
    }
    g_autofree char *clip = g_build_filename(directory, "cam1", "a1.mp4", NULL);
    if (n >= sweep->disk->kept && mended == sweep->mended && !g_file_test(clip, G_FILE_TEST_EXISTS)) {
        return g_strdup("what was kept safe of the clip is lost");
    }
    return has_part(directory) ? g_strdup("a part file is left over") : NULL;
}

static void cut_once(Sweep *sweep, guint n, PowerFate fate, guint32 seed) {
    power_cut_advance(sweep->cut, n);
    power_cut_lay_out(sweep->cut, fate, seed, sweep->directory);
    sweep->cuts++;
    g_autofree char *wrong = check_promises(sweep, n);
    if (!wrong) wrong = check_mending(sweep, n);
    if (!wrong || sweep->wrong++) return;
    g_autofree char *before = power_trace_say(sweep->disk->trace, n);
    sweep->first_wrong = g_strdup_printf("before operation %u (%s), %s, seed %u: %s", n, before, power_fate_name(fate), seed,
                                         wrong);
}

static void sweep_run(Sweep *sweep, const Disk *disk, guint from, guint tries) {
    *sweep = (Sweep){.disk = disk, .directory = g_dir_make_tmp("sky-cut-XXXXXX", NULL), .cut = power_cut_new(disk->trace)};
    for (guint n = from; n <= power_trace_length(disk->trace); n++) {
        cut_once(sweep, n, POWER_DROP, 0);
        cut_once(sweep, n, POWER_KEEP, 0);
        for (guint i = 0; i < tries; i++) cut_once(sweep, n, POWER_SCATTER, number_of("SKYNET_POWER_SEED", 1) + i + 1000 * n);
    }
}

static void sweep_clear(Sweep *sweep) {
    power_cut_free(sweep->cut);
    power_disk_empty(sweep->directory);
    g_rmdir(sweep->directory);
    g_free(sweep->directory);
    g_free(sweep->first_wrong);
}

static void say(const Sweep *sweep, const char *what) {
    g_test_message("%s: %u operations, %u cuts, %u clips mended, %u given up, %u wrong%s%s", what,
                   power_trace_length(sweep->disk->trace), sweep->cuts, sweep->mended, sweep->given_up,
                   sweep->wrong, sweep->first_wrong ? ", first " : "",
                   sweep->first_wrong ? sweep->first_wrong : "");
}

static void test_every_cut(void) {
    g_autoptr(EvidenceVideo) video = evidence_video_make("320x180", 25, 8, H264 " -bf 2");
    if (video == NULL) return;
    Disk disk;
    Sweep sweep;
    disk_init(&disk);
    disk.trace = power_disk_record(disk.directory);
    start(&disk);
    film(&disk, video, "a1");
    stop(&disk);
    power_disk_stop();
    sweep_run(&sweep, &disk, 0, number_of("SKYNET_POWER_SEEDS", TRIES));
    say(&sweep, "clip and picture");
    g_assert_cmpstr(sweep.first_wrong, ==, NULL);
    g_assert_cmpuint(sweep.mended, >, 0);
    sweep_clear(&sweep);
    disk_clear(&disk);
}

/* A kill, and the machine lives on: the next process finds what nobody has synced, mends it, tells of it, and goes on beside it. */
static void kill_then_cut(const Disk *killed, const EvidenceVideo *video, guint n) {
    Disk disk;
    Sweep sweep;
    disk_init(&disk);
    disk.trace = power_disk_resume(killed->trace, n, disk.directory);
    disk.kept = G_MAXUINT;
    for (guint i = 0; i < killed->promises->len; i++) {
        const Promise *promise = killed->promises->pdata[i];
        g_autofree char *path = g_build_filename(disk.directory, promise->name, NULL);
        if (promise->from <= n) add_promise(&disk, path, promise->sha256, promise->from);
    }
    start(&disk);
    g_assert_true(sky_evidence_clip_recall(disk.evidence, "cam1", "a1"));
    await(&disk, SKY_EVIDENCE_CLIP, "a1");
    g_assert_true(sky_evidence_picture_recall(disk.evidence, "cam1", "a1"));
    await(&disk, SKY_EVIDENCE_SNAPSHOT, "a1");
    film(&disk, video, "b1");
    stop(&disk);
    power_disk_stop();
    disk.kept = G_MAXUINT;
    sweep_run(&sweep, &disk, n, 1);
    if (sweep.first_wrong) g_test_message("killed before operation %u", n);
    g_assert_cmpstr(sweep.first_wrong, ==, NULL);
    sweep_clear(&sweep);
    disk_clear(&disk);
}

static void test_kill_then_cut(void) {
    g_autoptr(EvidenceVideo) video = evidence_video_make("320x180", 25, 8, H264 " -bf 2");
    if (video == NULL) return;
    Disk disk;
    disk_init(&disk);
    disk.trace = power_disk_record(disk.directory);
    start(&disk);
    film(&disk, video, "a1");
    stop(&disk);
    power_disk_stop();
    guint length = power_trace_length(disk.trace), kills = number_of("SKYNET_POWER_KILLS", 10), step = MAX(length / kills, 1);
    for (guint n = (length - 1) % step; n < length; n += step) kill_then_cut(&disk, video, n); /* up to the last sync of a folder */
    disk_clear(&disk);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/evidence-cut/every", test_every_cut);
    g_test_add_func("/evidence-cut/kill-then-cut", test_kill_then_cut);
    return g_test_run();
}
