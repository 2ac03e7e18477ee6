/* SPDX-License-Identifier: Apache-2.0 */
#include "source/onvif_message.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"

#define DEPTH_MAX 32
#define PATH_BYTES_MAX 512 /* each field has its own */
#define FIELDS_MAX 32768
#define FIELD_BYTES_MAX 2048
#define REASON_CHARACTERS_MAX 160

#define WSS "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
#define ONVIF "http://www.onvif.org/ver10/"

/* ---- questions ---- */

char *sky_onvif_digest(const uint8_t *nonce, gsize nonce_bytes, const char *created, const char *password) {
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA1);
    guint8 digest[20];
    gsize bytes = sizeof digest;
    g_checksum_update(sum, nonce, (gssize)nonce_bytes);
    g_checksum_update(sum, (const guchar *)created, -1);
    g_checksum_update(sum, (const guchar *)password, -1);
    g_checksum_get_digest(sum, digest, &bytes);
    return g_base64_encode(digest, bytes);
}

static char *header_of(const SkyOnvifToken *token) {
    if (!token || !token->user)
        return g_strdup("");
    char created[SKY_UTC_TEXT_BYTES];
    sky_clock_utc_text(token->utc_ns, created);
    g_autofree char *nonce = g_base64_encode(token->nonce, sizeof token->nonce);
    g_autofree char *digest = sky_onvif_digest(token->nonce, sizeof token->nonce, created, token->password ? token->password : "");
    return g_markup_printf_escaped(
        "<s:Header><w:Security s:mustUnderstand=\"1\" xmlns:w=\"" WSS "wssecurity-secext-1.0.xsd\" xmlns:u=\"" WSS
        "wssecurity-utility-1.0.xsd\"><w:UsernameToken><w:Username>%s</w:Username><w:Password Type=\"" WSS
        "username-token-profile-1.0#PasswordDigest\">%s</w:Password><w:Nonce EncodingType=\"" WSS
        "soap-message-security-1.0#Base64Binary\">%s</w:Nonce><u:Created>%s</u:Created></w:UsernameToken></w:Security></s:Header>",
        token->user, digest, nonce, created);
}

static char *envelope(const SkyOnvifToken *token, const char *body) {
    g_autofree char *header = header_of(token);
    return g_strdup_printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                           "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\">%s<s:Body>%s</s:Body></s:Envelope>",
                           header, body);
}

char *sky_onvif_ask_clock(void) {
    return envelope(NULL, "<GetSystemDateAndTime xmlns=\"" ONVIF "device/wsdl\"/>");
}

char *sky_onvif_ask_media(const SkyOnvifToken *token) {
    return envelope(token, "<GetCapabilities xmlns=\"" ONVIF "device/wsdl\"><Category>Media</Category></GetCapabilities>");
}

char *sky_onvif_ask_profiles(const SkyOnvifToken *token) {
    return envelope(token, "<GetProfiles xmlns=\"" ONVIF "media/wsdl\"/>");
}

char *sky_onvif_ask_stream(const SkyOnvifToken *token, const char *profile) {
    g_autofree char *body = g_markup_printf_escaped("<GetStreamUri xmlns=\"" ONVIF "media/wsdl\"><StreamSetup>"
                                                    "<Stream xmlns=\"" ONVIF "schema\">RTP-Unicast</Stream>"
                                                    "<Transport xmlns=\"" ONVIF "schema\"><Protocol>RTSP</Protocol></Transport>"
                                                    "</StreamSetup><ProfileToken>%s</ProfileToken></GetStreamUri>", profile);
    return envelope(token, body);
}

/* ---- an answer, as a flat list ---- */

typedef struct {
    char *path;  /* "Envelope/Body/GetProfilesResponse/Profiles", without prefixes */
    char *text;  /* of an element that ended; NULL: one begins */
    char *token; /* of one that begins: its attribute; NULL */
} Field;

