/* SPDX-License-Identifier: Apache-2.0 */
#include "support/model/gateway_life.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "message/message.h"
#include "message/topic.h"
#include "store/store_internal.h"
#include "support/model/sim_machine.h"

#define WINDOW 20

/* ---- what the app gives its parts ---- */

static char *finish(const SkyMessageRecord *record, gboolean replayed, int64_t queued_ms, gpointer user) {
    const Gateway *gateway = user;
    uint64_t from_seq, to_seq;
    if (!sky_message_record_is_gap(record, &from_seq, &to_seq))
        return sky_message_finish((const char *)record->payload, record->payload_bytes, replayed, queued_ms);
    SkyMessageContext names = {.site = "s", .clock_synced = TRUE};
    return sky_message_gap(&names, record->audience, gateway->start.epoch, from_seq, to_seq, sky_clock_utc_ns());
}

static void on_command(const SkyTransportIncoming *message, gpointer user) {
    sky_commands_received(((Gateway *)user)->commands, message);
}

static void on_stored(gpointer user) {
    sky_outbox_poke(((Gateway *)user)->outbox);
}

static void on_opened(const char *alert, gboolean open, gpointer user) {
}

static void arm_one(Gateway *gateway, const char *camera, gboolean disarms) {
    if (disarms) g_hash_table_add(gateway->disarmed, g_strdup(camera));
    else if (!g_hash_table_remove(gateway->disarmed, camera)) return;
    sky_desk_stand(gateway->desk, SKY_STANDING_DISARMED, camera, disarms ? "until" : NULL);
}

static SkyOutcome arm(const SkyCommand *command, gpointer user) {
    if (command->camera[0]) arm_one(user, command->camera, command->verb == SKY_VERB_DISARM);
    return (SkyOutcome){.code = "ok"};
}

static gboolean order_picture(const SkyCommand *command, SkyOutcome *ret_outcome, gpointer user) {
    *ret_outcome = (SkyOutcome){.code = "no-image", .error = "there is none"};
    return FALSE;
}

/* ---- a start ---- */

