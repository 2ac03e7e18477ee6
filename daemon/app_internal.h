/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdatomic.h>
#include "base/lock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "daemon/account.h"
#include "daemon/app.h"
#include "daemon/arming.h"
#include "daemon/bell.h"
#include "daemon/camera.h"
#include "daemon/commands.h"
#include "daemon/control.h"
#include "daemon/desk.h"
#include "daemon/incident.h"
#include "daemon/table.h"
#include "daemon/transport_memory.h"
#include "daemon/view_memory.h"
#include "daemon/workers.h"
#include "evidence/evidence.h"
#include "mqtt/mqtt.h"
#include "outbox/outbox.h"
#include "store/store.h"
#include "store/store_dead.h"

/* The inside of the app, shared by app*.c only. Everything belongs to the main thread but what says otherwise. */
struct SkyApp {
    SkyConfig *config;
    char *config_path, *config_error; /* the last reload's first error; "" */
    char *boot_id;
    char *site;              /* as at the start, for other threads */
    SkyLock name_lock;
    char *site_name;         /* inside the lock: as now, for other threads */
    int64_t started_ns;

    SkyStore *store;
    SkyOutbox *outbox;
    SkyMqtt *mqtt;
    SkyEvidence *evidence;
    SkyWorkers *workers;
    SkyDesk *desk;
    SkyCommands *commands;
    SkyControl *control;
    SkyIncidents *incidents;
    GPtrArray *cameras;      /* SkyCamera * */
    GPtrArray *leaving;      /* SkyCamera *: removed or changed, still ending */
    GPtrArray *clips_wanted; /* SkyAlert *: cut by the last run's end; their clips are still to be looked for */
    GPtrArray *picture_orders; /* struct of app_pictures.c: pictures that people wait for */
    SkyArming *arming;
    SkyAccounts *accounts;
    SkyTransports *transports;
    SkyViewMemory *views;
    uint64_t events_joined;  /* counted in an alert that was open already: too many came */
    GPtrArray *budgets;      /* SkyBudget *: live as long as the app; evidence may hold a pre-roll longer than its camera lives */

    SkyBell bell;            /* cameras: something to look at. Rung from any thread */
    SkyMailbox *notices;     /* SkyNotice *, from any thread */
    _Atomic uint64_t notices_lost;
    SkyLogLimit retained_log;

    GMainLoop *loop;
    GArray *watches;         /* guint: sources of the main loop */
    int signal_fd;
    gboolean stopping;
    int64_t stop_by_ns;

    GPtrArray *tests;        /* struct of app_control.c: test alerts whose delivery somebody waits for */
    _Atomic int tests_waiting;
    struct SkyStatusMemory *memory; /* app_status.c: what was said last */
};

/* What other threads tell the main thread. */
typedef enum { SKY_NOTICE_EVIDENCE, SKY_NOTICE_LANDED, SKY_NOTICE_STORED, SKY_NOTICE_QUEUE, SKY_NOTICE_RETAINED } SkyNoticeKind;
typedef struct {
    SkyNoticeKind kind;
    SkyEvidenceResult result;  /* EVIDENCE */
    GBytes *picture;           /* EVIDENCE: the JPEG of a snapshot, or NULL */
    char alert[SKY_ID_BYTES];  /* LANDED, RETAINED */
    char audience[SKY_ID_BYTES], camera[SKY_ID_BYTES]; /* RETAINED: of the alert; or the camera, "" where it is an alert */
    uint32_t reason_code;      /* LANDED: 0x80 and above: refused for good */
    uint64_t call;             /* STORED, QUEUE: who waits at the local socket */
    uint32_t rev;
    gboolean ok;
    SkyStoreQueue *queue;      /* QUEUE: one of the two, or why */
    SkyStoreSettled *settled;
    SkyStoreSettle settle;
    char *why;
} SkyNotice;
void sky_notice_free(SkyNotice *notice);
void sky_app_notify(SkyApp *app, SkyNotice *notice); /* takes; any thread */

/* app_events.c */
void sky_app_on_event(SkyCamera *camera, const SkyEvent *event, gpointer user);
void sky_app_on_evidence(const SkyEvidenceResult *result, gpointer user); /* the evidence worker's thread */
void sky_app_take_evidence(SkyApp *app, const SkyNotice *notice);
void sky_app_recall_clips(SkyApp *app); /* at start */
void sky_app_recall_turn(SkyApp *app);  /* each second */
void sky_app_first_pictures_turn(SkyApp *app); /* each second: of events that have said nothing since they began */
void sky_app_raise(SkyApp *app, SkyCamera *camera, SkyIncident *incident); /* the alert of a fact that goes on */
SkyCamera *sky_app_camera(SkyApp *app, const char *id); /* NULL: it does not run */

