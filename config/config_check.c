/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/text_file.h"
#include "base/uri.h"
#include "config/config_read.h"
#include "config/key_table.h"

#define PORT_PLAIN 1883
#define PORT_TLS 8883
#define PORT_RTSP 554
#define PORT_ONVIF 80
#define PORT_ONVIF_HTTPS 443
#define FEET_APART 0.0499 /* of the picture: less tells nothing of what is between */

/* A map of the file, its place and its path. */
typedef struct {
    SkyReport *report;
    SkyKeyGroup group;
    const SkyYamlNode *map; /* NULL: not in the file */
    gsize at;
    const char *path;
} Scope;

static const SkyYamlNode *given(const Scope *scope, gsize offset) {
    return sky_yaml_find(scope->map, sky_key_at(scope->group, offset)->name);
}

/* At the key where it is given, else at the map. */
static void refuse(const Scope *scope, gsize offset, const char *words) {
    const SkyYamlNode *node = given(scope, offset);
    g_autofree char *path = g_strconcat(scope->path, ".", sky_key_at(scope->group, offset)->name, NULL);
    sky_report_add(scope->report, node ? node->at : scope->at, path, "%s", words);
}

static Scope scope_of_group(const SkyYamlNode *root, SkyReport *report, gsize offset) {
    const SkyKey *key = sky_key_at(SKY_GROUP_ROOT, offset);
    const SkyYamlNode *map = sky_yaml_find(root, key->name);
    return (Scope){.report = report, .group = key->child, .map = map, .at = map ? map->at : SKY_SOURCE_END, .path = key->name};
}

/* Of an item of a list; the path is the caller's to free. */
static Scope scope_of_item(const SkyYamlNode *map, SkyReport *report, const SkyKey *list, guint index, const char *id,
                           const char *parent) {
    const SkyYamlNode *items = sky_yaml_find(map, list->name);
    const SkyYamlNode *item = items->values->pdata[index];
    g_autofree char *number = g_strdup_printf("%u", index + 1);
    char *path = g_strdup_printf("%s%s[%s]", parent, list->name, id[0] ? id : number);
    return (Scope){.report = report, .group = list->child, .map = item, .at = item->at, .path = path};
}

static void name_by_id(char **name, const char *id) {
    if (!*name || (*name)[0] == '\0') {
        g_free(*name);
        *name = g_strdup(id);
    }
}

/* "" in the file is as good as nothing. */
static void null_if_empty(char **text) {
    if (*text && (*text)[0] == '\0')
        g_clear_pointer(text, g_free);
}

/* ---- broker ---- */

#define BROKER(member) offsetof(SkyBrokerConfig, member)

static void check_road(const Scope *scope) {
    gboolean socket = given(scope, BROKER(socket_path)) != NULL, host = given(scope, BROKER(host)) != NULL;
    if (socket && host)
        refuse(scope, BROKER(host), "given together with socket, allowed: one of the two");
    if (!socket && !host)
        sky_report_add(scope->report, scope->at, scope->path, "no socket and no host, allowed: one of the two");
    static const gsize with_host[] = {BROKER(port), BROKER(tls)};
    for (guint i = 0; i < G_N_ELEMENTS(with_host); i++)
        if (!host && given(scope, with_host[i]))
            refuse(scope, with_host[i], "given without host, allowed: together with host");
}

static void check_tls(const Scope *scope, const SkyBrokerConfig *broker) {
    static const gsize with_tls[] = {BROKER(verify), BROKER(ca_file), BROKER(certificate_file), BROKER(key_file)};
    for (guint i = 0; i < G_N_ELEMENTS(with_tls); i++)
        if (!broker->tls && given(scope, with_tls[i]))
            refuse(scope, with_tls[i], "given without tls, allowed: together with tls: true");
    gboolean certificate = given(scope, BROKER(certificate_file)) != NULL, key = given(scope, BROKER(key_file)) != NULL;
    if (certificate && !key)
        refuse(scope, BROKER(certificate_file), "given without key_file, allowed: both or none");
    if (key && !certificate)
        refuse(scope, BROKER(key_file), "given without certificate_file, allowed: both or none");
}

