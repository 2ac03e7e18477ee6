/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "alert/alert.h"
#include "event/event.h"

/* Payloads of the MQTT contract: values in, UTF-8 JSON out (CloudEvents 1.0, structured), at most SKY_MESSAGE_BYTES_MAX. No I/O.
 * Everything returned is new memory. Text that is not UTF-8 is made so, long texts are cut between characters. In our own words
 * (why, trouble, config_error, error) URLs and paths are hidden: the last line of defence, not a licence. */
#define SKY_MESSAGE_BYTES_MAX 8192
#define SKY_MESSAGE_VERSION "1"

/* The names behind ids, and what the site is: looked up by the daemon for each message. Borrowed strings; NULL = "". */
typedef struct {
    const char *site, *site_name, *grid;
    const char *camera_name, *zone_name; /* the id stands in where empty */
    gboolean clock_synced; /* when the times were taken that the message bears */
} SkyMessageContext;

/* What one audience may see of an alert; decided before encoding. */
typedef struct {
    gboolean pictures; /* image, clip and box */
    gboolean path;     /* where somebody walked */
    gboolean notes;    /* notes, actor, assignee: for those who work on it */
} SkyMessageView;

/* One revision for one audience, WITHOUT its tail: sky_message_finish() completes it when it is sent.
 * id of the envelope: "<alert>-<rev>". type: skynet.alert.<raised|updated|acknowledged|assigned|resolved|dismissed|expired>. */
char *sky_message_alert(const SkyMessageContext *context, const SkyMessageView *view, const SkyAlert *alert,
                        const char *epoch, uint64_t seq, gboolean durable);
/* head + ,"replayed":...,"queued_ms":...}} ; head came from sky_message_alert() or sky_message_event(). */
char *sky_message_finish(const char *head, gsize head_bytes, gboolean replayed, int64_t queued_ms);

/* event/<camera>/<kind>, WITHOUT its tail. event_id: one for begin and end. */
char *sky_message_event(const SkyMessageContext *context, const char *camera, const char *event_id, const SkyEvent *event,
                        int64_t begin_utc_ns, int64_t end_utc_ns);

typedef struct {
    const char *state;   /* "online", "stopping", "offline", "broker-refuses" */
    const char *boot_id, *version, *epoch;
    gboolean clock_synced, durable;
    uint64_t undelivered, dead, evicted;
    int64_t next_by_utc_ns; /* SKY_TIME_NONE in the last will */
    int64_t utc_ns;
    const char *mqtt;       /* "5" or "3.1.1" */
    const char *refused_audiences; /* comma separated, "" */
    gboolean commands_refused;
    const char *trouble;    /* in words; "" */
    const char *config_error; /* of the last reload; "" */
    uint32_t cameras, cameras_ok, cameras_disarmed, cameras_flooded, cameras_overloaded, open_alerts;
} SkyStatusMessage;
char *sky_message_status(const SkyMessageContext *context, const SkyStatusMessage *status);

typedef struct {
    const char *camera;
    const char *state; /* ok connecting offline stalled blind misconfigured disabled */
    int64_t since_utc_ns, utc_ns, last_packet_utc_ns, next_try_utc_ns; /* SKY_TIME_NONE = null */
    const char *why;
    double frame_rate, analysis_rate;
    const char *codec;
    uint32_t width_px, height_px;
    uint64_t reconnects, dropped_packets, decode_errors, memory_bytes;
    gboolean flooded;           /* its events are counted in its newest alert: too many come */
    gboolean overloaded;        /* fewer of its pictures are looked at: the box is too slow */
    int64_t armed_again_utc_ns; /* disarmed until then; SKY_TIME_NONE: it is armed */
} SkyCameraStatusMessage;
char *sky_message_camera_status(const SkyMessageContext *context, const SkyCameraStatusMessage *status);
/* motion now */
char *sky_message_camera_motion(const SkyMessageContext *context, const char *camera, gboolean active, int64_t since_utc_ns,
                                const char *const *zones, uint32_t zone_count, int64_t utc_ns);
/* gap in an audience's log: from_seq..to_seq were evicted. */
char *sky_message_gap(const SkyMessageContext *context, const char *audience, const char *epoch, uint64_t from_seq, uint64_t to_seq,
                      int64_t utc_ns);
char *sky_message_probe(const SkyMessageContext *context, const char *audience, int64_t utc_ns);
/* numbers: names ([a-z0-9_.-]) and values in arrays of equal length; what is not finite is left out. */
char *sky_message_metrics(const SkyMessageContext *context, const char *const *names, const double *values, uint32_t count,
                          int64_t utc_ns);
/* error: NULL = ok. code: "ok" or one of the contract's refusals: busy, no-request-id, retained, late, unknown-alert, not-allowed,
 * bad-value, bad-json, unknown-verb, too-large, not-permitted, no-image, not-stored. */
char *sky_message_reply(const SkyMessageContext *context, const char *request_id, const char *code, const char *error,
                        const char *alert, uint32_t rev, int64_t utc_ns);

/* The store's own text of a whole alert (not a message), and back. DATA error. */
char *sky_message_alert_body(const SkyAlert *alert);
gboolean sky_message_alert_body_parse(const char *body, SkyAlert *ret_alert, GError **error);