/* app_pictures.c */
gboolean sky_app_order_picture(const SkyCommand *command, SkyOutcome *ret_outcome, gpointer user);
gboolean sky_app_deliver_picture(SkyApp *app, const SkyNotice *notice); /* FALSE: nobody asked */
void sky_app_pictures_turn(SkyApp *app, int64_t now_ns); /* each second */

/* app_arming.c */
SkyOutcome sky_app_arm(const SkyCommand *command, gpointer user);
void sky_app_arming_restore(SkyApp *app, const SkyStoreStart *start);
void sky_app_arming_forget(SkyApp *app, const char *id); /* of a camera that was removed: or it would count as disarmed */
void sky_app_arming_turn(SkyApp *app); /* each second */

/* app_accounts.c */
void sky_app_accounts_restore(SkyApp *app, const SkyStoreStart *start);
void sky_app_accounts_turn(SkyApp *app, int64_t now_ns); /* after the cameras' turn: keeps what has changed */
void sky_app_accounts_report(SkyApp *app, SkyTable *table, int64_t now_ns);
void sky_app_on_account(SkyApp *app, uint64_t call, GHashTable *request);
void sky_app_on_refused(SkyApp *app, uint64_t call, GHashTable *request);
void sky_app_on_let_in(SkyApp *app, uint64_t call, GHashTable *request);

/* app_memory.c: how cameras could be reached, and what they saw. */
void sky_app_memory_restore(SkyApp *app, const SkyStoreStart *start);
void sky_app_memory_forget(SkyApp *app, const char *id); /* of a camera that was removed */
void sky_app_memory_turn(SkyApp *app); /* as the accounts' */

/* app_status.c: the retained states. */
void sky_app_status_init(SkyApp *app);
void sky_app_status_clear(SkyApp *app);
void sky_app_say_status(SkyApp *app, const char *state);  /* NULL: online, or broker-refuses */
void sky_app_say_camera(SkyApp *app, SkyCamera *camera);
void sky_app_forget_camera(SkyApp *app, const char *id);
void sky_app_say_motion(SkyApp *app, SkyCamera *camera); /* not of one that was removed and is still ending */
void sky_app_status_turn(SkyApp *app, int64_t now_ns);    /* each second */
uint32_t sky_app_cameras_ok(const SkyApp *app);           /* as of the last turn */
char *sky_app_last_will(SkyApp *app);

/* app_metrics.c: once a minute. */
void sky_app_say_metrics(SkyApp *app);

/* app_report.c, app_control.c */
void sky_app_report(SkyApp *app, SkyTable *table);
void sky_app_on_request(uint64_t call, GHashTable *request, gpointer user);
#define SKY_APP_TEST_NS (30 * INT64_C(1000000000)) /* a test alert is waited for so long */
void sky_app_tests_turn(SkyApp *app, int64_t now_ns);
void sky_app_take_landed(SkyApp *app, const SkyNotice *notice);
void sky_app_take_stored(SkyApp *app, const SkyNotice *notice);

void sky_app_answer(SkyApp *app, uint64_t call, const SkyTable *table);

/* app_queue.c */
void sky_app_on_queue(SkyApp *app, uint64_t call, GHashTable *request);
void sky_app_take_queue(SkyApp *app, const SkyNotice *notice);

/* app_retained.c */
gboolean sky_app_on_retained(SkyApp *app, const SkyTransportIncoming *message); /* the transport's thread. FALSE: it is something else */
void sky_app_take_retained(SkyApp *app, const SkyNotice *notice);

/* app_reload.c */
void sky_app_reload(SkyApp *app);
void sky_app_match_cameras(SkyApp *app);  /* cameras that the configuration has and that do not run yet */
void sky_app_set_probes(SkyApp *app);
SkyMqttParams sky_app_mqtt_params(SkyApp *app, const char *will_topic, const char *will);

/* app_watchdog.c: TRUE where nothing hangs that a restart would help. */
gboolean sky_app_is_alive(SkyApp *app, int64_t now_ns, const char **ret_what);
/* In words, "" where all is well: for the status. Lives as long as the numbers, which are the store's own of just now. */
const char *sky_app_disk_trouble(SkyApp *app, const SkyStoreNumbers *store);
