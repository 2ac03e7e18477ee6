/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/app.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/directory.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text_file.h"
#include "daemon/app_internal.h"
#include "daemon/notify.h"
#include "message/message.h"
#include "message/topic.h"

#define NOTICES_MAX 2048
#define CAMERAS_STOP_NS (3 * SKY_NS_PER_S)
#define FLUSH_NS (2 * SKY_NS_PER_S)
#define WINDOW 20
#define BALLAST_BYTES (UINT64_C(8) << 20) /* given up when the disk is full: room for some thousand revisions */

/* ---- notices ---- */

void sky_notice_free(SkyNotice *notice) {
    if (!notice)
        return;
    g_clear_pointer(&notice->picture, g_bytes_unref);
    sky_store_queue_free(notice->queue);
    sky_store_settled_free(notice->settled);
    g_free(notice->why);
    g_free(notice);
}

void sky_app_notify(SkyApp *app, SkyNotice *notice) {
    if (sky_mailbox_post(app->notices, notice) == SKY_QUEUE_OK)
        return;
    atomic_fetch_add(&app->notices_lost, 1);
    sky_notice_free(notice);
}

static void take_notice(SkyApp *app, const SkyNotice *notice) {
    switch (notice->kind) {
    case SKY_NOTICE_EVIDENCE:
        sky_app_take_evidence(app, notice);
        return;
    case SKY_NOTICE_LANDED:
        sky_app_take_landed(app, notice);
        return;
    case SKY_NOTICE_STORED:
        sky_app_take_stored(app, notice);
        return;
    case SKY_NOTICE_QUEUE:
        sky_app_take_queue(app, notice);
        return;
    case SKY_NOTICE_RETAINED:
        sky_app_take_retained(app, notice);
        return;
    }
}

static void take_notices(SkyApp *app) {
    for (SkyNotice *notice; (notice = sky_mailbox_take(app->notices));) {
        take_notice(app, notice);
        sky_notice_free(notice);
    }
}

/* ---- what other threads call ---- */

static void on_stored(gpointer user) {
    sky_outbox_poke(((SkyApp *)user)->outbox);
}

static void on_opened(const char *alert, gboolean open, gpointer user) {
    SkyApp *app = user;
    if (app->evidence)
        sky_evidence_set_open(app->evidence, alert, open);
}

static char *gap_text(SkyApp *app, const char *audience, uint64_t from_seq, uint64_t to_seq) {
    sky_lock_enter(&app->name_lock);
    SkyMessageContext names = {.site = app->site, .site_name = app->site_name, .clock_synced = sky_clock_is_synced()};
    char *text = sky_message_gap(&names, audience, sky_desk_epoch(app->desk), from_seq, to_seq, sky_clock_utc_ns());
    sky_lock_leave(&app->name_lock);
    return text;
}

/* On the transport's thread: of the app only what never changes while it runs, and what a lock guards. */
static char *finish(const SkyMessageRecord *record, gboolean replayed, int64_t queued_ms, gpointer user) {
    SkyApp *app = user;
    uint64_t from_seq, to_seq;
    if (!sky_message_record_is_gap(record, &from_seq, &to_seq))
        return sky_message_finish((const char *)record->payload, record->payload_bytes, replayed, queued_ms);
    return gap_text(app, record->audience, from_seq, to_seq);
}

static char *probe(const char *audience, gpointer user) {
    SkyApp *app = user;
    SkyMessageContext names = {.site = app->site, .clock_synced = sky_clock_is_synced()};
    return sky_message_probe(&names, audience ? audience : "probe", sky_clock_utc_ns());
}

static void on_received(const SkyTransportIncoming *message, gpointer user) {
    SkyApp *app = user;
    if (!sky_app_on_retained(app, message))
        sky_commands_received(app->commands, message);
}

static void on_link(gboolean up, const char *why, gpointer user) {
    gboolean wanted = up || g_strcmp0(why, "stopped") == 0;
    sky_log(wanted ? SKY_LOG_NOTICE : SKY_LOG_WARNING, "broker", NULL, "%s%s%s", up ? "connected" : "disconnected",
            why && why[0] ? ": " : "", why ? why : "");
}