typedef struct {
    GPtrArray *fields; /* in the order of the document */
    GString *path, *text;
    gboolean too_long;        /* the text is: then there is none, for half a URL is another URL */
    gsize lengths[DEPTH_MAX]; /* of the path, level by level */
    guint depth;
} Answer;

static void field_free(gpointer data) {
    Field *field = data;
    g_free(field->path);
    g_free(field->text);
    g_free(field->token);
    g_free(field);
}

static const char *local_name(const char *name) {
    const char *colon = strchr(name, ':');
    return colon ? colon + 1 : name;
}

static void add_field(Answer *answer, const char *text, const char *token) {
    Field *field = g_new0(Field, 1);
    field->path = g_strdup(answer->path->str);
    field->text = g_strdup(text);
    field->token = g_strdup(token);
    g_ptr_array_add(answer->fields, field);
}

static void begin_text(Answer *answer) {
    g_string_truncate(answer->text, 0);
    answer->too_long = FALSE;
}

static void on_begin(GMarkupParseContext *context, const char *element, const char **names, const char **values, gpointer user,
                     GError **error) {
    Answer *answer = user;
    if (answer->depth == DEPTH_MAX || answer->fields->len >= FIELDS_MAX || answer->path->len + strlen(element) > PATH_BYTES_MAX) {
        g_set_error_literal(error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, "more than is taken");
        return;
    }
    answer->lengths[answer->depth++] = answer->path->len;
    g_string_append_printf(answer->path, "%s%s", answer->path->len > 0 ? "/" : "", local_name(element));
    begin_text(answer);
    const char *token = NULL;
    for (guint i = 0; names[i]; i++)
        if (strcmp(names[i], "token") == 0 && strlen(values[i]) <= FIELD_BYTES_MAX)
            token = values[i];
    add_field(answer, NULL, token);
}

static void on_text(GMarkupParseContext *context, const char *text, gsize bytes, gpointer user, GError **error) {
    Answer *answer = user;
    answer->too_long = answer->too_long || answer->text->len + bytes > FIELD_BYTES_MAX;
    if (!answer->too_long)
        g_string_append_len(answer->text, text, (gssize)bytes);
}

static void on_end(GMarkupParseContext *context, const char *element, gpointer user, GError **error) {
    Answer *answer = user;
    g_autofree char *text = g_strstrip(g_strdup(answer->text->str));
    if (text[0] && !answer->too_long)
        add_field(answer, text, NULL);
    begin_text(answer);
    g_string_truncate(answer->path, answer->lengths[--answer->depth]);
}

/* "Date/Year" is the end of the path, at a whole name. */
static gboolean ends_with(const Field *field, const char *tail) {
    gsize length = strlen(field->path), tail_length = strlen(tail);
    return length >= tail_length && strcmp(field->path + length - tail_length, tail) == 0 &&
           (length == tail_length || field->path[length - tail_length - 1] == '/');
}

/* Of the first element that ends so; NULL. */
static const char *text_at(const GPtrArray *fields, const char *tail) {
    for (guint i = 0; i < fields->len; i++) {
        const Field *field = fields->pdata[i];
        if (field->text && ends_with(field, tail))
            return field->text;
    }
    return NULL;
}

/* As it may stand in a line of a log: cut, and nothing in it that plays tricks on who reads that. New memory. */
static char *sayable(const char *text) {
    GString *out = g_string_new(NULL);
    for (guint left = REASON_CHARACTERS_MAX; left > 0 && *text; left--, text = g_utf8_next_char(text)) {
        gunichar letter = g_utf8_get_char(text);
        g_string_append_unichar(out, g_unichar_isprint(letter) ? letter : ' ');
    }
    return g_string_free(out, FALSE);
}

static void set_fault(const GPtrArray *fields, GError **error) {
    const char *reason = text_at(fields, "Fault/Reason/Text");
    gboolean refused = FALSE;
    for (guint i = 0; i < fields->len; i++) {
        const Field *field = fields->pdata[i];
        refused |= field->text && ends_with(field, "Value") &&
                   (strstr(field->text, "NotAuthorized") || strstr(field->text, "FailedAuthentication"));
    }
    g_autofree char *words = sayable(reason ? reason : "no reason given");
    if (refused)
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG,
                    "authentication: refused by ONVIF (%s): is the account one of the camera's ONVIF users? Many cameras keep those apart",
                    words);
    else
        g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "ONVIF: the camera says: %s", words);
}

