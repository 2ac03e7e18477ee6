/* SPDX-License-Identifier: Apache-2.0 */
#include "message/command.h"

#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "message/json_tree.h"
#include "message/message.h"

static const char *const verb_names[] = {
    [SKY_VERB_ACKNOWLEDGE] = "acknowledge", [SKY_VERB_ASSIGN] = "assign",   [SKY_VERB_RESOLVE] = "resolve",
    [SKY_VERB_DISMISS] = "dismiss",         [SKY_VERB_COMMENT] = "comment", [SKY_VERB_IMAGE] = "image",
    [SKY_VERB_REPLAY] = "replay",           [SKY_VERB_ARM] = "arm",         [SKY_VERB_DISARM] = "disarm",
    [SKY_VERB_SNAPSHOT] = "snapshot",       [SKY_VERB_UNKNOWN] = "unknown",
};

const char *sky_verb_name(SkyVerb verb) {
    g_assert((guint)verb < G_N_ELEMENTS(verb_names));
    return verb_names[verb];
}

/* The first refusal stands: it is what has to be mended first. */
static void refuse(SkyCommand *command, const char *code, const char *format, ...) G_GNUC_PRINTF(3, 4);
static void refuse(SkyCommand *command, const char *code, const char *format, ...) {
    if (command->refusal)
        return;
    command->refusal = code;
    va_list arguments;
    va_start(arguments, format);
    g_vsnprintf(command->refusal_text, sizeof command->refusal_text, format, arguments);
    va_end(arguments);
}

/* ---- topic ---- */

static gboolean parse_topic(const char *site, const char *topic, SkyCommand *command) {
    g_autofree char *prefix = g_strconcat("skynet/v1/", site, "/cmd/", NULL);
    if (!g_str_has_prefix(topic, prefix))
        return FALSE;
    g_auto(GStrv) levels = g_strsplit(topic + strlen(prefix), "/", 4);
    if (g_strv_length(levels) != 3 || !sky_id_is_valid(levels[0]) || !sky_id_is_valid(levels[1]))
        return FALSE;
    g_strlcpy(command->audience, levels[0], sizeof command->audience);
    g_strlcpy(command->client, levels[1], sizeof command->client);
    command->verb = SKY_VERB_UNKNOWN;
    for (guint i = 0; i < SKY_VERB_UNKNOWN; i++)
        if (strcmp(levels[2], verb_names[i]) == 0)
            command->verb = (SkyVerb)i;
    /* into the audit trail goes only what is a word */
    gboolean word = sky_id_is_valid(levels[2]) && strlen(levels[2]) < sizeof command->verb_text;
    g_strlcpy(command->verb_text, word ? levels[2] : "unknown", sizeof command->verb_text);
    return TRUE;
}

/* ---- payload ---- */

static gboolean is_request_id(const char *text) {
    gsize length = strlen(text);
    return length > 0 && length < SKY_ID_BYTES &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == length;
}

static void take_request_id(SkyCommand *command, JsonObject *root) {
    char text[SKY_ID_BYTES];
    SkyField field = sky_json_take_text(root, "request_id", text, sizeof text);
    if (field == SKY_FIELD_TAKEN && is_request_id(text)) {
        g_strlcpy(command->request_id, text, sizeof command->request_id);
        return;
    }
    refuse(command, "no-request-id", "%s: send a new one with each command, 1 to 63 of A-Z a-z 0-9 . _ -",
           field == SKY_FIELD_ABSENT ? "request_id is missing" : "request_id is not valid");
}

static void take_id(SkyCommand *command, JsonObject *root, const char *name, gboolean required, char ret_id[SKY_ID_BYTES]) {
    char text[SKY_ID_BYTES];
    SkyField field = sky_json_take_text(root, name, text, sizeof text);
    if (field == SKY_FIELD_TAKEN && sky_id_is_valid(text))
        g_strlcpy(ret_id, text, SKY_ID_BYTES);
    else if (field != SKY_FIELD_ABSENT)
        refuse(command, "bad-value", "%s is not an id: a-z 0-9 and -, at most 63 characters", name);
    else if (required)
        refuse(command, "bad-value", "%s is missing: say which", name);
}

