/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>

#include "alert/alert.h"
#include "base/clock.h"
#include "config/config.h"
#include "config/key_table.h"
#include "config/value.h"
#include "daemon/analysis.h"

#define MINIMAL                                                                                                                        \
    "site: {id: longquan}\n"                                                                                                           \
    "broker: {socket: /run/mosquitto/mosquitto.sock}\n"                                                                                \
    "audiences: [{id: duty}]\n"                                                                                                        \
    "cameras: [{id: gate, main: 'rtsp://192.0.2.1/1'}]\n"

/* A directory of password files, the working directory of this test. */
static char *directory;

static SkyConfig *parse(const char *text) {
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    SkyConfig *config = sky_config_parse(text, strlen(text), "s.yaml", directory, errors);
    for (guint i = 0; i < errors->len; i++)
        g_test_message("%s", (const char *)errors->pdata[i]);
    g_assert_cmpuint(errors->len, ==, 0);
    g_assert_nonnull(config);
    return config;
}

static void test_minimal(void) {
    g_autoptr(SkyConfig) config = parse(MINIMAL);
    const SkyConfigValues *values = sky_config_values(config);
    g_assert_cmpstr(values->site.name, ==, "longquan");
    g_assert_cmpstr(values->site.time_zone, ==, "Asia/Shanghai");
    g_assert_cmpstr(values->site.grid, ==, "");
    g_assert_cmpstr(values->broker.socket_path, ==, "/run/mosquitto/mosquitto.sock");
    g_assert_null(values->broker.host);
    g_assert_null(values->broker.ca_file);
    g_assert_null(values->broker.user);
    g_assert_null(values->broker.password);
    g_assert_true(values->broker.verify && !values->broker.tls);
    g_assert_cmpstr(values->broker.client_id, ==, "skynetd-longquan");
    g_assert_cmpint(values->broker.keep_alive_s, ==, 30);
    g_assert_cmpstr(values->control_socket, ==, "/run/skynetd/control.sock");
    g_assert_cmpint(values->offline_hold_ns, ==, 60 * SKY_NS_PER_S);
    g_assert_cmpint(values->alert_expire_ns, ==, 24 * 3600 * SKY_NS_PER_S);
    g_assert_cmpint(values->alert_burst, ==, 20);
    g_assert_cmpuint(values->workers, ==, 0);
    const SkyAudienceConfig *duty = sky_config_audience(config, "duty");
    g_assert_cmpstr(duty->name, ==, "duty");
    g_assert_false(duty->pictures || duty->path || duty->notes || duty->command || duty->arm);
    g_assert_cmphex(duty->kinds, ==, 0x7f);
    g_assert_null(sky_config_audience(config, "gate"));
    g_assert_null(sky_config_camera(config, "duty"));
}

static void test_minimal_storage(void) {
    g_autoptr(SkyConfig) config = parse(MINIMAL "storage:\n");
    const SkyStorageConfig *storage = &sky_config_values(config)->storage;
    g_assert_cmpstr(storage->directory, ==, "/var/lib/skynetd");
    g_assert_cmpuint(storage->evidence_bytes_max, ==, G_GUINT64_CONSTANT(20000000000));
    g_assert_cmpint(storage->evidence_age_max_ns, ==, 30 * 86400 * SKY_NS_PER_S);
    g_assert_cmpuint(storage->free_bytes_min, ==, 1000000000);
    g_assert_cmpint(storage->log_age_max_ns, ==, 30 * 86400 * SKY_NS_PER_S);
    g_assert_cmpuint(storage->queue_rows_max, ==, 200000);
    g_assert_cmpuint(storage->queue_bytes_max, ==, 512000000);
    g_assert_cmpint(storage->pre_roll_ns, ==, 5 * SKY_NS_PER_S);
    g_assert_cmpint(storage->post_roll_ns, ==, 5 * SKY_NS_PER_S);
    g_assert_cmpint(storage->clip_max_ns, ==, 120 * SKY_NS_PER_S);
    g_assert_cmpuint(storage->image_bytes_max, ==, 200000);
}

