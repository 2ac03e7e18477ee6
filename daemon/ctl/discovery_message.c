/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/discovery_message.h"

#include <string.h>

#define SCOPE "onvif://www.onvif.org/"
#define UUID_CHARACTERS 36

static const char probe[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\""
    " xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\" xmlns:dn=\"http://www.onvif.org/ver10/network/wsdl\""
    " xmlns:tds=\"http://www.onvif.org/ver10/device/wsdl\">"
    "<s:Header><a:Action s:mustUnderstand=\"1\">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>"
    "<a:MessageID>uuid:%s</a:MessageID>"
    "<a:ReplyTo><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>"
    "<a:To s:mustUnderstand=\"1\">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>"
    "<s:Body><d:Probe><d:Types>%s</d:Types></d:Probe></s:Body></s:Envelope>";

char *sky_discovery_probe(const char *type, GHashTable *asked) {
    char *id = g_uuid_string_random();
    g_hash_table_add(asked, id);
    return g_strdup_printf(probe, id, type);
}

void sky_discovered_free(SkyDiscovered *device) {
    if (!device)
        return;
    g_free(device->endpoint);
    g_free(device->address);
    g_free(device->name);
    g_free(device->hardware);
    g_free(device->services);
    g_free(device);
}

/* ---- what the scopes say ---- */

/* The value of the first onvif://www.onvif.org/KIND/VALUE, "" where there is none. New memory. */
static char *scope_value(char *const *scopes, const char *kind) {
    g_autofree char *front = g_strconcat(SCOPE, kind, "/", NULL);
    for (; *scopes; scopes++) {
        if (!g_str_has_prefix(*scopes, front))
            continue;
        char *value = g_uri_unescape_string(*scopes + strlen(front), NULL); /* NULL, or no text: taken as it is */
        if (value && !g_utf8_validate(value, -1, NULL))
            g_clear_pointer(&value, g_free);
        return value ? value : g_strdup(*scopes + strlen(front));
    }
    return g_strdup("");
}

/* Also by the names under which the same firmware is sold. */
static SkyCameraVendor guess_vendor(const char *scopes) {
    static const struct {
        const char *word;
        SkyCameraVendor vendor;
    } words[] = {{"hikvision", SKY_VENDOR_HIKVISION}, {"hilook", SKY_VENDOR_HIKVISION}, {"dahua", SKY_VENDOR_DAHUA},
                 {"imou", SKY_VENDOR_DAHUA},          {"uniview", SKY_VENDOR_UNIVIEW},  {"/unv", SKY_VENDOR_UNIVIEW}};
    g_autofree char *low = g_ascii_strdown(scopes, -1);
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (strstr(low, words[i].word))
            return words[i].vendor;
    return SKY_VENDOR_NONE;
}

/* ---- the answer ---- */

typedef struct {
    GPtrArray *devices;
    GHashTable *asked;
    gboolean matches;                             /* it is a ProbeMatches */
    gboolean ours;                                /* it names a question of ours */
    guint count;                                  /* ProbeMatch */
    gboolean in_match, in_endpoint;
    GString *field;                               /* of what is open; NULL: of nothing that counts */
    GString *id;                                  /* RelatesTo, MessageID */
    GString *endpoint, *types, *scopes, *services; /* of this ProbeMatch */
} Answer;

static const char *local_name(const char *name) {
    const char *colon = strchr(name, ':');
    return colon ? colon + 1 : name;
}

static void begin_match(Answer *answer) {
    answer->in_match = ++answer->count <= SKY_DISCOVERY_MATCHES_MAX;
    g_string_truncate(answer->endpoint, 0);
    g_string_truncate(answer->types, 0);
    g_string_truncate(answer->scopes, 0);
    g_string_truncate(answer->services, 0);
}

static GString *field_of(Answer *answer, const char *name) {
    if (strcmp(name, "RelatesTo") == 0 || strcmp(name, "MessageID") == 0)
        return g_string_truncate(answer->id, 0);
    if (!answer->in_match)
        return NULL;
    if (strcmp(name, "Address") == 0)
        return answer->in_endpoint ? answer->endpoint : NULL;
    if (strcmp(name, "Types") == 0)
        return answer->types;
    if (strcmp(name, "Scopes") == 0)
        return answer->scopes;
    return strcmp(name, "XAddrs") == 0 ? answer->services : NULL;
}

static void on_begin(GMarkupParseContext *context, const char *element, const char **names, const char **values, gpointer user,
                     GError **error) {
    Answer *answer = user;
    const char *name = local_name(element);
    if (strcmp(name, "ProbeMatches") == 0)
        answer->matches = TRUE;
    else if (strcmp(name, "ProbeMatch") == 0)
        begin_match(answer);
    else if (strcmp(name, "EndpointReference") == 0)
        answer->in_endpoint = TRUE;
    answer->field = field_of(answer, name);
}

/* All of it is bounded by the datagram. */
static void on_text(GMarkupParseContext *context, const char *text, gsize bytes, gpointer user, GError **error) {
    Answer *answer = user;
    if (answer->field)
        g_string_append_len(answer->field, text, (gssize)bytes);
}

/* "uuid:..." comes back as "urn:uuid:..." from some, and in capitals. */
static void end_id(Answer *answer) {
    const char *id = g_strchomp(answer->id->str);
    gsize length = strlen(id);
    g_autofree char *uuid = length >= UUID_CHARACTERS ? g_ascii_strdown(id + length - UUID_CHARACTERS, -1) : NULL;
    answer->ours = answer->ours || (uuid && g_hash_table_contains(answer->asked, uuid));
}

static void end_match(Answer *answer) {
    g_strstrip(answer->endpoint->str);
    gboolean camera = strstr(answer->types->str, "NetworkVideoTransmitter") || strstr(answer->scopes->str, SCOPE);
    if (!answer->in_match || !answer->endpoint->str[0] || !camera)
        return;
    g_auto(GStrv) scopes = g_strsplit_set(answer->scopes->str, " \t\r\n", -1);
    SkyDiscovered *device = g_new0(SkyDiscovered, 1);
    device->endpoint = g_strdup(answer->endpoint->str);
    device->name = scope_value(scopes, "name");
    device->hardware = scope_value(scopes, "hardware");
    device->services = g_strdup(g_strstrip(answer->services->str));
    device->vendor = guess_vendor(answer->scopes->str);
    g_ptr_array_add(answer->devices, device);
}

static void on_end(GMarkupParseContext *context, const char *element, gpointer user, GError **error) {
    Answer *answer = user;
    const char *name = local_name(element);
    if (answer->field == answer->id)
        end_id(answer);
    answer->field = NULL;
    if (strcmp(name, "EndpointReference") == 0)
        answer->in_endpoint = FALSE;
    if (strcmp(name, "ProbeMatch") != 0)
        return;
    end_match(answer);
    answer->in_match = FALSE;
}

SkyDiscoveryAnswer sky_discovery_read(const char *text, gsize bytes, GHashTable *asked, GPtrArray *devices, guint *ret_left_out) {
    static const GMarkupParser parser = {.start_element = on_begin, .end_element = on_end, .text = on_text};
    guint before = devices->len;
    Answer answer = {.devices = devices, .asked = asked, .id = g_string_new(NULL), .endpoint = g_string_new(NULL),
                     .types = g_string_new(NULL), .scopes = g_string_new(NULL), .services = g_string_new(NULL)};
    GMarkupParseContext *context = g_markup_parse_context_new(&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &answer, NULL);
    gboolean fine = bytes > 0 && bytes <= SKY_DISCOVERY_DATAGRAM_BYTES_MAX &&
                    g_markup_parse_context_parse(context, text, (gssize)bytes, NULL) &&
                    g_markup_parse_context_end_parse(context, NULL) && answer.matches;
    g_markup_parse_context_free(context);
    GString *const fields[] = {answer.id, answer.endpoint, answer.types, answer.scopes, answer.services};
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
        g_string_free(fields[i], TRUE);
    if (!fine || !answer.ours) { /* half an answer is none */
        g_ptr_array_set_size(devices, (gint)before);
        return fine ? SKY_DISCOVERY_FOREIGN : SKY_DISCOVERY_BROKEN;
    }
    *ret_left_out = answer.count > SKY_DISCOVERY_MATCHES_MAX ? answer.count - SKY_DISCOVERY_MATCHES_MAX : 0;
    return SKY_DISCOVERY_FINE;
}
