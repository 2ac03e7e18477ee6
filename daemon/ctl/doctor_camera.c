/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/queue.h"
#include "base/thread.h"
#include "base/uri.h"
#include "daemon/ctl/account.h"
#include "daemon/ctl/doctor.h"
#include "daemon/ctl/doctor_judge.h"
#include "daemon/ctl/reach.h"

#define AT_ONCE 4 /* fewer than the five wrong passwords after which many cameras lock an account */
#define REACH_NS (5 * SKY_NS_PER_S)
#define CONNECT_NS (10 * SKY_NS_PER_S)
#define LOOK_S 5

typedef struct {
    const SkyCameraConfig *camera;
    const char *state, *why; /* the daemon's; "" */
    SkyCtlAccount account;
    gboolean claimed;
    gboolean first; /* it tries the account, and others wait for how that ends */
    SkySheet sheet;
} Patient;

typedef struct {
    Patient *patients;
    guint count;
    SkyQueue *done; /* one item a patient */
    SkyCtl ctl;          /* where the daemon is told of refusals; NULL socket_path: nowhere */
    SkyLock lock;        /* of what follows, and of `claimed` */
    GHashTable *trying;  /* ids of accounts that one patient tries: the others behind it wait for how that ends */
    GHashTable *taken;   /* those that were let in */
    GHashTable *refused; /* those that were refused: a recorder has many cameras behind one account */
} Ward;

static gboolean was_refused(Ward *ward, const char *account) {
    sky_lock_enter(&ward->lock);
    gboolean was = g_hash_table_contains(ward->refused, account);
    sky_lock_leave(&ward->lock);
    return was;
}

static void remember(Ward *ward, const Patient *patient, const SkyLook *look) {
    gboolean refused = sky_look_is_refused(look);
    if (!patient->account.id || (!refused && look->packets == 0))
        return;
    sky_lock_enter(&ward->lock);
    g_hash_table_add(refused ? ward->refused : ward->taken, patient->account.id);
    sky_lock_leave(&ward->lock);
    if (refused && ward->ctl.socket_path)
        sky_ctl_account_tell_refused(&ward->ctl, &patient->account, patient->camera->id);
}

static void let_others_in(Ward *ward, Patient *patient) {
    sky_lock_enter(&ward->lock);
    if (patient->first) /* once: another one may be trying by now */
        g_hash_table_remove(ward->trying, patient->account.id);
    patient->first = FALSE;
    sky_lock_wake(&ward->lock);
    sky_lock_leave(&ward->lock);
}

static SkySourceParams params_of(const SkyCameraConfig *camera, const char *url) {
    return (SkySourceParams){.camera = camera->id, .url = url, .user = camera->user, .password = camera->password,
                             .transport = camera->transport, .pipeline_text = camera->pipeline_text,
                             .ca_file = camera->ca_file,
                             .connect_timeout_ns = MIN(camera->connect_timeout_ns, CONNECT_NS),
                             .stall_timeout_ns = camera->stall_timeout_ns};
}

static void look(const Patient *patient, const char *url, SkyCameraFacts *facts, SkyLook *ret_look) {
    const SkySourceParams params = params_of(patient->camera, url);
    sky_look_at(&params, LOOK_S, ret_look);
    facts->look = ret_look;
}

/* The other stream is asked for only where the account was taken: a wrong password is tried once. */
static void look_at_streams(Ward *ward, Patient *patient, SkyCameraFacts *facts) {
    const SkyCameraConfig *camera = patient->camera;
    g_auto(SkyLook) first;
    g_auto(SkyLook) second = {0};
    facts->stream = camera->sub_url ? "sub" : "main";
    facts->analysed = TRUE;
    look(patient, camera->sub_url ? camera->sub_url : camera->main_url, facts, &first);
    remember(ward, patient, &first);
    let_others_in(ward, patient);
    if (!sky_judge_camera(facts, &patient->sheet) || !camera->sub_url)
        return;
    facts->stream = "main";
    facts->analysed = FALSE;
    look(patient, camera->main_url, facts, &second);
    sky_judge_camera(facts, &patient->sheet);
}

static void look_at_camera(Ward *ward, Patient *patient) {
    const SkyCameraConfig *camera = patient->camera;
    SkyCameraFacts facts = {.camera = camera->id, .running = strcmp(patient->state, "ok") == 0, .disabled = !camera->enabled};
    g_autofree char *said = g_strconcat("the service says: ", patient->why, NULL);
    g_autoptr(SkyUri) uri = sky_uri_parse(camera->sub_url ? camera->sub_url : camera->main_url, NULL);
    g_autofree char *held = ward->ctl.socket_path ? sky_ctl_account_refused(&ward->ctl, &patient->account) : NULL;
    if (strcmp(patient->state, "misconfigured") == 0)
        *(strstr(patient->why, "authentication:") ? &facts.refused : &facts.misconfigured) = said;
    else if (held)
        facts.refused = held;
    else if (patient->account.id && was_refused(ward, patient->account.id))
        facts.refused = "the same account was refused at this address a moment ago";
    if (facts.disabled || facts.refused || facts.misconfigured || !uri) {
        sky_judge_camera(&facts, &patient->sheet);
        return;
    }
    int port = sky_uri_port(uri);
    g_auto(SkyReach) reach = {.fd = -1};
    sky_reach_host(uri->host, port, REACH_NS, &reach);
    g_autofree char *place = g_strdup_printf("%s port %d", uri->host, port);
    facts.place = place;
    facts.unresolved = reach.unresolved;
    facts.failed = reach.failed;
    if (reach.fd >= 0) {
        SkyReach over = reach; /* closed before the camera is asked for a second connection */
        sky_reach_clear(&over);
        reach = (SkyReach){.fd = -1};
        look_at_streams(ward, patient, &facts);
    } else {
        sky_judge_camera(&facts, &patient->sheet);
    }
}