static void on_landed(const SkyMessageRecord *record, uint32_t reason_code, gpointer user) {
    SkyApp *app = user;
    if (atomic_load(&app->tests_waiting) == 0)
        return; /* nobody waits: no notice for each of a long queue */
    SkyNotice *notice = g_new0(SkyNotice, 1);
    notice->kind = SKY_NOTICE_LANDED;
    notice->reason_code = reason_code;
    g_strlcpy(notice->alert, record->alert, sizeof notice->alert);
    sky_app_notify(app, notice);
}

/* ---- building ---- */

/* The unit names it, for its sandbox has no such file. */
static char *read_boot_id(void) {
    const char *given = g_getenv("SKYNETD_BOOT_ID");
    if (given && strlen(given) == 32 && strspn(given, "0123456789abcdef") == 32)
        return g_strdup(given);
    char *text = sky_text_file_read("/proc/sys/kernel/random/boot_id", 64, NULL);
    if (text)
        return g_strstrip(text);
    char id[SKY_ULID_BYTES];
    sky_ulid_make_lower(sky_clock_utc_ns(), id);
    return g_strdup(id);
}

static gboolean open_evidence(SkyApp *app, GError **error) {
    const SkyStorageConfig *storage = &sky_config_values(app->config)->storage;
    g_autofree char *directory = g_build_filename(storage->directory, "evidence", NULL);
    SkyEvidenceParams params = {.directory = directory,
                                .pre_roll_ns = storage->pre_roll_ns,
                                .post_roll_ns = storage->post_roll_ns,
                                .clip_max_ns = storage->clip_max_ns,
                                .total_bytes_max = storage->evidence_bytes_max,
                                .age_max_ns = storage->evidence_age_max_ns,
                                .free_bytes_min = storage->free_bytes_min,
                                .image_bytes_max = storage->image_bytes_max,
                                .thumbnail_width_px = 320};
    app->evidence = sky_evidence_new(&params, sky_app_on_evidence, app, error);
    return app->evidence != NULL;
}

static gboolean open_store(SkyApp *app, SkyStoreStart *ret_start, GError **error) {
    const SkyStorageConfig *storage = &sky_config_values(app->config)->storage;
    g_autofree char *what = g_strconcat("storage.directory: ", storage->directory, NULL);
    if (!sky_directory_make(storage->directory, what, error))
        return FALSE;
    g_autofree char *path = g_build_filename(storage->directory, "skynetd.db", NULL);
    SkyStoreParams params = {.path = path, .log_age_max_ns = storage->log_age_max_ns, .rows_max = storage->queue_rows_max,
                             .bytes_max = storage->queue_bytes_max, .ballast_bytes = BALLAST_BYTES};
    app->store = sky_store_open(&params, ret_start, error);
    if (!app->store)
        return FALSE;
    sky_clock_set_last_known(ret_start->last_utc_ns);
    sky_clock_set_age_counted(ret_start->age_utc_ns);
    if (ret_start->copy)
        sky_log(SKY_LOG_NOTICE, "store", NULL, "skynetd.db may lack numbers that were given (put back or moved here, of an older version, or "
                                               "killed while the disk refused): a new epoch begins");
    if (sky_clock_is_held())
        sky_log(SKY_LOG_WARNING, "clock", NULL, "the system clock is before the last known time: going on from that until it is set");
    return TRUE;
}

static void open_outbox(SkyApp *app) {
    g_autofree char *filter = sky_topic_command_filter(sky_config_values(app->config)->site.id);
    g_autofree char *command_probe = sky_topic_command_probe(sky_config_values(app->config)->site.id);
    g_auto(GStrv) retained = sky_topic_retained_filters(sky_config_values(app->config)->site.id);
    SkyOutboxParams params = {.window = WINDOW,
                              .command_filter = filter,
                              .command_probe = command_probe,
                              .retained_filters = (const char *const *)retained,
                              .finish = finish,
                              .probe = probe,
                              .received = on_received,
                              .link = on_link,
                              .landed = on_landed,
                              .user = app};
    app->outbox = sky_outbox_new(&params, app->store);
    sky_app_set_probes(app);
}

