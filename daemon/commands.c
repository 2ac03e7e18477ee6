/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/commands.h"

#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "daemon/letter.h"
#include "daemon/names.h"
#include "daemon/request_log.h"
#include "message/command.h"
#include "message/message.h"
#include "message/topic.h"

struct SkyCommands {
    char *site; /* never changes while we run */
    SkyConfig *config;
    SkyDesk *desk;
    SkyOutbox *outbox;
    SkyCommandsSink sink;
    SkyMailbox *waiting; /* SkyCommand * */
    SkyRequestLog *log;
    SkyLogLimit log_limit, topic_limit;
    uint64_t done, refused;
    _Atomic uint64_t busy, unanswered;
};

SkyCommands *sky_commands_new(SkyConfig *config, SkyDesk *desk, SkyOutbox *outbox, const SkyStoreStart *start,
                              const SkyCommandsSink *sink) {
    SkyCommands *commands = g_new0(SkyCommands, 1);
    commands->site = g_strdup(sky_config_values(config)->site.id);
    commands->config = sky_config_ref(config);
    commands->desk = desk;
    commands->outbox = outbox;
    commands->sink = *sink;
    commands->waiting = sky_mailbox_new(SKY_COMMANDS_MAX, g_free);
    commands->log = sky_request_log_new();
    for (guint i = start->audits->len; i-- > 0;) { /* newest first there; the oldest must be the first to go here */
        const SkyAuditRecord *audit = start->audits->pdata[i];
        SkyRequestReply *reply = sky_request_reply_new(audit->reply, NULL);
        sky_request_log_add(commands->log, audit->audience, audit->client, audit->request_id, reply);
        sky_request_reply_unref(reply);
    }
    return commands;
}

void sky_commands_free(SkyCommands *commands) {
    if (!commands)
        return;
    sky_mailbox_free(commands->waiting);
    sky_request_log_free(commands->log);
    sky_config_unref(commands->config);
    g_free(commands->site);
    g_free(commands);
}

void sky_commands_set_config(SkyCommands *commands, SkyConfig *config) {
    SkyConfig *before = commands->config;
    commands->config = sky_config_ref(config);
    sky_config_unref(before);
}

/* ---- the transport's thread ---- */

void sky_commands_received(SkyCommands *commands, const SkyTransportIncoming *message) {
    SkyCommand command;
    if (!sky_command_parse(commands->site, message->topic, message->payload, message->payload_bytes, message->retained, &command)) {
        /* A reply has no topic then: who sent it hears nothing, and somebody has to. An account with a capital letter, most often. */
        atomic_fetch_add(&commands->unanswered, 1);
        sky_log_limited(&commands->topic_limit, SKY_LOG_WARNING, "command", NULL,
                        "%.200s: not done and not answered: audience and client (the account) have to be of a to z, 0 to 9 and -",
                        message->topic);
        return;
    }
    SkyCommand *copy = g_memdup2(&command, sizeof command);
    if (sky_mailbox_post(commands->waiting, copy) == SKY_QUEUE_OK)
        return;
    g_free(copy);
    atomic_fetch_add(&commands->busy, 1);
    SkyMessageContext names = {.site = commands->site};
    g_autofree char *topic = sky_topic_reply(commands->site, command.audience, command.client);
    g_autofree char *reply =
        sky_message_reply(&names, command.request_id, "busy", "too many commands wait: send it again in a few seconds",
                          command.alert, 0, sky_clock_utc_ns());
    sky_outbox_send(commands->outbox, topic, reply, strlen(reply), 1);
}

/* ---- verbs ---- */

static SkyOutcome refuse(const char *code, const char *error) {
    return (SkyOutcome){.code = code, .error = error};
}

static SkyOutcome of_answer(SkyAlertAnswer answer, uint32_t rev) {
    switch (answer) {
    case SKY_ALERT_DONE:
        return (SkyOutcome){.code = "ok", .rev = rev};
    case SKY_ALERT_UNKNOWN:
        return refuse("unknown-alert", "no open alert has this id; it may have been closed: look at the alert log");
    case SKY_ALERT_NOT_ALLOWED:
        return refuse("not-allowed",
                      "the alert's state does not allow this: acknowledge before resolve, and nothing once it is closed");
    case SKY_ALERT_BAD_VALUE:
        return refuse("bad-value", "assignee has to be an id, note UTF-8 of at most 511 bytes");
    }
    g_assert_not_reached();
}

static SkyOutcome change_alert(SkyCommands *commands, const SkyCommand *command, SkyAlertVerb verb) {
    uint32_t rev = 0;
    SkyAlertCommand change = {.verb = verb, .alert = command->alert, .actor = command->client, .assignee = command->assignee,
                              .note = command->note};
    SkyAlertAnswer answer = sky_desk_command(commands->desk, &change, &rev);
    return of_answer(answer, rev);
}

