/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "daemon/ctl/doctor.h"
#include "daemon/ctl/doctor_judge.h"
#include "daemon/ctl/reach.h"

#define REACH_NS (5 * SKY_NS_PER_S)
#define HANDSHAKE_NS (8 * SKY_NS_PER_S)
#define ECHO_S 12 /* the daemon's own probes are decided by then */

static void look_at_certificate_file(const char *path, const char *check, const char *key, SkySheet *sheet) {
    SkyCertificate certificate;
    g_autoptr(GError) error = NULL;
    SkyCertificateFacts facts = {.host = "", .verify = TRUE, .clock_synced = sky_clock_is_synced(), .utc_ns = sky_clock_utc_ns()};
    if (sky_mqtt_certificate_read(path, facts.utc_ns, &certificate, &error))
        facts.certificate = &certificate;
    else
        facts.why = error->message;
    sky_judge_certificate_file(&facts, check, key, sheet);
}

static gboolean look_at_certificate(const SkyBrokerConfig *broker, int fd, SkySheet *sheet) {
    const SkyMqttParams params = {.host = broker->host, .tls = TRUE, .ca_file = broker->ca_file, .verify = broker->verify,
                                  .certificate_file = broker->certificate_file, .key_file = broker->key_file};
    SkyCertificate certificate;
    g_autoptr(GError) error = NULL;
    SkyCertificateFacts facts = {.host = broker->host, .verify = broker->verify, .clock_synced = sky_clock_is_synced(),
                                 .utc_ns = sky_clock_utc_ns()};
    if (sky_mqtt_certificate_look(&params, fd, HANDSHAKE_NS, &certificate, &error))
        facts.certificate = &certificate;
    else
        facts.why = error->message;
    if (broker->certificate_file)
        look_at_certificate_file(broker->certificate_file, "own certificate", "broker.certificate_file", sheet);
    return sky_judge_certificate(&facts, sheet);
}

/* TRUE: it is worth trying the account. */
static gboolean look_at_way(const SkyBrokerConfig *broker, SkySheet *sheet) {
    g_auto(SkyReach) reach = {.fd = -1};
    if (broker->host)
        sky_reach_host(broker->host, broker->port, REACH_NS, &reach);
    else
        sky_reach_socket(broker->socket_path, &reach);
    g_autofree char *place = broker->host ? g_strdup_printf("%s:%d", broker->host, broker->port) : g_strdup(broker->socket_path);
    const SkyReachFacts facts = {.place = place, .unresolved = reach.unresolved, .failed = reach.failed, .socket = !broker->host};
    if (!sky_judge_broker_reach(&facts, sheet))
        return FALSE;
    return !broker->tls || look_at_certificate(broker, reach.fd, sheet);
}

static gboolean is_listed(const char *list, const char *name) {
    g_auto(GStrv) names = g_strsplit(list, ",", -1);
    return g_strv_contains((const char *const *)names, name);
}

/* The daemon is connected, or tries: one more client with its account would tell nothing new. */
static void ask_daemon(const SkyDoctor *doctor, gboolean open, SkySheet *sheet) {
    const SkyConfigValues *values = sky_config_values(doctor->config);
    GHashTable *status = doctor->status;
    gboolean connected = strcmp(sky_ctl_text(status, "broker.state"), "connected") == 0;
    gboolean settled = g_ascii_strtoull(sky_ctl_text(status, "broker.since_s"), NULL, 10) >= ECHO_S;
    sky_judge_account(&(SkyAccountFacts){.connected = connected, .mqtt = sky_ctl_text(status, "broker.mqtt"),
                                         .account = values->broker.user, .why = sky_ctl_text(status, "broker.why"), .daemon = TRUE,
                                         .silent_s = sky_ctl_text(status, "queue.unacknowledged_s"), .explained = !open},
                      sheet);
    SkyEcho otherwise = !connected ? SKY_ECHO_UNKNOWN : settled ? SKY_ECHO_CAME : SKY_ECHO_EARLY;
    for (uint32_t i = 0; i < values->audience_count; i++) {
        const char *audience = values->audiences[i].id;
        gboolean missing = is_listed(sky_ctl_text(status, "queue.refused_audiences"), audience);
        sky_judge_echo(audience, missing ? SKY_ECHO_MISSING : otherwise, sheet);
    }
    gboolean deaf = strcmp(sky_ctl_text(status, "queue.commands_refused"), "yes") == 0;
    sky_judge_echo(NULL, deaf ? SKY_ECHO_MISSING : otherwise, sheet);
}

void sky_doctor_look_at_broker(const SkyDoctor *doctor, SkySheet *sheet) {
    doctor->progress("the broker", 0, 0);
    const SkyBrokerConfig *broker = &sky_config_values(doctor->config)->broker;
    gboolean open = look_at_way(broker, sheet);
    if (broker->phones_certificate_file)
        look_at_certificate_file(broker->phones_certificate_file, "phones' certificate", "broker.phones_certificate_file", sheet);
    if (doctor->status)
        ask_daemon(doctor, open, sheet);
    else if (open)
        sky_doctor_try_broker(doctor, sheet);
}
