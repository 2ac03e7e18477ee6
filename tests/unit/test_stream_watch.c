/* SPDX-License-Identifier: Apache-2.0 */
/* What pipelines/av makes of bytes and of error codes. */
#include "av/stream_watch.h"

#include <libavutil/error.h>
#include <string.h>

#include "av/access_unit.h"
#include "av/av_error.h"
#include "base/error.h"
#include "media/packet.h"

#define SPS_A                                                                                                                      \
    0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x0a, 0xda, 0x0c, 0x0a, 0xbf /* not all of it means something: only names and bytes count */
#define SPS_B 0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x0b, 0xda, 0x0c, 0x0a, 0xbf
#define PPS_A 0, 0, 0, 1, 0x68, 0xce, 0x38, 0x80
#define PPS_B 0, 0, 1, 0x68, 0x53, 0x8f, 0x20
#define SEI 0, 0, 1, 6, 1, 1, 0x30, 0x80
#define AUD 0, 0, 0, 1, 9, 0xf0
#define IDR 0, 0, 0, 1, 0x65, 0x88, 0x84, 0x21
#define P 0, 0, 0, 1, 0x41, 0x9a, 0x24, 0x21
#define BYTES(...)                                                                                                                 \
    ((const uint8_t[]){__VA_ARGS__, [sizeof((uint8_t[]){__VA_ARGS__}) + SKY_PACKET_PADDING - 1] = 0}),                             \
        sizeof((uint8_t[]){__VA_ARGS__})

static SkyAccessUnit scan(SkyCodec codec, const uint8_t *data, gsize bytes) {
    return sky_access_unit_scan(codec, data, bytes, NULL, NULL);
}

static void test_scan(void) {
    SkyAccessUnit unit = scan(SKY_CODEC_H264, BYTES(AUD, SPS_A, PPS_A, SEI, IDR));
    g_assert_true(unit.valid && unit.has_picture && unit.random_access && unit.has_sps);
    unit = scan(SKY_CODEC_H264, BYTES(SEI, P));
    g_assert_true(unit.valid && unit.has_picture && !unit.random_access && !unit.has_sps);
    unit = scan(SKY_CODEC_H264, BYTES(P, IDR)); /* the first slice tells */
    g_assert_false(unit.random_access);
    unit = scan(SKY_CODEC_H264, BYTES(SPS_A, PPS_A));
    g_assert_true(unit.valid && !unit.has_picture && unit.has_sps);
    g_assert_false(scan(SKY_CODEC_H264, BYTES(1, 2, 3, 4)).valid);                    /* no start code */
    g_assert_false(scan(SKY_CODEC_H264, BYTES(0x55, IDR)).valid);                     /* the rest of something before it */
    g_assert_false(scan(SKY_CODEC_H264, BYTES(0, 0, 0, 1, 0xe5, 0x88)).valid);        /* forbidden_zero_bit */
    g_assert_false(scan(SKY_CODEC_H264, BYTES(0, 0, 1)).valid);                       /* nothing behind it */
    g_assert_true(scan(SKY_CODEC_H264, BYTES(0, 0, 0, 0, 0, 1, 0x65)).random_access); /* leading zeros */
    g_assert_true(scan(SKY_CODEC_H264, BYTES(0, 0, 1, 6, 6, 1, 0xc4, 0x80, P)).random_access); /* recovery point */
    /* the second message, behind an escaped one */
    g_assert_true(scan(SKY_CODEC_H264, BYTES(0, 0, 1, 6, 0xff, 1, 3, 0, 0, 3, 6, 6, 2, 0x40, 0x20, 0x80, P)).random_access);
    g_assert_false(scan(SKY_CODEC_H264, BYTES(0, 0, 1, 6, 5, 3, 6, 1, 0xc4, 0x80, P)).random_access); /* inside another message */
    g_assert_false(scan(SKY_CODEC_H264, BYTES(0, 0, 1, 6, 6, P)).random_access);                       /* cut off */
    g_assert_false(scan(SKY_CODEC_H264, BYTES(0, 0, 1, 6, 0xff, 0xff, P)).random_access);
    g_assert_true(scan(SKY_CODEC_H265, BYTES(0, 0, 1, 0x26, 1, 0xaf)).random_access); /* IDR_W_RADL */
    g_assert_true(scan(SKY_CODEC_H265, BYTES(0, 0, 1, 0x2a, 1, 0xaf)).random_access); /* CRA */
    g_assert_true(scan(SKY_CODEC_H265, BYTES(0, 0, 1, 0x20, 1, 0xaf)).random_access); /* BLA_W_LP */
    unit = scan(SKY_CODEC_H265, BYTES(0, 0, 1, 2, 1, 0xd0));                          /* TRAIL_R */
    g_assert_true(unit.has_picture && !unit.random_access);
    g_assert_false(scan(SKY_CODEC_H265, BYTES(0, 0, 1, 0x26, 0, 0xaf)).valid); /* nuh_temporal_id_plus1 is 0 */
    g_assert_false(scan(SKY_CODEC_MJPEG, BYTES(0xff, 0xd9, 0, 0)).valid);
}

