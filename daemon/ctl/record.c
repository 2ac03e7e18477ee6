/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "daemon/ctl/json_line.h"
#include "message/json_writer.h"
#include "message/reader.h"

#define ASK_EVERY_NS (10 * SKY_NS_PER_S)
#define PATIENCE 6          /* doublings of that where nobody answers: each question is in the gateway's trail for good */
#define TRIES 3             /* answered, and without a step forward: the gateway's store has them no more */
#define AHEAD_MAX 20000     /* numbers beyond a hole that are kept in mind; what lies further comes again with the replay */
#define LINE_BYTES_MAX 65536
#define LINE_BEGIN "{\"audience\":"

/* One audience's log in one epoch. */
typedef struct {
    char *audience, *epoch;
    uint64_t next;       /* all before it is in the file */
    GHashTable *ahead;   /* uint64_t *, a set: in the file, beyond a hole */
    char newest[32];     /* the latest `time` in the file (UTC, which sorts as text), */
    GHashTable *newest_ids; /* and the `id` of each that bears it: several alerts change at once */
    gboolean current;    /* the gateway counts in it now */
    gboolean ask;        /* since the connect, and nobody has answered yet */
    int64_t asked_ns;    /* SKY_TIME_NONE: not yet */
    uint64_t asked_from;
    gboolean answered;   /* the last question; */
    gboolean refused;    /* and with a no */
    unsigned tries, unanswered;
} Log;

struct SkyRecorder {
    int fd;
    GPtrArray *logs; /* Log *, a few */
    gboolean unsynced;
};

static void log_free(gpointer data) {
    Log *log = data;
    g_free(log->audience);
    g_free(log->epoch);
    g_hash_table_unref(log->ahead);
    g_hash_table_unref(log->newest_ids);
    g_free(log);
}

static Log *find_log(const SkyRecorder *recorder, const char *audience, const char *epoch) {
    for (guint i = 0; i < recorder->logs->len; i++) {
        Log *log = recorder->logs->pdata[i];
        if (strcmp(log->audience, audience) == 0 && strcmp(log->epoch, epoch) == 0)
            return log;
    }
    return NULL;
}

static Log *log_of(SkyRecorder *recorder, const char *audience, const char *epoch) {
    Log *log = find_log(recorder, audience, epoch);
    if (log)
        return log;
    log = g_new0(Log, 1);
    log->audience = g_strdup(audience);
    log->epoch = g_strdup(epoch);
    log->next = 1;
    log->ahead = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    log->newest_ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    log->asked_ns = SKY_TIME_NONE;
    g_ptr_array_add(recorder->logs, log);
    return log;
}

/* ---- numbers ---- */

static void close_holes(Log *log) {
    while (g_hash_table_remove(log->ahead, &log->next))
        log->next++;
}

static gboolean has(const Log *log, uint64_t seq) {
    return seq < log->next || g_hash_table_contains(log->ahead, &seq);
}

static gboolean may_add(const Log *log, uint64_t seq) {
    return seq == log->next || g_hash_table_size(log->ahead) < AHEAD_MAX;
}

static void add(Log *log, uint64_t seq) {
    g_hash_table_add(log->ahead, g_memdup2(&seq, sizeof seq));
    close_holes(log);
}

/* Behind all that is in the file: at a later time, or at the latest one as another. */
static gboolean is_newer(const Log *log, const char *time, const char *id) {
    int order = g_strcmp0(time, log->newest);
    return time && id && (order > 0 || (order == 0 && !g_hash_table_contains(log->newest_ids, id)));
}

static void note_newest(Log *log, const char *time, const char *id) {
    if (!is_newer(log, time, id))
        return;
    if (strcmp(time, log->newest) > 0)
        g_hash_table_remove_all(log->newest_ids);
    g_strlcpy(log->newest, time, sizeof log->newest);
    g_hash_table_add(log->newest_ids, g_strdup(id));
}

/* from..to will never come. */
static void skip(Log *log, uint64_t from, uint64_t to) {
    if (from <= log->next)
        log->next = MAX(log->next, to + 1);
    else
        for (uint64_t seq = from; seq <= to && may_add(log, seq); seq++)
            add(log, seq);
    GHashTableIter iter;
    gpointer seq;
    g_hash_table_iter_init(&iter, log->ahead);
    while (g_hash_table_iter_next(&iter, &seq, NULL))
        if (*(const uint64_t *)seq < log->next)
            g_hash_table_iter_remove(&iter);
    close_holes(log);
}

/* ---- fields ---- */

static gboolean take_number(const char *text, uint64_t *ret_number) {
    guint64 number = 0;
    if (!text || !g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT64, &number, NULL))
        return FALSE;
    *ret_number = number;
    return TRUE;
}

