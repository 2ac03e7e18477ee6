/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "daemon/ctl/discovery_message.h"
#include "fuzz.h"

#define OURS "01234567-89ab-cdef-0123-456789abcdef"

static void check(const SkyDiscovered *device) {
    const char *const texts[] = {device->endpoint, device->name, device->hardware, device->services};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_assert(g_utf8_validate(texts[i], -1, NULL) && strlen(texts[i]) <= SKY_DISCOVERY_DATAGRAM_BYTES_MAX);
    g_assert(device->endpoint[0] && !device->address && device->vendor <= SKY_VENDOR_UNIVIEW);
}

/* Any datagram as the answer to one question, and to none. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    g_autoptr(GHashTable) asked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) nothing = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) devices = g_ptr_array_new_with_free_func((GDestroyNotify)sky_discovered_free);
    guint left_out = 0;
    g_hash_table_add(asked, g_strdup(OURS));
    SkyDiscoveryAnswer answer = sky_discovery_read((const char *)data, bytes, asked, devices, &left_out);
    g_assert(devices->len <= SKY_DISCOVERY_MATCHES_MAX && (devices->len == 0 || answer == SKY_DISCOVERY_FINE));
    g_assert(answer == SKY_DISCOVERY_BROKEN || bytes <= SKY_DISCOVERY_DATAGRAM_BYTES_MAX);
    for (guint i = 0; i < devices->len; i++)
        check(devices->pdata[i]);
    guint before = devices->len;
    SkyDiscoveryAnswer unasked = sky_discovery_read((const char *)data, bytes, nothing, devices, &left_out);
    g_assert(unasked == (answer == SKY_DISCOVERY_BROKEN ? answer : SKY_DISCOVERY_FOREIGN) && devices->len == before);
    return 0;
}