static SkyOutcome replay(SkyCommands *commands, const SkyCommand *command) {
    if (strcmp(command->epoch, sky_desk_epoch(commands->desk)) != 0)
        return refuse("bad-value", "the store has another epoch: take the one in the status, and from_seq 1");
    if (!sky_desk_is_durable(commands->desk)) /* what the memory does not have would be told as a gap, which nobody asks for twice */
        return refuse("busy", "the disk refuses, and the log can not be read: ask again when the status says durable");
    g_autofree char *topic = sky_topic_replay(commands->site, command->audience, command->client);
    sky_outbox_replay(commands->outbox, command->audience, command->from_seq, topic);
    return (SkyOutcome){.code = "ok"};
}

/* Who knows the id of an alert that is not for his audience gets no picture by it, nor is he told that there is one. */
static gboolean is_unknown(const SkyCommands *commands, const SkyCommand *command) {
    const SkyAlert *alert = command->alert[0] ? sky_desk_find(commands->desk, command->alert) : NULL;
    return alert ? !sky_letter_hears(commands->config, command->audience, alert) : command->verb == SKY_VERB_IMAGE;
}

/* What may be asked at all, by whom. FALSE: outcome says why not. */
static gboolean may(SkyCommands *commands, const SkyCommand *command, SkyOutcome *ret_outcome) {
    const SkyAudienceConfig *audience = sky_config_audience(commands->config, command->audience);
    if (!audience)
        *ret_outcome = refuse("not-permitted", "there is no such audience");
    else if (command->refusal)
        *ret_outcome = refuse(command->refusal, command->refusal_text);
    else if (command->deadline_utc_ns != SKY_TIME_NONE && sky_clock_is_synced() && sky_clock_utc_ns() > command->deadline_utc_ns)
        *ret_outcome = refuse("late", "its deadline has passed");
    else if ((command->verb == SKY_VERB_IMAGE || command->verb == SKY_VERB_SNAPSHOT) && !audience->pictures)
        *ret_outcome = refuse("not-permitted", "this audience does not see pictures");
    else if ((command->verb == SKY_VERB_ARM || command->verb == SKY_VERB_DISARM || command->verb == SKY_VERB_SNAPSHOT) && !audience->arm)
        *ret_outcome = refuse("not-permitted", "this audience may not arm, disarm, or ask a camera for a picture");
    else if (command->verb <= SKY_VERB_COMMENT && !audience->command)
        *ret_outcome = refuse("not-permitted", "this audience may look, and not act");
    else if (is_unknown(commands, command))
        *ret_outcome = of_answer(SKY_ALERT_UNKNOWN, 0);
    else
        return TRUE;
    return FALSE;
}

/* FALSE: under way, the answer comes later. */
static gboolean carry_out(SkyCommands *commands, const SkyCommand *command, SkyOutcome *ret_outcome) {
    if (!may(commands, command, ret_outcome))
        return TRUE;
    switch (command->verb) {
    case SKY_VERB_ACKNOWLEDGE:
        *ret_outcome = change_alert(commands, command, SKY_COMMAND_ACKNOWLEDGE);
        return TRUE;
    case SKY_VERB_ASSIGN:
        *ret_outcome = change_alert(commands, command, SKY_COMMAND_ASSIGN);
        return TRUE;
    case SKY_VERB_RESOLVE:
        *ret_outcome = change_alert(commands, command, SKY_COMMAND_RESOLVE);
        return TRUE;
    case SKY_VERB_DISMISS:
        *ret_outcome = change_alert(commands, command, SKY_COMMAND_DISMISS);
        return TRUE;
    case SKY_VERB_COMMENT:
        *ret_outcome = change_alert(commands, command, SKY_COMMAND_COMMENT);
        return TRUE;
    case SKY_VERB_REPLAY:
        *ret_outcome = replay(commands, command);
        return TRUE;
    case SKY_VERB_ARM:
    case SKY_VERB_DISARM:
        *ret_outcome = commands->sink.arm(command, commands->sink.user);
        return TRUE;
    case SKY_VERB_IMAGE:
    case SKY_VERB_SNAPSHOT:
        return !commands->sink.order_picture(command, ret_outcome, commands->sink.user);
    case SKY_VERB_UNKNOWN:
        *ret_outcome = refuse("unknown-verb", "see the contract for the verbs there are");
        return TRUE;
    }
    g_assert_not_reached();
}

/* ---- answers ---- */

typedef struct {
    SkyOutbox *outbox;
    char *topic;
    SkyRequestReply *reply;
} Answer;

/* On the store's thread: only now may anybody hear of it. */
static void on_stored(const GError *error, gpointer user) {
    Answer *answer = user;
    atomic_store(&answer->reply->fate, error ? SKY_REQUEST_NOT_STORED : SKY_REQUEST_STORED);
    const char *text = sky_request_reply_text(answer->reply);
    sky_outbox_send(answer->outbox, answer->topic, text, strlen(text), 1);
    g_free(answer->topic);
    sky_request_reply_unref(answer->reply);
    g_free(answer);
}

