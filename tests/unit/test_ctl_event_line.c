/* SPDX-License-Identifier: Apache-2.0 */
#include <locale.h>

#include "base/clock.h"
#include "daemon/ctl/event_line.h"

static const SkyEvent event = {
    .number = 3,
    .kind = SKY_EVENT_INTRUSION,
    .phase = SKY_EVENT_END,
    .begin_ns = 4640 * SKY_NS_PER_MS,
    .detected_ns = 5040 * SKY_NS_PER_MS,
    .end_ns = 3600 * SKY_NS_PER_S + 125 * SKY_NS_PER_MS,
    .box = {0, 0, 1, 1},
    .best_box = {0.25f, 0.125f, 0.5f, 0.0625f},
    .score = 0.9669f,
    .zone = "gate",
    .objects = 2,
    .inside_ns = 500 * SKY_NS_PER_MS,
    .path = {.count = 2, .steps = {{{0.25f, 0.5f}, 4640 * SKY_NS_PER_MS}, {{0.5f, 0.5f}, 5140 * SKY_NS_PER_MS}}},
};

static void test_line(void) {
    g_autofree char *line = sky_ctl_event_line("东 \"a\"", &event);
    g_assert_cmpstr(line, ==,
                    "{\"clip\":\"东 \\\"a\\\"\",\"kind\":\"intrusion\",\"zone\":\"gate\","
                    "\"start\":4.64,\"end\":3600.125,\"detected\":5.04,"
                    "\"box\":[0.25,0.125,0.5,0.0625],\"score\":0.9669,\"objects\":2,\"inside\":0.5,"
                    "\"path\":[[4.64,0.25,0.5],[5.14,0.5,0.5]],\"speed\":0.5}\n");
}

/* No zone: null. No best moment: the last box. */
static void test_without(void) {
    SkyEvent bare = event;
    bare.zone[0] = '\0';
    bare.best_box = (SkyBox){0};
    g_autofree char *line = sky_ctl_event_line("a", &bare);
    g_assert_nonnull(g_strstr_len(line, -1, "\"zone\":null,"));
    g_assert_nonnull(g_strstr_len(line, -1, "\"box\":[0,0,1,1],"));
}

static void test_clip_name(void) {
    static const char *const names[][2] = {
        {"gate.mp4", "gate"}, {"/a/b.c/gate.mkv", "gate"}, {"a.b.mp4", "a.b"}, {"gate", "gate"}, {".mp4", ".mp4"},
        {"./夜.mp4", "夜"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *name = sky_ctl_clip_name(names[i][0]);
        g_assert_cmpstr(name, ==, names[i][1]);
    }
}

int main(int argc, char **argv) {
    setlocale(LC_ALL, "");
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ctl_event_line/line", test_line);
    g_test_add_func("/ctl_event_line/without", test_without);
    g_test_add_func("/ctl_event_line/clip-name", test_clip_name);
    return g_test_run();
}