static void check_broker(const SkyYamlNode *root, SkyReport *report, SkyConfigValues *values) {
    SkyBrokerConfig *broker = &values->broker;
    Scope scope = scope_of_group(root, report, offsetof(SkyConfigValues, broker));
    null_if_empty(&broker->user);
    check_road(&scope);
    check_tls(&scope, broker);
    if (given(&scope, BROKER(password)) && !broker->user)
        refuse(&scope, BROKER(password), "given without user, allowed: together with user");
    if (broker->host && broker->port == 0)
        broker->port = broker->tls ? PORT_TLS : PORT_PLAIN;
    if (!broker->client_id)
        broker->client_id = g_strconcat("skynetd-", values->site.id, NULL);
}

/* ---- ids ---- */

/* Words that stand where an id could: the alert of the gateway's own echo. */
static const char *const reserved_ids[] = {"probe"};

static gboolean is_reserved(const char *id) {
    for (guint i = 0; i < G_N_ELEMENTS(reserved_ids); i++)
        if (strcmp(id, reserved_ids[i]) == 0)
            return TRUE;
    return FALSE;
}

typedef struct {
    const char *by;
    gsize at;
} Taken;

/* The report of an id that is somebody else's: remembers it, says whose and where. */
static void check_id(const Scope *scope, gsize offset, const char *id, GHashTable *taken, const char *by) {
    if (id[0] == '\0')
        return;
    const Taken *other = g_hash_table_lookup(taken, id);
    g_autofree char *place = other ? sky_report_place(scope->report, other->at) : NULL;
    g_autofree char *words = NULL;
    if (other)
        words = g_strdup_printf("\"%s\" is the id of an%s %s (%s), allowed: an id of its own", id,
                                strcmp(other->by, by) == 0 ? "other" : "", other->by, place);
    else if (is_reserved(id))
        words = g_strdup_printf("\"%s\" is reserved, allowed: another id", id);
    if (words)
        refuse(scope, offset, words);
    if (other)
        return; /* all that follow are told of the first */
    Taken *now = g_new0(Taken, 1);
    *now = (Taken){.by = by, .at = given(scope, offset)->at};
    g_hash_table_insert(taken, (gpointer)id, now);
}

#define RECOVERED_ALONE (1u << 6) /* of kinds; a test compares */

static void check_audiences(const SkyYamlNode *root, SkyReport *report, SkyConfigValues *values, GHashTable *taken) {
    const SkyKey *list = sky_key_at(SKY_GROUP_ROOT, offsetof(SkyConfigValues, audiences));
    for (guint i = 0; i < values->audience_count; i++) {
        SkyAudienceConfig *audience = &values->audiences[i];
        Scope scope = scope_of_item(root, report, list, i, audience->id, "");
        check_id(&scope, offsetof(SkyAudienceConfig, id), audience->id, taken, "audience");
        name_by_id(&audience->name, audience->id);
        if (audience->kinds == RECOVERED_ALONE)
            refuse(&scope, offsetof(SkyAudienceConfig, kinds),
                   "recovered alone, which is an event and raises no alert, allowed: offline, whose end says that the camera is back");
        g_free((char *)scope.path);
    }
}

static void check_zones(const Scope *camera_scope, SkyCameraConfig *camera) {
    const SkyKey *list = sky_key_at(SKY_GROUP_CAMERA, offsetof(SkyCameraConfig, zones));
    g_autoptr(GHashTable) taken = g_hash_table_new(g_str_hash, g_str_equal);
    g_autofree char *parent = g_strconcat(camera_scope->path, ".", NULL);
    for (guint i = 0; i < camera->zone_count; i++) {
        Scope scope = scope_of_item(camera_scope->map, camera_scope->report, list, i, camera->zones[i].id, parent);
        const char *id = camera->zones[i].id;
        g_autofree char *words = g_strdup_printf("\"%s\" is the id of another zone of this camera, allowed: an id of its own", id);
        if (id[0] && !g_hash_table_add(taken, (gpointer)id))
            refuse(&scope, offsetof(SkyZoneKeys, zone.id), words);
        name_by_id(&camera->zone_names[i], id);
        g_free((char *)scope.path);
    }
}

/* ---- credentials ---- */

#define CAMERA(member) offsetof(SkyCameraConfig, member)

static gboolean is_sayable(const char *text) {
    for (const char *c = text; c && *c; c++)
        if (g_ascii_iscntrl(*c))
            return FALSE;
    return !text || g_utf8_validate(text, -1, NULL);
}

static void keep(char **place, char **taken) {
    sky_text_wipe(*place);
    g_free(*place);
    *place = g_steal_pointer(taken);
}

static gboolean same_account(const SkyUri *uri, const SkyCameraConfig *camera) {
    return g_strcmp0(uri->user, camera->user) == 0 && (!uri->password || g_strcmp0(uri->password, camera->password) == 0);
}