static SkyAuditRecord *audit_of(const SkyCommand *command, const SkyOutcome *outcome, const char *reply) {
    SkyAuditRecord *audit = g_new0(SkyAuditRecord, 1);
    g_strlcpy(audit->audience, command->audience, sizeof audit->audience);
    g_strlcpy(audit->client, command->client, sizeof audit->client);
    if (command->request_id[0]) {
        g_strlcpy(audit->request_id, command->request_id, sizeof audit->request_id);
    } else { /* the trail's key is the request: one that bears none gets a name of ours, which no id can have */
        char name[SKY_ULID_BYTES];
        sky_ulid_make(sky_clock_utc_ns(), name);
        g_snprintf(audit->request_id, sizeof audit->request_id, "?%s", name);
    }
    g_strlcpy(audit->verb, command->verb_text, sizeof audit->verb);
    g_strlcpy(audit->alert, command->alert, sizeof audit->alert);
    audit->utc_ns = sky_clock_utc_ns();
    audit->ok = outcome->error == NULL;
    audit->reply = g_strdup(reply);
    return audit;
}

static void log_outcome(SkyCommands *commands, const SkyCommand *command, const SkyOutcome *outcome) {
    const char *verb = sky_verb_name(command->verb), *blank = command->alert[0] ? " " : "";
    if (outcome->error)
        sky_log_limited(&commands->log_limit, SKY_LOG_NOTICE, "command", NULL, "%s/%s %s%s%s refused: %s", command->audience,
                        command->client, verb, blank, command->alert, outcome->code);
    else
        sky_log(SKY_LOG_NOTICE, "command", NULL, "%s/%s %s%s%s", command->audience, command->client, verb, blank, command->alert);
}

void sky_commands_finish(SkyCommands *commands, const SkyCommand *command, const SkyOutcome *outcome) {
    g_autofree char *topic = sky_topic_reply(commands->site, command->audience, command->client);
    SkyMessageContext names = sky_names_of(commands->config, NULL, NULL);
    const char *alert = outcome->alert ? outcome->alert : command->alert;
    int64_t now_utc_ns = sky_clock_utc_ns();
    g_autofree char *text =
        sky_message_reply(&names, command->request_id, outcome->code, outcome->error, alert, outcome->rev, now_utc_ns);
    /* Of what was refused only the trail is lost: that is what the person has to hear all the same. */
    g_autofree char *not_stored =
        outcome->error ? g_strdup(text)
                       : sky_message_reply(&names, command->request_id, "not-stored",
                                           "the gateway did it and could not store it, and may forget it at its next start: see its status",
                                           alert, outcome->rev, now_utc_ns);
    if (outcome->error)
        commands->refused++;
    else
        commands->done++;
    log_outcome(commands, command, outcome);
    SkyRequestReply *reply = sky_request_reply_new(text, not_stored);
    if (command->request_id[0])
        sky_request_log_add(commands->log, command->audience, command->client, command->request_id, reply);
    Answer *answer = g_new(Answer, 1);
    *answer = (Answer){.outbox = commands->outbox, .topic = g_steal_pointer(&topic), .reply = reply};
    sky_desk_settle(commands->desk, audit_of(command, outcome, text), on_stored, answer);
}

static void answer_command(SkyCommands *commands, const SkyCommand *command) {
    const SkyRequestReply *given =
        command->request_id[0]
            ? sky_request_log_find(commands->log, command->audience, command->client, command->request_id)
            : NULL;
    if (given) {
        const char *text = sky_request_reply_text(given);
        g_autofree char *topic = sky_topic_reply(commands->site, command->audience, command->client);
        if (text) /* else it is answered when the store has it, and not twice */
            sky_outbox_send(commands->outbox, topic, text, strlen(text), 1);
        return;
    }
    SkyOutcome outcome = {0};
    if (carry_out(commands, command, &outcome))
        sky_commands_finish(commands, command, &outcome);
}

void sky_commands_turn(SkyCommands *commands) {
    for (uint32_t i = 0; i < SKY_COMMANDS_MAX; i++) {
        g_autofree SkyCommand *command = sky_mailbox_take(commands->waiting);
        if (!command)
            return;
        answer_command(commands, command);
    }
}

int sky_commands_fd(SkyCommands *commands) {
    return sky_mailbox_fd(commands->waiting);
}

int64_t sky_commands_oldest_ns(SkyCommands *commands) {
    return sky_mailbox_oldest_ns(commands->waiting);
}

SkyCommandsNumbers sky_commands_numbers(SkyCommands *commands) {
    return (SkyCommandsNumbers){.done = commands->done, .refused = commands->refused, .busy = atomic_load(&commands->busy),
                                .unanswered = atomic_load(&commands->unanswered)};
}
