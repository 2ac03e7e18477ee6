/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/app_internal.h"
#include "message/topic.h"
#include "support/store_fixture.h"

static const char config_text[] = "site: {id: s}\nbroker: {host: 127.0.0.1}\naudiences: [{id: duty}]\n"
                                  "cameras: [{id: gate, main: 'rtsp://192.0.2.1/'}]\nalert_burst: 1\n";

/* Seconds that the wall clock of this process is ahead of the machine's. */
static time_t ahead_s;

int clock_gettime(clockid_t id, struct timespec *ret_time) {
    int result = (int)syscall(SYS_clock_gettime, id, ret_time);
    if (id == CLOCK_REALTIME)
        ret_time->tv_sec += ahead_s;
    return result;
}

/* A desk before a store whose disk is stuck: what it is asked waits, up to its bound, until sky_store_start(). */
typedef struct {
    StoreFixture store;
    SkyConfig *config;
    SkyDesk *desk;
    SkyIncidents *incidents;
} Rig;

static void on_stored(gpointer user) {
}

static void on_opened(const char *alert, gboolean open, gpointer user) {
}

static SkyConfig *parse(const char *text) {
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    SkyConfig *config = sky_config_parse(text, strlen(text), "test", "/", errors);
    g_assert_nonnull(config);
    return config;
}

static void set_up(Rig *rig, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    rig->config = parse(config_text);
    store_fixture_init(&rig->store);
    rig->store.store = sky_store_open(&rig->store.params, &rig->store.start, &error);
    g_assert_no_error(error);
    rig->desk = sky_desk_new(rig->config, rig->store.store, &rig->store.start, &(SkyDeskSink){on_stored, on_opened, rig});
    rig->incidents = sky_incidents_new();
    SkyStoreCommit *commit = sky_store_commit_new();
    while (sky_store_commit(rig->store.store, commit, NULL, NULL))
        commit = sky_store_commit_new();
    sky_store_commit_free(commit);
}

static void tear_down(Rig *rig, gconstpointer data) {
    store_fixture_close(&rig->store);
    sky_desk_free(rig->desk); /* after the store: its answers come until then */
    store_fixture_clear(&rig->store);
    sky_incidents_free(rig->incidents);
    sky_config_unref(rig->config);
}

static const SkyCameraConfig *gate(const Rig *rig) {
    return sky_config_camera(rig->config, "gate");
}

static SkyIncident *begin(Rig *rig, uint64_t number) {
    SkyEvent event = {.number = number, .kind = SKY_EVENT_MOTION, .begin_ns = 1, .time_ns = 1, .end_ns = SKY_TIME_NONE};
    SkyIncident *incident = sky_incidents_open(rig->incidents, "gate", &event, sky_clock_utc_ns(), TRUE);
    sky_desk_begin(rig->desk, gate(rig), incident, TRUE);
    return incident;
}

static void end(Rig *rig, SkyIncident *incident) {
    incident->event.end_ns = incident->event.time_ns = 2;
    sky_desk_end(rig->desk, gate(rig), incident);
}

static void acknowledge(Rig *rig, const char *alert) {
    uint32_t rev;
    SkyAlertCommand command = {.verb = SKY_COMMAND_ACKNOWLEDGE, .alert = alert, .actor = "wang", .assignee = "", .note = ""};
    g_assert_cmpint(sky_desk_command(rig->desk, &command, &rev), ==, SKY_ALERT_DONE);
    SkyAuditRecord *audit = g_new0(SkyAuditRecord, 1);
    g_strlcpy(audit->audience, "duty", sizeof audit->audience);
    g_strlcpy(audit->client, "wang", sizeof audit->client);
    g_strlcpy(audit->request_id, "r1", sizeof audit->request_id);
    audit->reply = g_strdup("");
    sky_desk_settle(rig->desk, audit, NULL, NULL);
}

static void await_stored(Rig *rig) {
    while (sky_desk_waiting(rig->desk) > 0) {
        g_ptr_array_unref(store_fixture_waiting(&rig->store, G_MAXINT64 - 1, 1, NULL)); /* all before it is stored */
        sky_desk_turn(rig->desk);
    }
}

/* The disk goes on; then a start of the next run. */
static void let_go(Rig *rig) {
    g_autoptr(GError) error = NULL;
    g_assert_true(sky_store_start(rig->store.store, &error));
    await_stored(rig);
    store_fixture_close(&rig->store);
    store_fixture_open(&rig->store);
}

/* What a person did waits with its audit, alone; what comes after it is not told before it. */
static void test_order_behind_a_command(Rig *rig, gconstpointer data) {
    SkyIncident *incident = begin(rig, 1);
    acknowledge(rig, incident->alert_id);
    end(rig, incident);
    g_assert_cmpuint(sky_desk_find(rig->desk, incident->alert_id)->rev, ==, 3);
    let_go(rig);
    g_assert_cmpuint(rig->store.start.alerts->len, ==, 1);
    const SkyAlertRecord *record = rig->store.start.alerts->pdata[0];
    g_assert_cmpuint(record->rev, ==, 3);
    g_autoptr(GPtrArray) log = store_fixture_log(&rig->store, 1, 10);
    g_assert_cmpuint(log->len, ==, 3);
}

