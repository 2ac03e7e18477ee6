/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/incident.h"

#include "base/clock.h"
#include "daemon/request_log.h"

#define S SKY_NS_PER_S

static SkyEvent event_of(uint64_t number, int64_t best_ns, float size) {
    return (SkyEvent){.number = number, .kind = SKY_EVENT_MOTION, .phase = SKY_EVENT_BEGIN, .begin_ns = 10 * S, .time_ns = 20 * S,
                      .end_ns = SKY_TIME_NONE, .best_ns = best_ns, .best_box = {0.1f, 0.1f, size, size}, .best_value = size * size};
}

static void test_table(void) {
    g_autoptr(SkyIncidents) incidents = sky_incidents_new();
    g_autoptr(GPtrArray) zones = g_ptr_array_new();
    int64_t since_ns = 0;
    SkyEvent event = event_of(1, 10 * S, 0.1f);
    g_strlcpy(event.zone, "yard", sizeof event.zone);
    SkyIncident *one = sky_incidents_open(incidents, "gate", &event, 5, TRUE);
    SkyEvent stays = event_of(7, 30 * S, 0.1f);
    stays.kind = SKY_EVENT_DWELL;
    g_strlcpy(stays.zone, "yard", sizeof stays.zone);
    SkyIncident *other = sky_incidents_open(incidents, "gate", &stays, 5, TRUE);
    SkyEvent outage = event_of(2, 10 * S, 0.1f);
    outage.kind = SKY_EVENT_OFFLINE;
    sky_incidents_open(incidents, "road", &outage, 5, FALSE);
    SkyEvent covered = event_of(3, 10 * S, 0);
    covered.kind = SKY_EVENT_TAMPER;
    sky_incidents_open(incidents, "road", &covered, 5, FALSE);
    g_assert_cmpint(sky_incident_end_utc_ns(one), ==, SKY_TIME_NONE);
    one->event.end_ns = 14 * S; /* four seconds, whatever the wall clock did meanwhile */
    g_assert_cmpint(sky_incident_end_utc_ns(one), ==, 4 * S + 5);
    g_assert_true(sky_id_is_valid(one->alert_id));
    g_assert_cmpstr(one->alert_id, !=, one->event_id);
    g_assert_true(sky_incidents_find(incidents, "gate", 1) == one);
    g_assert_null(sky_incidents_find(incidents, "road", 1));
    g_assert_true(sky_incidents_motion(incidents, "gate", &since_ns, zones));
    g_assert_cmpint(since_ns, ==, 10 * S);
    g_assert_cmpuint(zones->len, ==, 1);
    g_assert_cmpstr(zones->pdata[0], ==, "yard"); /* once */
    sky_incidents_close(incidents, other);
    g_assert_false(sky_incidents_motion(incidents, "road", &since_ns, zones)); /* an outage does not move, nor does a rag on the lens */
    sky_incidents_close(incidents, one);
    g_assert_null(sky_incidents_find(incidents, "gate", 1));
}

static void test_picture(void) {
    g_autoptr(SkyIncidents) incidents = sky_incidents_new();
    SkyEvent event = event_of(1, 20 * S, 0.1f);
    SkyIncident *incident = sky_incidents_open(incidents, "gate", &event, 5, TRUE);
    g_assert_false(sky_incident_wants_picture(incident, SKY_TIME_NONE, 20 * S)); /* nothing to take it from */
    g_assert_false(sky_incident_wants_picture(incident, 10 * S, 20 * S)); /* one that costs less, and shows more, may come within a second */
    g_assert_true(sky_incident_wants_picture(incident, 18 * S, 20 * S));  /* unless the moment would be gone by then */
    g_assert_true(sky_incident_wants_picture(incident, 10 * S, 21 * S)); /* and then it is not waited for any longer */
    incident->event.best_favoured = TRUE;
    g_assert_true(sky_incident_wants_picture(incident, 10 * S, 20 * S));
    incident->event.best_favoured = FALSE;
    incident->event.phase = SKY_EVENT_UPDATE;
    g_assert_true(sky_incident_wants_picture(incident, 10 * S, 20 * S));
    sky_incident_took_picture(incident);
    g_assert_false(sky_incident_wants_picture(incident, 10 * S, 20 * S));
    incident->event.phase = SKY_EVENT_END;
    incident->event.best_ns = 25 * S;
    incident->event.best_value = 0.012f;
    g_assert_false(sky_incident_wants_picture(incident, 10 * S, 20 * S)); /* hardly more */
    incident->event.best_value = 0.014f;
    g_assert_true(sky_incident_wants_picture(incident, 10 * S, 20 * S));
    g_assert_false(sky_incident_wants_picture(incident, 26 * S, 20 * S)); /* gone */
    incident->event.phase = SKY_EVENT_UPDATE;
    g_assert_false(sky_incident_wants_picture(incident, 10 * S, 20 * S)); /* something better may come */
    g_assert_true(sky_incident_wants_picture(incident, 23 * S, 20 * S));  /* but this moment would soon be gone */
}

static void add_reply(SkyRequestLog *log, const char *id, const char *text) {
    SkyRequestReply *reply = sky_request_reply_new(text, NULL);
    sky_request_log_add(log, "duty", "wang", id, reply);
    sky_request_reply_unref(reply);
}

static void test_request_log(void) {
    g_autoptr(SkyRequestLog) log = sky_request_log_new();
    g_assert_null(sky_request_log_find(log, "duty", "wang", "r1"));
    add_reply(log, "r1", "first");
    add_reply(log, "r1", "second");
    g_assert_cmpstr(sky_request_reply_text(sky_request_log_find(log, "duty", "wang", "r1")), ==, "first");
    g_assert_null(sky_request_log_find(log, "duty", "li", "r1"));
    g_assert_null(sky_request_log_find(log, "police", "wang", "r1"));
    for (int i = 0; i < SKY_REQUEST_LOG_MAX; i++) {
        g_autofree char *id = g_strdup_printf("x%d", i);
        add_reply(log, id, "");
    }
    g_assert_null(sky_request_log_find(log, "duty", "wang", "r1")); /* the oldest went */
    g_assert_nonnull(sky_request_log_find(log, "duty", "wang", "x0"));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/incident/table", test_table);
    g_test_add_func("/incident/picture", test_picture);
    g_test_add_func("/request-log/once", test_request_log);
    return g_test_run();
}
