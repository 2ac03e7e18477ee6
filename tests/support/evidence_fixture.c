/* SPDX-License-Identifier: Apache-2.0 */
#include "support/evidence_fixture.h"

#include <libavformat/avformat.h>
#include <string.h>

#include "av/av_cleanup.h"
#include "av/av_codec.h"
#include "av/av_library.h"
#include "av/av_packet.h"
#include "base/clock.h"
#include "base/queue.h"

#define ANSWER_NS (30 * SKY_NS_PER_S)

/* ---- programs ---- */

char *evidence_run(const char *const *argv) {
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;
    g_autoptr(GError) error = NULL;
    int status = 0;
    if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &err, &status, &error)) {
        g_test_message("%s: %s", argv[0], error->message);
        return NULL;
    }
    if (err[0] != '\0')
        g_test_message("%s: %s", argv[0], err);
    return g_spawn_check_wait_status(status, NULL) && err[0] == '\0' ? g_steal_pointer(&out) : NULL;
}

char *evidence_probe(const char *path, const char *entry) {
    g_autofree char *entries = g_strdup_printf(strcmp(entry, "duration") == 0 ? "format=%s" : "stream=%s", entry);
    const char *const argv[] = {"ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", entries, "-of", "csv=p=0",
                                path, NULL};
    char *out = evidence_run(argv);
    g_assert_nonnull(out);
    return g_strstrip(out);
}

char *evidence_sha256(const char *path) {
    const char *const argv[] = {"sha256sum", path, NULL};
    g_autofree char *out = evidence_run(argv);
    g_assert_nonnull(out);
    return g_strndup(out, 64);
}

static void check_times(const char *path) {
    const char *const argv[] = {"ffprobe", "-v", "error", "-show_entries", "packet=pts_time,dts_time", "-of", "csv=p=0", path,
                                NULL};
    g_autofree char *out = evidence_run(argv);
    g_assert_nonnull(out);
    g_auto(GStrv) lines = g_strsplit(g_strstrip(out), "\n", -1);
    double last_dts = -1, first_pts = G_MAXDOUBLE;
    for (guint i = 0; lines[i] != NULL; i++) {
        double pts = 0, dts = 0;
        g_assert_cmpint(sscanf(lines[i], "%lf,%lf", &pts, &dts), ==, 2);
        g_assert_cmpfloat(dts, >, last_dts);
        g_assert_cmpfloat(dts, >=, 0);
        g_assert_cmpfloat(pts, >=, dts);
        first_pts = MIN(first_pts, pts);
        last_dts = dts;
    }
    g_assert_cmpfloat(first_pts, <, 0.5);
}