/* `skynetctl analyze` without a configuration and a camera without settings see the same. */
static void test_minimal_camera(void) {
    g_autoptr(SkyConfig) config = parse(MINIMAL);
    const SkyCameraConfig *camera = sky_config_camera(config, "gate");
    SkyCameraConfig analysis;
    sky_analysis_defaults(&analysis);
    g_assert_cmpfloat(camera->sensitivity, ==, analysis.sensitivity);
    g_assert_cmpfloat(camera->min_area, ==, analysis.min_area);
    g_assert_cmpfloat(camera->analysis_fps, ==, analysis.analysis_fps);
    g_assert_cmpuint(camera->analysis_width_px, ==, analysis.analysis_width_px);
    g_assert_cmpint(camera->min_duration_ns, ==, analysis.min_duration_ns);
    g_assert_cmpint(camera->hold_ns, ==, analysis.hold_ns);
    g_assert_true(camera->tamper && analysis.tamper);
    g_assert_cmpuint(camera->severity, ==, analysis.severity);
    g_assert_cmpint(camera->connect_timeout_ns, ==, 10 * SKY_NS_PER_S);
    g_assert_cmpint(camera->stall_timeout_ns, ==, 6 * SKY_NS_PER_S);
    g_assert_cmpuint(camera->memory_bytes_max, ==, 24000000);
    g_assert_cmpstr(camera->name, ==, "gate");
    g_assert_cmpstr(camera->main_url, ==, "rtsp://192.0.2.1/1");
    g_assert_null(camera->sub_url);
    g_assert_null(camera->user);
    g_assert_null(camera->password);
    g_assert_true(camera->enabled);
    g_assert_cmpint(camera->transport, ==, SKY_RTSP_AUTO);
    g_assert_null(camera->pipeline_text);
    g_assert_cmpuint(camera->zone_count + camera->ignore_count + camera->privacy_count, ==, 0);
    g_assert_cmpfloat(camera->perspective.far_height, ==, 0);
}

static void test_camera(void) {
    g_autoptr(SkyConfig) config = parse("\xef\xbb\xbfsite:\r\n  id: a\r\n  name: 龙泉村\r\nbroker: {host: '::1', tls: true}\r\n"
                                        "audiences: [{id: r, kinds: [offline, intrusion], path: true}]\r\n"
                                        "cameras:\r\n  - id: gate\r\n    name: 村口\r\n    main: rtsps://h:322/1?x=1\r\n"
                                        "    sub: \"rtsp://h/2\"\r\n    user: viewer\r\n    password_file: fine\r\n    transport: udp\r\n"
                                        "    pipeline: ./my.pipeline\r\n"
                                        "    zones:\r\n      - {id: road, name: 进村路, dwell: 30s, points: [[0, 0], [1, 0], [1, 1]]}\r\n"
                                        "      - id: yard\r\n        points:\r\n          - [0.25, 0]\r\n          - [1, 0]\r\n"
                                        "          - [0.5, 1e0]\r\n    ignore: [points: [[0, 0], [1, 0], [0, 1]]]\r\n    privacy:\r\n"
                                        "    hold: 1.5 s\r\n    far_foot: 0.4\r\n    far_height: 0.05\r\n"
                                        "    near_foot: 0.9\r\n    near_height: 0.5\r\n    memory: 64MiB\r\n    enabled: false\r\n");
    const SkyConfigValues *values = sky_config_values(config);
    g_assert_cmpstr(values->site.name, ==, "龙泉村");
    g_assert_cmpint(values->broker.port, ==, 8883);
    g_assert_cmphex(values->audiences[0].kinds, ==, 1 << SKY_EVENT_OFFLINE | 1 << SKY_EVENT_INTRUSION);
    const SkyCameraConfig *camera = &values->cameras[0];
    g_assert_cmpstr(camera->name, ==, "村口");
    g_assert_cmpstr(camera->main_url, ==, "rtsps://h:322/1?x=1");
    g_assert_cmpstr(camera->sub_url, ==, "rtsp://h/2");
    g_assert_cmpstr(camera->user, ==, "viewer");
    g_assert_cmpstr(camera->password, ==, "pass word");
    g_assert_cmpint(camera->transport, ==, SKY_RTSP_UDP);
    g_assert_cmpstr(camera->pipeline_text, ==, "videotestsrc ! fakesink\n");
    g_assert_cmpuint(camera->zone_count, ==, 2);
    g_assert_cmpstr(camera->zones[0].id, ==, "road");
    g_assert_cmpint(camera->zones[0].dwell_ns, ==, 30 * SKY_NS_PER_S);
    g_assert_cmpint(camera->zones[1].dwell_ns, ==, 0);
    g_assert_cmpstr(camera->zone_names[0], ==, "进村路");
    g_assert_cmpstr(camera->zone_names[1], ==, "yard");
    g_assert_cmpuint(camera->zones[1].polygon.count, ==, 3);
    g_assert_cmpfloat(camera->zones[1].polygon.points[0].x, ==, 0.25);
    g_assert_cmpuint(camera->ignore_count, ==, 1);
    g_assert_cmpfloat(camera->ignore[0].points[2].y, ==, 1);
    g_assert_cmpuint(camera->privacy_count, ==, 0);
    g_assert_cmpint(camera->hold_ns, ==, 1500 * SKY_NS_PER_MS);
    g_assert_cmpfloat(camera->perspective.far_foot, ==, 0.4);
    g_assert_cmpfloat(camera->perspective.near_height, ==, 0.5);
    g_assert_cmpuint(camera->memory_bytes_max, ==, 64 * 1024 * 1024);
    g_assert_false(camera->enabled);
}

