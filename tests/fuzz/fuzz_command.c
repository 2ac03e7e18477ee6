/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "message/command.h"
#include "message/message.h"
#include "fuzz.h"

static void check_fields(const SkyCommand *command) {
    g_assert(sky_id_is_valid(command->audience) && sky_id_is_valid(command->client));
    g_assert(command->verb <= SKY_VERB_UNKNOWN && sky_id_is_valid(command->verb_text));
    const char *const ids[] = {command->alert, command->camera, command->assignee};
    for (guint i = 0; i < G_N_ELEMENTS(ids); i++)
        g_assert(!ids[i][0] || sky_id_is_valid(ids[i]));
    g_assert(g_utf8_validate(command->note, -1, NULL) && strlen(command->note) < sizeof command->note);
    if (command->refusal)
        g_assert(command->refusal_text[0] && strlen(command->refusal_text) < sizeof command->refusal_text);
    else
        g_assert(command->request_id[0] && command->verb != SKY_VERB_UNKNOWN);
}

/* "<topic>\n<payload>"; a topic without a slash is a verb. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    const uint8_t *end = memchr(data, '\n', bytes);
    if (bytes == 0 || !end)
        return 0;
    g_autofree char *first = g_strndup((const char *)data, (gsize)(end - data));
    g_autofree char *topic = strchr(first, '/') ? g_strdup(first) : g_strconcat("skynet/v1/s/cmd/duty/li/", first, NULL);
    gsize payload_bytes = bytes - (gsize)(end + 1 - data);
    SkyCommand command;
    memset(&command, 0xa5, sizeof command);
    if (!sky_command_parse("s", topic, end + 1, payload_bytes, payload_bytes % 16 == 15, &command))
        return 0;
    check_fields(&command);
    SkyMessageContext context = {.site = "s"};
    const char *code = command.refusal ? command.refusal : "ok";
    g_autofree char *reply = sky_message_reply(&context, command.request_id, code, command.refusal_text, command.alert, 1, 0);
    g_assert(strlen(reply) <= SKY_MESSAGE_BYTES_MAX && g_utf8_validate(reply, -1, NULL));
    return 0;
}
