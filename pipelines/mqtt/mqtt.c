/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/mqtt.h"

#include <mosquitto.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include "base/backoff.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/lock.h"
#include "base/resolve.h"
#include "base/thread.h"
#include "mqtt/mqtt_connection.h"

#define FIRST_DELAY_NS SKY_NS_PER_S
#define MOST_DELAY_NS (60 * SKY_NS_PER_S)
/* A connection has worked when it lasted so long; one that is stolen or thrown out at once has not, and the delay grows. */
#define SETTLED_NS (30 * SKY_NS_PER_S)
#define LOOK_UP_LIMIT_NS (5 * SKY_NS_PER_S)
#define CLOSE_LIMIT_NS (SKY_NS_PER_S / 2)
#define TURN_NS SKY_NS_PER_S
/* How long 3.1.1 is taken for granted where 5 was refused; then the next connect tries 5 again. */
#define OLD_VERSION_NS (3600 * SKY_NS_PER_S)

struct SkyMqtt {
    SkyTransportEvents events;
    SkyThread *thread;
    int wake_fd;
    atomic_bool stop;
    atomic_bool interrupt; /* stop, or new parameters: whatever waits ends */

    SkyLock lock; /* what follows, up to the thread's own */
    SkyMqttParams *next_params;
    SkyMqttNumbers numbers;

    /* The MQTT thread's. */
    SkyMqttParams *params;
    SkyBackoff backoff;
    int64_t old_version_until_ns;
    uint32_t thrown_out; /* how often in a row the broker ended a young connection */
    char doubt[sizeof ((SkyMqttNumbers *)0)->why]; /* what that looks like; "" where it is too seldom to look like anything */
};

/* What came of a try. */
typedef struct {
    int64_t up_ns; /* when it came up; SKY_TIME_NONE: never */
    gboolean v5, other_version;
    gboolean reached; /* somebody was there */
    GError *error; /* NULL: we ended it ourselves */
} Outcome;

/* Within the lock: who sees the state sees what belongs to it. */
static void note_state(SkyMqtt *mqtt, SkyBrokerState state, const char *why) {
    if (mqtt->numbers.state != state || state == SKY_BROKER_CONNECTED) mqtt->numbers.since_ns = sky_clock_monotonic_ns();
    mqtt->numbers.state = state;
    mqtt->numbers.next_try_ns = SKY_TIME_NONE;
    g_strlcpy(mqtt->numbers.why, why, sizeof mqtt->numbers.why);
}

static void set_state(SkyMqtt *mqtt, SkyBrokerState state, const char *why) {
    sky_lock_enter(&mqtt->lock);
    note_state(mqtt, state, why);
    sky_lock_leave(&mqtt->lock);
}

static void set_up(SkyMqtt *mqtt, gboolean v5) {
    sky_lock_enter(&mqtt->lock);
    note_state(mqtt, SKY_BROKER_CONNECTED, mqtt->doubt);
    mqtt->numbers.v5 = v5;
    mqtt->numbers.connects++;
    sky_lock_leave(&mqtt->lock);
}

static void forget_doubt(SkyMqtt *mqtt) {
    mqtt->doubt[0] = '\0';
    sky_lock_enter(&mqtt->lock);
    mqtt->numbers.why[0] = '\0';
    sky_lock_leave(&mqtt->lock);
}

static void set_down(SkyMqtt *mqtt, const GError *error, int64_t next_try_ns) {
    gboolean refused = g_error_matches(error, SKY_ERROR, SKY_ERR_CONFIG);
    sky_lock_enter(&mqtt->lock);
    note_state(mqtt, refused ? SKY_BROKER_REFUSED : SKY_BROKER_DOWN, error->message);
    mqtt->numbers.failures++;
    mqtt->numbers.next_try_ns = next_try_ns;
    sky_lock_leave(&mqtt->lock);
}

/* Sleeps until the socket, the outbox or a stop wants something, at most until deadline_ns and never longer than a turn. */
static short wait_for(SkyMqtt *mqtt, int fd, short wants, int64_t deadline_ns) {
    int64_t now_ns = sky_clock_monotonic_ns();
    int64_t limit_ns = CLAMP(deadline_ns - now_ns, 0, TURN_NS);
    struct pollfd fds[] = {{.fd = fd, .events = wants}, {.fd = mqtt->wake_fd, .events = POLLIN},
                           {.fd = mqtt->events.turn ? mqtt->events.wake_fd : -1, .events = POLLIN}};
    poll(fds, G_N_ELEMENTS(fds), (int)((limit_ns + SKY_NS_PER_MS - 1) / SKY_NS_PER_MS));
    eventfd_t ignored;
    if (fds[1].revents) eventfd_read(mqtt->wake_fd, &ignored);
    return fds[0].revents;
}

static void turn(SkyMqtt *mqtt, int64_t now_ns) {
    if (mqtt->events.turn) mqtt->events.turn(now_ns, mqtt->events.user);
}

