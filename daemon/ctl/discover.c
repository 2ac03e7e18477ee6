/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/uri.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/columns.h"
#include "daemon/ctl/discovery.h"
#include "daemon/ctl/discovery_message.h"
#include "message/reader_text.h"

#define SHOWN_CHARACTERS_MAX 60
#define NAME_CHARACTERS_MAX 30 /* of four bytes each: what the configuration takes */

static const char *const vendors[] = {[SKY_VENDOR_NONE] = "", [SKY_VENDOR_HIKVISION] = "hikvision", [SKY_VENDOR_DAHUA] = "dahua",
                                      [SKY_VENDOR_UNIVIEW] = "uniview"};

/* ---- for people ---- */

static void print_table(const SkyDiscovery *found) {
    g_auto(SkyColumns) table;
    sky_columns_init(&table, 5);
    for (guint i = 0; i < found->devices->len; i++) {
        const SkyDiscovered *device = found->devices->pdata[i];
        g_autofree char *name = sky_reader_text(device->name, SHOWN_CHARACTERS_MAX);
        g_autofree char *hardware = sky_reader_text(device->hardware, SHOWN_CHARACTERS_MAX);
        g_autofree char *services = sky_reader_text(device->services, SHOWN_CHARACTERS_MAX);
        sky_columns_add(&table, device->address);
        sky_columns_add(&table, name);
        sky_columns_add(&table, strcmp(device->name, device->hardware) != 0 ? hardware : "");
        sky_columns_add(&table, device->vendor ? vendors[device->vendor] : "-");
        sky_columns_add(&table, services);
    }
    g_autofree char *text = sky_columns_text(&table, "# ");
    fputs(text, stdout);
}

/* As a YAML text in double quotes; it holds no controls any more. */
static char *quoted(const char *text) {
    GString *out = g_string_new("\"");
    for (; *text; text++) {
        if (strchr("\"\\", *text))
            g_string_append_c(out, '\\');
        g_string_append_c(out, *text);
    }
    return g_string_free(g_string_append_c(out, '"'), FALSE);
}

static void print_host(const SkyDiscovered *device) {
    const char *quote = strchr(device->address, ':') ? "\"" : "";
    printf("    host: %s%s%s\n", quote, device->address, quote);
}

/* Its own URL of that scheme; NULL. */
static SkyUri *service_of(const SkyDiscovered *device, const char *scheme) {
    g_auto(GStrv) services = g_strsplit_set(device->services, " \t\r\n", -1);
    g_autofree char *bare = g_strndup(device->address, strcspn(device->address, "%"));
    for (char **service = services; *service; service++) {
        g_autoptr(SkyUri) uri = sky_uri_parse(*service, NULL);
        if (uri && strcmp(uri->scheme, scheme) == 0 && g_ascii_strcasecmp(uri->host, bare) == 0)
            return g_steal_pointer(&uri);
    }
    return NULL;
}

/* Its maker is not known here, so the camera is asked: at the port that its own URL has, by HTTPS where it names nothing else. */
static void print_onvif(const SkyDiscovered *device) {
    g_autoptr(SkyUri) open = service_of(device, "http"), secure = service_of(device, "https");
    const SkyUri *uri = open ? open : secure;
    printf("    vendor: onvif\n");
    print_host(device);
    if (uri && uri == secure)
        printf("    https: true\n");
    if (uri && uri->port > 0 && uri->port != (uri == secure ? 443 : 80))
        printf("    port: %d\n", uri->port);
}

/* "192-0-2-11", "fe80--1-eth0". */
static char *id_of(const char *address) {
    char *id = g_ascii_strdown(address, -1);
    return g_strcanon(id, "abcdefghijklmnopqrstuvwxyz0123456789", '-');
}

/* Of several devices at one address (a recorder that lends its cameras its own) the later ones are counted. */
static char *id_among(GHashTable *ids, const char *address) {
    char *id = id_of(address);
    for (guint n = 2; g_hash_table_contains(ids, id); n++) {
        g_free(id);
        g_autofree char *first = id_of(address);
        id = g_strdup_printf("%s-%u", first, n);
    }
    g_hash_table_add(ids, g_strdup(id));
    return id;
}

static void print_camera(const SkyDiscovered *device, GHashTable *ids) {
    g_autofree char *id = id_among(ids, device->address);
    g_autofree char *clean = sky_reader_text(device->name, NAME_CHARACTERS_MAX);
    g_autofree char *name = quoted(clean);
    printf("  - id: cam-%s\n    name: %s\n", id, name);
    if (device->vendor) {
        printf("    vendor: %s\n", vendors[device->vendor]);
        print_host(device);
    } else {
        print_onvif(device);
    }
    printf("    user: viewer\n    #password_file: secrets/cam-%s.password\n", id);
}