/* Out of the URL, into user and password. `first`: no other URL of this camera had some. */
static void take_credentials(const Scope *scope, SkyCameraConfig *camera, gsize offset, char **url, gboolean *first) {
    g_autoptr(SkyUri) uri = *url ? sky_uri_parse(*url, NULL) : NULL;
    if (!uri || (!uri->user && !uri->password))
        return;
    char *plain = sky_uri_without_credentials(uri);
    keep(url, &plain);
    if (!is_sayable(uri->user) || !is_sayable(uri->password))
        refuse(scope, offset, "user or password in the URL is not text, allowed: UTF-8 without control characters");
    else if (given(scope, CAMERA(user)))
        refuse(scope, offset, "a user in the URL beside the key user, allowed: one of the two");
    else if (!*first && !same_account(uri, camera))
        refuse(scope, offset, "another user or password than in the main URL, allowed: the same, or none");
    else {
        keep(&camera->user, &uri->user);
        if (uri->password && given(scope, CAMERA(password)))
            refuse(scope, offset, "a password in the URL beside password_file, allowed: one of the two");
        else if (uri->password)
            keep(&camera->password, &uri->password);
        *first = FALSE;
    }
}

/* ---- cameras ---- */

#define MAIN_MISSING "missing, allowed: rtsp://host[:port]/path or rtsps://host[:port]/path; or vendor and host in its place"
#define URL_TOO_MANY \
    "given together with vendor, which makes the URLs, allowed: one of the two; take this line away, or vendor, host, port and " \
    "channel"
#define HOST_MISSING "missing, allowed: with vendor, the camera's host name or IP address"

/* Either URLs, or what they are made of. */
static void check_address(const Scope *scope, SkyCameraConfig *camera) {
    if (scope->map->kind != SKY_YAML_MAP && !sky_yaml_is_null(scope->map))
        return; /* said already */
    const SkyYamlNode *word = given(scope, CAMERA(vendor));
    const char *none = sky_key_at(SKY_GROUP_CAMERA, CAMERA(vendor))->names[SKY_VENDOR_NONE];
    gboolean vendor = word && g_strcmp0(word->text, none) != 0;
    static const gsize urls[] = {CAMERA(main_url), CAMERA(sub_url)}, with_vendor[] = {CAMERA(host), CAMERA(port), CAMERA(channel)};
    for (guint i = 0; i < G_N_ELEMENTS(urls); i++)
        if (vendor && given(scope, urls[i]))
            refuse(scope, urls[i], URL_TOO_MANY);
    for (guint i = 0; i < G_N_ELEMENTS(with_vendor); i++)
        if (!vendor && given(scope, with_vendor[i]))
            refuse(scope, with_vendor[i], "given without vendor, allowed: together with vendor");
    if (!vendor && !given(scope, CAMERA(main_url)))
        refuse(scope, CAMERA(main_url), MAIN_MISSING);
    if (vendor && !given(scope, CAMERA(host)))
        refuse(scope, CAMERA(host), HOST_MISSING);
    if (camera->https && camera->vendor != SKY_VENDOR_ONVIF)
        refuse(scope, CAMERA(https), "given without vendor: onvif, which alone is asked so, allowed: together with it; or rtsps:// URLs");
    if (camera->vendor == SKY_VENDOR_NONE || !camera->host || camera->main_url || camera->sub_url)
        return;
    if (camera->port == 0)
        camera->port = camera->vendor != SKY_VENDOR_ONVIF ? PORT_RTSP : camera->https ? PORT_ONVIF_HTTPS : PORT_ONVIF;
    if (camera->vendor == SKY_VENDOR_ONVIF && given(scope, CAMERA(pipeline_text)))
        refuse(scope, CAMERA(pipeline_text), "given together with vendor: onvif, which libavformat's engine alone can ask, allowed: one of "
                                             "the two");
    camera->main_url = sky_camera_url(camera->vendor, camera->host, camera->port, camera->https, camera->channel, FALSE);
    camera->sub_url = sky_camera_url(camera->vendor, camera->host, camera->port, camera->https, camera->channel, TRUE);
}

