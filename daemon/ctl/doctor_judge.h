/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "daemon/ctl/disk_trial.h"
#include "daemon/ctl/doctor_sheet.h"
#include "daemon/ctl/look.h"
#include "mqtt/mqtt_certificate.h"

/* skynetctl doctor's judgement: facts in, a verdict in words out. Decides only: no I/O, time is among the facts. `failed` is an
 * errno, 0 where nothing did. */

typedef struct {
    gboolean synced;
    int64_t utc_ns;
    int64_t last_utc_ns; /* the latest time that the service has stored; SKY_TIME_NONE: not known */
} SkyClockFacts;
void sky_judge_clock(const SkyClockFacts *facts, SkySheet *sheet);

/* Whether an account may do what `want` says (4 read, 2 write, 1 pass) with a file of this mode and owner. Lists (ACL) are not
 * seen. */
gboolean sky_judge_may(guint mode, guint owner, guint group, guint uid, const guint *gids, guint gid_count, guint want);

typedef struct {
    const char *directory;
    int failed;             /* errno of looking at it */
    gboolean is_directory, read_only;
    uint64_t free_bytes, free_bytes_min, inodes, inodes_free; /* inodes 0: this file system does not count them */
    SkyDiskTrial trial;
    const char *trouble;    /* the daemon's own word; "" */
    gboolean in_memory;     /* and it keeps alerts in memory only */
} SkyDiskFacts;
void sky_judge_disk(const SkyDiskFacts *facts, SkySheet *sheet);

typedef struct {
    const char *path, *user;  /* user: of the service */
    int failed;               /* errno of looking at it */
    const char *blocked;      /* the folder that the user can not pass; NULL */
    gboolean may, write;      /* may do it; write: else read */
    gboolean secret, others_read;
} SkyFileFacts;
void sky_judge_file(const SkyFileFacts *facts, SkySheet *sheet);

typedef struct {
    const char *place;        /* "host:port", or the socket's path */
    const char *unresolved;   /* NULL: the name is fine */
    int failed;
    gboolean socket;
} SkyReachFacts;
/* FALSE: nothing behind it can be looked at. */
gboolean sky_judge_broker_reach(const SkyReachFacts *facts, SkySheet *sheet);

typedef struct {
    const SkyCertificate *certificate; /* NULL: the handshake failed, see why */
    const char *why, *host;
    gboolean verify, clock_synced;
    int64_t utc_ns;
} SkyCertificateFacts;
gboolean sky_judge_certificate(const SkyCertificateFacts *facts, SkySheet *sheet);
/* One that is read from a file. check, key: literals; key: where the file is named. */
void sky_judge_certificate_file(const SkyCertificateFacts *facts, const char *check, const char *key, SkySheet *sheet);

typedef struct {
    gboolean connected;
    const char *mqtt;         /* "5", "3.1.1" */
    const char *account;      /* NULL: anonymous */
    const char *why;          /* not connected: why; connected: why that may not last, NULL or "": nothing speaks for that */
    const char *silent_s;     /* connected, and nothing acknowledged for so many seconds; NULL or "": it acknowledges */
    gboolean daemon;          /* it is the daemon that says so */
    gboolean explained;       /* not connected: what is wrong with the way to the broker is told already */
} SkyAccountFacts;
void sky_judge_account(const SkyAccountFacts *facts, SkySheet *sheet);

typedef enum { SKY_ECHO_CAME, SKY_ECHO_MISSING, SKY_ECHO_REFUSED, SKY_ECHO_EARLY, SKY_ECHO_UNKNOWN } SkyEcho;
/* audience NULL: of the road of commands. */
void sky_judge_echo(const char *audience, SkyEcho echo, SkySheet *sheet);

typedef struct {
    gboolean udp;             /* some camera comes over UDP */
    uint64_t receive_bytes_max; /* net.core.rmem_max; 0: not known */
} SkyBufferFacts;
void sky_judge_buffers(const SkyBufferFacts *facts, SkySheet *sheet);

typedef struct {
    const char *camera, *place, *stream; /* stream: "sub" or "main" */
    const char *unresolved;
    int failed;
    gboolean disabled;        /* in the configuration */
    const char *refused;      /* the account, before; then the camera was not asked once more. NULL: it was asked */
    const char *misconfigured; /* what the service finds wrong that is not the account; it tries again by itself, nobody else did */
    gboolean running;         /* the daemon gets pictures of it */
    gboolean analysed;        /* this is the stream that motion is looked for in */
    const SkyLook *look;      /* NULL where disabled, refused, misconfigured or not reached */
} SkyCameraFacts;
/* TRUE: it sends pictures. */
gboolean sky_judge_camera(const SkyCameraFacts *facts, SkySheet *sheet);
