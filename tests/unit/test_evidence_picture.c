/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/picture.h"

#include <libavutil/pixdesc.h>

#include "av/av_cleanup.h"
#include "av/av_library.h"
#include "evidence/privacy.h"

static AVFrame *frame_new(enum AVPixelFormat format, int width, int height, uint8_t luma, uint8_t chroma) {
    AVFrame *frame = av_frame_alloc();
    frame->format = format;
    frame->width = width;
    frame->height = height;
    g_assert_cmpint(av_frame_get_buffer(frame, 0), ==, 0);
    const AVPixFmtDescriptor *descriptor = av_pix_fmt_desc_get(format);
    for (int plane = 0; plane < 3; plane++) {
        int rows = plane == 0 ? height : AV_CEIL_RSHIFT(height, descriptor->log2_chroma_h);
        memset(frame->data[plane], plane == 0 ? luma : chroma, (size_t)rows * (size_t)frame->linesize[plane]);
    }
    return frame;
}

static void add_noise(AVFrame *frame) {
    for (int y = 0; y < frame->height; y++)
        for (int x = 0; x < frame->width; x++)
            frame->data[0][y * frame->linesize[0] + x] = (uint8_t)g_test_rand_int_range(0, 256);
}

static unsigned grey_pixels(const AVFrame *frame, int plane, int width, int height) {
    unsigned count = 0;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            count += frame->data[plane][y * frame->linesize[plane] + x] == 128;
    return count;
}

typedef struct {
    const char *name;
    SkyPolygon polygon;
} BurnRow;

static const BurnRow burn_rows[] = {
    {"rectangle", {4, {{0.25f, 0.25f}, {0.5f, 0.25f}, {0.5f, 0.75f}, {0.25f, 0.75f}}}},
    {"triangle", {3, {{0.1f, 0.1f}, {0.9f, 0.3f}, {0.4f, 0.8f}}}},
    {"everything", {4, {{0, 0}, {1, 0}, {1, 1}, {0, 1}}}},
    {"corner", {3, {{1, 1}, {0.9f, 1}, {1, 0.9f}}}},
    {"concave", {7, {{0.1f, 0.1f}, {0.9f, 0.1f}, {0.9f, 0.9f}, {0.7f, 0.9f}, {0.7f, 0.3f}, {0.3f, 0.3f}, {0.1f, 0.9f}}}},
    {"thin", {4, {{0.1f, 0.5f}, {0.9f, 0.501f}, {0.9f, 0.502f}, {0.1f, 0.501f}}}},
};

/* Each point of the polygon is grey in each plane, and no more than two pixels around it are. */
static void test_burn(gconstpointer data) {
    const BurnRow *row = data;
    static const enum AVPixelFormat formats[] = {AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P};
    for (gsize f = 0; f < G_N_ELEMENTS(formats); f++) {
        g_autoptr(AVFrame) frame = frame_new(formats[f], 199, 101, 20, 90);
        sky_privacy_burn(frame, &row->polygon, 1);
        for (int plane = 0; plane < 3; plane++) {
            const AVPixFmtDescriptor *descriptor = av_pix_fmt_desc_get(formats[f]);
            int width = plane == 0 ? 199 : AV_CEIL_RSHIFT(199, descriptor->log2_chroma_w);
            int height = plane == 0 ? 101 : AV_CEIL_RSHIFT(101, descriptor->log2_chroma_h);
            unsigned inside = 0;
            for (float fy = 0.0005f; fy < 1; fy += 0.001f)
                for (float fx = 0.0005f; fx < 1; fx += 0.001f)
                    if (sky_polygon_contains(&row->polygon, fx, fy)) {
                        int x = (int)(fx * (float)width), y = (int)(fy * (float)height);
                        g_assert_cmpuint(frame->data[plane][y * frame->linesize[plane] + x], ==, 128);
                        inside++;
                    }
            g_assert_cmpuint(inside, >, 0);
            double share = (double)grey_pixels(frame, plane, width, height) / (width * height);
            double ideal = inside / 1e6;
            g_assert_cmpfloat(share, <=, ideal + 2.5 * 2 * (1.0 / width + 1.0 / height)); /* an edge around */
        }
    }
}

static void test_burn_nothing(void) {
    g_autoptr(AVFrame) frame = frame_new(AV_PIX_FMT_YUVJ420P, 64, 64, 20, 90);
    sky_privacy_burn(frame, NULL, 0);
    g_assert_cmpuint(grey_pixels(frame, 0, 64, 64), ==, 0);
}

static AVFrame *decode(GBytes *jpeg) {
    g_autoptr(AVCodecContext) decoder = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_MJPEG));
    g_autoptr(AVPacket) packet = av_packet_alloc();
    AVFrame *frame = av_frame_alloc();
    g_assert_cmpint(avcodec_open2(decoder, NULL, NULL), ==, 0);
    gsize bytes = 0;
    const void *data = g_bytes_get_data(jpeg, &bytes);
    g_assert_cmpint(av_new_packet(packet, (int)bytes), ==, 0);
    memcpy(packet->data, data, bytes);
    g_assert_cmpint(avcodec_send_packet(decoder, packet), ==, 0);
    g_assert_cmpint(avcodec_receive_frame(decoder, frame), ==, 0);
    return frame;
}