static void open_mqtt(SkyApp *app) {
    SkyTransportEvents events = sky_outbox_events(app->outbox);
    g_autofree char *topic = sky_topic_status(sky_config_values(app->config)->site.id);
    g_autofree char *will = sky_app_last_will(app);
    SkyMqttParams params = sky_app_mqtt_params(app, topic, will);
    app->mqtt = sky_mqtt_new(&params, &events);
}

static SkyApp *app_alloc(SkyConfig *config, const char *config_path) {
    SkyApp *app = g_new0(SkyApp, 1);
    app->config = sky_config_ref(config);
    app->config_path = g_strdup(config_path);
    app->site = g_strdup(sky_config_values(config)->site.id);
    sky_lock_init(&app->name_lock);
    app->site_name = g_strdup(sky_config_values(config)->site.name);
    app->config_error = g_strdup("");
    app->boot_id = read_boot_id();
    app->started_ns = sky_clock_monotonic_ns();
    app->cameras = g_ptr_array_new_with_free_func((GDestroyNotify)sky_camera_free);
    app->leaving = g_ptr_array_new_with_free_func((GDestroyNotify)sky_camera_free);
    app->budgets = g_ptr_array_new_with_free_func(g_free);
    app->clips_wanted = g_ptr_array_new_with_free_func(g_free);
    app->picture_orders = g_ptr_array_new_with_free_func(g_free);
    app->arming = sky_arming_new();
    app->accounts = sky_accounts_new();
    app->transports = sky_transports_new();
    app->views = sky_view_memory_new();
    app->tests = g_ptr_array_new_with_free_func(g_free);
    app->watches = g_array_new(FALSE, FALSE, sizeof(guint));
    app->incidents = sky_incidents_new();
    app->notices = sky_mailbox_new(NOTICES_MAX, (GDestroyNotify)sky_notice_free);
    app->signal_fd = -1;
    sky_bell_init(&app->bell);
    sky_app_status_init(app);
    return app;
}

SkyApp *sky_app_new(SkyConfig *config, const char *config_path, GError **error) {
    sky_mqtt_library_init();
    g_autoptr(SkyApp) app = app_alloc(config, config_path);
    SkyStoreStart start = {0};
    app->control = sky_control_new(sky_config_values(config)->control_socket, sky_app_on_request, app, error);
    if (!app->control || !open_store(app, &start, error))
        return NULL;
    if (!open_evidence(app, error)) {
        sky_store_start_clear(&start);
        return NULL;
    }
    app->workers = sky_workers_new(sky_config_values(config)->workers);
    open_outbox(app);
    app->desk = sky_desk_new(config, app->store, &start, &(SkyDeskSink){.stored = on_stored, .opened = on_opened, .user = app});
    app->commands = sky_commands_new(config, app->desk, app->outbox, &start,
                                     &(SkyCommandsSink){.arm = sky_app_arm, .order_picture = sky_app_order_picture, .user = app});
    sky_app_arming_restore(app, &start);
    sky_app_accounts_restore(app, &start);
    sky_app_memory_restore(app, &start);
    sky_store_start_clear(&start);
    open_mqtt(app);
    return g_steal_pointer(&app);
}

void sky_app_free(SkyApp *app) {
    if (!app)
        return;
    for (guint i = 0; i < app->watches->len; i++)
        g_source_remove(g_array_index(app->watches, guint, i));
    g_array_unref(app->watches);
    sky_control_free(app->control);
    g_ptr_array_unref(app->cameras);
    g_ptr_array_unref(app->leaving);
    sky_workers_free(app->workers);
    sky_evidence_free(app->evidence);
    sky_mqtt_free(app->mqtt);
    sky_commands_free(app->commands);
    sky_store_free(app->store);
    sky_desk_free(app->desk); /* after the store: its answers come until then */
    sky_outbox_free(app->outbox);
    sky_incidents_free(app->incidents);
    sky_mailbox_free(app->notices);
    sky_app_status_clear(app);
    g_ptr_array_unref(app->budgets);
    g_ptr_array_unref(app->tests);
    g_ptr_array_unref(app->clips_wanted);
    g_ptr_array_unref(app->picture_orders);
    sky_arming_free(app->arming);
    sky_accounts_free(app->accounts);
    sky_transports_free(app->transports);
    sky_view_memory_free(app->views);
    sky_bell_clear(&app->bell);
    sky_close_fd(&app->signal_fd);
    sky_config_unref(app->config);
    g_free(app->config_path);
    g_free(app->config_error);
    g_free(app->boot_id);
    g_free(app->site);
    g_free(app->site_name);
    sky_lock_clear(&app->name_lock);
    g_free(app);
    sky_mqtt_library_cleanup();
}