static gboolean number_at(const void *payload, gsize bytes, const char *path, uint64_t *ret_number) {
    g_autofree char *text = sky_reader_field(payload, bytes, path);
    return take_number(text, ret_number);
}

/* ---- the file ---- */

/* FALSE: not a line of ours. */
static gboolean read_line(SkyRecorder *recorder, const char *line, gsize bytes) {
    g_autofree char *audience = sky_reader_field(line, bytes, "audience"), *epoch = sky_reader_field(line, bytes, "epoch");
    uint64_t seq, to;
    if (!audience || !epoch || !number_at(line, bytes, "seq", &seq))
        return FALSE;
    Log *log = log_of(recorder, audience, epoch);
    g_autofree char *time = sky_reader_field(line, bytes, "payload.time"), *id = sky_reader_field(line, bytes, "payload.id");
    note_newest(log, time, id);
    if (number_at(line, bytes, "to_seq", &to))
        skip(log, seq, to);
    else if (!has(log, seq))
        add(log, seq);
    return TRUE;
}

/* A half line that may be ours. */
static gboolean is_begun(const char *line) {
    return strncmp(line, LINE_BEGIN, MIN(strlen(line), strlen(LINE_BEGIN))) == 0;
}

static gboolean read_file(SkyRecorder *recorder, const char *path, GError **error) {
    FILE *file = fdopen(dup(recorder->fd), "r");
    g_autofree char *line = g_malloc(LINE_BYTES_MAX);
    off_t whole = 0;
    gboolean ok = file != NULL, ours = TRUE, half = FALSE;
    while (ok && ours && !half && fgets(line, LINE_BYTES_MAX, file)) {
        gsize bytes = strlen(line);
        half = bytes == 0 || line[bytes - 1] != '\n';
        ours = half ? is_begun(line) && bytes < LINE_BYTES_MAX - 1 : read_line(recorder, line, bytes - 1);
        whole += half ? 0 : (off_t)bytes;
    }
    if (!ours) { /* somebody else's: it is not cut to pieces */
        g_set_error(error, SKY_ERROR, SKY_ERR_DATA, "%s: not a recorder's file", path);
        ok = FALSE;
    } else if (!ok || ftruncate(recorder->fd, whole) != 0) {
        sky_error_set_errno(error, errno, path);
        ok = FALSE;
    }
    if (file)
        fclose(file);
    return ok;
}

SkyRecorder *sky_recorder_open(const char *path, GError **error) {
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (fd < 0) {
        sky_error_set_errno(error, errno, path);
        return NULL;
    }
    g_autoptr(SkyRecorder) recorder = g_new0(SkyRecorder, 1);
    recorder->fd = fd;
    recorder->logs = g_ptr_array_new_with_free_func(log_free);
    return read_file(recorder, path, error) ? g_steal_pointer(&recorder) : NULL;
}

gboolean sky_recorder_sync(SkyRecorder *recorder, GError **error) {
    if (recorder->unsynced && fdatasync(recorder->fd) != 0) {
        sky_error_set_errno(error, errno, "the recorder's file");
        return FALSE;
    }
    recorder->unsynced = FALSE;
    return TRUE;
}

void sky_recorder_free(SkyRecorder *recorder) {
    if (!recorder)
        return;
    sky_recorder_sync(recorder, NULL);
    close(recorder->fd);
    g_ptr_array_unref(recorder->logs);
    g_free(recorder);
}

/* Whole or not at all: half a line would hide the next one. */
static gboolean write_line(SkyRecorder *recorder, const GString *line, GError **error) {
    struct stat before;
    gboolean known = fstat(recorder->fd, &before) == 0;
    ssize_t written = known ? write(recorder->fd, line->str, line->len) : -1;
    if (written == (ssize_t)line->len) {
        recorder->unsynced = TRUE;
        return TRUE;
    }
    sky_error_set_errno(error, written < 0 ? errno : ENOSPC, "the recorder's file");
    if (known && ftruncate(recorder->fd, before.st_size) != 0)
        g_prefix_error(error, "a half line stays: ");
    return FALSE;
}

static gboolean keep(SkyRecorder *recorder, const Log *log, uint64_t seq, uint64_t to_seq, const void *payload, gsize bytes,
                     GError **error) {
    g_autoptr(GString) line = g_string_new(NULL);
    sky_json_open(line, NULL, '{');
    sky_json_text(line, "audience", log->audience, SKY_ID_BYTES);
    sky_json_text(line, "epoch", log->epoch, SKY_ID_BYTES);
    sky_json_uint(line, "seq", seq);
    if (to_seq > 0)
        sky_json_uint(line, "to_seq", to_seq);
    g_string_append(line, ",\"payload\":");
    sky_ctl_json_payload(line, payload, bytes);
    g_string_append(line, "}\n");
    return write_line(recorder, line, error);
}

/* ---- what comes ---- */

