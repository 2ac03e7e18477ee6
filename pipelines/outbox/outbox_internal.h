/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/clock.h"
#include "base/error.h"
#include "outbox/outbox_inbox.h"
#include "outbox/outbox_lane.h"

/* The inside of the outbox, shared by outbox*.c only. Everything but the inbox belongs to the transport's thread. */

#define SKY_OUTBOX_PAGE_ROWS 64
#define SKY_OUTBOX_WINDOW_MAX 64
#define SKY_OUTBOX_ECHO_NS (10 * SKY_NS_PER_S)
/* Where the store says that something waits and no lane finds it (rows that came back with the disk), how often to look from the
 * start. */
#define SKY_OUTBOX_RESCAN_NS (10 * SKY_NS_PER_S)

/* A retained topic that is not stored. Numbered versions: the newest given, the last sent in this connection, the last
 * acknowledged. */
typedef struct {
    char *topic, *json; /* json NULL: to be cleared, then forgotten */
    int rank;
    uint32_t wanted, sent, done;
    uint32_t in_flight;
} SkyOutboxState;

typedef enum { SKY_PROBE_WAITING, SKY_PROBE_SENT, SKY_PROBE_DONE } SkyProbePhase;
typedef struct {
    char *audience;      /* NULL: the road of commands */
    char *topic;
    char *payload;       /* of the one that was sent in this connection */
    SkyProbePhase phase;
    int64_t passed_ns;   /* when the broker acknowledged it; SKY_TIME_NONE */
    gboolean refused;    /* the last verdict */
} SkyOutboxProbe;

typedef struct {
    char audience[SKY_ID_BYTES];
    char *topic;
    SkyOutboxLane lane;
    uint64_t next_seq;   /* of the audience's log; a higher one at hand: a hole */
    uint64_t resume_seq; /* where to go on after a lost connection */
    uint32_t in_flight;
    uint32_t losses;     /* connections that the broker ended while some of it was in flight */
} SkyOutboxReplay;

/* One message that waits for its PUBACK. */
typedef enum { SKY_FLIGHT_STATE, SKY_FLIGHT_ROW, SKY_FLIGHT_NOTE, SKY_FLIGHT_PROBE, SKY_FLIGHT_REPLAY } SkyFlightKind;
typedef struct {
    SkyFlightKind kind;
    uint32_t token;
    uint32_t version;               /* of the state */
    uint64_t seq;                   /* of the replayed row, or the first of a gap */
    SkyOutboxState *state;
    SkyOutboxProbe *probe;
    SkyOutboxReplay *replay;
    GPtrArray *page;                /* keeps record */
    const SkyMessageRecord *record; /* of a row */
} SkyOutboxFlight;

/* Where the broker ends a connection itself, something that was in flight may be why: the next rows go one by one, and one that is
 * alone in flight each time it happens is given up. */
typedef struct {
    uint32_t alone;  /* so many rows more */
    int64_t row;
    uint32_t losses; /* with that row alone */
} SkyOutboxSuspect;

struct SkyOutbox {
    SkyOutboxParams params;
    char *command_filter, *command_probe, **retained_filters;
    SkyStore *store;
    SkyOutboxInbox *inbox;

    SkyTransportOps ops;
    gboolean connected, announced; /* announced: link(TRUE) was said */
    int64_t now_ns;          /* of the turn: the outbox asks no monotonic clock itself */
    int64_t connected_utc_ns;
    uint64_t next_ticket;
    SkyOutboxNumbers numbers;

    SkyOutboxFlight flights[SKY_OUTBOX_WINDOW_MAX]; /* in the order of handing over */
    uint32_t in_flight;
    GPtrArray *states;      /* SkyOutboxState *, by rank */
    GHashTable *state_of;   /* topic -> SkyOutboxState * */
    GQueue notes;           /* SkyOutboxNote * */
    GPtrArray *probes;      /* SkyOutboxProbe * */
    GQueue replays;         /* SkyOutboxReplay *, the one whose turn it is first */
    SkyOutboxLane state_lane, log_lane;
    gboolean states_are_out; /* the open alerts of this connection */
    gboolean replay_turn;    /* the log and the replays take turns */
    gboolean rescan;         /* the log lane looks for what was overlooked */
    int64_t rescan_ns;
    SkyOutboxSuspect suspect;
    GArray *acknowledged;   /* int64_t rows to be marked */
};