static void take_note(SkyCommand *command, JsonObject *root, gboolean required) {
    SkyField field = sky_json_take_text(root, "note", command->note, sizeof command->note);
    if (field == SKY_FIELD_BAD)
        refuse(command, "bad-value", "note is not a text of at most %u bytes of UTF-8: shorten it",
               (guint)sizeof command->note - 1);
    else if (required && !command->note[0])
        refuse(command, "bad-value", "note is missing: a comment needs words");
}

static void take_time(SkyCommand *command, JsonObject *root, const char *name, int64_t *ret_utc_ns) {
    char text[40];
    SkyField field = sky_json_take_text(root, name, text, sizeof text);
    if (field == SKY_FIELD_BAD || (field == SKY_FIELD_TAKEN && !sky_clock_utc_parse(text, ret_utc_ns)))
        refuse(command, "bad-value", "%s is not a time such as 2026-11-22T03:04:05Z", name);
}

static gboolean is_ulid(const char *text) {
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz";
    return strlen(text) == SKY_ULID_BYTES - 1 && strspn(text, alphabet) == strlen(text);
}

static void take_replay(SkyCommand *command, JsonObject *root) {
    char epoch[SKY_ULID_BYTES];
    int64_t from_seq = 0;
    if (sky_json_take_text(root, "epoch", epoch, sizeof epoch) == SKY_FIELD_TAKEN && is_ulid(epoch))
        g_strlcpy(command->epoch, epoch, sizeof command->epoch);
    else
        refuse(command, "bad-value", "epoch is missing or not valid: copy it from the last message that you have");
    if (sky_json_take_int(root, "from_seq", 1, G_MAXINT64, &from_seq) == SKY_FIELD_TAKEN)
        command->from_seq = (uint64_t)from_seq;
    else
        refuse(command, "bad-value", "from_seq is missing or not a whole number from 1: the first seq that you miss");
}

static void take_fields(SkyCommand *command, JsonObject *root) {
    take_time(command, root, "deadline", &command->deadline_utc_ns);
    switch (command->verb) {
    case SKY_VERB_ASSIGN:
        take_id(command, root, "assignee", TRUE, command->assignee);
        /* fall through */
    case SKY_VERB_ACKNOWLEDGE:
    case SKY_VERB_RESOLVE:
    case SKY_VERB_DISMISS:
    case SKY_VERB_COMMENT:
        take_note(command, root, command->verb == SKY_VERB_COMMENT);
        /* fall through */
    case SKY_VERB_IMAGE:
        take_id(command, root, "alert", TRUE, command->alert);
        break;
    case SKY_VERB_REPLAY:
        take_replay(command, root);
        break;
    case SKY_VERB_DISARM:
        take_time(command, root, "until", &command->until_utc_ns);
        /* fall through */
    case SKY_VERB_ARM: /* without a camera: the site */
        take_id(command, root, "camera", FALSE, command->camera);
        break;
    case SKY_VERB_SNAPSHOT:
        take_id(command, root, "camera", TRUE, command->camera);
        break;
    case SKY_VERB_UNKNOWN:
        refuse(command, "unknown-verb",
               "no such command; there are acknowledge, assign, resolve, dismiss, comment, image, replay, arm, disarm, snapshot");
        break;
    }
}

gboolean sky_command_parse(const char *site, const char *topic, const void *payload, gsize payload_bytes, gboolean retained,
                           SkyCommand *ret_command) {
    SkyCommand command = {.deadline_utc_ns = SKY_TIME_NONE, .until_utc_ns = SKY_TIME_NONE};
    if (!parse_topic(site, topic, &command))
        return FALSE;
    if (retained) /* the broker would say it again to each new connection, for ever */
        refuse(&command, "retained", "commands must not be retained: send it again with the retain flag off");
    if (payload_bytes > SKY_MESSAGE_BYTES_MAX) {
        refuse(&command, "too-large", "%" G_GSIZE_FORMAT " bytes: a command has at most %d", payload_bytes, SKY_MESSAGE_BYTES_MAX);
    } else {
        g_autoptr(GError) error = NULL;
        g_autoptr(JsonNode) node = sky_json_parse(payload, payload_bytes, SKY_MESSAGE_BYTES_MAX, &error);
        if (node) {
            take_request_id(&command, json_node_get_object(node));
            take_fields(&command, json_node_get_object(node));
        } else {
            refuse(&command, "bad-json", "%s: send one JSON object", error->message);
        }
    }
    *ret_command = command;
    return TRUE;
}