static void test_jpeg(void) {
    uint32_t width_px = 0, height_px = 0;
    g_assert_true(
        sky_jpeg_size(BYTES(0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xc0, 0, 11, 8, 1, 0x68, 2, 0x80, 1, 1, 0x11, 0),
                      &width_px, &height_px));
    g_assert_cmpuint(width_px, ==, 640);
    g_assert_cmpuint(height_px, ==, 360);
    g_assert_false(sky_jpeg_size(BYTES(0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff, 1, 2), &width_px, &height_px)); /* points past the end */
    g_assert_false(sky_jpeg_size(BYTES(0xff, 0xd8, 0xff, 0xe0, 0, 0, 1, 2, 3, 4, 5, 6), &width_px, &height_px)); /* length 0 */
    g_assert_false(sky_jpeg_size(BYTES(0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 1), &width_px, &height_px));            /* cut off */
}

static const uint8_t *sets_of(SkyStreamLook look, gsize *ret_bytes) {
    return sky_stream_info_parameter_sets(look.info, ret_bytes);
}

static void assert_sets(SkyStreamLook look, const uint8_t *expected, gsize expected_bytes) {
    gsize bytes = 0;
    g_assert_nonnull(look.info);
    const uint8_t *sets = sets_of(look, &bytes);
    g_assert_cmpmem(sets, bytes, expected, expected_bytes);
}

static void test_late_sets(void) {
    g_autoptr(SkyStreamWatch) watch = sky_stream_watch_new(SKY_CODEC_H264, 25, NULL, 0);
    SkyStreamLook look = sky_stream_watch_look(watch, BYTES(IDR), TRUE);
    g_assert_true(look.valid && look.key && look.info == NULL);
    look = sky_stream_watch_look(watch, BYTES(SPS_A), FALSE); /* each on its own, with no picture */
    g_assert_true(look.valid && !look.has_picture && look.info == NULL);
    sky_stream_watch_look(watch, BYTES(PPS_A), FALSE);
    look = sky_stream_watch_look(watch, BYTES(P), FALSE);
    g_assert_null(look.info); /* they come into force with a key frame */
    look = sky_stream_watch_look(watch, BYTES(IDR), FALSE);
    g_assert_true(look.key);
    assert_sets(look, BYTES(SPS_A, PPS_A));
}

static void test_changing_sets(void) {
    g_autoptr(SkyStreamWatch) watch = sky_stream_watch_new(SKY_CODEC_H264, 25, BYTES(SPS_A, PPS_A));
    SkyStreamLook look = sky_stream_watch_look(watch, BYTES(IDR), FALSE);
    assert_sets(look, BYTES(SPS_A, PPS_A)); /* from the SDP */
    SkyStreamInfo *first = look.info;
    look = sky_stream_watch_look(watch, BYTES(SPS_A, PPS_A, IDR), FALSE);
    g_assert_true(look.info == first); /* the same again is no news */
    look = sky_stream_watch_look(watch, BYTES(SPS_A, IDR), FALSE);
    g_assert_true(look.info == first); /* nor is a part of it */
    look = sky_stream_watch_look(watch, BYTES(PPS_B, P), FALSE);
    g_assert_true(look.info == first); /* a PPS joins at once but is told with the next key frame */
    look = sky_stream_watch_look(watch, BYTES(IDR), FALSE);
    assert_sets(look, BYTES(SPS_A, PPS_A, 0, PPS_B));
    look = sky_stream_watch_look(watch, BYTES(SPS_B, PPS_B, IDR), FALSE);
    assert_sets(look, BYTES(SPS_B, 0, PPS_B)); /* a new SPS ends what was before */
    look = sky_stream_watch_look(watch, BYTES(P), TRUE);
    g_assert_true(look.key); /* libavformat has seen a recovery point */
    look = sky_stream_watch_look(watch, BYTES(SPS_B, PPS_B), TRUE);
    g_assert_false(look.key); /* but there must be a picture */
}

#define PLAIN_I 0, 0, 0, 1, 0x41, 0x88, 0x84, 0x21 /* first_mb_in_slice 0, slice_type 7 */

static guint keys_of(SkyStreamWatch *watch, guint pictures, const uint8_t *i_data, gsize i_bytes) {
    guint keys = 0;
    for (guint n = 0; n < pictures; n++) {
        SkyStreamLook look = n % 50 == 49 ? sky_stream_watch_look(watch, i_data, i_bytes, FALSE) : sky_stream_watch_look(watch, BYTES(P), FALSE);
        g_assert_true(look.key == look.plain);
        keys += look.key;
    }
    return keys;
}

