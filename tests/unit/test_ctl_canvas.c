/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "daemon/ctl_canvas.h"

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

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ctl_canvas/paint", test_paint);
    g_test_add_func("/ctl_canvas/line", test_line_reaches_both_ends);
    g_test_add_func("/ctl_canvas/box", test_box_is_a_frame);
    g_test_add_func("/ctl_canvas/outside", test_outside);
    g_test_add_func("/ctl_canvas/polygon", test_polygon_is_closed);
    return g_test_run();
}