/* ---- running ---- */

static void turn_leaving(SkyApp *app, int64_t now_ns) {
    gboolean gone = FALSE;
    for (guint i = app->leaving->len; i-- > 0;) {
        SkyCamera *camera = app->leaving->pdata[i];
        sky_camera_turn(camera, now_ns);
        if (!sky_camera_is_stopped(camera))
            continue;
        g_ptr_array_remove_index(app->leaving, i);
        gone = TRUE;
    }
    if (gone && !app->stopping)
        sky_app_match_cameras(app);
}

static void turn_cameras(SkyApp *app) {
    int64_t now_ns = sky_clock_monotonic_ns();
    for (guint i = 0; i < app->cameras->len; i++)
        sky_camera_turn(app->cameras->pdata[i], now_ns);
    turn_leaving(app, now_ns);
    if (!app->stopping) {
        sky_app_accounts_turn(app, now_ns);
        sky_app_memory_turn(app);
    }
    if (app->stopping && app->leaving->len == 0)
        g_main_loop_quit(app->loop);
}

static gboolean on_bell(int fd, GIOCondition condition, gpointer user) {
    SkyApp *app = user;
    sky_bell_hush(&app->bell);
    turn_cameras(app);
    return G_SOURCE_CONTINUE;
}

static gboolean on_notices(int fd, GIOCondition condition, gpointer user) {
    take_notices(user);
    return G_SOURCE_CONTINUE;
}

static gboolean on_commands(int fd, GIOCondition condition, gpointer user) {
    sky_commands_turn(((SkyApp *)user)->commands);
    return G_SOURCE_CONTINUE;
}

static gboolean on_second(gpointer user) {
    SkyApp *app = user;
    int64_t now_ns = sky_clock_monotonic_ns();
    turn_cameras(app);
    sky_desk_turn(app->desk);
    sky_app_recall_turn(app);
    sky_app_first_pictures_turn(app);
    sky_app_pictures_turn(app, now_ns);
    sky_app_arming_turn(app);
    sky_app_tests_turn(app, now_ns);
    sky_control_turn(app->control, now_ns);
    if (!app->stopping)
        sky_app_status_turn(app, now_ns);
    if (app->stopping && now_ns > app->stop_by_ns)
        g_main_loop_quit(app->loop);
    return G_SOURCE_CONTINUE;
}

static gboolean on_watchdog(gpointer user) {
    const char *what = NULL;
    if (sky_app_is_alive(user, sky_clock_monotonic_ns(), &what))
        sky_notify_alive();
    else
        sky_log(SKY_LOG_ERROR, "watchdog", NULL, "%s: the service manager will restart us", what);
    return G_SOURCE_CONTINUE;
}

static void begin_stop(SkyApp *app) {
    if (app->stopping)
        return;
    sky_notify_stopping();
    sky_log(SKY_LOG_NOTICE, "daemon", NULL, "stopping");
    app->stopping = TRUE;
    app->stop_by_ns = sky_clock_monotonic_ns() + CAMERAS_STOP_NS;
    while (app->cameras->len > 0)
        g_ptr_array_add(app->leaving, g_ptr_array_steal_index(app->cameras, 0));
    for (guint i = 0; i < app->leaving->len; i++)
        sky_camera_request_stop(app->leaving->pdata[i]);
    turn_cameras(app);
}

