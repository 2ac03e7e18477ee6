/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text_file.h"
#include "daemon/ctl.h"
#include "message/json_writer.h"
#include "message/reader.h"
#include "message/topic.h"
#include "mqtt/mqtt.h"

typedef struct {
    SkyConfig *config;
    GPtrArray *filters;      /* char * */
    gboolean json;
    GHashTable *motion;      /* topic -> "true" or "false": only changes are worth a line. MQTT thread only */
    char *evidence;          /* where the clips of this box lie, or NULL */
} Watch;

/* ---- the MQTT thread ---- */

static void on_connected(const SkyTransportOps *ops, gboolean v5, gpointer user) {
    Watch *watch = user;
    for (guint i = 0; i < watch->filters->len; i++) {
        g_autoptr(GError) error = NULL;
        if (!ops->subscribe(ops->transport, watch->filters->pdata[i], 1, &error))
            fprintf(stderr, "skynetctl: %s: %s\n", (char *)watch->filters->pdata[i], error->message);
    }
    fprintf(stderr, "-- connected, MQTT %s --\n", v5 ? "5" : "3.1.1");
}

static void on_disconnected(const GError *error, gpointer user) {
    if (error && strcmp(error->message, "stopped") != 0)
        fprintf(stderr, "-- no broker: %s; trying again --\n", error->message);
}

static gboolean is_old_motion(Watch *watch, const SkyTransportIncoming *message) {
    if (!g_str_has_suffix(message->topic, "/motion") || !strstr(message->topic, "/camera/"))
        return FALSE;
    g_autofree char *active = sky_reader_field(message->payload, message->payload_bytes, "data.active");
    const char *before = g_hash_table_lookup(watch->motion, message->topic);
    gboolean old = before ? g_strcmp0(before, active) == 0 : g_strcmp0(active, "false") == 0;
    g_hash_table_insert(watch->motion, g_strdup(message->topic), g_strdup(active ? active : ""));
    return old;
}

static void print_json(const SkyTransportIncoming *message) {
    g_autoptr(GString) line = g_string_new(NULL);
    g_autofree char *payload = g_strndup((const char *)message->payload, message->payload_bytes);
    sky_json_open(line, NULL, '{');
    sky_json_text(line, "topic", message->topic, 1024);
    sky_json_bool(line, "retained", message->retained);
    sky_json_text(line, "payload", payload, 65536);
    sky_json_close(line, '}');
    printf("%s\n", line->str);
}

/* On the box itself a person can open the files: say where they are. */
static void print_files(Watch *watch, const SkyTransportIncoming *message) {
    g_autofree char *cause = sky_reader_field(message->payload, message->payload_bytes, "data.cause");
    g_autofree char *alert = sky_reader_field(message->payload, message->payload_bytes, "data.alert");
    g_autofree char *camera = sky_reader_field(message->payload, message->payload_bytes, "subject");
    g_autofree char *clip = sky_reader_field(message->payload, message->payload_bytes, "data.clip.id");
    if (!watch->evidence || !clip || g_strcmp0(cause, "evidence") != 0 || !alert || !sky_id_is_valid(alert) || !camera || !sky_id_is_valid(camera))
        return;
    printf("         picture %s/%s/%s.jpg\n         clip    %s/%s/%s.mp4\n", watch->evidence, camera, alert, watch->evidence, camera, alert);
}

static void on_received(const SkyTransportIncoming *message, gpointer user) {
    Watch *watch = user;
    if (is_old_motion(watch, message))
        return;
    if (watch->json) {
        print_json(message);
    } else {
        g_autofree char *line = sky_reader_line(message->topic, message->payload, message->payload_bytes);
        if (!line)
            return;
        printf("%s\n", line);
        if (strstr(message->topic, "/alert-log/"))
            print_files(watch, message);
    }
    fflush(stdout);
}

/* ---- main ---- */

static void add_filters(Watch *watch, char **audiences) {
    const SkyConfigValues *values = sky_config_values(watch->config);
    static const char *const shared[] = {"/status", "/camera/+/status", "/camera/+/motion"};
    g_autofree char *root = sky_topic_root(values->site.id);
    for (guint i = 0; i < G_N_ELEMENTS(shared); i++)
        g_ptr_array_add(watch->filters, g_strconcat(root, shared[i], NULL));
    if (audiences) {
        for (char **audience = audiences; *audience; audience++)
            g_ptr_array_add(watch->filters, sky_topic_alert_log(values->site.id, *audience));
        return;
    }
    for (uint32_t i = 0; i < values->audience_count; i++)
        g_ptr_array_add(watch->filters, sky_topic_alert_log(values->site.id, values->audiences[i].id));
}