/* Names of profiles come in GBK, whatever the head says. No byte of a letter there is one of those that XML is made of. NULL: it is UTF-8. */
static char *without_strange_letters(const char *text, gsize bytes) {
    gboolean plain = bytes == 0 || bytes > SKY_ONVIF_ANSWER_BYTES_MAX || g_utf8_validate_len(text, bytes, NULL);
    return plain ? NULL : g_utf8_make_valid(text, (gssize)bytes);
}

static gboolean parse(Answer *answer, const char *text, gsize bytes, GError **error) {
    static const GMarkupParser parser = {.start_element = on_begin, .end_element = on_end, .text = on_text};
    g_autoptr(GMarkupParseContext) context = g_markup_parse_context_new(&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, answer, NULL);
    g_autoptr(GError) why = NULL;
    g_autofree char *plain = without_strange_letters(text, bytes);
    text = plain ? plain : text;
    bytes = plain ? strlen(plain) : bytes;
    if (bytes > 0 && bytes <= SKY_ONVIF_ANSWER_BYTES_MAX && g_markup_parse_context_parse(context, text, (gssize)bytes, &why) &&
        g_markup_parse_context_end_parse(context, &why))
        return TRUE;
    gboolean too_much = bytes > 0 && (!why || g_error_matches(why, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT));
    g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "ONVIF: what the camera answers is %s",
                too_much ? "more than is taken" : "no XML that can be read");
    return FALSE;
}

/* Every element of it; NULL: no such answer, or a fault. */
static GPtrArray *read_answer(const char *text, gsize bytes, const char *response, GError **error) {
    g_autoptr(GPtrArray) fields = g_ptr_array_new_with_free_func(field_free);
    Answer answer = {.fields = fields, .path = g_string_new(NULL), .text = g_string_new(NULL)};
    gboolean fine = parse(&answer, text, bytes, error);
    g_string_free(answer.path, TRUE);
    g_string_free(answer.text, TRUE);
    if (!fine)
        return NULL;
    gboolean right = FALSE, fault = FALSE;
    for (guint i = 0; i < fields->len; i++) {
        right |= ends_with(fields->pdata[i], response);
        fault |= ends_with(fields->pdata[i], "Body/Fault");
    }
    if (right && !fault)
        return g_steal_pointer(&fields);
    if (fault)
        set_fault(fields, error);
    else
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_RETRY, "ONVIF: the camera answers something else than it was asked");
    return NULL;
}

gboolean sky_onvif_is_response(const char *text, gsize bytes, const char *response) {
    g_autoptr(GPtrArray) fields = read_answer(text, bytes, response, NULL);
    return fields != NULL;
}

static gboolean number_at(const GPtrArray *fields, const char *tail, int least, int most, int *ret_number) {
    const char *text = text_at(fields, tail);
    if (!text || strlen(text) > 5)
        return FALSE;
    *ret_number = atoi(text);
    return *ret_number >= least && *ret_number <= most;
}

gboolean sky_onvif_read_clock(const char *text, gsize bytes, int64_t *ret_utc_ns, GError **error) {
    g_autoptr(GPtrArray) fields = read_answer(text, bytes, "GetSystemDateAndTimeResponse", error);
    int year, month, day, hour, minute, second;
    if (!fields)
        return FALSE;
    gboolean told = number_at(fields, "UTCDateTime/Date/Year", 1970, 2200, &year) &&
                    number_at(fields, "UTCDateTime/Date/Month", 1, 12, &month) &&
                    number_at(fields, "UTCDateTime/Date/Day", 1, 31, &day) &&
                    number_at(fields, "UTCDateTime/Time/Hour", 0, 23, &hour) &&
                    number_at(fields, "UTCDateTime/Time/Minute", 0, 59, &minute) &&
                    number_at(fields, "UTCDateTime/Time/Second", 0, 59, &second);
    g_autoptr(GDateTime) time = told ? g_date_time_new_utc(year, month, day, hour, minute, second) : NULL;
    if (!time) {
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_RETRY, "ONVIF: the camera does not tell the time");
        return FALSE;
    }
    *ret_utc_ns = g_date_time_to_unix(time) * SKY_NS_PER_S;
    return TRUE;
}