static void copy_synced(const char *from, const char *to) {
    g_autoptr(GDir) directory = g_dir_open(from, 0, NULL);
    const char *name;
    while (directory && (name = g_dir_read_name(directory))) {
        g_autofree char *source = g_build_filename(from, name, NULL), *target = g_build_filename(to, name, NULL), *bytes = NULL;
        gsize size = 0;
        g_assert_true(g_file_get_contents(source, &bytes, &size, NULL));
        int fd = open(target, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        g_assert_true(fd >= 0);
        g_assert_true(size == 0 || write(fd, bytes, size) == (gssize)size);
        g_assert_cmpint(fsync(fd), ==, 0);
        close(fd);
    }
    int fd = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_assert_cmpint(fsync(fd), ==, 0);
    close(fd);
}

static void open_store(Gateway *gateway) {
    g_autoptr(GError) error = NULL;
    const SkyStoreParams params = {.path = gateway->path, .log_age_max_ns = 30 * 24 * 3600 * SKY_NS_PER_S, .rows_max = 100000,
                                   .bytes_max = 64 << 20};
    gateway->store = sky_store_open(&params, &gateway->start, &error);
    g_assert_no_error(error);
    sky_clock_set_last_known(gateway->start.last_utc_ns);
}

static void take_disarmed(Gateway *gateway) {
    g_hash_table_remove_all(gateway->disarmed);
    for (guint i = 0; i < gateway->start.standing->len; i++) {
        const SkyStandingRecord *record = gateway->start.standing->pdata[i];
        if (record->kind == SKY_STANDING_DISARMED) g_hash_table_add(gateway->disarmed, g_strdup(record->id));
    }
}

void gateway_start(Gateway *gateway, const char *from, const SkyStoreCommit *cut) {
    gateway->directory = g_dir_make_tmp("sky-model-XXXXXX", NULL);
    gateway->path = g_build_filename(gateway->directory, "skynetd.db", NULL);
    gateway->trace = power_disk_record(gateway->directory);
    if (from) copy_synced(from, gateway->directory);
    open_store(gateway);
    take_disarmed(gateway);
    ledger_restart(&gateway->ledger, cut, &gateway->start, sky_config_values(gateway->config)->alert_expire_ns);
    const SkyOutboxParams outbox = {.window = WINDOW, .command_filter = "skynet/v1/s/cmd/+/+/+", .finish = finish,
                                    .received = on_command, .user = gateway};
    gateway->outbox = sky_outbox_new(&outbox, gateway->store);
    const SkyDeskSink desk = {on_stored, on_opened, gateway};
    gateway->desk = sky_desk_new(gateway->config, gateway->store, &gateway->start, &desk);
    const SkyCommandsSink commands = {arm, order_picture, gateway};
    gateway->commands = sky_commands_new(gateway->config, gateway->desk, gateway->outbox, &gateway->start, &commands);
    SkyTransportEvents events = sky_outbox_events(gateway->outbox);
    sim_broker_attach(&gateway->broker, &events);
}

/* ---- an end ---- */

/* Nobody is there to hear them: only what the callers hold is given back. */
static void answer_none(Gateway *gateway) {
    gpointer item = NULL;
    g_autoptr(GError) dead = g_error_new_literal(SKY_ERROR, SKY_ERR_RESOURCE, "killed");
    while (sky_queue_pop(gateway->store->requests, 0, &item) == SKY_QUEUE_OK) {
        SkyStoreRequest *request = item;
        if (request->done) request->done(dead, FALSE, request->user);
        if (request->rows) request->rows(g_ptr_array_new_with_free_func((GDestroyNotify)sky_message_record_free), FALSE, request->user);
        sky_store_request_free(request);
    }
}

void gateway_end_life(Gateway *gateway) {
    power_disk_stop();
    answer_none(gateway);
    sim_broker_detach(&gateway->broker);
    g_queue_clear(&gateway->asked);
    g_ptr_array_set_size(gateway->incidents, 0);
    g_clear_pointer(&gateway->commands, sky_commands_free);
    g_clear_pointer(&gateway->desk, sky_desk_free);
    g_clear_pointer(&gateway->outbox, sky_outbox_free);
    g_clear_pointer(&gateway->store, sky_store_free);
    sky_store_start_clear(&gateway->start);
}

void gateway_remove_directory(Gateway *gateway) {
    power_disk_empty(gateway->directory);
    g_rmdir(gateway->directory);
    power_trace_free(gateway->trace);
    g_clear_pointer(&gateway->directory, g_free);
    g_clear_pointer(&gateway->path, g_free);
}

/* A disk as the power cut before operation n leaves it, and the next start from it. */
static void go_on_from(Gateway *gateway, guint n, PowerFate fate, const SkyStoreCommit *cut) {
    g_autofree char *left = g_dir_make_tmp("sky-model-XXXXXX", NULL);
    PowerCut *power = power_cut_new(gateway->trace);
    power_cut_advance(power, n);
    power_cut_lay_out(power, fate, g_rand_int(gateway->rand), left);
    power_cut_free(power);
    gateway_end_life(gateway);
    gateway_remove_directory(gateway);
    gateway_start(gateway, left, cut);
    power_disk_empty(left);
    g_rmdir(left);
}

typedef struct {
    PowerTrace *trace;
    guint from; /* said to be safe: in every cut from there on; G_MAXUINT: never */
    SkyStoreDone done;
    gpointer user;
} Witness;

static void on_done(const GError *error, gboolean durable, gpointer user) {
    Witness *witness = user;
    if (!error && durable) witness->from = power_trace_length(witness->trace);
    witness->done(error, durable, witness->user);
}

void gateway_kill(Gateway *gateway, gboolean power) {
    gateway_heal(gateway);
    gpointer item = NULL;
    guint before = power_trace_length(gateway->trace);
    SkyStoreCommit *cut = NULL;
    Witness witness = {.trace = gateway->trace, .from = G_MAXUINT};
    if (sky_queue_pop(gateway->store->requests, 0, &item) == SKY_QUEUE_OK) {
        SkyStoreRequest *request = item;
        if (request->done) {
            witness.done = request->done;
            witness.user = request->user;
            request->done = on_done;
            request->user = &witness;
        }
        sky_store_request_run(gateway->store, request);
        cut = g_steal_pointer(&request->commit);
        sky_store_request_free(request);
    }
    guint after = power_trace_length(gateway->trace), n = before + (guint)g_rand_int_range(gateway->rand, 0, (gint32)(after - before) + 1);
    if (g_rand_int_range(gateway->rand, 0, 3) == 0) n = after;
    static const PowerFate fates[] = {POWER_DROP, POWER_SCATTER, POWER_STALE};
    PowerFate fate = power ? fates[g_rand_int_range(gateway->rand, 0, G_N_ELEMENTS(fates))] : POWER_KEEP;
    /* What was answered is safe, whatever happens from then on. */
    if (n >= witness.from) {
        ledger_committed(&gateway->ledger, cut);
        go_on_from(gateway, n, fate, NULL);
    } else {
        go_on_from(gateway, n, fate, cut);
    }
    sky_store_commit_free(cut);
    if (power) gateway->cuts++;
    else gateway->kills++;
}

void gateway_stop(Gateway *gateway) {
    gateway_heal(gateway);
    ledger_tick(&gateway->ledger, sky_clock_utc_ns());
    sky_desk_flush(gateway->desk);
    while (gateway_store_run(gateway)) continue;
    if (gateway->broker.connected) sim_broker_lose(&gateway->broker);
    while (gateway_store_run(gateway)) continue;
    sky_store_last_will(gateway->store);
    go_on_from(gateway, power_trace_length(gateway->trace), POWER_KEEP, NULL);
}

void gateway_ask_replay(Gateway *gateway, guint audience, guint64 from_seq) {
    char id[SKY_ULID_BYTES];
    sky_ulid_make(sky_clock_utc_ns(), id);
    g_autofree char *topic = g_strdup_printf("skynet/v1/s/cmd/%s/reader/replay", ledger_audiences[audience]);
    g_autofree char *payload = g_strdup_printf("{\"request_id\":\"%s\",\"epoch\":\"%s\",\"from_seq\":%" G_GUINT64_FORMAT "}", id,
                                               gateway->start.epoch, from_seq);
    LedgerRequest *request = ledger_request(&gateway->ledger, ledger_audiences[audience], "reader", id);
    request->verb = "replay";
    request->fixed = "ok";
    gateway_ask(gateway, topic, payload, FALSE, request);
}
