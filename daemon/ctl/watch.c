/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text_file.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/password.h"
#include "daemon/ctl/watch_record.h"
#include "daemon/ctl/watch_view.h"
#include "message/reader_text.h"
#include "message/topic.h"
#include "mqtt/mqtt.h"

#define KEEP_ALIVE_S 30

typedef struct {
    gboolean json, tls;
    char **audiences;
    char *site, *host, *socket_path, *ca_file, *user, *password_file, *record, *client;
    int port;
} Options;

typedef struct {
    GPtrArray *filters; /* char * */
    SkyWatchView *view; /* MQTT thread only */
    SkyWatchRecord *record; /* the same; NULL: nothing is recorded */
    atomic_bool unread; /* what was printed */
} Watch;

/* ---- the MQTT thread ---- */

static void on_connected(const SkyTransportOps *ops, gboolean v5, gpointer user) {
    Watch *watch = user;
    for (guint i = 0; i < watch->filters->len; i++) {
        g_autoptr(GError) error = NULL;
        if (!ops->subscribe(ops->transport, watch->filters->pdata[i], 1, &error))
            fprintf(stderr, "skynetctl watch: %s: %s\n", (char *)watch->filters->pdata[i], error->message);
    }
    if (watch->record)
        sky_watch_record_connected(watch->record, ops);
    fprintf(stderr, "-- connected, MQTT %s --\n", v5 ? "5" : "3.1.1");
}

static void on_disconnected(const GError *error, gpointer user) {
    Watch *watch = user;
    if (watch->record)
        sky_watch_record_disconnected(watch->record);
}

static void on_turn(int64_t now_ns, gpointer user) {
    Watch *watch = user;
    if (watch->record)
        sky_watch_record_turn(watch->record, now_ns);
}

static void on_received(const SkyTransportIncoming *message, gpointer user) {
    Watch *watch = user;
    if (watch->record)
        sky_watch_record_received(watch->record, message);
    g_autofree char *lines = sky_watch_view_lines(watch->view, message);
    if (!lines)
        return;
    if (fputs(lines, stdout) >= 0 && fflush(stdout) == 0)
        return;
    /* Nobody reads any more, as behind `| head`. SIGPIPE is blocked on this thread, as all signals are. */
    clearerr(stdout);
    atomic_store(&watch->unread, TRUE);
    kill(getpid(), SIGTERM);
}

/* ---- main ---- */

static void say_trouble(const SkyMqttNumbers *numbers) {
    g_autofree char *why = sky_reader_text(numbers->why, sizeof numbers->why);
    int64_t left_ns = numbers->next_try_ns == SKY_TIME_NONE ? 0 : MAX(numbers->next_try_ns - sky_clock_monotonic_ns(), 0);
    fprintf(stderr, "-- no broker: %s; next try in %d s --\n", why, (int)((left_ns + SKY_NS_PER_S - 1) / SKY_NS_PER_S));
}

/* Until Ctrl-C. */
static void wait_for_end(SkyMqtt *mqtt, const sigset_t *ends) {
    const struct timespec turn = {.tv_nsec = 200 * SKY_NS_PER_MS};
    uint64_t failures = 0;
    while (sigtimedwait(ends, NULL, &turn) < 0) {
        SkyMqttNumbers numbers = sky_mqtt_numbers(mqtt);
        if (numbers.failures != failures && numbers.why[0])
            say_trouble(&numbers);
        failures = numbers.failures;
    }
}

static int run(Watch *watch, const SkyMqttParams *params) {
    SkyTransportEvents events = {.connected = on_connected,
                                 .disconnected = on_disconnected,
                                 .received = on_received,
                                 .turn = on_turn,
                                 .wake_fd = -1,
                                 .user = watch};
    g_autoptr(GError) error = NULL;
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    sky_mqtt_library_init();
    SkyMqtt *mqtt = sky_mqtt_new(params, &events);
    gboolean started = sky_mqtt_start(mqtt, &error);
    if (started)
        wait_for_end(mqtt, &ends);
    else
        fprintf(stderr, "skynetctl watch: %s\n", error->message);
    sky_mqtt_free(mqtt);
    sky_mqtt_library_cleanup();
    if (!started)
        return SKY_CTL_UNREACHABLE;
    gboolean failed = watch->record && sky_watch_record_failed(watch->record);
    return failed || atomic_load(&watch->unread) ? SKY_CTL_NO : SKY_CTL_OK;
}

/* ---- what to read ---- */

static gboolean check_audiences(const SkyConfig *config, char **audiences) {
    for (char **audience = audiences; audience && *audience; audience++) {
        if (sky_id_is_valid(*audience) && (!config || sky_config_audience(config, *audience)))
            continue;
        fprintf(stderr, "skynetctl watch: there is no audience '%s'%s\n", *audience, config ? " in the configuration" : "");
        return FALSE;
    }
    return TRUE;
}