static gboolean check_audiences(Watch *watch, char **audiences) {
    for (char **audience = audiences; audience && *audience; audience++) {
        if (sky_id_is_valid(*audience) && sky_config_audience(watch->config, *audience))
            continue;
        fprintf(stderr, "skynetctl watch: there is no audience '%s' in the configuration\n", *audience);
        return FALSE;
    }
    return TRUE;
}

static int run(Watch *watch, const SkyMqttParams *params) {
    SkyTransportEvents events = {.connected = on_connected, .disconnected = on_disconnected, .received = on_received, .wake_fd = -1, .user = watch};
    g_autoptr(GError) error = NULL;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    sky_mqtt_library_init();
    SkyMqtt *mqtt = sky_mqtt_new(params, &events);
    gboolean started = sky_mqtt_start(mqtt, &error);
    if (started) {
        int signal_number;
        sigwait(&set, &signal_number);
        sky_mqtt_stop(mqtt);
    } else {
        fprintf(stderr, "skynetctl watch: %s\n", error->message);
    }
    sky_mqtt_free(mqtt);
    sky_mqtt_library_cleanup();
    return started ? SKY_CTL_OK : SKY_CTL_UNREACHABLE;
}

typedef struct {
    gboolean json;
    char **audiences, *user, *password_file;
} Options;

static int watch_broker(const SkyCtl *ctl, const Options *options) {
    g_autoptr(SkyConfig) config = sky_ctl_config(ctl);
    if (!config)
        return SKY_CTL_NO;
    const SkyBrokerConfig *broker = &sky_config_values(config)->broker;
    Watch watch = {.config = config, .json = options->json, .filters = g_ptr_array_new_with_free_func(g_free)};
    if (!check_audiences(&watch, options->audiences))
        return SKY_CTL_USAGE;
    g_autoptr(GError) error = NULL;
    char *password = options->password_file ? sky_text_file_read_secret(options->password_file, &error) : g_strdup(broker->password);
    if (error) {
        fprintf(stderr, "skynetctl watch: %s\n", error->message);
        return SKY_CTL_NO;
    }
    add_filters(&watch, options->audiences);
    watch.motion = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    watch.evidence = g_build_filename(sky_config_values(config)->storage.directory, "evidence", NULL);
    /* A name of its own: the daemon's would throw the daemon out. */
    g_autofree char *client_id = g_strdup_printf("skynetctl-%d-%08x", (int)getpid(), g_random_int());
    SkyMqttParams params = {.client_id = client_id, .socket_path = broker->socket_path, .host = broker->host, .port = broker->port,
                            .tls = broker->tls, .ca_file = broker->ca_file, .certificate_file = broker->certificate_file,
                            .key_file = broker->key_file, .verify = broker->verify, .user = options->user ? options->user : broker->user,
                            .password = password, .keep_alive_s = broker->keep_alive_s};
    int code = run(&watch, &params);
    sky_text_wipe(password);
    g_free(password);
    g_hash_table_unref(watch.motion);
    g_ptr_array_unref(watch.filters);
    g_free(watch.evidence);
    return code;
}

int sky_ctl_watch(const SkyCtl *ctl, int argc, char **argv) {
    Options options = {0};
    const GOptionEntry entries[] = {
        {"json", 'j', 0, G_OPTION_ARG_NONE, &options.json, "each message as one line of JSON: topic, retained, payload", NULL},
        {"audience", 'a', 0, G_OPTION_ARG_STRING_ARRAY, &options.audiences, "only this audience's alerts (may be repeated)", "A"},
        {"user", 'u', 0, G_OPTION_ARG_STRING, &options.user, "account at the broker (the daemon's)", "NAME"},
        {"password-file", 'p', 0, G_OPTION_ARG_FILENAME, &options.password_file, "its password is the first line of FILE", "FILE"},
        G_OPTION_ENTRY_NULL,
    };
    if (!sky_ctl_options(&argc, &argv, entries, "",
                         "Connects to the broker of the configuration and prints statuses and alerts as they come, until Ctrl-C; connects again\n"
                         "for ever. Exit codes: 0 ended by Ctrl-C, 1 wrong configuration, 2 wrong usage.",
                         0, 0))
        return SKY_CTL_USAGE;
    int code = watch_broker(ctl, &options);
    g_strfreev(options.audiences);
    g_free(options.user);
    g_free(options.password_file);
    return code;
}