/* Where of all that waits for the broker the first one stands that bears both texts; -1: none does. */
static int place_of(Rig *rig, const char *phase, const char *event) {
    g_autoptr(GPtrArray) rows = store_fixture_waiting(&rig->store, 0, 100, NULL);
    for (guint i = 0; i < rows->len; i++) {
        const SkyMessageRecord *row = rows->pdata[i];
        g_autofree char *text = g_strndup((const char *)row->payload, row->payload_bytes);
        if (row->message_class == SKY_MESSAGE_EVENT && strstr(text, phase) && strstr(text, event))
            return (int)i;
    }
    return -1;
}

/* An event that joins an alert is told with a revision of it only every ten seconds: its begin waits alone, its end with a revision. */
static void test_an_end_behind_its_begin(Rig *rig, gconstpointer data) {
    begin(rig, 1);
    begin(rig, 2);
    SkyIncident *third = begin(rig, 3);
    ahead_s = 11;
    end(rig, third);
    ahead_s = 0;
    let_go(rig);
    int begins = place_of(rig, "skynet.event.begin", third->event_id), ends = place_of(rig, "skynet.event.end", third->event_id);
    g_assert_cmpint(begins, >=, 0);
    g_assert_cmpint(ends, >, begins);
    g_assert_cmpuint(rig->store.start.standing->len, ==, 2); /* it does not go on */
}

/* The bytes of what the store holds for a topic of an open alert; -1: nothing, and all of it was looked at. */
static int64_t retained_bytes(Rig *rig, const char *site, const char *alert) {
    g_autofree char *topic = sky_topic_alert(site, "duty", alert);
    g_autoptr(GPtrArray) rows = store_fixture_states(&rig->store);
    for (guint i = 0; i < rows->len; i++)
        if (strcmp(((const SkyMessageRecord *)rows->pdata[i])->topic, topic) == 0)
            return (int64_t)((const SkyMessageRecord *)rows->pdata[i])->payload_bytes;
    return -1;
}

/* What is open is told under the new name, and taken back under the old one: whoever hears that would see it open for ever. */
static void test_a_new_name_of_the_site(Rig *rig, gconstpointer data) {
    const char *alert = begin(rig, 1)->alert_id;
    let_go(rig);
    g_assert_cmpint(retained_bytes(rig, "s", alert), >, 0);
    g_autofree char *text = g_strconcat("site: {id: t}", strchr(config_text, '\n'), NULL);
    g_autoptr(SkyConfig) renamed = parse(text);
    sky_desk_free(rig->desk);
    rig->desk = sky_desk_new(renamed, rig->store.store, &rig->store.start, &(SkyDeskSink){on_stored, on_opened, rig});
    await_stored(rig);
    g_assert_cmpint(retained_bytes(rig, "s", alert), ==, 0);
    g_assert_cmpint(retained_bytes(rig, "t", alert), >, 0);
}

/* However long the disk hangs: what moves meanwhile does not fill the memory. */
static void test_bounded(Rig *rig, gconstpointer data) {
    for (uint64_t number = 1; number <= 1000; number++)
        end(rig, begin(rig, number));
    g_assert_cmpuint(sky_desk_waiting(rig->desk), <=, 1024);
    g_assert_cmpuint(sky_desk_facts_dropped(rig->desk), >=, 900);
}

static void catch(const char *id, const char *body, gpointer user) {
    g_ptr_array_add(user, g_strdup(id));
}

/* What a camera saw goes with a commit of its own: while the disk hangs it waits where it is known, and is none of what waits. */
static void test_memory(Rig *rig, gconstpointer data) {
    g_autoptr(SkyViewMemory) views = sky_view_memory_new();
    g_autoptr(SkyTransports) transports = sky_transports_new();
    SkyApp app = {.config = rig->config, .desk = rig->desk, .views = views, .transports = transports};
    begin(rig, 1);
    uint32_t waiting = sky_desk_waiting(rig->desk);
    sky_view_memory_note(views, "gate", "rtsp://192.0.2.1/", "320 180 1 abc", sky_clock_utc_ns());
    sky_app_memory_turn(&app);
    g_assert_cmpuint(sky_desk_waiting(rig->desk), ==, waiting);
    g_autoptr(GPtrArray) changed = g_ptr_array_new_with_free_func(g_free);
    sky_view_memory_take_changes(views, catch, changed);
    g_assert_cmpuint(changed->len, ==, 1);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add("/desk/order_behind_a_command", Rig, NULL, set_up, test_order_behind_a_command, tear_down);
    g_test_add("/desk/an_end_behind_its_begin", Rig, NULL, set_up, test_an_end_behind_its_begin, tear_down);
    g_test_add("/desk/a_new_name_of_the_site", Rig, NULL, set_up, test_a_new_name_of_the_site, tear_down);
    g_test_add("/desk/bounded", Rig, NULL, set_up, test_bounded, tear_down);
    g_test_add("/desk/memory", Rig, NULL, set_up, test_memory, tear_down);
    return g_test_run();
}
