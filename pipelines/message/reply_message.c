/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "message/envelope.h"
#include "message/json_writer.h"

char *sky_message_reply(const SkyMessageContext *context, const char *request_id, const char *code, const char *error,
                        const char *alert, uint32_t rev, int64_t utc_ns) {
    SkyEnvelope envelope = {.type = "reply", .schema = "reply", .utc_ns = utc_ns};
    gboolean ok = strcmp(code, "ok") == 0;
    GString *json = sky_envelope_begin(context, &envelope);
    sky_json_text_or_null(json, "request_id", request_id, SKY_TEXT_ID_BYTES);
    sky_json_bool(json, "ok", ok);
    sky_json_text(json, "code", code, SKY_TEXT_ID_BYTES);
    if (ok)
        sky_json_null(json, "error");
    else
        sky_envelope_words(json, "error", error && error[0] ? error : code);
    sky_json_text_or_null(json, "alert", alert, SKY_TEXT_ID_BYTES);
    if (rev > 0)
        sky_json_uint(json, "rev", rev);
    else
        sky_json_null(json, "rev");
    return sky_envelope_end(json);
}