static gboolean on_signal(int fd, GIOCondition condition, gpointer user) {
    SkyApp *app = user;
    struct signalfd_siginfo info;
    while (read(fd, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo != SIGHUP) {
            begin_stop(app);
        } else if (!app->stopping) {
            sky_notify_reloading(sky_clock_monotonic_ns());
            sky_app_reload(app);
            sky_notify_ready();
        }
    }
    return G_SOURCE_CONTINUE;
}

static void watch(SkyApp *app, guint source) {
    g_array_append_val(app->watches, source);
}

static gboolean watch_signals(SkyApp *app, GError **error) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    app->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (app->signal_fd < 0) {
        sky_error_set_errno(error, errno, "signalfd");
        return FALSE;
    }
    watch(app, g_unix_fd_add(app->signal_fd, G_IO_IN, on_signal, app));
    return TRUE;
}

static gboolean start(SkyApp *app, GError **error) {
    app->loop = g_main_loop_new(NULL, FALSE);
    if (!watch_signals(app, error) || !sky_store_start(app->store, error) || !sky_evidence_start(app->evidence, error) ||
        !sky_workers_start(app->workers, error))
        return FALSE;
    watch(app, g_unix_fd_add(app->bell.fd, G_IO_IN, on_bell, app));
    watch(app, g_unix_fd_add(sky_mailbox_fd(app->notices), G_IO_IN, on_notices, app));
    watch(app, g_unix_fd_add(sky_commands_fd(app->commands), G_IO_IN, on_commands, app));
    watch(app, g_timeout_add(1000, on_second, app));
    int64_t alive_ns = sky_notify_alive_every_ns();
    if (alive_ns > 0)
        watch(app, g_timeout_add((guint)(alive_ns / SKY_NS_PER_MS), on_watchdog, app));
    sky_app_recall_clips(app);
    sky_app_match_cameras(app);
    sky_app_say_status(app, NULL);
    return sky_mqtt_start(app->mqtt, error);
}

static void on_barrier(GPtrArray *rows, gboolean more, gpointer user) {
    sky_queue_push(user, user);
}

/* What was committed just now is stored, and the outbox knows of it. */
static void wait_for_store(SkyApp *app, int64_t deadline_ns) {
    SkyQueue *passed = sky_queue_new(1, NULL);
    gpointer token;
    if (sky_store_fetch(app->store, INT64_MAX, 1, on_barrier, passed) && sky_queue_pop(passed, deadline_ns, &token) != SKY_QUEUE_OK)
        return; /* the disk is stuck: the answer may still come, so the queue stays */
    sky_queue_free(passed);
}

/* In the order in which the data flows, so that what each has still in hand finds the next one running. */
static void stop(SkyApp *app) {
    g_ptr_array_set_size(app->leaving, 0); /* joins what did not end in time: each source ends within 1 s */
    sky_workers_stop(app->workers);
    sky_evidence_stop(app->evidence);
    take_notices(app);
    sky_desk_flush(app->desk);
    wait_for_store(app, sky_clock_monotonic_ns() + FLUSH_NS);
    sky_app_say_status(app, "stopping");
    if (!sky_outbox_flush(app->outbox, FLUSH_NS))
        sky_log(SKY_LOG_NOTICE, "broker", NULL, "what was not acknowledged stays in the store and goes out after the next start");
    sky_mqtt_stop(app->mqtt);
    sky_store_stop(app->store);
    sky_log(SKY_LOG_NOTICE, "daemon", NULL, "stopped");
}

gboolean sky_app_run(SkyApp *app, GError **error) {
    gboolean started = start(app, error);
    if (started) {
        sky_log(SKY_LOG_NOTICE, "daemon", NULL, "skynetd %s runs: site %s, %u cameras, %u workers", SKY_VERSION,
                sky_config_values(app->config)->site.id, app->cameras->len, sky_workers_count(app->workers));
        sky_notify_ready(); /* waits for neither broker nor cameras */
        g_main_loop_run(app->loop);
        stop(app);
    }
    g_clear_pointer(&app->loop, g_main_loop_unref);
    return started;
}
