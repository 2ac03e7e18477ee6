/* SPDX-License-Identifier: Apache-2.0 */
/* The contact sheet: its pages, what each tile shows, and what is said where there is no more room. */
#include <glib/gstdio.h>
#include <libavcodec/avcodec.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/ctl/sheet.h"

#define A_PAGE 20
#define GAP 8
#define TILE_W (320 + GAP)
#define TILE_H (240 + 38 + GAP)
#define PAGE_W (4 * TILE_W + GAP)
#define W 160
#define H 90 /* a tile shows it twice as large, in the middle of its height */
#define PICTURE_TOP ((240 - 2 * H) / 2)

static char *folder;

static char *path_of(const char *name) {
    return g_build_filename(folder, name, NULL);
}

static gboolean is_there(const char *name) {
    g_autofree char *path = path_of(name);
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void make_folder(void) {
    folder = g_dir_make_tmp("sky-sheet-XXXXXX", NULL);
    g_assert_nonnull(folder);
}

static void remove_folder(void) {
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir)) {
        g_autofree char *path = path_of(name);
        g_remove(path);
    }
    g_assert_cmpint(g_rmdir(folder), ==, 0);
    g_clear_pointer(&folder, g_free);
}

/* A page as pixels; the caller frees it. */
static AVFrame *page(const char *name) {
    g_autofree char *path = path_of(name), *bytes = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    AVCodecContext *codec = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_PNG));
    AVPacket *packet = av_packet_alloc();
    AVFrame *frame = av_frame_alloc();
    g_assert_cmpint(avcodec_open2(codec, codec->codec, NULL), ==, 0);
    g_assert_cmpint(av_new_packet(packet, (int)length), ==, 0);
    memcpy(packet->data, bytes, length);
    g_assert_cmpint(avcodec_send_packet(codec, packet), ==, 0);
    g_assert_cmpint(avcodec_receive_frame(codec, frame), ==, 0);
    g_assert_cmpint(frame->format, ==, AV_PIX_FMT_RGB24);
    av_packet_free(&packet);
    avcodec_free_context(&codec);
    return frame;
}

static const uint8_t *at(const AVFrame *frame, int x, int y) {
    return frame->data[0] + (ptrdiff_t)y * frame->linesize[0] + 3 * x;
}

/* Of a tile's picture, counted from 0. */
static const uint8_t *in_tile(const AVFrame *frame, int tile, int x, int y) {
    return at(frame, GAP + tile % 4 * TILE_W + x, GAP + tile / 4 * TILE_H + PICTURE_TOP + y);
}

static void assert_size(const char *name, int rows) {
    AVFrame *frame = page(name);
    g_assert_cmpint(frame->width, ==, PAGE_W);
    g_assert_cmpint(frame->height, ==, rows * TILE_H + GAP);
    av_frame_free(&frame);
}

static void show(SkySheet *sheet, int64_t time_ns, uint8_t shade, gboolean sure) {
    static uint8_t luma[W * H];
    memset(luma, shade, sizeof luma);
    SkyFrame frame = {.width_px = W, .height_px = H, .stride_bytes = W, .arrival_ns = time_ns, .luma = luma};
    SkyFollowed thing = {.number = 1, .seen = TRUE, .sure = sure};
    sky_sheet_frame(sheet, &(SkyAnalysed){.frame = &frame, .followed = &thing, .followed_count = 1});
}

static void tell(SkySheet *sheet, uint64_t number, SkyEventPhase phase, int64_t best_ns) {
    sky_sheet_event(sheet, &(SkyEvent){.number = number, .phase = phase, .begin_ns = SKY_NS_PER_S, .best_ns = best_ns,
                                       .end_ns = phase == SKY_EVENT_END ? 2 * SKY_NS_PER_S : SKY_TIME_NONE,
                                       .best_box = {0.25f, 0.25f, 0.5f, 0.5f}});
}

static SkySheet *sheet_of(const char *name, unsigned events) {
    g_autofree char *path = path_of(name);
    SkySheet *sheet = sky_sheet_new(path);
    sky_sheet_clip(sheet, "made");
    for (unsigned i = 1; i <= events; i++) {
        tell(sheet, i, SKY_EVENT_BEGIN, SKY_NS_PER_S);
        tell(sheet, i, SKY_EVENT_END, SKY_NS_PER_S);
    }
    return sheet;
}

/* As many rows as the last page needs, no page without a tile; none at all is a page that says so. */
static void test_pages(void) {
    static const struct {
        unsigned events;
        int rows, rows_2;
    } cases[] = {{0, 1, 0}, {1, 1, 0}, {4, 1, 0}, {5, 2, 0}, {A_PAGE, 5, 0}, {A_PAGE + 1, 5, 1}, {2 * A_PAGE, 5, 5}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        make_folder();
        g_assert_true(sky_sheet_finish(sheet_of("out.png", cases[i].events)));
        assert_size("out.png", cases[i].rows);
        g_assert_cmpint(is_there("out-2.png"), ==, cases[i].rows_2 > 0);
        if (cases[i].rows_2 > 0)
            assert_size("out-2.png", cases[i].rows_2);
        g_assert_false(is_there("out-3.png"));
        remove_folder();
    }
}