static void print_counts(const SkyDiscovery *found) {
    static const char more[] = "answers were left out: more than 256 cameras, 16 in one answer, or 4096 answers";
    G_STATIC_ASSERT(SKY_DISCOVERY_DEVICES_MAX == 256 && SKY_DISCOVERY_MATCHES_MAX == 16 && SKY_DISCOVERY_DATAGRAMS_MAX == 4096);
    const struct {
        guint count;
        const char *words;
    } counts[] = {{found->strangers, "answers of devices that are no cameras"}, {found->broken, "answers that are no such message"},
                  {found->foreign, "answers to what was not asked here"},       {found->left_out, more},
                  {found->unasked, "interfaces more than are asked at once: choose with --interface"}};
    for (guint i = 0; i < G_N_ELEMENTS(counts); i++)
        if (counts[i].count)
            fprintf(stderr, "skynetctl discover: %u %s\n", counts[i].count, counts[i].words);
}

static void print_text(const SkyDiscovery *found) {
    if (found->devices->len == 0) {
        g_ptr_array_add(found->asked, NULL);
        g_autofree char *asked = g_strjoinv(", ", (char **)found->asked->pdata);
        fprintf(stderr, "skynetctl discover: no camera answered on %s: is the camera on this network, and is ONVIF switched on in "
                        "it (many are sold with it off)?\n", asked);
        return;
    }
    print_table(found);
    printf("#\n"
           "# To paste into skynetd.yaml; or, without the line \"cameras:\", to be saved as a file beside it, cameras.d/NAME.yaml. user is\n"
           "# an account of the camera that may only view; its password goes into a file (named as seen from the file that names it).\n"
           "cameras:\n");
    g_autoptr(GHashTable) ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < found->devices->len; i++)
        print_camera(found->devices->pdata[i], ids);
}

/* ---- for programs ---- */

static void print_json(const SkyDiscovery *found) {
    for (guint i = 0; i < found->devices->len; i++) {
        const SkyDiscovered *device = found->devices->pdata[i];
        g_autoptr(GHashTable) line = g_hash_table_new(g_str_hash, g_str_equal);
        g_hash_table_insert(line, (gpointer)"endpoint", device->endpoint);
        g_hash_table_insert(line, (gpointer)"address", device->address);
        g_hash_table_insert(line, (gpointer)"name", device->name);
        g_hash_table_insert(line, (gpointer)"hardware", device->hardware);
        g_hash_table_insert(line, (gpointer)"services", device->services);
        g_hash_table_insert(line, (gpointer)"vendor", (gpointer)vendors[device->vendor]);
        g_autofree char *text = sky_ctl_json(line);
        fputs(text, stdout);
    }
}

/* ---- the command ---- */

static int discover(const char *interface, int seconds, gboolean json) {
    g_auto(SkyDiscovery) found;
    g_autofree char *why = NULL;
    if (!sky_discovery_run(interface, seconds * SKY_NS_PER_S, &found, &why)) {
        fprintf(stderr, "skynetctl discover: %s\n", why);
        return SKY_CTL_UNREACHABLE;
    }
    if (json)
        print_json(&found);
    else
        print_text(&found);
    print_counts(&found);
    return found.devices->len > 0 ? SKY_CTL_OK : SKY_CTL_NO;
}

int sky_ctl_discover(SkyCtl *ctl, int argc, char **argv) {
    g_autofree char *interface = NULL;
    int seconds = 4;
    gboolean json = FALSE;
    const GOptionEntry entries[] = {
        {"interface", 'i', 0, G_OPTION_ARG_STRING, &interface, "only on this interface (all that are up, but for lo)", "IF"},
        {"seconds", 't', 0, G_OPTION_ARG_INT, &seconds, "how long to listen, 1 to 60 (4)", "N"},
        {"json", 'j', 0, G_OPTION_ARG_NONE, &json, "one line of JSON a camera", NULL},
        G_OPTION_ENTRY_NULL,
    };
    static const char about[] =
        "Asks the network for ONVIF cameras (WS-Discovery, by IPv4 and IPv6), says who answered, and prints configuration to\n"
        "paste. The maker is guessed from what a camera says of itself. Exit codes: 0 cameras answered, 1 none did, 2 wrong\n"
        "usage, 3 the network can not be asked.";
    if (!sky_ctl_options(ctl, &argc, &argv, entries, "", about, 0, 0))
        return SKY_CTL_USAGE;
    if (seconds < 1 || seconds > 60) {
        fprintf(stderr, "skynetctl discover: --seconds: 1 to 60\n");
        return SKY_CTL_USAGE;
    }
    return discover(interface, seconds, json);
}