static void drive(SkyMqtt *mqtt, SkyMqttConnection *connection, Outcome *outcome) {
    for (short happened = 0;;) {
        int64_t now_ns = sky_clock_monotonic_ns();
        gboolean alive = sky_mqtt_connection_step(connection, happened, now_ns);
        if (sky_mqtt_connection_is_up(connection) && outcome->up_ns == SKY_TIME_NONE) {
            outcome->up_ns = now_ns;
            set_up(mqtt, outcome->v5);
        }
        if (mqtt->doubt[0] && outcome->up_ns != SKY_TIME_NONE && now_ns - outcome->up_ns >= SETTLED_NS) forget_doubt(mqtt);
        if (!alive) {
            outcome->error = sky_mqtt_connection_error(connection, &outcome->other_version);
            return;
        }
        turn(mqtt, now_ns);
        if (atomic_load(&mqtt->interrupt)) {
            sky_mqtt_connection_close(connection, CLOSE_LIMIT_NS);
            return;
        }
        happened = wait_for(mqtt, sky_mqtt_connection_fd(connection), sky_mqtt_connection_wants(connection), now_ns + TURN_NS);
    }
}

static Outcome try_address(SkyMqtt *mqtt, const char *address, gboolean v5) {
    Outcome outcome = {.up_ns = SKY_TIME_NONE, .v5 = v5};
    g_autoptr(SkyMqttConnection) connection = sky_mqtt_connection_new(mqtt->params, address, v5, &mqtt->events, &outcome.error);
    if (!connection) return outcome;
    drive(mqtt, connection, &outcome);
    outcome.reached = sky_mqtt_connection_was_reached(connection);
    if (outcome.up_ns != SKY_TIME_NONE && mqtt->events.disconnected) {
        g_autoptr(GError) ended = outcome.error ? g_error_copy(outcome.error) : g_error_new(SKY_ERROR, SKY_ERR_RETRY, "stopped");
        mqtt->events.disconnected(ended, mqtt->events.user);
    }
    return outcome;
}

/* MQTT 5 first. */
static Outcome try_versions(SkyMqtt *mqtt, const char *address) {
    int64_t now_ns = sky_clock_monotonic_ns();
    gboolean v5 = now_ns >= mqtt->old_version_until_ns;
    Outcome outcome = try_address(mqtt, address, v5);
    if (v5 && outcome.other_version && !atomic_load(&mqtt->interrupt)) {
        GError *first = outcome.error;
        outcome = try_address(mqtt, address, FALSE);
        if (outcome.up_ns != SKY_TIME_NONE) mqtt->old_version_until_ns = now_ns + OLD_VERSION_NS;
        g_error_free(first);
    } else if (!v5 && outcome.other_version) {
        mqtt->old_version_until_ns = 0;
    }
    return outcome;
}

static char **addresses_of(SkyMqtt *mqtt, GError **error) {
    if (mqtt->params->socket_path) return g_strdupv((char *[]){(char *)mqtt->params->socket_path, NULL});
    return sky_resolve_all(mqtt->params->host, LOOK_UP_LIMIT_NS, &mqtt->interrupt, error);
}

/* One round: every address until one comes up or refuses us. */
static Outcome dial(SkyMqtt *mqtt) {
    Outcome outcome = {.up_ns = SKY_TIME_NONE};
    g_auto(GStrv) addresses = addresses_of(mqtt, &outcome.error);
    for (guint i = 0; addresses && addresses[i] && !atomic_load(&mqtt->interrupt); i++) {
        Outcome next = try_versions(mqtt, addresses[i]);
        gboolean says_less = outcome.reached && !next.reached; /* "refused" on ::1 must not hide what the broker on 127.0.0.1 did */
        g_clear_error(says_less ? &next.error : &outcome.error);
        if (!says_less) outcome = next;
        if (outcome.up_ns != SKY_TIME_NONE || g_error_matches(outcome.error, SKY_ERROR, SKY_ERR_CONFIG)) break;
    }
    return outcome;
}

static void rest(SkyMqtt *mqtt, int64_t until_ns) {
    for (int64_t now_ns = sky_clock_monotonic_ns(); now_ns < until_ns && !atomic_load(&mqtt->interrupt);
         now_ns = sky_clock_monotonic_ns()) {
        turn(mqtt, now_ns);
        wait_for(mqtt, -1, 0, until_ns);
    }
}

static void take_params(SkyMqtt *mqtt) {
    sky_lock_enter(&mqtt->lock);
    SkyMqttParams *params = g_steal_pointer(&mqtt->next_params);
    atomic_store(&mqtt->interrupt, atomic_load(&mqtt->stop));
    sky_lock_leave(&mqtt->lock);
    if (!params) return;
    sky_mqtt_params_free(mqtt->params);
    mqtt->params = params;
    mqtt->old_version_until_ns = 0;
    mqtt->thrown_out = 0;
    mqtt->doubt[0] = '\0';
    sky_backoff_init(&mqtt->backoff, FIRST_DELAY_NS, MOST_DELAY_NS);
    set_state(mqtt, SKY_BROKER_CONNECTING, "");
}

