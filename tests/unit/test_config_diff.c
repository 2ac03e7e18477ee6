/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "config/config.h"

static SkyConfig *parse(const char *text) {
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    SkyConfig *config = sky_config_parse(text, strlen(text), "s.yaml", ".", errors);
    if (errors->len > 0)
        g_test_message("%s", (const char *)errors->pdata[0]);
    g_assert_nonnull(config);
    return config;
}

#define SITE "site: {id: a, name: 村}\n"
#define BROKER "broker: {host: h}\n"
#define AUDIENCES "audiences: [{id: duty}]\n"
#define GATE " - {id: gate, main: 'rtsp://u:p@h/1', zones: [{id: z, points: [[0, 0], [1, 0], [1, 1]]}]}\n"
#define YARD " - {id: yard, main: 'rtsp://h/2', ignore: [points: [[0, 0], [1, 0], [1, 1]]]}\n"
#define CAMERAS "cameras:\n" GATE YARD

/* Ids and keys with commas between. */
static char *join(GPtrArray *texts) {
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < texts->len; i++)
        g_string_append_printf(out, "%s%s", i ? "," : "", (const char *)texts->pdata[i]);
    return g_string_free(out, FALSE);
}

/* "+added -removed ~changed !restart broker audiences", what there is of it. */
static char *diff_text(const char *before_text, const char *after_text) {
    g_autoptr(SkyConfig) before = parse(before_text), after = parse(after_text);
    g_autoptr(SkyConfigDiff) diff = sky_config_diff(before, after);
    g_autofree char *added = join(diff->cameras_added), *removed = join(diff->cameras_removed), *changed = join(diff->cameras_changed),
                    *restart = join(diff->needs_restart);
    GString *out = g_string_new(NULL);
    const char *const marks[] = {"+", "-", "~", "!"}, *const texts[] = {added, removed, changed, restart};
    for (guint i = 0; i < G_N_ELEMENTS(marks); i++)
        if (texts[i][0])
            g_string_append_printf(out, "%s%s ", marks[i], texts[i]);
    g_string_append_printf(out, "%s%s%s", diff->broker_changed ? "broker " : "", diff->audiences_changed ? "audiences " : "",
                           diff->site_renamed ? "name " : "");
    return g_strchomp(g_string_free(out, FALSE));
}

