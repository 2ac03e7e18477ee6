/* SPDX-License-Identifier: Apache-2.0 */
#include "event/suppression.h"

#include <glib.h>
#include <string.h>

static void expect_most(const SkySuppressed *suppressed, const char *wanted) {
    char most[SKY_SUPPRESSED_MOST_BYTES];
    memset(most, 'x', sizeof most);
    sky_suppressed_most(suppressed, most);
    g_assert_cmpstr(most, ==, wanted);
}

/* Corners, the lines between places, and what lies outside, as boxes of what left the picture do. */
static void test_place(void) {
    static const struct {
        SkyPoint at;
        const char *most;
    } rows[] = {{{0, 0}, "tick in row 1, column 1 of 4"},
                {{0.249f, 0.25f}, "tick in row 2, column 1 of 4"},
                {{0.5f, 0.749f}, "tick in row 3, column 3 of 4"},
                {{1, 1}, "tick in row 4, column 4 of 4"},
                {{-0.1f, 1.3f}, "tick in row 4, column 1 of 4"},
                {{1.3f, -0.1f}, "tick in row 1, column 4 of 4"}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        SkySuppressed suppressed = {0};
        sky_suppressed_note(&suppressed, SKY_SUPPRESSED_TICK, rows[i].at);
        expect_most(&suppressed, rows[i].most);
    }
}

/* The cause that there is most of, though another is more often in one place; and of that cause's places the fullest. */
static void test_most(void) {
    SkySuppressed suppressed = {0};
    expect_most(&suppressed, "");
    for (unsigned i = 0; i < 4; i++)
        sky_suppressed_note(&suppressed, SKY_SUPPRESSED_BRIEF, (SkyPoint){0.1f, 0.1f});
    for (unsigned i = 0; i < 5; i++)
        sky_suppressed_note(&suppressed, SKY_SUPPRESSED_SOFT, (SkyPoint){i < 2 ? 0.3f : 0.9f, 0.6f});
    g_assert_cmpuint(sky_suppressed_count(&suppressed, SKY_SUPPRESSED_BRIEF), ==, 4);
    g_assert_cmpuint(sky_suppressed_count(&suppressed, SKY_SUPPRESSED_SOFT), ==, 5);
    g_assert_cmpuint(sky_suppressed_count(&suppressed, SKY_SUPPRESSED_UNSTEADY), ==, 0);
    expect_most(&suppressed, "soft in row 3, column 4 of 4");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/suppression/place", test_place);
    g_test_add_func("/suppression/most", test_most);
    return g_test_run();
}
