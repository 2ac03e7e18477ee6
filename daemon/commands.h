/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "config/config.h"
#include "daemon/desk.h"
#include "message/command.h"
#include "outbox/outbox.h"
#include "store/store.h"

/* What people ask for over MQTT: cmd/<audience>/<client>/<verb>. Each is answered on reply/<audience>/<client>, after it is in the
 * store; each leaves an audit record, refused ones too; the same request_id of the same client does the thing once and is answered
 * again. Thread: _received() on the transport's, the rest on main. Owner: the app. */
typedef struct SkyCommands SkyCommands;

#define SKY_COMMANDS_MAX 64 /* waiting; more are answered with "busy" */

/* What a command came to. */
typedef struct {
    const char *code;  /* static; "ok", or a refusal of the contract */
    const char *error; /* static; NULL: it is done */
    const char *alert; /* that the reply names; NULL: the command's own. Read before the call returns */
    uint32_t rev;
} SkyOutcome;

typedef struct {
    /* Arm, disarm: done at once. Its standing records go with the commit of this command. */
    SkyOutcome (*arm)(const SkyCommand *command, gpointer user);
    /* Image, snapshot: TRUE: under way, sky_commands_finish() will be called once. */
    gboolean (*order_picture)(const SkyCommand *command, SkyOutcome *ret_outcome, gpointer user);
    gpointer user;
} SkyCommandsSink;

/* start: its audit records say which requests were done before. */
SkyCommands *sky_commands_new(SkyConfig *config, SkyDesk *desk, SkyOutbox *outbox, const SkyStoreStart *start,
                              const SkyCommandsSink *sink);
void sky_commands_free(SkyCommands *commands);
void sky_commands_set_config(SkyCommands *commands, SkyConfig *config);
void sky_commands_received(SkyCommands *commands, const SkyTransportIncoming *message);
int sky_commands_fd(SkyCommands *commands);
void sky_commands_turn(SkyCommands *commands); /* when the fd is readable */
/* The answer to what was under way. */
void sky_commands_finish(SkyCommands *commands, const SkyCommand *command, const SkyOutcome *outcome);
int64_t sky_commands_oldest_ns(SkyCommands *commands);

typedef struct {
    uint64_t done, refused, busy, unanswered; /* unanswered: from a topic to which nobody can be answered */
} SkyCommandsNumbers;
SkyCommandsNumbers sky_commands_numbers(SkyCommands *commands);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyCommands, sky_commands_free)
