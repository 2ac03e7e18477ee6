/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "message/envelope.h"
#include "message/json_writer.h"

/* "name":-1.23456789012345e-308 and its comma */
#define PAIR_BYTES_MAX (SKY_TEXT_ID_BYTES + 32)

static gboolean is_name(const char *name) {
    gsize length = strlen(name);
    return length > 0 && length < SKY_TEXT_ID_BYTES && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.-") == length;
}

char *sky_message_metrics(const SkyMessageContext *context, const char *const *names, const double *values, uint32_t count,
                          int64_t utc_ns) {
    SkyEnvelope envelope = {.type = "metrics", .schema = "metrics", .utc_ns = utc_ns};
    GString *json = sky_envelope_begin(context, &envelope);
    sky_envelope_site(json, context);
    sky_json_open(json, "values", '{');
    for (uint32_t i = 0; i < count && json->len + PAIR_BYTES_MAX < SKY_MESSAGE_BYTES_MAX; i++) {
        g_assert(is_name(names[i]));
        if (isfinite(values[i]))
            sky_json_number(json, names[i], values[i], 15);
    }
    sky_json_close(json, '}');
    return sky_envelope_end(json);
}
