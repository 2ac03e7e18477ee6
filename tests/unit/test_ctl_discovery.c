/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "daemon/ctl/discovery.h"
#include "daemon/ctl/discovery_message.h"

#define MATCH(n)                                                                                                                       \
    "<d:ProbeMatch><a:EndpointReference><a:Address>urn:" n "</a:Address></a:EndpointReference><d:Types>dn:NetworkVideoTransmitter"     \
    "</d:Types><d:Scopes>onvif://www.onvif.org/name/IPC%20" n " onvif://www.onvif.org/manufacturer/Dahua</d:Scopes></d:ProbeMatch>"

static char *question(GHashTable *asked) {
    g_autofree char *probe = sky_discovery_probe("dn:NetworkVideoTransmitter", asked);
    const char *id = strstr(probe, "uuid:") + strlen("uuid:");
    return g_strndup(id, 36);
}

static SkyDiscoveryAnswer read_it(const char *head, const char *matches, GHashTable *asked, GPtrArray *devices, guint *ret_left_out) {
    g_autofree char *text = g_strconcat("<e:Envelope><e:Header>", head, "</e:Header><e:Body><d:ProbeMatches>", matches,
                                        "</d:ProbeMatches></e:Body></e:Envelope>", NULL);
    return sky_discovery_read(text, strlen(text), asked, devices, ret_left_out);
}

static void test_whose_answer(void) {
    g_autoptr(GHashTable) asked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) devices = g_ptr_array_new_with_free_func((GDestroyNotify)sky_discovered_free);
    g_autofree char *first = question(asked), *second = question(asked), *high = g_ascii_strup(first, -1);
    g_autofree char *other = g_uuid_string_random();
    const struct {
        const char *front, *id, *back;
        SkyDiscoveryAnswer answer;
    } cases[] = {{"<a:RelatesTo>uuid:", first, "</a:RelatesTo>", SKY_DISCOVERY_FINE},
                 {"<RelatesTo RelationshipType=\"x\">\n urn:uuid:", high, "\n</RelatesTo>", SKY_DISCOVERY_FINE},
                 {"<a:MessageID>uuid:", second, "</a:MessageID>", SKY_DISCOVERY_FINE},
                 {"<a:RelatesTo>uuid:", other, "</a:RelatesTo>", SKY_DISCOVERY_FOREIGN},
                 {"<a:To>uuid:", first, "</a:To>", SKY_DISCOVERY_FOREIGN},
                 {"<a:RelatesTo>", "", "</a:RelatesTo>", SKY_DISCOVERY_FOREIGN},
                 {"", "", "", SKY_DISCOVERY_FOREIGN},
                 {"<a:RelatesTo>uuid:", first, "", SKY_DISCOVERY_BROKEN}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        guint before = devices->len, left_out = 99;
        g_autofree char *head = g_strconcat(cases[i].front, cases[i].id, cases[i].back, NULL);
        g_assert_cmpint(read_it(head, MATCH("1"), asked, devices, &left_out), ==, cases[i].answer);
        g_assert_cmpuint(devices->len - before, ==, cases[i].answer == SKY_DISCOVERY_FINE);
    }
    const SkyDiscovered *device = devices->pdata[0];
    g_assert_cmpstr(device->endpoint, ==, "urn:1");
    g_assert_cmpstr(device->name, ==, "IPC 1");
    g_assert_cmpint(device->vendor, ==, SKY_VENDOR_DAHUA);
}

static void test_too_many(void) {
    g_autoptr(GHashTable) asked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) devices = g_ptr_array_new_with_free_func((GDestroyNotify)sky_discovered_free);
    g_autofree char *id = question(asked), *head = g_strconcat("<a:RelatesTo>", id, "</a:RelatesTo>", NULL);
    guint left_out = 99;
    g_assert_cmpint(read_it(head, MATCH("1") MATCH("2"), asked, devices, &left_out), ==, SKY_DISCOVERY_FINE);
    g_assert_cmpuint(left_out, ==, 0);
    g_autoptr(GString) many = g_string_new(NULL);
    for (guint i = 0; i < SKY_DISCOVERY_MATCHES_MAX + 3; i++)
        g_string_append(many, MATCH("3"));
    g_assert_cmpint(read_it(head, many->str, asked, devices, &left_out), ==, SKY_DISCOVERY_FINE);
    g_assert_cmpuint(devices->len, ==, 2 + SKY_DISCOVERY_MATCHES_MAX);
    g_assert_cmpuint(left_out, ==, 3);
    g_string_append_printf(many, "<!--%*s-->", SKY_DISCOVERY_DATAGRAM_BYTES_MAX, "");
    g_assert_cmpint(read_it(head, many->str, asked, devices, &left_out), ==, SKY_DISCOVERY_BROKEN);
}

static void answer_from(SkyDiscovery *found, const char *endpoint, const char *address, const char *services) {
    g_autoptr(GPtrArray) answered = g_ptr_array_new_with_free_func((GDestroyNotify)sky_discovered_free);
    SkyDiscovered *device = g_new0(SkyDiscovered, 1);
    device->endpoint = g_strdup(endpoint);
    device->name = g_strdup("");
    device->hardware = g_strdup("");
    device->services = g_strdup(services);
    g_ptr_array_add(answered, device);
    sky_discovery_keep(found, answered, address);
}

static void expect_row(const SkyDiscovery *found, guint row, const char *address, const char *services) {
    const SkyDiscovered *device = found->devices->pdata[row];
    g_assert_cmpstr(device->address, ==, address);
    g_assert_cmpstr(device->services, ==, services);
}

/* One that answers by both families names its services by the one that it was asked by: they go with the address. */
static void test_both_families(void) {
    g_auto(SkyDiscovery) found = {.devices = g_ptr_array_new_with_free_func((GDestroyNotify)sky_discovered_free)};
    answer_from(&found, "urn:1", "fe80::1%eth0", "http://[fe80::1]:8899/onvif");
    answer_from(&found, "urn:1", "192.0.2.1", "http://192.0.2.1:8899/onvif");
    answer_from(&found, "urn:1", "192.0.2.2", "http://192.0.2.2/onvif"); /* cheap ones of one kind share the endpoint */
    answer_from(&found, "urn:1", "fe80::2%eth0", "http://[fe80::2]/onvif");
    answer_from(&found, "urn:2", "fe80::3%eth0", "http://[fe80::3]/onvif");
    g_assert_cmpuint(found.devices->len, ==, 3);
    expect_row(&found, 0, "192.0.2.1", "http://192.0.2.1:8899/onvif");
    expect_row(&found, 1, "192.0.2.2", "http://192.0.2.2/onvif");
    expect_row(&found, 2, "fe80::3%eth0", "http://[fe80::3]/onvif");
    for (guint i = 3; i < SKY_DISCOVERY_DEVICES_MAX + 2; i++) {
        g_autofree char *address = g_strdup_printf("192.0.%u.%u", i / 250, i % 250);
        answer_from(&found, "urn:3", address, "");
    }
    g_assert_cmpuint(found.left_out, ==, 2);
    answer_from(&found, "urn:2", "192.0.2.3", "http://192.0.2.3/onvif"); /* has its row already */
    expect_row(&found, 2, "192.0.2.3", "http://192.0.2.3/onvif");
    g_assert_cmpuint(found.left_out, ==, 2);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ctl_discovery/whose_answer", test_whose_answer);
    g_test_add_func("/ctl_discovery/too_many", test_too_many);
    g_test_add_func("/ctl_discovery/both_families", test_both_families);
    return g_test_run();
}
