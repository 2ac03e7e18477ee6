/* SPDX-License-Identifier: Apache-2.0 */
#include "source/onvif_tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/error.h"

/* Cameras make themselves keys of 1024 bits, and those of ten years ago speak TLS 1.0. Where nobody asks whose certificate it is, that
 * is still better than none; where one asks, SHA-1 and what is weaker would be no answer. */
#define OLD "DEFAULT@SECLEVEL=0"
#define TRUSTED "DEFAULT@SECLEVEL=1"

struct SkyOnvifTls {
    SSL *ssl;
    int why; /* SSL_get_error() of the step that failed */
};

static gboolean fail_of_queue(GError **error, SkyErrorCode code, const char *what) {
    unsigned long first = ERR_peek_last_error();
    const char *reason = first ? ERR_reason_error_string(first) : NULL;
    g_set_error(error, SKY_ERROR, code, "ONVIF: %s: %s", what, reason ? reason : "failed");
    ERR_clear_error();
    return FALSE;
}

static gboolean set_trust(SSL_CTX *context, const char *ca_file, GError **error) {
    if (!ca_file) {
        SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
        SSL_CTX_set_options(context, SSL_OP_LEGACY_SERVER_CONNECT);
        return SSL_CTX_set_cipher_list(context, OLD) == 1 || fail_of_queue(error, SKY_ERR_RETRY, "TLS");
    }
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
    if (SSL_CTX_set_cipher_list(context, TRUSTED) == 1 && SSL_CTX_load_verify_file(context, ca_file) == 1)
        return TRUE;
    g_autofree char *what = g_strconcat("ca_file ", ca_file, NULL);
    return fail_of_queue(error, SKY_ERR_CONFIG, what);
}

SkyOnvifTls *sky_onvif_tls_new(int fd, const char *host, const char *ca_file, GError **error) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    g_assert(context);
    SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF); /* cameras hang up without a word; HTTP tells how long an answer is */
    SSL *ssl = set_trust(context, ca_file, error) ? SSL_new(context) : NULL;
    SSL_CTX_free(context); /* ssl has its own hold on it */
    if (!ssl)
        return NULL;
    gboolean set = SSL_set_fd(ssl, fd) == 1 && (g_hostname_is_ip_address(host) || SSL_set_tlsext_host_name(ssl, host) == 1);
    g_assert(set);
    SkyOnvifTls *tls = g_new0(SkyOnvifTls, 1);
    tls->ssl = ssl;
    return tls;
}

void sky_onvif_tls_free(SkyOnvifTls *tls) {
    if (!tls)
        return;
    if (tls->why == SSL_ERROR_NONE && SSL_is_init_finished(tls->ssl))
        SSL_shutdown(tls->ssl); /* says goodbye, and waits for no answer */
    SSL_free(tls->ssl);
    ERR_clear_error();
    g_free(tls);
}

static SkyOnvifStep step_of(SkyOnvifTls *tls, int result) {
    int why = SSL_get_error(tls->ssl, result);
    if (result > 0)
        return SKY_ONVIF_STEP_DONE;
    if (why == SSL_ERROR_WANT_READ)
        return SKY_ONVIF_STEP_WANTS_IN;
    if (why == SSL_ERROR_WANT_WRITE)
        return SKY_ONVIF_STEP_WANTS_OUT;
    tls->why = why;
    return SKY_ONVIF_STEP_FAILED;
}

/* OpenSSL's errors are a queue of the thread: what stands in it from before is no reason of this step's. */
SkyOnvifStep sky_onvif_tls_shake_hands(SkyOnvifTls *tls) {
    ERR_clear_error();
    return step_of(tls, SSL_connect(tls->ssl));
}

SkyOnvifStep sky_onvif_tls_send(SkyOnvifTls *tls, const char *text, gsize bytes, gsize *ret_sent) {
    ERR_clear_error();
    return step_of(tls, SSL_write_ex(tls->ssl, text, bytes, ret_sent));
}

SkyOnvifStep sky_onvif_tls_receive(SkyOnvifTls *tls, char *ret_piece, gsize bytes, gsize *ret_received) {
    ERR_clear_error();
    *ret_received = 0;
    SkyOnvifStep step = step_of(tls, SSL_read_ex(tls->ssl, ret_piece, bytes, ret_received));
    return tls->why == SSL_ERROR_ZERO_RETURN ? SKY_ONVIF_STEP_DONE : step;
}

gboolean sky_onvif_tls_fail(SkyOnvifTls *tls, const char *what, GError **error) {
    long verdict = SSL_get_verify_result(tls->ssl);
    if (tls->why == SSL_ERROR_SSL && (SSL_get_verify_mode(tls->ssl) & SSL_VERIFY_PEER) && verdict != X509_V_OK) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "ONVIF: the camera's certificate is not in ca_file, and none in it has signed it (%s)",
                    X509_verify_cert_error_string(verdict));
        return FALSE;
    }
    if (tls->why == SSL_ERROR_SSL)
        return fail_of_queue(error, SKY_ERR_RETRY, what);
    g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "ONVIF: %s: %s", what,
                tls->why == SSL_ERROR_SYSCALL && errno ? g_strerror(errno) : "the camera hung up");
    return FALSE;
}