static void add_filters(GPtrArray *filters, const SkyConfig *config, const char *site, char **audiences) {
    static const char *const shared[] = {"/status", "/camera/+/status", "/camera/+/motion", "/event/#"};
    g_autofree char *root = sky_topic_root(site);
    for (guint i = 0; i < G_N_ELEMENTS(shared); i++)
        g_ptr_array_add(filters, g_strconcat(root, shared[i], NULL));
    for (char **audience = audiences; audience && *audience; audience++)
        g_ptr_array_add(filters, sky_topic_alert_log(site, *audience));
    if (audiences)
        return;
    if (!config)
        g_ptr_array_add(filters, g_strconcat(root, "/alert-log/+", NULL));
    for (uint32_t i = 0; config && i < sky_config_values(config)->audience_count; i++)
        g_ptr_array_add(filters, sky_topic_alert_log(site, sky_config_values(config)->audiences[i].id));
}

/* ---- whom to connect to ---- */

static gboolean is_elsewhere(const Options *options) {
    return options->host || options->socket_path;
}

/* The configuration's broker, unless another is given: that one never gets to see the daemon's account. */
static SkyMqttParams params_of(const Options *options, const SkyConfig *config) {
    if (is_elsewhere(options)) {
        gboolean tls = options->tls || options->ca_file;
        return (SkyMqttParams){.socket_path = options->socket_path,
                               .host = options->host,
                               .port = options->port ? options->port : tls ? 8883 : 1883,
                               .tls = tls,
                               .ca_file = options->ca_file,
                               .verify = TRUE,
                               .user = options->user,
                               .keep_alive_s = KEEP_ALIVE_S};
    }
    const SkyBrokerConfig *broker = &sky_config_values(config)->broker;
    return (SkyMqttParams){.socket_path = broker->socket_path,
                           .host = broker->host,
                           .port = broker->port,
                           .tls = broker->tls,
                           .ca_file = broker->ca_file,
                           .certificate_file = broker->certificate_file,
                           .key_file = broker->key_file,
                           .verify = broker->verify,
                           .user = options->user ? options->user : broker->user,
                           .password = options->user ? NULL : broker->password,
                           .keep_alive_s = broker->keep_alive_s};
}

/* Of the account that was given; SKY_CTL_OK and NULL where none was. */
static int find_password(const Options *options, char **ret_password) {
    g_autoptr(GError) error = NULL;
    *ret_password = NULL;
    if (options->password_file) {
        *ret_password = sky_text_file_read_secret(options->password_file, &error);
        if (!*ret_password)
            fprintf(stderr, "skynetctl watch: %s\n", error->message);
        return *ret_password ? SKY_CTL_OK : SKY_CTL_NO;
    }
    if (!options->user)
        return SKY_CTL_OK;
    *ret_password = sky_ctl_ask_password("The broker's password: ");
    if (!*ret_password)
        fprintf(stderr, "skynetctl watch: no password (no terminal to ask at?): --password-file FILE takes it from a file\n");
    return *ret_password ? SKY_CTL_OK : SKY_CTL_USAGE;
}

/* NULL: said why. */
static SkyWatchRecord *open_record(const Options *options, const SkyConfig *config, const char *site) {
    g_autoptr(GPtrArray) audiences = g_ptr_array_new();
    for (char **audience = options->audiences; audience && *audience; audience++)
        g_ptr_array_add(audiences, *audience);
    for (uint32_t i = 0; config && !options->audiences && i < sky_config_values(config)->audience_count; i++)
        g_ptr_array_add(audiences, sky_config_values(config)->audiences[i].id);
    g_ptr_array_add(audiences, NULL);
    g_autoptr(GError) error = NULL;
    SkyWatchRecord *record = sky_watch_record_new(options->record, site, options->client ? options->client : options->user,
                                                  (const char *const *)audiences->pdata, &error);
    if (!record)
        fprintf(stderr, "skynetctl watch: --record: %s\n", error->message);
    return record;
}

static int watch_broker(const Options *options, const SkyConfig *config) {
    const char *site = options->site ? options->site : sky_config_values(config)->site.id;
    char *password;
    int code = find_password(options, &password);
    if (code != SKY_CTL_OK)
        return code;
    g_autofree char *evidence = config ? g_build_filename(sky_config_values(config)->storage.directory, "evidence", NULL) : NULL;
    g_autoptr(GPtrArray) filters = g_ptr_array_new_with_free_func(g_free);
    add_filters(filters, config, site, options->audiences);
    g_autoptr(SkyWatchView) view = sky_watch_view_new(options->json, evidence);
    g_autoptr(SkyWatchRecord) record = NULL;
    if (options->record && !(record = open_record(options, config, site))) {
        sky_text_wipe(password);
        g_free(password);
        return SKY_CTL_NO;
    }
    Watch watch = {.filters = filters, .view = view, .record = record};
    /* A name of its own: the daemon's would throw the daemon out. */
    g_autofree char *client_id = g_strdup_printf("skynetctl-%d-%08x", (int)getpid(), g_random_int());
    SkyMqttParams params = params_of(options, config);
    params.client_id = client_id;
    if (password)
        params.password = password;
    code = run(&watch, &params);
    sky_text_wipe(password);
    g_free(password);
    return code;
}

