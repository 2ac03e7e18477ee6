/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>

#include "config/config.h"

#define HEAD "site: {id: longquan}\nbroker: {host: h}\naudiences: [{id: duty}]\n"
#define GATE "cameras:\n  - {id: gate, main: 'rtsp://192.0.2.1/1'}\n"

/* A folder of its own a test: skynetd.yaml, cameras.d/. */
typedef struct {
    char *folder;
    GPtrArray *errors;
} Site;

static void put(const Site *site, const char *name, const char *text) {
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(site->folder, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
    g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error);
    g_assert_no_error(error);
}

static void set_up(Site *site, gconstpointer unused) {
    site->folder = g_dir_make_tmp("skynet-drop-ins-XXXXXX", NULL);
    site->errors = g_ptr_array_new_with_free_func(g_free);
}

static void remove_tree(const char *path) {
    g_autoptr(GDir) listing = g_dir_open(path, 0, NULL);
    for (const char *name; listing && (name = g_dir_read_name(listing)) != NULL;) {
        g_autofree char *child = g_build_filename(path, name, NULL);
        remove_tree(child);
    }
    g_assert_cmpint(g_remove(path), ==, 0);
}

static void tear_down(Site *site, gconstpointer unused) {
    remove_tree(site->folder);
    g_free(site->folder);
    g_ptr_array_unref(site->errors);
}

static SkyConfig *load(Site *site) {
    g_ptr_array_set_size(site->errors, 0);
    g_autofree char *path = g_build_filename(site->folder, "skynetd.yaml", NULL);
    SkyConfig *config = sky_config_load(path, site->errors);
    g_assert_true((config != NULL) == (site->errors->len == 0));
    return config;
}

/* There is one error: its first line, without the folder, begins with that text. */
static void fails(Site *site, const char *begin) {
    g_assert_null(load(site));
    const char *text = site->errors->pdata[0];
    g_test_message("%s", text);
    g_assert_cmpuint(site->errors->len, ==, 1);
    g_assert_true(g_str_has_prefix(text, site->folder));
    g_assert_true(g_str_has_prefix(text + strlen(site->folder) + 1, begin));
}

static void test_added(Site *site, gconstpointer unused) {
    put(site, "skynetd.yaml", HEAD GATE);
    put(site, "cameras.d/20-yard.yaml", "id: yard\nmain: rtsp://192.0.2.3/1\nuser: viewer\npassword_file: yard.password\n");
    put(site, "cameras.d/10-two.yaml", "- {id: pond, main: 'rtsp://192.0.2.4/1'}\n- {id: mill, main: 'rtsp://192.0.2.5/1'}\n");
    put(site, "cameras.d/30-later.yaml", "# nothing yet\n");
    put(site, "cameras.d/.hidden.yaml", "nonsense");
    put(site, "cameras.d/10-two.yaml~", "nonsense");
    put(site, "cameras.d/yard.password", "s3cr3t\n");
    g_autoptr(SkyConfig) config = load(site);
    g_assert_nonnull(config);
    const SkyConfigValues *values = sky_config_values(config);
    static const char *const ids[] = {"gate", "pond", "mill", "yard"};
    g_assert_cmpuint(values->camera_count, ==, G_N_ELEMENTS(ids));
    for (guint i = 0; i < G_N_ELEMENTS(ids); i++)
        g_assert_cmpstr(values->cameras[i].id, ==, ids[i]);
    g_assert_cmpstr(values->cameras[3].password, ==, "s3cr3t");
    g_assert_cmpuint(sky_config_drop_ins(config)->len, ==, 3);
}

static void test_alone(Site *site, gconstpointer unused) {
    put(site, "skynetd.yaml", HEAD);
    g_assert_null(load(site));
    g_assert_nonnull(strstr(site->errors->pdata[0], "cameras: missing"));
    put(site, "cameras.d/gate.yaml", "id: gate\nmain: rtsp://192.0.2.1/1\n");
    g_autoptr(SkyConfig) config = load(site);
    g_assert_cmpuint(sky_config_values(config)->camera_count, ==, 1);
    put(site, "skynetd.yaml", HEAD "cameras:\n");
    g_autoptr(SkyConfig) empty = load(site);
    g_assert_cmpuint(sky_config_values(empty)->camera_count, ==, 1);
}