/* What is refused of a camera: NULL where nothing is. */
static char *refused(const char *address, const char *keys) {
    g_autofree char *text = g_strdup_printf("site: {id: a}\nbroker: {host: h}\naudiences: [{id: d}]\n"
                                            "cameras: [{id: c, %s, %s}]\n", address, keys);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(SkyConfig) config = sky_config_parse(text, strlen(text), "s.yaml", directory, errors);
    g_assert_cmpuint(errors->len, ==, config ? 0 : 1);
    return config ? NULL : g_strdup(errors->pdata[0]);
}

/* Beside others `recovered` is taken, as it always was; alone its audience would hear nothing. */
static void test_recovered(void) {
    static const char *const rows[][2] = {{"[offline, recovered]", NULL}, {"all", NULL}, {"[recovered]", "recovered alone"}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strdup_printf("site: {id: a}\nbroker: {host: h}\naudiences: [{id: d, kinds: %s}]\n"
                                                "cameras: [{id: c, main: 'rtsp://h/1'}]\n", rows[i][0]);
        g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(SkyConfig) config = sky_config_parse(text, strlen(text), "s.yaml", directory, errors);
        g_assert_true((config != NULL) == (rows[i][1] == NULL));
        g_assert_true(rows[i][1] ? errors->len == 1 && strstr(errors->pdata[0], rows[i][1]) : errors->len == 0);
    }
}