unsigned evidence_check_clip(const char *path) {
    check_times(path);
    const char *const argv[] = {"ffmpeg", "-nostdin", "-v", "warning", "-xerror", "-err_detect", "explode", "-i", path, "-f",
                                "framecrc", "-", NULL};
    g_autofree char *out = evidence_run(argv);
    g_assert_nonnull(out);
    unsigned frames = 0;
    for (const char *line = out; line != NULL && *line != '\0'; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        frames += *line != '#';
    return frames;
}

uint8_t *evidence_read_pixels(const char *path, unsigned *ret_width, unsigned *ret_height) {
    g_autofree char *size = evidence_probe(path, "width,height");
    g_assert_cmpint(sscanf(size, "%u,%u", ret_width, ret_height), ==, 2);
    g_autofree char *raw = g_strdup_printf("%s.raw", path);
    const char *const argv[] = {"ffmpeg", "-nostdin", "-y", "-v", "error", "-i", path, "-pix_fmt", "gray", "-f", "rawvideo", raw,
                                NULL};
    g_autofree char *out = evidence_run(argv);
    g_assert_nonnull(out);
    char *pixels = NULL;
    gsize bytes = 0;
    g_assert_true(g_file_get_contents(raw, &pixels, &bytes, NULL));
    g_assert_cmpuint(bytes, ==, *ret_width * *ret_height);
    g_assert_cmpint(remove(raw), ==, 0);
    return (uint8_t *)pixels;
}

/* ---- video ---- */

static AVBSFContext *open_filter(SkyCodec codec, const AVStream *stream) {
    static const char *const names[] = {[SKY_CODEC_H264] = "h264_mp4toannexb", [SKY_CODEC_H265] = "hevc_mp4toannexb",
                                        [SKY_CODEC_MJPEG] = "null"};
    AVBSFContext *filter = NULL;
    g_assert_cmpint(av_bsf_alloc(av_bsf_get_by_name(names[codec]), &filter), ==, 0);
    g_assert_cmpint(avcodec_parameters_copy(filter->par_in, stream->codecpar), >=, 0);
    filter->time_base_in = stream->time_base;
    g_assert_cmpint(av_bsf_init(filter), ==, 0);
    return filter;
}

static void take(EvidenceVideo *video, const AVPacket *packet, AVRational base, int64_t *start_ns) {
    int64_t dts_ns = sky_av_time_ns(packet->dts, base), pts_ns = sky_av_time_ns(packet->pts, base);
    if (*start_ns == SKY_TIME_NONE)
        *start_ns = dts_ns;
    SkyPacketTimes times = {.dts_ns = dts_ns - *start_ns, .pts_ns = pts_ns - *start_ns, .arrival_ns = dts_ns - *start_ns,
                            .key = (packet->flags & AV_PKT_FLAG_KEY) != 0};
    g_ptr_array_add(video->packets, sky_packet_new_copy(video->info, &times, packet->data, (gsize)packet->size));
}

EvidenceVideo *evidence_video_read(const char *path) {
    sky_av_library_init();
    g_autoptr(AVFormatContext) input = NULL;
    g_autoptr(AVPacket) packet = av_packet_alloc();
    g_assert_cmpint(avformat_open_input(&input, path, NULL, NULL), ==, 0);
    g_assert_cmpint(avformat_find_stream_info(input, NULL), >=, 0);
    int index = av_find_best_stream(input, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    g_assert_cmpint(index, >=, 0);
    const AVStream *stream = input->streams[index];
    SkyCodec codec = SKY_CODEC_H264;
    g_assert_true(sky_av_codec_of(stream->codecpar->codec_id, &codec, NULL));
    g_autoptr(AVBSFContext) filter = open_filter(codec, stream);
    EvidenceVideo *video = g_new0(EvidenceVideo, 1);
    video->packets = g_ptr_array_new_with_free_func((GDestroyNotify)sky_packet_unref);
    video->info = sky_stream_info_new(codec, (uint32_t)stream->codecpar->width, (uint32_t)stream->codecpar->height,
                                      av_q2d(stream->avg_frame_rate), codec == SKY_CODEC_MJPEG ? NULL : filter->par_out->extradata,
                                      codec == SKY_CODEC_MJPEG ? 0 : (gsize)filter->par_out->extradata_size);
    int64_t start_ns = SKY_TIME_NONE;
    while (av_read_frame(input, packet) >= 0) {
        if (packet->stream_index == index && av_bsf_send_packet(filter, packet) == 0)
            while (av_bsf_receive_packet(filter, packet) == 0)
                take(video, packet, filter->time_base_out, &start_ns);
        av_packet_unref(packet);
    }
    g_assert_cmpuint(video->packets->len, >, 1);
    const SkyPacketTimes *last = sky_packet_times(video->packets->pdata[video->packets->len - 1]);
    video->length_ns = last->dts_ns + last->dts_ns / (video->packets->len - 1);
    return video;
}

EvidenceVideo *evidence_video_make(const char *size, int fps, int seconds, const char *encoder) {
    g_autofree char *directory = g_dir_make_tmp("sky-video-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "video.mp4", NULL);
    g_autofree char *line = g_strdup_printf("ffmpeg -nostdin -y -v error -f lavfi -i testsrc2=s=%s:r=%d:d=%d -pix_fmt yuv420p "
                                            "%s %s",
                                            size, fps, seconds, encoder, path);
    g_auto(GStrv) argv = g_strsplit(line, " ", -1);
    g_autofree char *out = evidence_run((const char *const *)argv);
    EvidenceVideo *video = out != NULL ? evidence_video_read(path) : NULL;
    if (video == NULL)
        g_test_skip("the ffmpeg program with that encoder is not there");
    remove(path);
    remove(directory);
    return video;
}

void evidence_video_free(EvidenceVideo *video) {
    if (video == NULL)
        return;
    g_ptr_array_unref(video->packets);
    sky_stream_info_unref(video->info);
    g_free(video);
}

static void unref_packet(gpointer packet) {
    sky_packet_unref(packet);
}

void evidence_video_push(const EvidenceVideo *video, SkyPreroll *preroll, double from_s, double to_s, int64_t base_ns) {
    for (guint i = 0; i < video->packets->len; i++) {
        SkyPacket *packet = video->packets->pdata[i];
        SkyPacketTimes times = *sky_packet_times(packet);
        if ((double)times.dts_ns < from_s * 1e9 || (double)times.dts_ns >= to_s * 1e9)
            continue;
        times.arrival_ns = base_ns + times.dts_ns;
        sky_preroll_push(preroll, sky_packet_new_wrapped(video->info, &times, sky_packet_data(packet),
                                                         sky_packet_size_bytes(packet),
                                                         unref_packet, sky_packet_ref(packet)));
    }
}

/* ---- the worker ---- */

static void on_result(const SkyEvidenceResult *result, gpointer user) {
    EvidenceFixture *fixture = user;
    g_assert_cmpint(sky_queue_push(fixture->results, g_memdup2(result, sizeof *result)), ==, SKY_QUEUE_OK);
}

void evidence_fixture_init(EvidenceFixture *fixture) {
    memset(fixture, 0, sizeof *fixture);
    fixture->directory = g_dir_make_tmp("sky-evidence-XXXXXX", NULL);
    g_assert_nonnull(fixture->directory);
    fixture->params = (SkyEvidenceParams){.directory = fixture->directory,
                                          .pre_roll_ns = 5 * SKY_NS_PER_S,
                                          .post_roll_ns = 3 * SKY_NS_PER_S,
                                          .clip_max_ns = 60 * SKY_NS_PER_S,
                                          .image_bytes_max = 200000,
                                          .thumbnail_width_px = 320};
    fixture->results = sky_queue_new(4096, g_free);
}

void evidence_fixture_make(EvidenceFixture *fixture) {
    g_autoptr(GError) error = NULL;
    fixture->evidence = sky_evidence_new(&fixture->params, on_result, fixture, &error);
    g_assert_no_error(error);
}

void evidence_fixture_start(EvidenceFixture *fixture) {
    g_autoptr(GError) error = NULL;
    evidence_fixture_make(fixture);
    g_assert_true(sky_evidence_start(fixture->evidence, &error));
}

void evidence_fixture_stop(EvidenceFixture *fixture) {
    if (fixture->evidence != NULL)
        sky_evidence_stop(fixture->evidence);
    g_clear_pointer(&fixture->evidence, sky_evidence_free);
}

void evidence_fixture_clear(EvidenceFixture *fixture) {
    evidence_fixture_stop(fixture);
    const char *const argv[] = {g_getenv("SKYNET_KEEP_EVIDENCE") != NULL ? "echo" : "rm", "-rf", fixture->directory, NULL};
    g_autofree char *out = evidence_run(argv);
    g_assert_nonnull(out);
    g_test_message("%s", out);
    sky_queue_free(fixture->results);
    g_free(fixture->directory);
}

SkyEvidenceResult evidence_fixture_await(EvidenceFixture *fixture) {
    gpointer item = NULL;
    g_assert_cmpint(sky_queue_pop(fixture->results, sky_clock_monotonic_ns() + ANSWER_NS, &item), ==, SKY_QUEUE_OK);
    g_autofree SkyEvidenceResult *result = item;
    if (!result->ok)
        g_test_message("%s of %s: %s", result->kind == SKY_EVIDENCE_CLIP ? "clip" : "picture", result->alert, result->error);
    g_assert_true(result->ok == (result->error[0] == '\0'));
    g_assert_null(strstr(result->error, "/")); /* no path */
    return *result;
}

gboolean evidence_fixture_has_result(EvidenceFixture *fixture) {
    return sky_queue_length(fixture->results) > 0;
}

void evidence_fixture_clip(EvidenceFixture *fixture, SkyPreroll *preroll, const char *alert, int64_t begin_ns) {
    SkyClipRequest request = {.camera = "cam1", .alert = alert, .preroll = preroll, .begin_ns = begin_ns};
    g_assert_true(sky_evidence_clip_begin(fixture->evidence, &request));
}

void evidence_fixture_snapshot(EvidenceFixture *fixture, SkyPreroll *preroll, const char *alert, int64_t at_ns) {
    SkySnapshotRequest request = {.camera = "cam1", .alert = alert, .preroll = preroll, .at_ns = at_ns};
    g_assert_true(sky_evidence_snapshot(fixture->evidence, &request));
}

static gint compare(gconstpointer a, gconstpointer b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char *evidence_fixture_list(EvidenceFixture *fixture) {
    const char *const argv[] = {"find", fixture->directory, "-type", "f", "-printf", "%P\n", NULL};
    g_autofree char *out = evidence_run(argv);
    g_assert_nonnull(out);
    g_auto(GStrv) lines = g_strsplit(out, "\n", -1);
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (guint i = 0; lines[i] != NULL; i++)
        if (lines[i][0] != '\0')
            g_ptr_array_add(names, lines[i]);
    g_ptr_array_sort(names, compare);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < names->len; i++)
        g_string_append_printf(text, "%s\n", (const char *)names->pdata[i]);
    return g_strdup(text->str);
}