/* Where nothing says that a decoder can start, it starts with I slices; one key frame a minute is enough to do without them. */
static void test_plain(void) {
    g_assert_true(sky_access_unit_is_intra(BYTES(AUD, PLAIN_I, PLAIN_I)));
    g_assert_false(sky_access_unit_is_intra(BYTES(PLAIN_I, P))); /* refreshed slice by slice */
    g_assert_false(sky_access_unit_is_intra(BYTES(SPS_A)));
    g_assert_false(sky_access_unit_is_intra(BYTES(0, 0, 1, 0x41, 0, 0, 0))); /* cut off */
    g_autoptr(SkyStreamWatch) joined = sky_stream_watch_new(SKY_CODEC_H264, 25, BYTES(SPS_A, PPS_A));
    g_assert_cmpuint(keys_of(joined, 99, BYTES(PLAIN_I)), ==, 0);
    g_assert_cmpuint(keys_of(joined, 200, BYTES(PLAIN_I)), ==, 4);
    g_autoptr(SkyStreamWatch) begun = sky_stream_watch_new(SKY_CODEC_H264, 25, BYTES(SPS_A, PPS_A));
    g_assert_true(sky_stream_watch_look(begun, BYTES(IDR), FALSE).key);
    g_assert_cmpuint(keys_of(begun, 1499, BYTES(PLAIN_I)), ==, 0);
    g_assert_cmpuint(keys_of(begun, 200, BYTES(PLAIN_I)), ==, 4);
    g_assert_true(sky_stream_watch_look(begun, BYTES(IDR), FALSE).key); /* the camera was set right */
    g_assert_cmpuint(keys_of(begun, 1499, BYTES(PLAIN_I)), ==, 0);
    g_autoptr(SkyStreamWatch) none = sky_stream_watch_new(SKY_CODEC_H264, 25, BYTES(SPS_A, PPS_A));
    g_assert_cmpuint(keys_of(none, 3000, BYTES(P)), ==, 0);
}

static void test_flood(void) { /* parameter sets without end are not kept */
    g_autoptr(SkyStreamWatch) watch = sky_stream_watch_new(SKY_CODEC_H264, 25, BYTES(SPS_A, PPS_A));
    g_autoptr(GByteArray) flood = g_byte_array_new();
    for (guint i = 0; i < 5000; i++) { /* each is compared with all that are kept */
        const uint8_t pps[] = {0, 0, 1, 0x68, (uint8_t)(i >> 8 | 1), (uint8_t)(i | 1), (uint8_t)(i >> 4 | 1), 0x80};
        g_byte_array_append(flood, pps, sizeof pps);
    }
    static const uint8_t end[] = {IDR, [8 + SKY_PACKET_PADDING] = 0};
    g_byte_array_append(flood, end, sizeof end);
    SkyStreamLook look = sky_stream_watch_look(watch, flood->data, flood->len - SKY_PACKET_PADDING, FALSE);
    gsize bytes = 0;
    g_assert_nonnull(look.info);
    sets_of(look, &bytes);
    g_assert_cmpuint(bytes, <=, 16384);
}

static void test_errors(void) {
    static const struct {
        int av_error;
        SkyErrorCode code;
        const char *says;
    } rows[] = {
        {AVERROR_HTTP_UNAUTHORIZED, SKY_ERR_CONFIG, "authentication"},
        {AVERROR_HTTP_FORBIDDEN, SKY_ERR_CONFIG, "authentication"},
        {AVERROR_HTTP_NOT_FOUND, SKY_ERR_CONFIG, "404"},
        {AVERROR(ECONNREFUSED), SKY_ERR_RETRY, "refused"},
        {AVERROR(EPROTONOSUPPORT), SKY_ERR_CONFIG, "transport"},
        {AVERROR(ETIMEDOUT), SKY_ERR_RETRY, "timed out"},
        {AVERROR(ENOMEM), SKY_ERR_RESOURCE, "memory"},
        {AVERROR_INVALIDDATA, SKY_ERR_DATA, "not what it should be"},
        {AVERROR_EOF, SKY_ERR_RETRY, "ended"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        sky_av_error_set(&error, rows[i].av_error, "here");
        g_assert_error(error, SKY_ERROR, (gint)rows[i].code);
        g_assert_nonnull(strstr(error->message, rows[i].says));
        g_assert_nonnull(strstr(error->message, "here: "));
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/access-unit/scan", test_scan);
    g_test_add_func("/access-unit/jpeg", test_jpeg);
    g_test_add_func("/stream-watch/late-sets", test_late_sets);
    g_test_add_func("/stream-watch/changing-sets", test_changing_sets);
    g_test_add_func("/stream-watch/flood", test_flood);
    g_test_add_func("/av-error/codes", test_errors);
    g_test_add_func("/stream-watch/plain", test_plain);
    return g_test_run();
}