static void test_places(Site *site, gconstpointer unused) {
    put(site, "skynetd.yaml", HEAD GATE);
    put(site, "cameras.d/a.yaml", "id: yard\nmain: rtsp://192.0.2.3/1\n");
    put(site, "cameras.d/b.yaml", "# the second\nid: pond\nmain: rtsp://192.0.2.3/1\nsensitivty: 1\n");
    fails(site, "cameras.d/b.yaml:4:1: cameras[pond].sensitivty: unknown key, did you mean sensitivity?\n");
    put(site, "cameras.d/b.yaml", "id: pond\n");
    fails(site, "cameras.d/b.yaml:1:1: cameras[pond].main: missing, allowed: ");
    put(site, "cameras.d/b.yaml", "[1, 2");
    fails(site, "cameras.d/b.yaml:1:6: not YAML: ");
    put(site, "cameras.d/b.yaml", "just a word\n");
    fails(site, "cameras.d/b.yaml:1:1: not a camera and no list of cameras, allowed in a camera: id, name, ");
    put(site, "cameras.d/b.yaml", "cameras:\n- id: pond\n  main: rtsp://192.0.2.3/1\n");
    fails(site, "cameras.d/b.yaml:1:1: begins with `cameras:`, allowed is a camera, or a list of them: take that line away\n");
    g_assert_cmpuint(site->errors->len, ==, 1);
    put(site, "cameras.d/b.yaml", "id: pond\nmain: rtsp://192.0.2.3/1\nuser: viewer\npassword_file: none.password\n");
    g_autofree char *words = g_strdup_printf("cameras.d/b.yaml:4:16: cameras[pond].password_file: there is no such file in %s/cameras.d,",
                                             site->folder);
    fails(site, words);
    put(site, "cameras.d/b.yml", "id: mill\nmain: rtsp://192.0.2.3/1\n");
    put(site, "cameras.d/b.yaml", "id: pond\nmain: rtsp://192.0.2.3/1\n");
    fails(site, "cameras.d/b.yml: not read, allowed: a name that ends in .yaml");
}

static void test_twice(Site *site, gconstpointer unused) {
    put(site, "skynetd.yaml", HEAD GATE);
    put(site, "cameras.d/a.yaml", "main: rtsp://192.0.2.3/1\nid: gate\n");
    g_autofree char *first = g_strdup_printf("cameras.d/a.yaml:2:5: cameras[gate].id: \"gate\" is the id of another camera "
                                             "(%s/skynetd.yaml:5), allowed: an id of its own", site->folder);
    fails(site, first);
    put(site, "skynetd.yaml", HEAD);
    put(site, "cameras.d/b.yaml", "id: gate\nmain: rtsp://192.0.2.4/1\n");
    g_autofree char *second = g_strdup_printf("cameras.d/b.yaml:1:5: cameras[gate].id: \"gate\" is the id of another camera "
                                              "(%s/cameras.d/a.yaml:2), allowed: an id of its own", site->folder);
    fails(site, second);
}

static void test_crowd(Site *site, gconstpointer unused) {
    put(site, "skynetd.yaml", HEAD);
    for (guint i = 0; i < 64; i++) {
        g_autofree char *name = g_strdup_printf("cameras.d/%u.yaml", i), *text = g_strdup_printf("id: c%u\nmain: rtsp://h/%u\n", i, i);
        put(site, name, text);
    }
    g_autoptr(SkyConfig) config = load(site);
    g_assert_cmpuint(sky_config_values(config)->camera_count, ==, 64);
    put(site, "skynetd.yaml", HEAD GATE);
    g_assert_null(load(site));
    g_assert_nonnull(strstr(site->errors->pdata[0], "skynetd.yaml:5:3: cameras: too many items"));
    put(site, "cameras.d/64.yaml", "");
    fails(site, "cameras.d: 65 files, allowed: 64");
}

/* What a main file that is no YAML hides is only its own. */
static void test_both_wrong(Site *site, gconstpointer unused) {
    put(site, "skynetd.yaml", "[");
    put(site, "cameras.d/a.yaml", "\t- x\n");
    g_assert_null(load(site));
    g_assert_cmpuint(site->errors->len, ==, 2);
    g_assert_nonnull(strstr(site->errors->pdata[0], "/skynetd.yaml:1:"));
    g_assert_nonnull(strstr(site->errors->pdata[1], "/cameras.d/a.yaml:1:1: a tab"));
}

static void test_changes(Site *site, gconstpointer unused) {
    put(site, "skynetd.yaml", HEAD GATE);
    put(site, "cameras.d/a.yaml", "id: yard\nmain: rtsp://192.0.2.3/1\n");
    put(site, "cameras.d/b.yaml", "id: pond\nmain: rtsp://192.0.2.3/1\n");
    g_autoptr(SkyConfig) before = load(site);
    put(site, "cameras.d/a.yaml", "id: yard\nmain: rtsp://192.0.2.3/2\n");
    put(site, "cameras.d/b.yaml", "id: mill\nmain: rtsp://192.0.2.3/1\n");
    g_autoptr(SkyConfig) after = load(site);
    g_autoptr(SkyConfigDiff) diff = sky_config_diff(before, after);
    g_assert_cmpuint(diff->cameras_changed->len, ==, 1);
    g_assert_cmpstr(diff->cameras_changed->pdata[0], ==, "yard");
    g_assert_cmpstr(diff->cameras_removed->pdata[0], ==, "pond");
    g_assert_cmpstr(diff->cameras_added->pdata[0], ==, "mill");
}

#define ADD(name, function) g_test_add("/config_drop_ins/" name, Site, NULL, set_up, function, tear_down)

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    ADD("added", test_added);
    ADD("alone", test_alone);
    ADD("places", test_places);
    ADD("twice", test_twice);
    ADD("crowd", test_crowd);
    ADD("both-wrong", test_both_wrong);
    ADD("changes", test_changes);
    return g_test_run();
}