typedef enum {
    SKY_HANDED_OVER,
    SKY_HAND_OVER_LATER, /* not now: the connection is about to end */
    SKY_HAND_OVER_NEVER, /* the message can not go */
} SkyHandOver;

/* outbox_flight.c. flight: what it is; its token is filled in. qos 0 takes no place. */
SkyHandOver sky_outbox_hand_over(SkyOutbox *outbox, const SkyTransportMessage *message, const SkyOutboxFlight *flight);
SkyHandOver sky_outbox_hand_over_record(SkyOutbox *outbox, const SkyMessageRecord *record, const char *topic, gboolean replayed,
                                        const SkyOutboxFlight *flight);
gboolean sky_outbox_has_room(const SkyOutbox *outbox);
gboolean sky_outbox_land(SkyOutbox *outbox, uint32_t token, SkyOutboxFlight *ret_flight); /* FALSE: not one of ours */
void sky_outbox_flight_clear(SkyOutboxFlight *flight);
void sky_outbox_lose_flights(SkyOutbox *outbox, const GError *error);

/* outbox_state.c */
void sky_outbox_states_init(SkyOutbox *outbox);
void sky_outbox_states_clear(SkyOutbox *outbox);
void sky_outbox_states_change(SkyOutbox *outbox, const SkyOutboxChange *change);
void sky_outbox_states_resend(SkyOutbox *outbox);
SkyOutboxState *sky_outbox_states_next(SkyOutbox *outbox); /* NULL: all are sent */
SkyHandOver sky_outbox_states_send(SkyOutbox *outbox, SkyOutboxState *state);
void sky_outbox_states_landed(SkyOutbox *outbox, const SkyOutboxFlight *flight);
gboolean sky_outbox_states_are_done(const SkyOutbox *outbox); /* sent and acknowledged */

/* outbox_probe.c */
void sky_outbox_probes_change(SkyOutbox *outbox, char **audiences, char **topics);
void sky_outbox_probes_begin(SkyOutbox *outbox); /* a new connection */
SkyOutboxProbe *sky_outbox_probes_next(SkyOutbox *outbox);
SkyHandOver sky_outbox_probes_send(SkyOutbox *outbox, SkyOutboxProbe *probe);
void sky_outbox_probes_landed(SkyOutbox *outbox, SkyOutboxProbe *probe, uint32_t reason_code);
gboolean sky_outbox_probes_received(SkyOutbox *outbox, const SkyTransportIncoming *message); /* TRUE: it was one */
void sky_outbox_probes_check(SkyOutbox *outbox);

/* outbox_replay.c */
void sky_outbox_replays_begin(SkyOutbox *outbox, const SkyOutboxReplayRequest *request);
void sky_outbox_replays_rewind(SkyOutbox *outbox, const GError *error); /* the connection is lost, after the flights */
gboolean sky_outbox_replays_send(SkyOutbox *outbox); /* the next message; FALSE: none at hand */
void sky_outbox_replays_landed(SkyOutbox *outbox, SkyOutboxReplay *replay, uint32_t reason_code);
void sky_outbox_replays_fetch(SkyOutbox *outbox);
void sky_outbox_replays_accept(SkyOutbox *outbox, const SkyOutboxPage *page);
void sky_outbox_replays_clear(SkyOutbox *outbox);

/* outbox_rows.c: what the store keeps. */
void sky_outbox_rows_begin(SkyOutbox *outbox);
void sky_outbox_rows_end(SkyOutbox *outbox);
void sky_outbox_rows_poke(SkyOutbox *outbox);
void sky_outbox_rows_fetch(SkyOutbox *outbox);
void sky_outbox_rows_accept(SkyOutbox *outbox, const SkyOutboxPage *page);
gboolean sky_outbox_rows_send_state(SkyOutbox *outbox); /* FALSE: none at hand, or the transport is stuck */
gboolean sky_outbox_rows_send_log(SkyOutbox *outbox);
void sky_outbox_rows_landed(SkyOutbox *outbox, const SkyMessageRecord *record, uint32_t reason_code);
void sky_outbox_rows_mark(SkyOutbox *outbox); /* tells the store what was acknowledged */
void sky_outbox_rows_check(SkyOutbox *outbox);
void sky_outbox_rows_suspect(SkyOutbox *outbox, const GError *error); /* before the flights are lost */

/* outbox_pump.c: hands over as much as there is room for, what matters most first. */
void sky_outbox_pump(SkyOutbox *outbox);