static void test_name_without_ending(void) {
    make_folder();
    g_assert_true(sky_sheet_finish(sheet_of("out", A_PAGE + 1)));
    g_assert_true(is_there("out") && is_there("out-2.png"));
    remove_folder();
}

/* The picture of the event's best moment, framed, though others came before and behind it. */
static void test_best_moment(void) {
    make_folder();
    g_autofree char *path = path_of("out.png");
    SkySheet *sheet = sky_sheet_new(path);
    sky_sheet_clip(sheet, "made");
    tell(sheet, 1, SKY_EVENT_BEGIN, 10);
    show(sheet, 10, 50, TRUE);
    show(sheet, 20, 100, TRUE);
    show(sheet, 30, 150, TRUE);
    tell(sheet, 2, SKY_EVENT_BEGIN, 30); /* two at once */
    tell(sheet, 1, SKY_EVENT_UPDATE, 20);
    tell(sheet, 2, SKY_EVENT_END, 30);
    tell(sheet, 1, SKY_EVENT_END, 20);
    g_assert_true(sky_sheet_finish(sheet));
    AVFrame *frame = page("out.png");
    g_assert_cmpmem(in_tile(frame, 0, 160, 90), 3, ((uint8_t[]){150, 150, 150}), 3); /* in the order of their ends */
    g_assert_cmpmem(in_tile(frame, 1, 160, 90), 3, ((uint8_t[]){100, 100, 100}), 3);
    g_assert_cmpmem(in_tile(frame, 1, 80, 90), 3, ((uint8_t[]){0, 255, 90}), 3);
    g_assert_cmpmem(in_tile(frame, 1, 20, -PICTURE_TOP), 3, ((uint8_t[]){0, 0, 0}), 3); /* above the picture */
    g_assert_cmpmem(in_tile(frame, 2, 160, 90), 3, ((uint8_t[]){0, 0, 0}), 3);
    av_frame_free(&frame);
    remove_folder();
}

/* Where the best moment is not there any more, the one before it stays; a picture with nothing sure in it is not kept, nor one of
 * the file before. */
static void test_moments_gone(void) {
    make_folder();
    g_autofree char *path = path_of("out.png");
    SkySheet *sheet = sky_sheet_new(path);
    sky_sheet_clip(sheet, "made");
    show(sheet, 10, 50, TRUE);
    tell(sheet, 1, SKY_EVENT_BEGIN, 10);
    show(sheet, 20, 100, FALSE);
    tell(sheet, 1, SKY_EVENT_END, 20);
    show(sheet, 30, 150, TRUE);
    for (int64_t i = 0; i < 128; i++) /* as many as are kept */
        show(sheet, 40 + i, 200, TRUE);
    tell(sheet, 2, SKY_EVENT_END, 30);
    sky_sheet_clip(sheet, "next");
    tell(sheet, 1, SKY_EVENT_END, 40);
    g_assert_true(sky_sheet_finish(sheet));
    AVFrame *frame = page("out.png");
    g_assert_cmpint(in_tile(frame, 0, 160, 90)[0], ==, 50);
    g_assert_cmpint(in_tile(frame, 1, 160, 90)[0], ==, 0);
    g_assert_cmpint(in_tile(frame, 2, 160, 90)[0], ==, 0);
    av_frame_free(&frame);
    remove_folder();
}

/* Full is full: the pages made stand, what is left out is counted. */
static void test_limit(void) {
    if (g_test_subprocess()) {
        make_folder();
        g_assert_true(sky_sheet_finish(sheet_of("out.png", SKY_SHEET_PAGES_MAX * A_PAGE + 3)));
        g_assert_true(is_there("out-50.png"));
        g_assert_false(is_there("out-51.png"));
        remove_folder();
        return;
    }
    g_test_trap_subprocess(NULL, 60 * G_USEC_PER_SEC, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("skynetctl analyze: --sheet: 50 pages are full, 3 events are left out\n");
}

/* A page that can not be written is an error, said with its path; the others are tried all the same. */
static void test_page_in_the_way(void) {
    if (g_test_subprocess()) {
        make_folder();
        g_autofree char *path = path_of("out-2.png");
        g_assert_cmpint(g_mkdir(path, 0700), ==, 0); /* in the way */
        gboolean ok = sky_sheet_finish(sheet_of("out.png", 3 * A_PAGE));
        g_assert_false(ok);
        g_assert_true(is_there("out.png") && is_there("out-3.png"));
        g_assert_cmpint(g_rmdir(path), ==, 0);
        remove_folder();
        return;
    }
    g_test_trap_subprocess(NULL, 60 * G_USEC_PER_SEC, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("skynetctl analyze: --sheet: *out-2.png*\n");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ctl_sheet/pages", test_pages);
    g_test_add_func("/ctl_sheet/name-without-ending", test_name_without_ending);
    g_test_add_func("/ctl_sheet/best-moment", test_best_moment);
    g_test_add_func("/ctl_sheet/moments-gone", test_moments_gone);
    g_test_add_func("/ctl_sheet/limit", test_limit);
    g_test_add_func("/ctl_sheet/page-in-the-way", test_page_in_the_way);
    return g_test_run();
}