/* Limited range becomes full range, and a JPEG says so by being one. */
static void test_range(void) {
    g_autoptr(AVFrame) white = frame_new(AV_PIX_FMT_YUV420P, 64, 48, 235, 128);
    g_autoptr(AVFrame) picture = sky_picture_convert(white, 0, NULL);
    g_autoptr(GBytes) jpeg = sky_picture_encode(picture, 1 << 20, NULL);
    g_autoptr(AVFrame) decoded = decode(jpeg);
    g_assert_cmpint(decoded->format, ==, AV_PIX_FMT_YUVJ420P);
    g_assert_cmpuint(decoded->data[0][0], >=, 254);

    g_autoptr(AVFrame) full = frame_new(AV_PIX_FMT_YUVJ420P, 64, 48, 235, 128);
    g_autoptr(AVFrame) same = sky_picture_convert(full, 0, NULL);
    g_assert_cmpuint(same->data[0][0], ==, 235);
    g_autoptr(AVFrame) ten_bits = frame_new(AV_PIX_FMT_YUV420P10, 64, 48, 0, 0);
    g_autoptr(AVFrame) eight_bits = sky_picture_convert(ten_bits, 0, NULL);
    g_assert_nonnull(eight_bits);
}

/* A red of BT.709 is the same red in the JPEG, whose colours are those of BT.601. */
static void test_colours(void) {
    g_autoptr(AVFrame) red = frame_new(AV_PIX_FMT_YUV420P, 64, 48, 63, 0); /* R 255 of BT.709: 63, 102, 240 */
    memset(red->data[1], 102, (size_t)red->linesize[1] * 24);
    memset(red->data[2], 240, (size_t)red->linesize[2] * 24);
    red->colorspace = AVCOL_SPC_BT709;
    g_autoptr(AVFrame) picture = sky_picture_convert(red, 0, NULL);
    g_assert_cmpint(ABS(picture->data[0][0] - 76), <=, 3); /* of BT.601, full range: 76, 85, 255 */
    g_assert_cmpint(ABS(picture->data[1][0] - 85), <=, 3);
    g_assert_cmpint(ABS(picture->data[2][0] - 255), <=, 3);
    g_autoptr(AVFrame) again = sky_picture_convert(picture, 32, NULL);
    g_assert_cmpint(ABS(again->data[0][0] - 76), <=, 3);
    g_assert_cmpint(ABS(again->data[2][0] - 255), <=, 3);
}

static void test_size(void) {
    g_autoptr(AVFrame) frame = frame_new(AV_PIX_FMT_YUV420P, 1280, 720, 100, 128);
    g_autoptr(AVFrame) small = sky_picture_convert(frame, 320, NULL);
    g_assert_cmpint(small->width, ==, 320);
    g_assert_cmpint(small->height, ==, 180);
    g_autoptr(AVFrame) same = sky_picture_convert(frame, 4000, NULL);
    g_assert_cmpint(same->width, ==, 1280);
}

/* Noise is the worst case: quality goes down first, then size. */
static void test_cap(void) {
    g_autoptr(AVFrame) frame = frame_new(AV_PIX_FMT_YUVJ420P, 640, 360, 100, 128);
    add_noise(frame);
    static const gsize caps[] = {400000, 120000, 40000, 10000, 3000};
    int last_width = 640;
    for (gsize i = 0; i < G_N_ELEMENTS(caps); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) jpeg = sky_picture_encode(frame, caps[i], &error);
        g_assert_no_error(error);
        g_assert_cmpuint(g_bytes_get_size(jpeg), <=, caps[i]);
        g_autoptr(AVFrame) decoded = decode(jpeg);
        g_assert_cmpint(decoded->width, <=, last_width);
        g_assert_cmpint(ABS(decoded->width * 360 - decoded->height * 640), <=, 640);
        last_width = decoded->width;
        if (i == 0)
            g_assert_cmpint(decoded->width, ==, 640);
    }
    g_assert_cmpint(last_width, <, 320);
    g_autoptr(GError) error = NULL;
    g_assert_null(sky_picture_encode(frame, 200, &error));
    g_assert_nonnull(error);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    sky_av_library_init();
    for (gsize i = 0; i < G_N_ELEMENTS(burn_rows); i++) {
        g_autofree char *name = g_strconcat("/evidence/picture/burn/", burn_rows[i].name, NULL);
        g_test_add_data_func(name, &burn_rows[i], test_burn);
    }
    g_test_add_func("/evidence/picture/burn-nothing", test_burn_nothing);
    g_test_add_func("/evidence/picture/range", test_range);
    g_test_add_func("/evidence/picture/colours", test_colours);
    g_test_add_func("/evidence/picture/size", test_size);
    g_test_add_func("/evidence/picture/cap", test_cap);
    return g_test_run();
}
