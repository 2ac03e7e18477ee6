/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/watch_record.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "message/json_writer.h"
#include "message/reader.h"
#include "message/reader_text.h"
#include "message/topic.h"

#define UNANSWERED 3 /* questions: then it is said */

struct SkyWatchRecord {
    SkyRecorder *recorder;
    char *site, *client, *root;
    char **audiences;
    SkyTransportOps ops;
    gboolean connected;
    char epoch[SKY_ULID_BYTES]; /* that was begun with since the last connect; "" */
    GHashTable *questions;      /* audience -> request_id of its last one */
    atomic_bool failed;
};

SkyWatchRecord *sky_watch_record_new(const char *path, const char *site, const char *client, const char *const *audiences, GError **error) {
    g_autoptr(SkyRecorder) recorder = sky_recorder_open(path, error);
    if (!recorder)
        return NULL;
    SkyWatchRecord *record = g_new0(SkyWatchRecord, 1);
    record->recorder = g_steal_pointer(&recorder);
    record->site = g_strdup(site);
    record->client = g_strdup(client);
    record->root = sky_topic_root(site);
    record->audiences = g_strdupv((char **)audiences);
    record->questions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return record;
}

void sky_watch_record_free(SkyWatchRecord *record) {
    if (!record)
        return;
    sky_recorder_free(record->recorder);
    g_strfreev(record->audiences);
    g_hash_table_unref(record->questions);
    g_free(record->site);
    g_free(record->client);
    g_free(record->root);
    g_free(record);
}

gboolean sky_watch_record_failed(const SkyWatchRecord *record) {
    return atomic_load(&((SkyWatchRecord *)record)->failed);
}

static void fail(SkyWatchRecord *record, const GError *error) {
    if (!atomic_exchange(&record->failed, TRUE))
        fprintf(stderr, "skynetctl watch: %s; it is asked for again\n", error->message);
}

static void subscribe(const SkyTransportOps *ops, const char *topic) {
    g_autoptr(GError) error = NULL;
    if (!ops->subscribe(ops->transport, topic, 1, &error))
        fprintf(stderr, "skynetctl watch: %s: %s\n", topic, error->message);
}

void sky_watch_record_connected(SkyWatchRecord *record, const SkyTransportOps *ops) {
    record->ops = *ops;
    record->connected = TRUE;
    record->epoch[0] = '\0'; /* the retained status says it, and then what was missed is asked for */
    for (char **audience = record->audiences; *audience; audience++) {
        g_autofree char *log = sky_topic_alert_log(record->site, *audience);
        g_autofree char *replay = sky_topic_replay(record->site, *audience, record->client);
        g_autofree char *reply = sky_topic_reply(record->site, *audience, record->client);
        subscribe(ops, log);
        subscribe(ops, replay);
        subscribe(ops, reply);
    }
}

void sky_watch_record_disconnected(SkyWatchRecord *record) {
    record->connected = FALSE;
}

static void take_status(SkyWatchRecord *record, const SkyTransportIncoming *message) {
    g_autofree char *epoch = sky_reader_field(message->payload, message->payload_bytes, "data.epoch");
    if (!epoch || strlen(epoch) >= SKY_ULID_BYTES || strcmp(epoch, record->epoch) == 0)
        return;
    g_strlcpy(record->epoch, epoch, sizeof record->epoch);
    for (char **audience = record->audiences; *audience; audience++)
        sky_recorder_begin(record->recorder, *audience, epoch);
}

static void take_revision(SkyWatchRecord *record, const char *audience, const SkyTransportIncoming *message) {
    g_autoptr(GError) error = NULL;
    if (g_strv_contains((const char *const *)record->audiences, audience))
        sky_recorder_take(record->recorder, audience, message->payload, message->payload_bytes, &error);
    if (error)
        fail(record, error);
}

