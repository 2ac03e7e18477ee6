/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "message/message.h"
#include "message/reader.h"
#include "fuzz.h"

static void check(const char *text) {
    g_assert(g_utf8_validate(text, -1, NULL));
    for (const char *at = text; *at; at = g_utf8_next_char(at))
        g_assert(!g_unichar_iscntrl(g_utf8_get_char(at)));
}

/* "<topic>\n<payload>" from a hostile broker; the same bytes as a body of a damaged store, and as a line of the local socket. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    const uint8_t *end = memchr(data, '\n', bytes);
    if (bytes == 0 || !end)
        return 0;
    g_autofree char *first = g_strndup((const char *)data, (gsize)(end - data));
    g_autofree char *topic = g_str_has_prefix(first, "/") ? g_strdup(first) : g_strconcat("skynet/v1/s/", first, NULL);
    gsize payload_bytes = bytes - (gsize)(end + 1 - data);
    g_autofree char *line = sky_reader_line(topic, end + 1, payload_bytes);
    if (line)
        check(line);
    static const char *const paths[] = {"data.state", "data.cameras.0.name", "id", "data.seq", "x"};
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autofree char *field = sky_reader_field(end + 1, payload_bytes, paths[i]);
        if (field)
            check(field);
    }
    g_autoptr(GHashTable) table = sky_reader_unpack(end + 1, payload_bytes);
    g_assert(!table || g_hash_table_size(table) <= payload_bytes);
    SkyAlert alert;
    g_autofree char *body = g_strndup((const char *)end + 1, payload_bytes);
    if (sky_message_alert_body_parse(body, &alert, NULL))
        g_assert(sky_id_is_valid(alert.id) && g_utf8_validate(alert.note, -1, NULL) && alert.rev > 0);
    return 0;
}
