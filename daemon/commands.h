/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "config/config.h"
#include "daemon/desk.h"
#include "outbox/outbox.h"
#include "store/store.h"

/* What people ask for over MQTT: cmd/<audience>/<client>/<verb>. Each is answered on reply/<audience>/<client>, after it is in the
 * store; each leaves an audit record, refused ones too; the same request_id of the same client does the thing once and is answered
 * again. Thread: _received() on the transport's, the rest on main. Owner: the app. */
typedef struct SkyCommands SkyCommands;

#define SKY_COMMANDS_MAX 64 /* waiting; more are answered with "busy" */

typedef struct {
    /* A picture is wanted again by one audience; the answer is FALSE where there is none. */
    gboolean (*send_picture)(const char *audience, const char *alert, gpointer user);
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
int64_t sky_commands_oldest_ns(SkyCommands *commands);

typedef struct {
    uint64_t done, refused, busy;
} SkyCommandsNumbers;
SkyCommandsNumbers sky_commands_numbers(SkyCommands *commands);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyCommands, sky_commands_free)
