/* SPDX-License-Identifier: Apache-2.0 */
/* What a picture and a clip cost the evidence worker: "name value unit" a line. The ffmpeg program makes 1080p of 4 Mbit/s
 * first. */
#include <glib/gstdio.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "evidence/clip.h"
#include "evidence/picture.h"
#include "evidence/privacy.h"
#include "evidence/snapshot.h"
#include "support/evidence_fixture.h"

/* As a camera encodes: constant rate, no B frames, key frames only where they are due. */
#define CAMERA "-c:v libx264 -preset veryfast -tune zerolatency -profile:v main -sc_threshold 0 -b:v 4M -maxrate 4M -bufsize 4M"

static double cpu_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static long peak_kb(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void picture(const EvidenceVideo *video, double at_s, const char *name) {
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(256 << 20, 100 * SKY_NS_PER_S, NULL);
    evidence_video_push(video, preroll, 0, 100, 0);
    SkyPolygon mask = {4, {{0.1f, 0.1f}, {0.4f, 0.1f}, {0.4f, 0.5f}, {0.1f, 0.5f}}};
    SkySnapshotRequest request = {.camera = "cam1", .alert = "a1", .preroll = preroll, .at_ns = (int64_t)(at_s * 1e9),
                                  .privacy = &mask, .privacy_count = 1};
    g_autoptr(SkySnapshot) snapshot = sky_snapshot_new(&request, NULL, 0);
    double start_ms = cpu_ms();
    while (sky_snapshot_turn(snapshot, SKY_NS_PER_S, INT64_MAX, NULL) == SKY_SNAPSHOT_MORE)
        ;
    double decoded_ms = cpu_ms();
    AVFrame *full = sky_picture_convert(sky_snapshot_frame(snapshot), 0, NULL);
    sky_privacy_burn(full, &mask, 1);
    double converted_ms = cpu_ms();
    g_autoptr(GBytes) jpeg = sky_picture_encode(full, 300000, NULL);
    AVFrame *small = sky_picture_convert(full, 320, NULL);
    g_autoptr(GBytes) thumbnail = sky_picture_encode(small, 300000, NULL);
    double encoded_ms = cpu_ms();
    av_frame_free(&full);
    av_frame_free(&small);
    g_print("picture_%s_decode %.0f ms\n", name, decoded_ms - start_ms);
    g_print("picture_%s_convert_and_mask %.0f ms\n", name, converted_ms - decoded_ms);
    g_print("picture_%s_encode_both %.0f ms\n", name, encoded_ms - converted_ms);
    g_print("picture_%s_bytes %u bytes\n", name, (unsigned)g_bytes_get_size(jpeg));
    g_print("picture_%s_thumbnail_bytes %u bytes\n", name, (unsigned)g_bytes_get_size(thumbnail));
}

static void clip(const EvidenceVideo *video) {
    EvidenceFixture fixture;
    evidence_fixture_init(&fixture);
    g_autoptr(SkyPreroll) preroll = sky_preroll_new(256 << 20, 100 * SKY_NS_PER_S, NULL);
    evidence_video_push(video, preroll, 0, 100, 0);
    long before_kb = peak_kb();
    double start_ms = cpu_ms();
    SkyEvidenceRequest request = {.camera = "cam1", .alert = "a1", .preroll = sky_preroll_ref(preroll),
                                  .hold = sky_preroll_hold_new(preroll, 0), .at_ns = 0};
    g_autoptr(SkyClip) made = sky_clip_new(&fixture.params, &request, 0);
    sky_clip_finish(made, INT64_MAX);
    const SkyEvidenceResult *result = sky_clip_result(made);
    g_print("clip_cpu %.2f ms/MB\n", (cpu_ms() - start_ms) / ((double)result->bytes / 1e6));
    g_print("clip_memory %ld kB\n", peak_kb() - before_kb);
    g_print("clip_bytes %u bytes\n", (unsigned)result->bytes);
    evidence_fixture_clear(&fixture);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_autoptr(EvidenceVideo) short_gop = evidence_video_make("1920x1080", 25, 4, "-vf noise=alls=10:allf=t " CAMERA " -g 50");
    g_autoptr(EvidenceVideo) long_gop = evidence_video_make("1920x1080", 25, 12, "-vf noise=alls=10:allf=t " CAMERA " -g 250");
    if (short_gop == NULL || long_gop == NULL)
        return 77;
    picture(short_gop, 1.9, "gop_2s_last");
    picture(long_gop, 5.0, "gop_10s_middle");
    picture(long_gop, 9.9, "gop_10s_last");
    clip(long_gop);
    return 0;
}
