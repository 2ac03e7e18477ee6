/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/blob_finder.h"

#include <string.h>

/* From rows of text: '#' is set. */
static void find(SkyBlobFinder *finder, const char *const *rows, uint32_t height, uint32_t least) {
    uint32_t width = (uint32_t)strlen(rows[0]);
    g_autofree uint8_t *mask = g_malloc0((gsize)width * height);
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            mask[y * width + x] = rows[y][x] == '#' ? 255 : 0;
    sky_blob_finder_find(finder, mask, NULL, width, height, width, least);
}

static void test_empty_and_full(void) {
    g_autoptr(SkyBlobFinder) finder = sky_blob_finder_new();
    const char *const empty[] = {"....", "...."}, *const full[] = {"####", "####"};
    find(finder, empty, 2, 0);
    g_assert_cmpuint(finder->part_count, ==, 0);
    find(finder, full, 2, 1);
    g_assert_cmpuint(finder->part_count, ==, 1);
    g_assert_cmpuint(finder->parts[0].pixels, ==, 8);
    g_assert_cmpuint(finder->parts[0].right, ==, 4);
    g_assert_cmpuint(finder->parts[0].bottom, ==, 2);
}

static void test_corners_touch(void) {
    g_autoptr(SkyBlobFinder) finder = sky_blob_finder_new();
    const char *const rows[] = {"#...#", ".#.#.", "..#..", "....."};
    find(finder, rows, 4, 1);
    g_assert_cmpuint(finder->part_count, ==, 1); /* a V, joined only at its foot */
    g_assert_cmpuint(finder->parts[0].pixels, ==, 5);
    const char *const apart[] = {"#.#", "...", "#.#"};
    find(finder, apart, 3, 1);
    g_assert_cmpuint(finder->part_count, ==, 4);
}

static void test_spiral_is_one(void) {
    g_autoptr(SkyBlobFinder) finder = sky_blob_finder_new();
    const char *const rows[] = {"#######", "#.....#", "#.###.#", "#.#.#.#", "#.#...#", "#.#####", "#......"};
    find(finder, rows, 7, 1);
    g_assert_cmpuint(finder->part_count, ==, 1);
}

static void test_least_and_order(void) {
    g_autoptr(SkyBlobFinder) finder = sky_blob_finder_new();
    const char *const rows[] = {"##...####", "..........", "###......"};
    find(finder, rows, 3, 3);
    g_assert_cmpuint(finder->part_count, ==, 2); /* two pixels are too few, three are not */
    g_assert_cmpuint(finder->parts[0].pixels, ==, 4);
    g_assert_cmpuint(finder->parts[1].pixels, ==, 3);
    g_assert_cmpuint(finder->parts[1].left, ==, 0);
    g_assert_cmpuint(finder->parts[1].top, ==, 2);
    g_assert_cmpuint(finder->parts[1].right, ==, 3);
    g_assert_cmpuint(finder->parts[1].bottom, ==, 3);
    for (uint32_t i = 0; i < finder->run_count; i++)
        g_assert_cmpuint(finder->runs[i].part, ==, finder->runs[i].row == 2 ? 1 : finder->runs[i].from == 0 ? SKY_PART_NONE : 0);
}

/* Every second pixel of every second row: more parts and more runs than there is room for. */
/* Rows that are said to have nothing are not looked at. */
static void test_bands(void) {
    g_autoptr(SkyBlobFinder) finder = sky_blob_finder_new();
    uint8_t mask[3 * SKY_CELL_PX * 2];
    memset(mask, 255, sizeof mask);
    const uint32_t all[] = {8, 8, 8}, between[] = {8, 0, 8};
    sky_blob_finder_find(finder, mask, all, 2, 3 * SKY_CELL_PX, 2, 1);
    g_assert_cmpuint(finder->part_count, ==, 1);
    sky_blob_finder_find(finder, mask, between, 2, 3 * SKY_CELL_PX, 2, 1);
    g_assert_cmpuint(finder->part_count, ==, 2);
    g_assert_cmpuint(finder->parts[0].bottom, ==, SKY_CELL_PX);
    g_assert_cmpuint(finder->parts[1].top, ==, 2 * SKY_CELL_PX);
}

static void test_bounds(void) {
    g_autoptr(SkyBlobFinder) finder = sky_blob_finder_new();
    uint32_t width = 640, height = 360;
    g_autofree uint8_t *mask = g_malloc0((gsize)width * height);
    for (uint32_t y = 0; y < height; y += 2)
        for (uint32_t x = 0; x < width; x += 2)
            mask[y * width + x] = 255;
    memset(mask + 4 * width, 255, 9); /* one larger than all others: it stays, whatever is left out */
    sky_blob_finder_find(finder, mask, NULL, width, height, width, 1);
    g_assert_cmpuint(finder->part_count, ==, SKY_PARTS_MAX);
    g_assert_cmpuint(finder->run_count, ==, SKY_RUNS_MAX);
    g_assert_cmpuint(finder->parts[0].pixels, ==, 9);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/blob-finder/empty-and-full", test_empty_and_full);
    g_test_add_func("/blob-finder/corners-touch", test_corners_touch);
    g_test_add_func("/blob-finder/spiral-is-one", test_spiral_is_one);
    g_test_add_func("/blob-finder/least-and-order", test_least_and_order);
    g_test_add_func("/blob-finder/bands", test_bands);
    g_test_add_func("/blob-finder/bounds", test_bounds);
    return g_test_run();
}
