/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "daemon/ctl/canvas.h"

#define WIDTH 32
#define HEIGHT 16

static const SkyColour white = {255, 255, 255};

static const uint8_t *at(const SkyCanvas *canvas, uint32_t x, uint32_t y) {
    return canvas->rgb + 3 * ((gsize)y * canvas->width_px + x);
}

static guint painted(const SkyCanvas *canvas) {
    guint count = 0;
    for (gsize i = 0; i < (gsize)canvas->width_px * canvas->height_px; i++)
        count += canvas->rgb[3 * i] != 0;
    return count;
}

/* Enlarged by nearest neighbour, the stride's tail left out, moving pixels red. */
static void test_paint(void) {
    static const uint8_t luma[] = {10, 20, 99, 30, 40, 99};
    static const uint8_t mask[] = {0, 255, 0, 0};
    SkyCanvas canvas;
    sky_canvas_init(&canvas, 4, 4);
    sky_canvas_paint(&canvas, luma, 2, 2, 3, mask);
    g_assert_cmpmem(at(&canvas, 0, 0), 3, ((uint8_t[]){10, 10, 10}), 3);
    g_assert_cmpmem(at(&canvas, 1, 1), 3, ((uint8_t[]){10, 10, 10}), 3);
    g_assert_cmpmem(at(&canvas, 2, 0), 3, ((uint8_t[]){138, 10, 10}), 3);
    g_assert_cmpmem(at(&canvas, 0, 3), 3, ((uint8_t[]){30, 30, 30}), 3);
    g_assert_cmpmem(at(&canvas, 3, 3), 3, ((uint8_t[]){40, 40, 40}), 3);
    sky_canvas_paint(&canvas, luma, 2, 2, 3, NULL);
    g_assert_cmpmem(at(&canvas, 2, 0), 3, ((uint8_t[]){20, 20, 20}), 3);
    sky_canvas_clear(&canvas);
}

static void test_line_reaches_both_ends(void) {
    SkyCanvas canvas;
    sky_canvas_init(&canvas, WIDTH, HEIGHT);
    sky_canvas_line(&canvas, (SkyPoint){0, 0}, (SkyPoint){1, 1}, white);
    g_assert_cmpint(at(&canvas, 0, 0)[0], ==, 255);
    g_assert_cmpint(at(&canvas, WIDTH - 1, HEIGHT - 1)[0], ==, 255);
    g_assert_cmpint(at(&canvas, WIDTH - 1, 0)[0], ==, 0);
    sky_canvas_clear(&canvas);
}

static void test_box_is_a_frame(void) {
    SkyCanvas canvas;
    sky_canvas_init(&canvas, WIDTH, HEIGHT);
    sky_canvas_box(&canvas, &(SkyBox){0.25f, 0.25f, 0.5f, 0.5f}, white);
    g_assert_cmpint(at(&canvas, 8, 4)[0], ==, 255);
    g_assert_cmpint(at(&canvas, 23, 11)[0], ==, 255);
    g_assert_cmpint(at(&canvas, 16, 8)[0], ==, 0);
    g_assert_cmpint(at(&canvas, 2, 2)[0], ==, 0);
    sky_canvas_clear(&canvas);
}

/* Boxes reach over the edge of the picture; nothing is written outside (a sanitizer would say so). */
static void test_outside(void) {
    SkyCanvas canvas;
    sky_canvas_init(&canvas, WIDTH, HEIGHT);
    sky_canvas_box(&canvas, &(SkyBox){-3, -3, 9, 9}, white);
    sky_canvas_line(&canvas, (SkyPoint){1, 1}, (SkyPoint){1, 1}, white);
    sky_canvas_line(&canvas, (SkyPoint){-1e30f, 2}, (SkyPoint){1e30f, 2}, white);
    g_assert_cmpuint(painted(&canvas), >, 0);
    sky_canvas_clear(&canvas);
}

static void test_polygon_is_closed(void) {
    SkyPolygon triangle = {.count = 3, .points = {{0, 0}, {1, 0}, {0, 1}}};
    SkyCanvas canvas;
    sky_canvas_init(&canvas, WIDTH, HEIGHT);
    sky_canvas_polygon(&canvas, &triangle, white);
    g_assert_cmpint(at(&canvas, WIDTH / 2, 0)[0], ==, 255);
    g_assert_cmpint(at(&canvas, 0, HEIGHT / 2)[0], ==, 255); /* the last side, back to the first point */
    g_assert_cmpint(at(&canvas, WIDTH - 1, HEIGHT - 1)[0], ==, 0);
    sky_canvas_clear(&canvas);
}

/* Letters by their pixels; what is no plain letter is a box; nothing outside. */
static void test_text(void) {
    SkyCanvas canvas;
    sky_canvas_init(&canvas, WIDTH, HEIGHT);
    g_assert_cmpint(sky_canvas_text(&canvas, 1, 1, 1, "l\xe5\xa4\x9c", white), ==, 13);
    g_assert_cmpuint(painted(&canvas), ==, 7 + 4 + 2 * 5 + 2 * 5); /* an L, a box */
    g_assert_cmpint(at(&canvas, 1, 1)[0], ==, 255);
    g_assert_cmpint(at(&canvas, 2, 1)[0], ==, 0);
    g_assert_cmpint(at(&canvas, 5, 7)[0], ==, 255);
    sky_canvas_text(&canvas, WIDTH - 3, HEIGHT - 3, 2, "\xff_W", white);
    sky_canvas_text(&canvas, -8, -8, 3, "W", white);
    sky_canvas_clear(&canvas);
}

static void test_put_and_shade(void) {
    SkyCanvas canvas, small;
    sky_canvas_init(&canvas, WIDTH, HEIGHT);
    sky_canvas_init(&small, 4, 4);
    sky_canvas_shade(&small, 0, 0, 4, 4);
    g_assert_cmpuint(painted(&small), ==, 0);
    memset(small.rgb, 200, 4 * 4 * 3);
    sky_canvas_put(&canvas, 2, 3, &small);
    g_assert_cmpuint(painted(&canvas), ==, 16);
    g_assert_cmpint(at(&canvas, 5, 6)[2], ==, 200);
    sky_canvas_put(&canvas, -2, HEIGHT - 1, &small); /* two of its columns, one row */
    g_assert_cmpuint(painted(&canvas), ==, 18);
    sky_canvas_put(&canvas, WIDTH + 1, 0, &small);
    sky_canvas_put(&canvas, -4, -4, &small);
    g_assert_cmpuint(painted(&canvas), ==, 18);
    sky_canvas_shade(&canvas, 5, 6, 99, 99);
    g_assert_cmpint(at(&canvas, 5, 6)[0], ==, 50);
    g_assert_cmpint(at(&canvas, 4, 6)[0], ==, 200);
    sky_canvas_clear(&small);
    sky_canvas_clear(&canvas);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ctl_canvas/paint", test_paint);
    g_test_add_func("/ctl_canvas/line", test_line_reaches_both_ends);
    g_test_add_func("/ctl_canvas/box", test_box_is_a_frame);
    g_test_add_func("/ctl_canvas/outside", test_outside);
    g_test_add_func("/ctl_canvas/polygon", test_polygon_is_closed);
    g_test_add_func("/ctl_canvas/text", test_text);
    g_test_add_func("/ctl_canvas/put-and-shade", test_put_and_shade);
    return g_test_run();
}
