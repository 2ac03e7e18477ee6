/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include "base/error.h"
#include "mqtt/mqtt_internal.h"

/* What OpenSSL says about the last failure, and its queue emptied. The paths are those of our own configuration. */
static void set_error(GError **error, const char *what, const char *path) {
    unsigned long code = ERR_peek_last_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "TLS: %s%s%s: %s", what, path ? " " : "", path ? path : "",
                reason ? reason : "failed");
    ERR_clear_error();
}

static int on_verify(int ok, X509_STORE_CTX *store) {
    if (ok) return 1;
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    int *verify_error = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    if (*verify_error == X509_V_OK) *verify_error = X509_STORE_CTX_get_error(store);
    return 0;
}

/* A key with a pass phrase: OpenSSL would ask the terminal for it, and the daemon would wait there. */
static int no_pass_phrase(char *buffer, int size, int writing, void *user) {
    return 0;
}

static gboolean is_literal(const char *host) {
    struct in6_addr ignored;
    return inet_pton(AF_INET, host, &ignored) == 1 || inet_pton(AF_INET6, host, &ignored) == 1;
}

/* libmosquitto has just named the numeric address as the server's name. The handshake begins: now it is ours to say. */
static void on_handshake(const SSL *ssl, int where, int value) {
    if (!(where & SSL_CB_HANDSHAKE_START) || SSL_is_init_finished(ssl)) return;
    const char *host = X509_VERIFY_PARAM_get0_host(SSL_CTX_get0_param(SSL_get_SSL_CTX(ssl)), 0);
    SSL_set_tlsext_host_name((SSL *)ssl, host); /* NULL, for an address: none */
}

static gboolean set_name(SSL_CTX *context, const char *host) {
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(context);
    if (is_literal(host)) return X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1;
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(param, host, 0) == 1;
}

static gboolean load_authorities(SSL_CTX *context, const SkyMqttParams *params, GError **error) {
    int loaded = params->ca_file ? SSL_CTX_load_verify_file(context, params->ca_file) : SSL_CTX_set_default_verify_paths(context);
    if (loaded == 1) return TRUE;
    set_error(error, "CA file", params->ca_file);
    return FALSE;
}

static gboolean load_certificate(SSL_CTX *context, const SkyMqttParams *params, GError **error) {
    if (!params->certificate_file) return TRUE;
    SSL_CTX_set_default_passwd_cb(context, no_pass_phrase);
    if (SSL_CTX_use_certificate_chain_file(context, params->certificate_file) != 1) {
        set_error(error, "certificate file", params->certificate_file);
        return FALSE;
    }
    const char *key_file = params->key_file ? params->key_file : params->certificate_file;
    if (SSL_CTX_use_PrivateKey_file(context, key_file, SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(context) != 1) {
        set_error(error, "key file", key_file);
        return FALSE;
    }
    return TRUE;
}

SSL_CTX *sky_mqtt_tls_new(const SkyMqttParams *params, int *verify_error, GError **error) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    g_assert(context);
    *verify_error = X509_V_OK;
    SSL_CTX_set_app_data(context, verify_error);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_info_callback(context, on_handshake);
    SSL_CTX_set_verify(context, params->verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, params->verify ? on_verify : NULL);
    gboolean named = set_name(context, params->host);
    if (!named) set_error(error, "host name", NULL);
    if (named && load_authorities(context, params, error) && load_certificate(context, params, error)) return context;
    SSL_CTX_free(context);
    return NULL;
}

const char *sky_mqtt_tls_verify_text(int verify_error) {
    return X509_verify_cert_error_string(verify_error);
}