/* Trust that nobody would ask for is worse than none. */
static void check_trust(const Scope *scope, const SkyCameraConfig *camera) {
    if (!given(scope, CAMERA(ca_file)))
        return;
    if (camera->vendor == SKY_VENDOR_ONVIF && camera->https)
        return;
    if (!given(scope, CAMERA(pipeline_text))) {
        refuse(scope, CAMERA(ca_file), "given without pipeline, allowed: together with it (libavformat can not ask), or with https");
        return;
    }
    const char *const urls[] = {camera->main_url, camera->sub_url};
    for (guint i = 0; i < G_N_ELEMENTS(urls); i++)
        if (urls[i] && g_ascii_strncasecmp(urls[i], "rtsps://", 8) != 0) {
            refuse(scope, CAMERA(ca_file), "given with a stream that is not encrypted, allowed: with rtsps:// URLs");
            return;
        }
}

/* Two people, or none; the far one further up, and no taller. */
static void check_perspective(const Scope *scope, const SkyCameraConfig *camera) {
    static const gsize keys[] = {CAMERA(perspective.far_foot), CAMERA(perspective.far_height), CAMERA(perspective.near_foot),
                                 CAMERA(perspective.near_height)};
    guint count = 0;
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
        count += given(scope, keys[i]) != NULL;
    for (guint i = 0; count > 0 && count < G_N_ELEMENTS(keys) && i < G_N_ELEMENTS(keys); i++)
        if (!given(scope, keys[i]))
            refuse(scope, keys[i], "missing, allowed: far_foot, far_height, near_foot and near_height together, or none of them");
    const SkyPerspective *size = &camera->perspective;
    if (size->far_foot <= 0 || size->far_height <= 0 || size->near_foot <= 0 || size->near_height <= 0)
        return;
    if (size->near_foot - size->far_foot < FEET_APART)
        refuse(scope, CAMERA(perspective.near_foot), "not below far_foot, allowed: 0.05 more than far_foot at least");
    if (size->near_height < size->far_height)
        refuse(scope, CAMERA(perspective.near_height), "less than far_height, allowed: who is near is not smaller");
}

static void check_camera(const Scope *scope, SkyCameraConfig *camera) {
    gboolean first = TRUE;
    check_address(scope, camera);
    const SkyYamlNode *pipeline = given(scope, CAMERA(pipeline_text));
    camera->pipeline_place = pipeline ? sky_report_place(scope->report, pipeline->at) : NULL;
    null_if_empty(&camera->user);
    take_credentials(scope, camera, CAMERA(main_url), &camera->main_url, &first);
    take_credentials(scope, camera, CAMERA(sub_url), &camera->sub_url, &first);
    if (given(scope, CAMERA(password)) && !camera->user)
        refuse(scope, CAMERA(password), "given without user, allowed: together with user");
    name_by_id(&camera->name, camera->id);
    check_trust(scope, camera);
    check_zones(scope, camera);
    check_perspective(scope, camera);
}

static void check_cameras(const SkyYamlNode *root, SkyReport *report, SkyConfigValues *values, GHashTable *taken) {
    const SkyKey *list = sky_key_at(SKY_GROUP_ROOT, offsetof(SkyConfigValues, cameras));
    for (guint i = 0; i < values->camera_count; i++) {
        SkyCameraConfig *camera = &values->cameras[i];
        Scope scope = scope_of_item(root, report, list, i, camera->id, "");
        check_id(&scope, CAMERA(id), camera->id, taken, "camera");
        check_camera(&scope, camera);
        g_free((char *)scope.path);
    }
}

/* ---- storage ---- */

static void check_storage(const SkyYamlNode *root, SkyReport *report, const SkyStorageConfig *storage) {
    Scope scope = scope_of_group(root, report, offsetof(SkyConfigValues, storage));
    int64_t rolls_ns = storage->pre_roll_ns + storage->post_roll_ns;
    if (storage->clip_max_ns == 0 || storage->clip_max_ns > rolls_ns)
        return;
    double rolls_s = (double)rolls_ns / (double)SKY_NS_PER_S;
    g_autofree char *words = g_strdup_printf("leaves no room for an event, allowed: more than %gs (pre_roll and post_roll)", rolls_s);
    refuse(&scope, offsetof(SkyStorageConfig, clip_max_ns), words);
}

void sky_config_check(const SkyYamlNode *root, SkyReport *report, SkyConfigValues *values) {
    if (root->kind != SKY_YAML_MAP)
        return;
    g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    name_by_id(&values->site.name, values->site.id);
    check_broker(root, report, values);
    check_storage(root, report, &values->storage);
    check_audiences(root, report, values, taken);
    check_cameras(root, report, values, taken);
}
