/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/lesson.h"

#include <string.h>

#define W 320
#define H 70 /* seventeen bands of four rows, and two rows */

/* Every byte of a plane comes once, in order; of the masks where they are told, and as learnt where they are not. */
static void walk(const SkyLesson *lesson, const SkyBackground *background, size_t told_from, size_t told_to) {
    size_t to = 0;
    for (SkyPiece piece = {.at = {0, 0}}; sky_lesson_next(lesson, background, &piece);) {
        g_assert_cmpuint(piece.at.from, ==, to);
        g_assert_cmpuint(piece.at.to, >, to);
        g_assert_cmpuint((piece.at.to - piece.at.from) % 64, ==, 0);
        to = piece.at.to;
        for (size_t at = piece.at.from; at < to; at++) {
            gboolean told = at >= told_from && at < told_to;
            g_assert_cmpuint(piece.learn[at - piece.at.from], ==, told ? lesson->learn[at] : 255);
            g_assert_cmpuint(piece.follow[at - piece.at.from], ==, told ? lesson->follow[at] : 255);
        }
    }
    g_assert_cmpuint(to, ==, background->bytes);
}

static void test_pieces(void) {
    SkyBackground *background = sky_background_new(sky_motion_kernel_c(), W, H);
    SkyBands *bands = sky_bands_new(background);
    uint8_t *learn = sky_background_new_plane(background), *follow = sky_background_new_plane(background);
    memset(learn, 7, background->bytes);
    memset(follow, 9, background->bytes);
    SkyLesson lesson = {learn, follow, bands, 2};
    walk(&lesson, background, 0, 0);
    sky_bands_put(bands, 8, 1);
    walk(&lesson, background, 6 * bands->band_bytes, 11 * bands->band_bytes);
    sky_bands_put(bands, 8, 0);
    sky_bands_put(bands, bands->count - 1, 1);
    walk(&lesson, background, (bands->count - 3) * bands->band_bytes, background->bytes);
    lesson.told = NULL;
    walk(&lesson, background, 0, background->bytes);
    sky_background_free_plane(background, learn);
    sky_background_free_plane(background, follow);
    sky_bands_free(bands);
    sky_background_free(background);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lesson/pieces", test_pieces);
    return g_test_run();
}
