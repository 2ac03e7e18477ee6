/* SPDX-License-Identifier: Apache-2.0 */
#include "source/http_digest.h"

#include <string.h>

#include "base/text_file.h"

#define SCHEME "Digest "
#define COUNT "00000001"

typedef struct {
    char *realm, *nonce, *opaque, *algorithm, *qop; /* NULL: not given */
} Challenge;

static void challenge_clear(Challenge *challenge) {
    g_free(challenge->realm);
    g_free(challenge->nonce);
    g_free(challenge->opaque);
    g_free(challenge->algorithm);
    g_free(challenge->qop);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Challenge, challenge_clear)

static void keep(Challenge *challenge, const char *name, char *value) {
    const struct {
        const char *name;
        char **place;
    } places[] = {{"realm", &challenge->realm},         {"nonce", &challenge->nonce}, {"opaque", &challenge->opaque},
                  {"algorithm", &challenge->algorithm}, {"qop", &challenge->qop}};
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        if (g_ascii_strcasecmp(name, places[i].name) == 0 && !*places[i].place) {
            *places[i].place = value;
            return;
        }
    }
    g_free(value);
}

/* A quoted text or a token from *at on, which is moved behind it. NULL: a quote is not closed. */
static char *take_value(const char **at) {
    if (**at != '"') {
        gsize length = strcspn(*at, ", \t");
        *at += length;
        return g_strndup(*at - length, length);
    }
    GString *value = g_string_new(NULL);
    for (const char *c = *at + 1; *c; c++) {
        if (*c == '"') {
            *at = c + 1;
            return g_string_free(value, FALSE);
        }
        c += *c == '\\' && c[1];
        g_string_append_c(value, *c);
    }
    g_string_free(value, TRUE);
    return NULL;
}

/* text: behind the scheme. */
static gboolean read_challenge(const char *text, Challenge *challenge) {
    for (const char *at = text; *(at += strspn(at, ", \t")) != '\0';) {
        gsize length = strcspn(at, "=, \t\"");
        g_autofree char *name = g_strndup(at, length);
        at += length;
        at += strspn(at, " \t");
        if (*at != '=')
            break; /* the next challenge */
        at++;
        at += strspn(at, " \t");
        char *value = take_value(&at);
        if (!value)
            return FALSE;
        keep(challenge, name, value);
    }
    return challenge->realm && challenge->nonce;
}

/* Whether a list of tokens has that one. */
static gboolean offers(const char *list, const char *token) {
    g_auto(GStrv) tokens = g_strsplit_set(list, ", \t", -1);
    for (char **one = tokens; *one; one++)
        if (g_ascii_strcasecmp(*one, token) == 0)
            return TRUE;
    return FALSE;
}

static char *quoted(const char *text) {
    GString *out = g_string_new("\"");
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *text);
    }
    return g_string_free(g_string_append_c(out, '"'), FALSE);
}

static char *response_of(const Challenge *challenge, GChecksumType kind, const char *user, const char *password, const char *method,
                         const char *path, const char *client_nonce) {
    g_autofree char *who = g_strjoin(":", user, challenge->realm, password, NULL);
    g_autofree char *what = g_strjoin(":", method, path, NULL);
    g_autofree char *ha1 = g_compute_checksum_for_string(kind, who, -1);
    g_autofree char *ha2 = g_compute_checksum_for_string(kind, what, -1);
    g_autofree char *all = challenge->qop ? g_strjoin(":", ha1, challenge->nonce, COUNT, client_nonce, "auth", ha2, NULL)
                                          : g_strjoin(":", ha1, challenge->nonce, ha2, NULL);
    sky_text_wipe(who);
    return g_compute_checksum_for_string(kind, all, -1);
}

static char *answer(const char *text, const char *user, const char *password, const char *method, const char *path,
                    const char *client_nonce) {
    g_auto(Challenge) challenge = {0};
    if (!read_challenge(text, &challenge) || (challenge.qop && !offers(challenge.qop, "auth")))
        return NULL;
    const char *algorithm = challenge.algorithm ? challenge.algorithm : "MD5";
    gboolean sha = g_ascii_strcasecmp(algorithm, "SHA-256") == 0;
    if (!sha && g_ascii_strcasecmp(algorithm, "MD5") != 0)
        return NULL;
    g_autofree char *response =
        response_of(&challenge, sha ? G_CHECKSUM_SHA256 : G_CHECKSUM_MD5, user, password, method, path, client_nonce);
    g_autofree char *user_text = quoted(user), *realm = quoted(challenge.realm), *nonce = quoted(challenge.nonce);
    GString *out = g_string_new(NULL);
    g_string_printf(out, SCHEME "username=%s, realm=%s, nonce=%s, uri=\"%s\", response=\"%s\"", user_text, realm, nonce, path,
                    response);
    if (challenge.algorithm)
        g_string_append_printf(out, ", algorithm=%s", sha ? "SHA-256" : "MD5");
    if (challenge.qop)
        g_string_append_printf(out, ", qop=auth, nc=" COUNT ", cnonce=\"%s\"", client_nonce);
    if (challenge.opaque) {
        g_autofree char *opaque = quoted(challenge.opaque);
        g_string_append_printf(out, ", opaque=%s", opaque);
    }
    return g_string_free(out, FALSE);
}

/* One field may hold several challenges: "Basic realm=..., Digest realm=..." */
char *sky_http_digest(const char *text, const char *user, const char *password, const char *method, const char *path,
                      const char *client_nonce) {
    char *words = NULL;
    for (const char *at = text; !words && (at = strcasestr(at, SCHEME)) != NULL; at += strlen(SCHEME))
        if (at == text || strchr(", \t", at[-1]))
            words = answer(at + strlen(SCHEME), user, password, method, path, client_nonce);
    return words;
}

char *sky_http_digest_algorithm(const char *text) {
    g_auto(Challenge) challenge = {0};
    if (g_ascii_strncasecmp(text, SCHEME, strlen(SCHEME)) != 0 || !read_challenge(text + strlen(SCHEME), &challenge))
        return NULL;
    const char *algorithm = challenge.algorithm ? challenge.algorithm : "MD5";
    gsize length = strlen(algorithm);
    return length <= 32 && strspn(algorithm, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-") == length ? g_strdup(algorithm) : NULL;
}