static void take_reply(SkyWatchRecord *record, const char *audience, const SkyTransportIncoming *message) {
    g_autofree char *id = sky_reader_field(message->payload, message->payload_bytes, "data.request_id");
    g_autofree char *error = sky_reader_field(message->payload, message->payload_bytes, "data.error");
    g_autofree char *clean = error ? sky_reader_text(error, 512) : NULL;
    const char *asked = g_hash_table_lookup(record->questions, audience);
    if (!id || !asked || strcmp(id, asked) != 0)
        return;
    if (clean)
        fprintf(stderr, "-- %s: the gateway does not send it: %s --\n", audience, clean);
    sky_recorder_answered(record->recorder, audience, clean == NULL);
}

void sky_watch_record_received(SkyWatchRecord *record, const SkyTransportIncoming *message) {
    if (!g_str_has_prefix(message->topic, record->root) || message->topic[strlen(record->root)] != '/')
        return;
    g_auto(GStrv) levels = g_strsplit(message->topic + strlen(record->root) + 1, "/", 4);
    guint count = g_strv_length(levels);
    if (count == 1 && strcmp(levels[0], "status") == 0)
        take_status(record, message);
    else if ((count == 2 && strcmp(levels[0], "alert-log") == 0) || (count == 3 && strcmp(levels[0], "replay") == 0))
        take_revision(record, levels[1], message);
    else if (count == 3 && strcmp(levels[0], "reply") == 0)
        take_reply(record, levels[1], message);
}

/* The access list's word is final: a client that may not ask gets no answer, as from a gateway that is away, and asks again. */
static void say_question(const SkyWatchRecord *record, const SkyRecorderWant *want) {
    if (want->unanswered == 0)
        fprintf(stderr, "-- %s: what comes from seq %" G_GUINT64_FORMAT " is asked for again --\n", want->audience, want->from_seq);
    else if (want->unanswered == UNANSWERED)
        fprintf(stderr, "-- %s: nobody answers, and it is asked on: does the gateway run, and does the broker's access list let %s write "
                        "cmd/%s/%s/replay and read reply/%s/%s? --\n", want->audience, record->client, want->audience, record->client,
                want->audience, record->client);
}

static void ask(SkyWatchRecord *record, const SkyRecorderWant *want) {
    g_autofree char *topic = g_strdup_printf("%s/cmd/%s/%s/replay", record->root, want->audience, record->client);
    g_autofree char *id = g_strdup_printf("r%" G_GINT64_FORMAT "-%08x", sky_clock_utc_ns() / SKY_NS_PER_MS, g_random_int());
    g_autoptr(GString) text = g_string_new(NULL);
    sky_json_open(text, NULL, '{');
    sky_json_text(text, "request_id", id, SKY_ID_BYTES);
    sky_json_text(text, "epoch", want->epoch, SKY_ID_BYTES);
    sky_json_uint(text, "from_seq", want->from_seq);
    sky_json_close(text, '}');
    SkyTransportMessage message = {.topic = topic, .payload = text->str, .payload_bytes = text->len, .qos = 1};
    g_autoptr(GError) error = NULL;
    uint32_t token;
    say_question(record, want);
    g_hash_table_insert(record->questions, g_strdup(want->audience), g_strdup(id));
    if (!record->ops.publish(record->ops.transport, &message, &token, &error))
        fprintf(stderr, "skynetctl watch: %s\n", error->message);
}

void sky_watch_record_turn(SkyWatchRecord *record, int64_t now_ns) {
    g_autoptr(GError) error = NULL;
    if (!sky_recorder_sync(record->recorder, &error))
        fail(record, error);
    SkyRecorderWant want;
    while (record->connected && sky_recorder_wants(record->recorder, now_ns, &want)) {
        if (want.lost_from > 0)
            fprintf(stderr, "-- %s: seq %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT " are not in the gateway's store any more: lost --\n",
                    want.audience, want.lost_from, want.lost_to);
        ask(record, &want);
    }
}