/* Inside the lock. */
static Patient *find_free(Ward *ward, gboolean *ret_left) {
    *ret_left = FALSE;
    for (guint i = 0; i < ward->count; i++) {
        Patient *patient = &ward->patients[i];
        if (patient->claimed)
            continue;
        *ret_left = TRUE;
        if (!patient->account.id || !g_hash_table_contains(ward->trying, patient->account.id))
            return patient;
    }
    return NULL;
}

/* The next one whose account nobody tries for the first time; NULL: all are claimed. */
static Patient *claim(Ward *ward) {
    gboolean left;
    sky_lock_enter(&ward->lock);
    Patient *patient = find_free(ward, &left);
    while (!patient && left) {
        sky_lock_wait_until(&ward->lock, INT64_MAX);
        patient = find_free(ward, &left);
    }
    if (patient) {
        patient->claimed = TRUE;
        char *id = patient->account.id;
        patient->first = id && !g_hash_table_contains(ward->taken, id) && !g_hash_table_contains(ward->refused, id);
        if (patient->first)
            g_hash_table_add(ward->trying, id);
    }
    sky_lock_leave(&ward->lock);
    return patient;
}

static void work(gpointer user) {
    Ward *ward = user;
    for (Patient *patient; (patient = claim(ward)) != NULL;) {
        look_at_camera(ward, patient);
        let_others_in(ward, patient);
        sky_queue_push(ward->done, patient);
    }
}

static void run(const SkyDoctor *doctor, Ward *ward) {
    SkyThread *threads[AT_ONCE] = {NULL};
    guint started = 0, want = MIN(AT_ONCE, ward->count);
    while (started < want && (threads[started] = sky_thread_start("sky-doctor", work, ward, NULL)) != NULL)
        started++;
    if (started == 0)
        work(ward); /* then one after the other, here */
    for (guint done = 0; done < ward->count; done++) {
        gpointer item;
        doctor->progress("cameras", done, ward->count);
        if (sky_queue_pop(ward->done, INT64_MAX, &item) != SKY_QUEUE_OK)
            break;
    }
    for (guint i = 0; i < started; i++)
        sky_thread_join(threads[i]);
}

static const char *status_of(const SkyDoctor *doctor, const char *camera, const char *name) {
    g_autofree char *key = g_strjoin(".", "camera", camera, name, NULL);
    return doctor->status ? sky_ctl_text(doctor->status, key) : "";
}

void sky_doctor_look_at_cameras(const SkyDoctor *doctor, const char *only, SkySheet *sheet) {
    const SkyConfigValues *values = sky_config_values(doctor->config);
    g_autofree Patient *patients = g_new0(Patient, values->camera_count + 1);
    g_autofree char *socket_path = doctor->status ? sky_ctl_socket_path(doctor->ctl) : NULL;
    Ward ward = {.patients = patients, .ctl = {.socket_path = socket_path},
                 .done = sky_queue_new(MAX(values->camera_count, 1), NULL),
                 .trying = g_hash_table_new(g_str_hash, g_str_equal), .taken = g_hash_table_new(g_str_hash, g_str_equal),
                 .refused = g_hash_table_new(g_str_hash, g_str_equal)};
    sky_lock_init(&ward.lock);
    for (uint32_t i = 0; i < values->camera_count; i++) {
        const SkyCameraConfig *camera = &values->cameras[i];
        if (only && strcmp(only, camera->id) != 0)
            continue;
        Patient *patient = &patients[ward.count++];
        *patient = (Patient){.camera = camera, .state = status_of(doctor, camera->id, "state"),
                             .why = status_of(doctor, camera->id, "why")};
        g_autoptr(SkyUri) uri = sky_uri_parse(camera->sub_url ? camera->sub_url : camera->main_url, NULL);
        if (uri)
            sky_ctl_account_init(&patient->account, uri, camera->user, camera->password);
        sky_sheet_init(&patient->sheet);
    }
    run(doctor, &ward);
    for (guint i = 0; i < ward.count; i++) {
        sky_sheet_move(sheet, &patients[i].sheet);
        sky_sheet_clear(&patients[i].sheet);
        sky_ctl_account_clear(&patients[i].account);
    }
    g_hash_table_unref(ward.trying);
    g_hash_table_unref(ward.taken);
    sky_queue_free(ward.done);
    g_hash_table_unref(ward.refused);
    sky_lock_clear(&ward.lock);
}