/* ---- the command ---- */

/* NULL: nothing wrong. */
static const char *objection(const Options *options) {
    if (options->host && options->socket_path)
        return "--host or --socket-broker, not both";
    if ((options->port || options->tls || options->ca_file) && !options->host)
        return "--port, --tls and --ca go with --host";
    if (options->port < 0 || options->port > 65535)
        return "--port: 1 to 65535";
    if (options->site && !is_elsewhere(options))
        return "--site goes with --host or --socket-broker: without them the configuration says both";
    if (options->site && !sky_id_is_valid(options->site))
        return "--site: an id, as in the topics";
    if (options->password_file && !options->user)
        return "--password-file goes with --user";
    const char *client = options->client ? options->client : options->user;
    if (options->record && (!client || !sky_id_is_valid(client)))
        return "--record asks for what it missed in somebody's name: --user NAME, or --as NAME, an id as in the topics";
    if (options->record && options->site && !options->audiences)
        return "--record with --site: --audience A says whose log";
    if (options->client && !options->record)
        return "--as goes with --record";
    return NULL;
}

static int watch_with(SkyCtl *ctl, const Options *options) {
    const char *wrong = objection(options);
    if (wrong) {
        fprintf(stderr, "skynetctl watch: %s: see skynetctl watch --help\n", wrong);
        return SKY_CTL_USAGE;
    }
    g_autoptr(SkyConfig) config = options->site ? NULL : sky_ctl_config(ctl);
    if (!options->site && !config)
        return SKY_CTL_NO;
    return check_audiences(config, options->audiences) ? watch_broker(options, config) : SKY_CTL_USAGE;
}

int sky_ctl_watch(SkyCtl *ctl, int argc, char **argv) {
    Options options = {0};
    const GOptionEntry entries[] = {
        {"json", 'j', 0, G_OPTION_ARG_NONE, &options.json, "each message as one line of JSON: topic, retained, payload", NULL},
        {"audience", 'a', 0, G_OPTION_ARG_STRING_ARRAY, &options.audiences, "only this audience's alerts (may be repeated)", "A"},
        {"host", 'H', 0, G_OPTION_ARG_STRING, &options.host, "another broker than the configuration's", "NAME"},
        {"port", 'P', 0, G_OPTION_ARG_INT, &options.port, "its port (1883, 8883 with TLS)", "N"},
        {"socket-broker", 0, 0, G_OPTION_ARG_FILENAME, &options.socket_path, "a broker's Unix socket", "PATH"},
        {"tls", 0, 0, G_OPTION_ARG_NONE, &options.tls, "TLS, with the system's CAs", NULL},
        {"ca", 0, 0, G_OPTION_ARG_FILENAME, &options.ca_file, "TLS, with this CA", "FILE"},
        {"site", 0, 0, G_OPTION_ARG_STRING, &options.site, "the site's id: then no configuration is needed", "ID"},
        {"user", 'u', 0, G_OPTION_ARG_STRING, &options.user, "account (the daemon's); its password is asked for", "NAME"},
        {"password-file", 'p', 0, G_OPTION_ARG_FILENAME, &options.password_file, "or is the first line of FILE", "FILE"},
        {"record", 'r', 0, G_OPTION_ARG_FILENAME, &options.record, "append each revision once to FILE, as a line of JSON", "FILE"},
        {"as", 0, 0, G_OPTION_ARG_STRING, &options.client, "the name that replays are asked for in (the account's)", "NAME"},
        G_OPTION_ENTRY_NULL,
    };
    static const char about[] =
        "Connects to the broker of the configuration, or to another, and prints statuses, motion, events and alerts as they come,\n"
        "until Ctrl-C; connects again for ever. With --record it keeps the alert logs in FILE, goes on where FILE ends, and has the\n"
        "gateway send again what it missed, whatever a broker or the line lost: the broker's access list has to let it send\n"
        "cmd/AUDIENCE/NAME/replay, and read reply/AUDIENCE/NAME and replay/AUDIENCE/NAME. Exit codes: 0 ended by Ctrl-C, 1 wrong\n"
        "configuration, a password file that can not be read, a FILE that could not be written, or nobody reads the output any more,\n"
        "2 wrong usage, 3 it could not start.";
    gboolean parsed = sky_ctl_options(ctl, &argc, &argv, entries, "", about, 0, 0);
    int code = parsed ? watch_with(ctl, &options) : SKY_CTL_USAGE;
    g_strfreev(options.audiences);
    g_free(options.site);
    g_free(options.host);
    g_free(options.socket_path);
    g_free(options.ca_file);
    g_free(options.user);
    g_free(options.password_file);
    g_free(options.record);
    g_free(options.client);
    return code;
}