static void test_perspective(void) {
    static const char *const rows[][2] = {
        {"far_foot: 0.4, far_height: 0.1, near_foot: 0.45, near_height: 0.1", NULL},
        {"far_foot: 0.4, far_height: 0.1, near_foot: 0.44, near_height: 0.1",
         "near_foot: not below far_foot, allowed: 0.05 more than far_foot at least"},
        {"far_foot: 0.9, far_height: 0.1, near_foot: 0.4, near_height: 0.5", "near_foot: not below far_foot"},
        {"far_foot: 0.4, far_height: 0.1, near_foot: 0.9, near_height: 0.09",
         "near_height: less than far_height, allowed: who is near is not smaller"},
        {"far_foot: 0.4, near_foot: 0.9, near_height: 0.5",
         "far_height: missing, allowed: far_foot, far_height, near_foot and near_height together, or none of them"},
        {"far_foot: 0.4, far_height: 0, near_foot: 0.9, near_height: 0.5", "far_height: \"0\" is too small"},
        {"far_foot: 0.4, far_height: 0.1, near_foot: 1.1, near_height: 0.5", "near_foot: \"1.1\" is too large"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *error = refused("main: 'rtsp://h/1'", rows[i][0]);
        g_test_message("%s", error ? error : "fine");
        g_assert_true(rows[i][1] ? error && strstr(error, rows[i][1]) : !error);
    }
}

static void test_trust(void) {
    static const char *const rows[][2] = {
        {"main: 'RTSPS://h/1'", NULL},
        {"main: 'rtsps://h/1', sub: 'rtsps://h/2'", NULL},
        {"main: 'rtsps://h/1', sub: 'rtsp://h/2'", "ca_file: given with a stream that is not encrypted, allowed: with rtsps:// URLs"},
        {"vendor: dahua, host: h", "ca_file: given with a stream that is not encrypted"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *error = refused(rows[i][0], "pipeline: rtsp-tcp, ca_file: fine");
        g_assert_true(rows[i][1] ? error && strstr(error, rows[i][1]) : !error);
    }
    g_autofree char *of_https = refused("vendor: onvif, host: h, https: true", "ca_file: fine");
    g_assert_null(of_https);
    g_autofree char *of_http = refused("vendor: onvif, host: h", "ca_file: fine");
    g_assert_nonnull(strstr(of_http, "ca_file: given without pipeline, allowed: together with it (libavformat can not ask), or with https"));
    g_autofree char *of_rtsp = refused("vendor: dahua, host: h", "https: true");
    g_assert_nonnull(strstr(of_rtsp, "https: given without vendor: onvif"));
    g_autoptr(SkyConfig) config = parse("site: {id: a}\nbroker: {host: h}\naudiences: [{id: d}]\n"
                                        "cameras: [{id: c, main: 'rtsps://h/1', pipeline: rtsp-tcp, ca_file: fine}]\n");
    g_assert_true(g_str_has_suffix(sky_config_values(config)->cameras[0].ca_file, "fine"));
}

static void test_credentials(void) {
    g_setenv("CREDENTIALS_DIRECTORY", directory, TRUE);
    g_autoptr(SkyConfig) config = parse("site: {id: a}\nbroker: {host: h, user: 值班, password_file: 'credential:fine'}\n"
                                        "audiences: [{id: duty}]\ncameras:\n"
                                        "  - {id: a, main: 'RTSP://admin:p%40ss@[2001:db8::1]/1', sub: 'rtsp://h/2'}\n"
                                        "  - {id: b, main: 'rtsp://admin@h/1', password_file: fine, sub: 'rtsp://admin@h/2'}\n"
                                        "  - {id: c, main: 'rtsp://h/1', sub: 'rtsp://u:p@h/2'}\n");
    g_unsetenv("CREDENTIALS_DIRECTORY");
    const SkyConfigValues *values = sky_config_values(config);
    g_assert_cmpstr(values->broker.password, ==, "pass word");
    g_assert_cmpint(values->broker.port, ==, 1883);
    g_assert_cmpstr(values->cameras[0].main_url, ==, "rtsp://[2001:db8::1]/1");
    g_assert_cmpstr(values->cameras[0].user, ==, "admin");
    g_assert_cmpstr(values->cameras[0].password, ==, "p@ss");
    g_assert_cmpstr(values->cameras[1].main_url, ==, "rtsp://h/1");
    g_assert_cmpstr(values->cameras[1].sub_url, ==, "rtsp://h/2");
    g_assert_cmpstr(values->cameras[1].user, ==, "admin");
    g_assert_cmpstr(values->cameras[1].password, ==, "pass word");
    g_assert_cmpstr(values->cameras[2].user, ==, "u");
    g_assert_cmpstr(values->cameras[2].password, ==, "p");
}

static void assert_urls(const char *keys, const char *main_url, const char *sub_url) {
    g_autofree char *text = g_strdup_printf("site: {id: a}\nbroker: {host: h}\naudiences: [{id: d}]\n"
                                            "cameras: [{id: c, %s}]\n", keys);
    g_autoptr(SkyConfig) config = parse(text);
    const SkyCameraConfig *camera = sky_config_camera(config, "c");
    g_assert_cmpstr(camera->main_url, ==, main_url);
    g_assert_cmpstr(camera->sub_url, ==, sub_url);
}

static void test_vendor(void) {
    assert_urls("vendor: hikvision, host: 192.0.2.1", "rtsp://192.0.2.1:554/Streaming/Channels/101",
                "rtsp://192.0.2.1:554/Streaming/Channels/102");
    assert_urls("vendor: uniview, host: 'fe80::1%eth0'", "rtsp://[fe80::1%eth0]:554/unicast/c1/s0/live",
                "rtsp://[fe80::1%eth0]:554/unicast/c1/s1/live");
    assert_urls("vendor: uniview, host: 'fe80::1%251'", "rtsp://[fe80::1%25251]:554/unicast/c1/s0/live",
                "rtsp://[fe80::1%25251]:554/unicast/c1/s1/live");
    assert_urls("vendor: hikvision, host: '2001:db8::1', port: 8554, channel: 16",
                "rtsp://[2001:db8::1]:8554/Streaming/Channels/1601", "rtsp://[2001:db8::1]:8554/Streaming/Channels/1602");
    assert_urls("vendor: dahua, host: nvr.example, channel: 256", "rtsp://nvr.example:554/cam/realmonitor?channel=256&subtype=0",
                "rtsp://nvr.example:554/cam/realmonitor?channel=256&subtype=1");
    assert_urls("vendor: uniview, host: h, channel: 3", "rtsp://h:554/unicast/c3/s0/live", "rtsp://h:554/unicast/c3/s1/live");
    assert_urls("vendor: none, main: 'rtsp://h/1'", "rtsp://h/1", NULL);
    assert_urls("vendor: onvif, host: h", "onvif://h:80/1/main", "onvif://h:80/1/sub");
    assert_urls("vendor: onvif, host: h, https: true", "onvifs://h:443/1/main", "onvifs://h:443/1/sub");
    assert_urls("vendor: onvif, host: h, https: true, port: 8443", "onvifs://h:8443/1/main", "onvifs://h:8443/1/sub");
}

static void test_environment(void) {
    g_setenv("STATE_DIRECTORY", "/srv/state:/srv/other", TRUE);
    g_setenv("RUNTIME_DIRECTORY", "/run/elsewhere", TRUE);
    g_autoptr(SkyConfig) left_out = parse(MINIMAL);
    g_autoptr(SkyConfig) given = parse(MINIMAL "storage: {directory: /mnt}\ncontrol_socket: /tmp/s\n");
    g_unsetenv("STATE_DIRECTORY");
    g_unsetenv("RUNTIME_DIRECTORY");
    g_assert_cmpstr(sky_config_values(left_out)->storage.directory, ==, "/srv/state");
    g_assert_cmpstr(sky_config_values(left_out)->control_socket, ==, "/run/elsewhere/control.sock");
    g_assert_cmpstr(sky_config_values(given)->storage.directory, ==, "/mnt");
    g_assert_cmpstr(sky_config_values(given)->control_socket, ==, "/tmp/s");
}

/* ---- files ---- */

static void put_file(const char *name, const char *text, gssize bytes) {
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_file_set_contents_full(path, text, bytes, G_FILE_SET_CONTENTS_NONE, 0600, &error);
    g_assert_no_error(error);
}

static char *first_error(const char *name) {
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_autoptr(SkyConfig) config = sky_config_load(path, errors);
    g_assert_true((config != NULL) == (errors->len == 0));
    return config ? NULL : g_strdup((const char *)errors->pdata[0] + strlen(directory) + 1);
}

static void test_load(void) {
    put_file("s.yaml", MINIMAL, -1);
    g_assert_null(first_error("s.yaml"));
    g_autofree char *missing = first_error("nothing.yaml");
    g_assert_cmpstr(missing, ==, "nothing.yaml: No such file or directory");
    put_file("s.yaml", MINIMAL "workers: 1\n\0workers: 2\n", sizeof(MINIMAL "workers: 1\n\0workers: 2\n") - 1);
    g_autofree char *nul = first_error("s.yaml");
    g_assert_cmpstr(nul, ==, "s.yaml:6:1: a NUL byte, allowed is text in UTF-8");
    g_autofree char *large = g_strnfill(2 * 1024 * 1024, '#');
    put_file("s.yaml", large, -1);
    g_autofree char *too_large = first_error("s.yaml");
    g_assert_cmpstr(too_large, ==, "s.yaml: larger than 524288 bytes");
    g_autofree char *path = g_build_filename(directory, "s.yaml", NULL);
    g_assert_cmpint(g_unlink(path), ==, 0);
}

/* ---- bounds ---- */

static guint count_errors(const char *text, const char *last) {
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    g_assert_null(sky_config_parse(text, strlen(text), "s.yaml", directory, errors));
    g_assert_nonnull(strstr(errors->pdata[errors->len - 1], last));
    return errors->len;
}

static void test_bounds(void) {
    g_autoptr(GString) cameras = g_string_new("site: {id: a}\nbroker: {host: h}\naudiences: [{id: duty}]\ncameras:\n");
    for (guint i = 0; i < 64; i++)
        g_string_append_printf(cameras, " - {id: c%u, main: 'rtsp://h/%u'}\n", i, i);
    g_autoptr(SkyConfig) config = parse(cameras->str);
    g_assert_cmpuint(sky_config_values(config)->camera_count, ==, 64);
    g_string_append(cameras, " - {id: c64, main: 'rtsp://h/64'}\n");
    g_assert_cmpuint(count_errors(cameras->str, "s.yaml:5:2: cameras: too many items, allowed: a list of 1 to 64"), ==, 1);
    g_autoptr(GString) problems = g_string_new(MINIMAL);
    for (guint i = 0; i < 1000; i++)
        g_string_append_printf(problems, "a%u: 1\n", i);
    g_assert_cmpuint(count_errors(problems->str, "s.yaml: and 900 problems more"), ==, SKY_REPORT_MAX + 1);
    g_autoptr(GString) nodes = g_string_new("workers: [");
    for (guint i = 0; i < SKY_YAML_NODES_MAX; i++)
        g_string_append(nodes, i % 1000 ? "1," : "\n 1,");
    g_string_append(nodes, "]\n");
    g_assert_cmpuint(count_errors(nodes->str, "too many values, allowed are 100000"), ==, 1);
    g_autofree char *letters = g_strnfill(8193, '#');
    g_assert_cmpuint(count_errors(letters, "s.yaml:1:1: a line too long, allowed are 8192 bytes"), ==, 1);
}

/* ---- the table, the print ---- */

static void test_table(void) {
    for (const SkyKey *key = sky_key_table; key->name; key++) {
        g_assert_true(sky_key_find(key->group, key->name) == key);
        double least = 0, most = 0, value = 0;
        g_assert_true(key->doc && strchr(key->doc, '.'));
        if (!key->least || key->type == SKY_VALUE_WORD || key->type == SKY_VALUE_LIST)
            continue;
        g_assert_null(sky_value_measure(key->type, key->least, &least));
        g_assert_null(sky_value_measure(key->type, key->most, &most));
        if (key->fallback) {
            g_assert_null(sky_value_measure(key->type, key->fallback, &value));
            g_assert_true(least <= value && value <= most);
        }
    }
    const SkyKey *kinds = sky_key_find(SKY_GROUP_AUDIENCE, "kinds");
    for (guint i = 0; i <= SKY_EVENT_RECOVERED; i++)
        g_assert_cmpstr(kinds->names[i], ==, sky_event_kind_name((SkyEventKind)i));
    g_assert_null(kinds->names[SKY_EVENT_RECOVERED + 1]);
    g_assert_cmpint(SKY_VALUE_NAME_BYTES_MAX, ==, SKY_NAME_BYTES - 1);
}

static void test_print(void) {
    g_autofree char *text = sky_config_print_default();
    g_autoptr(SkyConfig) config = parse(text);
    g_assert_cmpuint(sky_config_values(config)->audience_count, ==, 3);
    g_autofree char *shipped = NULL;
    g_autoptr(GError) error = NULL;
    g_file_get_contents(SHIPPED_CONFIG, &shipped, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(text, ==, shipped); /* else: skynetctl print-config > config/skynetd.yaml */
}

static gboolean is_excluded(const char *line) {
    static const char *const parts[] = {"socket: /run/mosquitto", "#vendor: hikvision", "#host: 192.0.2.11", "#port: 554",
                                        "#channel: 1", "#ca_file: gate.pem"};
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
        if (strstr(line, parts[i]))
            return TRUE;
    return FALSE;
}

/* With the # taken away as its head says, but for what excludes another: the same, for what is behind a # is at its default. */
static void test_print_taken_away(void) {
    g_autofree char *text = sky_config_print_default();
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GString) out = g_string_new(NULL);
    guint taken = 0;
    for (guint i = 0; lines[i]; i++) {
        const char *mark = lines[i] + strspn(lines[i], " ");
        gsize indent = (gsize)(mark - lines[i]);
        gboolean key = mark[0] == '#' && mark[1] != '\0' && (mark[1] != ' ' || mark[2] == ' ');
        if (is_excluded(lines[i]))
            continue;
        if (strstr(lines[i], "#tls: false"))
            mark = "#tls: true";
        g_string_append_len(out, lines[i], (gssize)indent);
        g_string_append_printf(out, "%s\n", mark + (key ? 1 : 0));
        taken += key;
    }
    g_assert_cmpuint(taken, >, 40);
    static const char *const files[] = {"ca.pem", "gateway.pem", "gateway.key", "broker.password", "gate.password"};
    for (guint i = 0; i < G_N_ELEMENTS(files); i++)
        put_file(files[i], "x\n", -1);
    g_autoptr(SkyConfig) with = parse(out->str), without = parse(text);
    g_autoptr(SkyConfigDiff) diff = sky_config_diff(without, with);
    g_assert_cmpuint(diff->needs_restart->len, ==, 0);
    g_assert_false(diff->audiences_changed);
    g_assert_cmpuint(sky_config_values(with)->cameras[0].zone_count, ==, 1);
    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(directory, files[i], NULL);
        g_assert_cmpint(g_unlink(path), ==, 0);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_autoptr(GError) error = NULL;
    directory = g_dir_make_tmp("config-XXXXXX", &error);
    g_assert_no_error(error);
    g_unsetenv("STATE_DIRECTORY");
    g_unsetenv("RUNTIME_DIRECTORY");
    put_file("fine", "pass word\r\nsecond line\n", -1);
    put_file("my.pipeline", "videotestsrc ! fakesink\n", -1);
    put_file("rtsp-tcp.pipeline", "rtspsrc ! fakesink\n", -1);
    g_setenv("SKYNET_PIPELINES", directory, TRUE);
    g_test_add_func("/config/minimal", test_minimal);
    g_test_add_func("/config/minimal-storage", test_minimal_storage);
    g_test_add_func("/config/minimal-camera", test_minimal_camera);
    g_test_add_func("/config/camera", test_camera);
    g_test_add_func("/config/perspective", test_perspective);
    g_test_add_func("/config/recovered", test_recovered);
    g_test_add_func("/config/trust", test_trust);
    g_test_add_func("/config/credentials", test_credentials);
    g_test_add_func("/config/vendor", test_vendor);
    g_test_add_func("/config/environment", test_environment);
    g_test_add_func("/config/load", test_load);
    g_test_add_func("/config/bounds", test_bounds);
    g_test_add_func("/config/table", test_table);
    g_test_add_func("/config/print", test_print);
    g_test_add_func("/config/print-taken-away", test_print_taken_away);
    int status = g_test_run();
    static const char *const files[] = {"fine", "my.pipeline", "rtsp-tcp.pipeline"};
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(directory, files[i], NULL);
        g_unlink(path);
    }
    g_assert_cmpint(g_rmdir(directory), ==, 0);
    g_free(directory);
    return status;
}