/* Two clients with one id throw each other out for ever, and between that the broker takes each; one that restarts does not. mosquitto
 * before 2.0.12 does not say so, and 3.1.1 can not. */
static void suspect_thief(SkyMqtt *mqtt, Outcome *outcome, gboolean settled) {
    gboolean thrown_out = outcome->up_ns != SKY_TIME_NONE && !settled && g_error_matches(outcome->error, SKY_ERROR, SKY_ERR_DATA);
    mqtt->thrown_out = thrown_out ? mqtt->thrown_out + 1 : 0;
    if (mqtt->thrown_out < 2) {
        mqtt->doubt[0] = '\0';
        return;
    }
    g_snprintf(mqtt->doubt, sizeof mqtt->doubt, "%s, %u times soon after connecting: is another client using the id %s?",
               outcome->error->message, mqtt->thrown_out, mqtt->params->client_id);
    g_error_free(outcome->error);
    outcome->error = g_error_new_literal(SKY_ERROR, SKY_ERR_DATA, mqtt->doubt);
}

static void run(gpointer user) {
    SkyMqtt *mqtt = user;
    while (!atomic_load(&mqtt->stop)) {
        take_params(mqtt);
        Outcome outcome = dial(mqtt);
        int64_t now_ns = sky_clock_monotonic_ns();
        gboolean settled = outcome.up_ns != SKY_TIME_NONE && now_ns - outcome.up_ns >= SETTLED_NS;
        if (settled) sky_backoff_reset(&mqtt->backoff);
        suspect_thief(mqtt, &outcome, settled);
        if (outcome.error && !atomic_load(&mqtt->interrupt)) {
            int64_t next_ns = now_ns + sky_backoff_next(&mqtt->backoff, g_random_int());
            set_down(mqtt, outcome.error, next_ns);
            rest(mqtt, next_ns);
        }
        g_clear_error(&outcome.error);
    }
    set_state(mqtt, SKY_BROKER_DOWN, "stopped");
}

SkyMqtt *sky_mqtt_new(const SkyMqttParams *params, const SkyTransportEvents *events) {
    SkyMqtt *mqtt = g_new0(SkyMqtt, 1);
    mqtt->events = *events;
    mqtt->next_params = sky_mqtt_params_copy(params);
    mqtt->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    g_assert(mqtt->wake_fd >= 0);
    mqtt->numbers = (SkyMqttNumbers){.since_ns = sky_clock_monotonic_ns(), .next_try_ns = SKY_TIME_NONE};
    atomic_init(&mqtt->stop, FALSE);
    atomic_init(&mqtt->interrupt, FALSE);
    sky_lock_init(&mqtt->lock);
    return mqtt;
}

gboolean sky_mqtt_start(SkyMqtt *mqtt, GError **error) {
    g_assert(!mqtt->thread);
    mqtt->thread = sky_thread_start("sky-mqtt", run, mqtt, error);
    return mqtt->thread != NULL;
}

void sky_mqtt_stop(SkyMqtt *mqtt) {
    sky_lock_enter(&mqtt->lock); /* or take_params() could undo the interrupt */
    atomic_store(&mqtt->stop, TRUE);
    atomic_store(&mqtt->interrupt, TRUE);
    sky_lock_leave(&mqtt->lock);
    eventfd_write(mqtt->wake_fd, 1);
    sky_thread_join(g_steal_pointer(&mqtt->thread));
}

void sky_mqtt_free(SkyMqtt *mqtt) {
    if (!mqtt) return;
    sky_mqtt_stop(mqtt);
    sky_mqtt_params_free(mqtt->params);
    sky_mqtt_params_free(mqtt->next_params);
    sky_close_fd(&mqtt->wake_fd);
    sky_lock_clear(&mqtt->lock);
    g_free(mqtt);
}

void sky_mqtt_set_params(SkyMqtt *mqtt, const SkyMqttParams *params) {
    SkyMqttParams *copy = sky_mqtt_params_copy(params);
    sky_lock_enter(&mqtt->lock);
    SkyMqttParams *unused = mqtt->next_params;
    mqtt->next_params = copy;
    atomic_store(&mqtt->interrupt, TRUE);
    sky_lock_leave(&mqtt->lock);
    sky_mqtt_params_free(unused);
    eventfd_write(mqtt->wake_fd, 1);
}

SkyMqttNumbers sky_mqtt_numbers(SkyMqtt *mqtt) {
    sky_lock_enter(&mqtt->lock);
    SkyMqttNumbers numbers = mqtt->numbers;
    sky_lock_leave(&mqtt->lock);
    return numbers;
}

void sky_mqtt_library_init(void) {
    mosquitto_lib_init();
}

void sky_mqtt_library_cleanup(void) {
    mosquitto_lib_cleanup();
}