/* A text that must be there. New memory. */
static char *take_text(const char *text, gsize bytes, const char *response, const char *tail, const char *what, GError **error) {
    g_autoptr(GPtrArray) fields = read_answer(text, bytes, response, error);
    if (!fields)
        return NULL;
    const char *found = text_at(fields, tail);
    if (!found)
        g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "ONVIF: the camera does not name %s", what);
    return g_strdup(found);
}

char *sky_onvif_read_media(const char *text, gsize bytes, GError **error) {
    return take_text(text, bytes, "GetCapabilitiesResponse", "Media/XAddr", "its media service", error);
}

char *sky_onvif_read_stream(const char *text, gsize bytes, GError **error) {
    return take_text(text, bytes, "GetStreamUriResponse", "MediaUri/Uri", "the stream", error);
}

/* ---- profiles ---- */

typedef struct {
    const char *token, *source;
    guint64 pixels; /* 0: no video encoder */
} Profile;

static GArray *profiles_of(const GPtrArray *fields) {
    GArray *profiles = g_array_new(FALSE, TRUE, sizeof(Profile));
    Profile *now = NULL;
    for (guint i = 0; i < fields->len; i++) {
        const Field *field = fields->pdata[i];
        if (!field->text && ends_with(field, "GetProfilesResponse/Profiles")) {
            g_array_set_size(profiles, profiles->len + 1);
            now = &g_array_index(profiles, Profile, profiles->len - 1);
            now->token = field->token;
        } else if (now && field->text && ends_with(field, "VideoSourceConfiguration/SourceToken")) {
            now->source = field->text;
        } else if (now && field->text && ends_with(field, "VideoEncoderConfiguration/Resolution/Width")) {
            now->pixels = g_ascii_strtoull(field->text, NULL, 10) & 0xffff;
        } else if (now && field->text && ends_with(field, "VideoEncoderConfiguration/Resolution/Height")) {
            now->pixels *= g_ascii_strtoull(field->text, NULL, 10) & 0xffff;
        }
    }
    return profiles;
}

/* The name of the n-th video source, in the order of their first profiles; NULL: there are fewer. */
static const char *source_of(const GArray *profiles, uint32_t channel, guint *ret_count) {
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    const char *found = NULL;
    for (guint i = 0; i < profiles->len; i++) {
        const Profile *profile = &g_array_index(profiles, Profile, i);
        if (profile->token && profile->source && profile->pixels > 0 && g_hash_table_add(seen, (gpointer)profile->source) &&
            g_hash_table_size(seen) == channel)
            found = profile->source;
    }
    *ret_count = g_hash_table_size(seen);
    return found;
}

char *sky_onvif_read_profile(const char *text, gsize bytes, uint32_t channel, gboolean sub, GError **error) {
    g_autoptr(GPtrArray) fields = read_answer(text, bytes, "GetProfilesResponse", error);
    if (!fields)
        return NULL;
    g_autoptr(GArray) profiles = profiles_of(fields);
    guint count;
    const char *source = source_of(profiles, channel, &count);
    const Profile *best = NULL;
    for (guint i = 0; source && i < profiles->len; i++) {
        const Profile *one = &g_array_index(profiles, Profile, i);
        if (one->token && one->pixels > 0 && g_strcmp0(one->source, source) == 0 &&
            (!best || (sub ? one->pixels < best->pixels : one->pixels > best->pixels)))
            best = one;
    }
    if (!best)
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "ONVIF: there is no channel %u: it names %u with video", channel, count);
    return best ? g_strdup(best->token) : NULL;
}
