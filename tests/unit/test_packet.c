/* SPDX-License-Identifier: Apache-2.0 */
/* The values that flow: stream info, packet, frame. */
#include "media/packet.h"

#include <string.h>

#include "media/frame.h"

static const uint8_t sets[] = {0, 0, 0, 1, 0x67, 1, 2};

static void test_info(void) {
    g_autoptr(SkyStreamInfo) a = sky_stream_info_new(SKY_CODEC_H264, 640, 360, 25, sets, sizeof sets);
    g_autoptr(SkyStreamInfo) same = sky_stream_info_new(SKY_CODEC_H264, 640, 360, 0, sets, sizeof sets);
    g_autoptr(SkyStreamInfo) size = sky_stream_info_new(SKY_CODEC_H264, 640, 368, 25, sets, sizeof sets);
    g_autoptr(SkyStreamInfo) other = sky_stream_info_new(SKY_CODEC_H265, 640, 360, 25, sets, sizeof sets);
    g_autoptr(SkyStreamInfo) less = sky_stream_info_new(SKY_CODEC_H264, 640, 360, 25, sets, sizeof sets - 1);
    g_autoptr(SkyStreamInfo) none = sky_stream_info_new(SKY_CODEC_H264, 640, 360, 25, NULL, 0);
    g_assert_true(sky_stream_info_equal(a, a) && sky_stream_info_equal(a, same)); /* the rate is only a hint */
    g_assert_false(sky_stream_info_equal(a, size) || sky_stream_info_equal(a, other));
    g_assert_false(sky_stream_info_equal(a, less) || sky_stream_info_equal(a, none));
    gsize bytes = 0;
    const uint8_t *stored = sky_stream_info_parameter_sets(a, &bytes);
    g_assert_cmpmem(stored, bytes, sets, sizeof sets);
    for (int i = 0; i < 64; i++)
        g_assert_cmpuint(stored[bytes + i], ==, 0);
    g_assert_cmpstr(sky_codec_name(SKY_CODEC_H265), ==, "H.265");
}

static void count(gpointer user) {
    (*(int *)user)++;
}

static void test_wrapped(void) {
    static const uint8_t data[4 + SKY_PACKET_PADDING] = {1, 2, 3, 4};
    int freed = 0;
    g_autoptr(SkyStreamInfo) info = sky_stream_info_new(SKY_CODEC_MJPEG, 0, 0, 0, NULL, 0);
    SkyPacketTimes times = {.pts_ns = 5, .dts_ns = 4, .arrival_ns = 6, .key = TRUE};
    SkyPacket *packet = sky_packet_new_wrapped(info, &times, data, 4, count, &freed);
    SkyPacket *kept = sky_packet_ref(packet);
    SkyPacket *marked = sky_packet_mark_gap(packet);
    g_assert_true(marked != kept && sky_packet_data(marked) == data);
    g_assert_true(sky_packet_times(marked)->gap && sky_packet_times(marked)->key);
    g_assert_false(sky_packet_times(kept)->gap); /* who holds the old header sees no gap */
    g_assert_true(sky_packet_mark_gap(marked) == marked);
    sky_packet_unref(kept);
    g_assert_cmpint(freed, ==, 0);
    sky_packet_unref(marked);
    g_assert_cmpint(freed, ==, 1);
    sky_packet_unref(NULL);
}

static void test_copy(void) {
    uint8_t data[] = {9, 8, 7};
    g_autoptr(SkyStreamInfo) info = sky_stream_info_new(SKY_CODEC_H264, 0, 0, 0, sets, sizeof sets);
    g_autoptr(SkyPacket) packet = sky_packet_new_copy(info, &(SkyPacketTimes){0}, data, sizeof data);
    data[0] = 0;
    const uint8_t expected[3 + SKY_PACKET_PADDING] = {9, 8, 7};
    g_assert_cmpmem(sky_packet_data(packet), 3 + SKY_PACKET_PADDING, expected, sizeof expected);
    g_assert_true(sky_packet_info(packet) == info);
    g_assert_cmpuint(sky_packet_size_bytes(packet), ==, 3);
}

static void test_pool(void) {
    SkyFramePool *pool = sky_frame_pool_new(100, 7, 2);
    SkyFrame *a = sky_frame_pool_take(pool);
    SkyFrame *b = sky_frame_pool_take(pool);
    g_assert_nonnull(a);
    g_assert_true(b != NULL && b != a && b->luma != a->luma);
    g_assert_null(sky_frame_pool_take(pool));
    g_assert_cmpuint(a->stride_bytes, ==, 128);
    g_assert_cmpuint((uintptr_t)a->luma % 64, ==, 0);
    uint8_t *luma = a->luma;
    a->number = 7;
    sky_frame_free(a);
    a = sky_frame_pool_take(pool);
    g_assert_true(a->luma == luma);     /* recycled, */
    g_assert_cmpuint(a->number, ==, 0); /* and it remembers nothing */
    sky_frame_pool_free(pool);
    memset(a->luma, 1, 128 * 7); /* frames outlive their pool */
    sky_frame_free(a);
    sky_frame_free(b);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stream-info/equal", test_info);
    g_test_add_func("/packet/wrapped", test_wrapped);
    g_test_add_func("/packet/copy", test_copy);
    g_test_add_func("/frame/pool", test_pool);
    return g_test_run();
}
