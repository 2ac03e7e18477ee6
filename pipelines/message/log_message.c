/* SPDX-License-Identifier: Apache-2.0 */
#include "message/envelope.h"
#include "message/json_writer.h"

char *sky_message_gap(const SkyMessageContext *context, const char *audience, const char *epoch, uint64_t from_seq, uint64_t to_seq,
                      int64_t utc_ns) {
    SkyEnvelope envelope = {.type = "gap", .schema = "gap", .subject = audience, .utc_ns = utc_ns};
    GString *json = sky_envelope_begin(context, &envelope);
    sky_envelope_site(json, context);
    sky_json_text(json, "audience", audience, SKY_TEXT_ID_BYTES);
    sky_json_text(json, "epoch", epoch, SKY_TEXT_ID_BYTES);
    sky_json_uint(json, "from_seq", from_seq);
    sky_json_uint(json, "to_seq", to_seq);
    return sky_envelope_end(json);
}

char *sky_message_probe(const SkyMessageContext *context, const char *audience, int64_t utc_ns) {
    SkyEnvelope envelope = {.type = "probe", .schema = "probe", .subject = audience, .utc_ns = utc_ns};
    GString *json = sky_envelope_begin(context, &envelope);
    sky_json_bool(json, "probe", TRUE);
    sky_json_text(json, "audience", audience, SKY_TEXT_ID_BYTES);
    return sky_envelope_end(json);
}