static void test_diff(void) {
    static const struct {
        const char *after, *expected;
    } rows[] = {
        {SITE BROKER AUDIENCES CAMERAS, ""},
        {SITE BROKER AUDIENCES "cameras:\n" YARD GATE, ""}, /* the order is nothing */
        {SITE BROKER AUDIENCES CAMERAS "workers: 0\nstorage: {free_min: 1000MB}\n", ""},
        {SITE BROKER AUDIENCES CAMERAS " - {id: new, main: 'rtsp://h/3'}\n", "+new"},
        {SITE BROKER AUDIENCES "cameras:\n" YARD, "-gate"},
        {SITE BROKER AUDIENCES "cameras:\n" YARD " - {id: gate2, main: 'rtsp://u:p@h/1'}\n", "+gate2 -gate"},
        {SITE BROKER AUDIENCES "cameras:\n" YARD " - {id: gate, main: 'rtsp://u:q@h/1', zones: [{id: z, points: [[0, 0], [1, 0], [1, 1]]}]}\n",
         "~gate"},
        {SITE BROKER AUDIENCES "cameras:\n" YARD " - {id: gate, main: 'rtsp://u:p@h/1', zones: [{id: z, points: [[0, 0], [1, 0], [0, 1]]}]}\n",
         "~gate"},
        {SITE BROKER AUDIENCES "cameras:\n" YARD
                               " - {id: gate, main: 'rtsp://u:p@h/1', zones: [{id: z, name: Z, points: [[0, 0], [1, 0], [1, 1]]}]}\n",
         "~gate"},
        {SITE BROKER AUDIENCES "cameras:\n" YARD
                               " - {id: gate, main: 'rtsp://u:p@h/1', zones: [{id: z, dwell: 9s, points: [[0, 0], [1, 0], [1, 1]]}]}\n",
         "~gate"},
        {SITE BROKER AUDIENCES "cameras:\n" GATE " - {id: yard, main: 'rtsp://h/2'}\n", "~yard"},
        {SITE BROKER AUDIENCES "cameras:\n" GATE
                               " - {id: yard, sensitivity: 0.6, main: 'rtsp://h/2', ignore: [points: [[0, 0], [1, 0], [1, 1]]]}\n",
         "~yard"},
        {SITE BROKER AUDIENCES "cameras:\n" GATE
                               " - {id: yard, transport: udp, main: 'rtsp://h/2', ignore: [points: [[0, 0], [1, 0], [1, 1]]]}\n",
         "~yard"},
        {SITE BROKER AUDIENCES "cameras:\n" GATE
                               " - {id: yard, sub: 'rtsp://h/3', main: 'rtsp://h/2', ignore: [points: [[0, 0], [1, 0], [1, 1]]]}\n",
         "~yard"},
        {SITE "broker: {host: h, user: x}\n" AUDIENCES CAMERAS, "broker"},
        {SITE "broker: {socket: /h}\n" AUDIENCES CAMERAS, "broker"},
        {SITE "broker: {host: h, keep_alive: 1m}\n" AUDIENCES CAMERAS, "broker"},
        {SITE BROKER "audiences: [{id: duty, pictures: true}]\n" CAMERAS, "audiences"},
        {SITE BROKER "audiences: [{id: duty}, {id: police}]\n" CAMERAS, "audiences"},
        {SITE BROKER "audiences: [{id: duty, kinds: [motion]}]\n" CAMERAS, "audiences"},
        {"site: {id: a, name: 镇}\n" BROKER AUDIENCES CAMERAS, "name"},
        {"site: {id: b, name: 村}\n" BROKER AUDIENCES CAMERAS, "!site.id broker"}, /* the client id goes with it */
        {SITE BROKER AUDIENCES CAMERAS "storage: {directory: /srv, pre_roll: 6s}\nworkers: 2\n",
         "!storage.directory,storage.pre_roll,workers"},
        {SITE BROKER AUDIENCES CAMERAS "control_socket: /x\n", "!control_socket"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *said = diff_text(SITE BROKER AUDIENCES CAMERAS, rows[i].after);
        g_test_message("row %u", i);
        g_assert_cmpstr(said, ==, rows[i].expected);
    }
}

/* A password that was changed in its file alone is a change. */
static void test_password_file(void) {
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = g_dir_make_tmp("config-diff-XXXXXX", &error);
    g_assert_no_error(error);
    g_autofree char *path = g_build_filename(directory, "p", NULL);
    static const char text[] = SITE "broker: {host: h, user: u, password_file: p}\n" AUDIENCES
                                    "cameras: [{id: gate, main: 'rtsp://h/1', user: u, password_file: p}]\n";
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    SkyConfig *configs[2];
    for (guint i = 0; i < 2; i++) {
        g_file_set_contents_full(path, i ? "new\n" : "old\n", -1, G_FILE_SET_CONTENTS_NONE, 0600, &error);
        g_assert_no_error(error);
        configs[i] = sky_config_parse(text, strlen(text), "s.yaml", directory, errors);
        g_assert_nonnull(configs[i]);
    }
    g_autoptr(SkyConfigDiff) diff = sky_config_diff(configs[0], configs[1]);
    g_assert_true(diff->broker_changed);
    g_assert_cmpuint(diff->cameras_changed->len, ==, 1);
    sky_config_unref(configs[0]);
    sky_config_unref(configs[1]);
    g_assert_cmpint(remove(path), ==, 0);
    g_assert_cmpint(remove(directory), ==, 0);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config_diff/diff", test_diff);
    g_test_add_func("/config_diff/password-file", test_password_file);
    return g_test_run();
}