gboolean sky_recorder_take(SkyRecorder *recorder, const char *audience, const void *payload, gsize payload_bytes, GError **error) {
    g_autofree char *epoch = sky_reader_field(payload, payload_bytes, "data.epoch");
    uint64_t seq = 0, from = 0, to = 0;
    if (!epoch || strlen(epoch) >= SKY_ULID_BYTES)
        return FALSE;
    Log *log = log_of(recorder, audience, epoch);
    if (number_at(payload, payload_bytes, "data.from_seq", &from) && number_at(payload, payload_bytes, "data.to_seq", &to)) {
        if (to < from || has(log, to) || !keep(recorder, log, from, to, payload, payload_bytes, error))
            return FALSE;
        skip(log, from, to);
        return TRUE;
    }
    if (!number_at(payload, payload_bytes, "data.seq", &seq))
        return FALSE;
    /* A store that was restored from an older copy gives numbers again, for something new. */
    g_autofree char *time = sky_reader_field(payload, payload_bytes, "time"), *id = sky_reader_field(payload, payload_bytes, "id");
    gboolean again = has(log, seq);
    if (again ? !is_newer(log, time, id) : !may_add(log, seq))
        return FALSE;
    if (!keep(recorder, log, seq, 0, payload, payload_bytes, error))
        return FALSE;
    note_newest(log, time, id);
    if (!again)
        add(log, seq);
    return TRUE;
}

void sky_recorder_begin(SkyRecorder *recorder, const char *audience, const char *epoch) {
    for (guint i = 0; i < recorder->logs->len; i++) {
        Log *log = recorder->logs->pdata[i];
        log->current &= strcmp(log->audience, audience) != 0;
    }
    Log *log = log_of(recorder, audience, epoch);
    log->current = log->ask = TRUE;
    log->asked_ns = SKY_TIME_NONE;
    log->tries = log->unanswered = 0;
}

void sky_recorder_answered(SkyRecorder *recorder, const char *audience, gboolean taken) {
    for (guint i = 0; i < recorder->logs->len; i++) {
        Log *log = recorder->logs->pdata[i];
        if (!log->current || strcmp(log->audience, audience) != 0)
            continue;
        log->answered = taken;
        log->refused = !taken;
        log->ask &= !taken;
    }
}

/* ---- what is missing ---- */

static uint64_t least_ahead(const Log *log) {
    uint64_t least = G_MAXUINT64;
    GHashTableIter iter;
    gpointer seq;
    g_hash_table_iter_init(&iter, log->ahead);
    while (g_hash_table_iter_next(&iter, &seq, NULL))
        least = MIN(least, *(const uint64_t *)seq);
    return least;
}

static void give_up(Log *log, SkyRecorderWant *want) {
    want->lost_from = log->next;
    want->lost_to = least_ahead(log) - 1;
    skip(log, want->lost_from, want->lost_to);
    log->tries = 0;
}

/* A gateway that is away has lost nothing: only what it was asked for, and took the question, can be given up. But where nobody answers and no
 * room is left to keep what comes behind the hole, that goes on. */
static void count_try(Log *log, gboolean hole) {
    gboolean same = log->asked_ns != SKY_TIME_NONE && log->asked_from == log->next;
    gboolean counts = log->answered || g_hash_table_size(log->ahead) >= AHEAD_MAX;
    log->unanswered = same && !log->answered && !log->refused ? log->unanswered + 1 : 0;
    log->tries = hole && same ? log->tries + counts : 0;
}

gboolean sky_recorder_wants(SkyRecorder *recorder, int64_t now_ns, SkyRecorderWant *ret_want) {
    for (guint i = 0; i < recorder->logs->len; i++) {
        Log *log = recorder->logs->pdata[i];
        gboolean hole = g_hash_table_size(log->ahead) > 0;
        gboolean soon = log->asked_ns != SKY_TIME_NONE && now_ns - log->asked_ns < ASK_EVERY_NS << MIN(log->unanswered, PATIENCE);
        if (!log->current || (!log->ask && !hole) || soon)
            continue;
        SkyRecorderWant want = {0};
        count_try(log, hole);
        if (log->tries >= TRIES)
            give_up(log, &want);
        g_strlcpy(want.audience, log->audience, sizeof want.audience);
        g_strlcpy(want.epoch, log->epoch, sizeof want.epoch);
        want.from_seq = log->asked_from = log->next;
        want.unanswered = log->unanswered;
        log->asked_ns = now_ns;
        log->answered = log->refused = FALSE;
        *ret_want = want;
        return TRUE;
    }
    return FALSE;
}

uint64_t sky_recorder_seq(const SkyRecorder *recorder, const char *audience, const char *epoch) {
    const Log *log = find_log(recorder, audience, epoch);
    return log ? log->next - 1 : 0;
}
