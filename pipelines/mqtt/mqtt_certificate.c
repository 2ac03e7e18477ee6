/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/mqtt_certificate.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "base/clock.h"
#include "base/error.h"
#include "mqtt/mqtt_internal.h"

static SkyCertificateVerdict verdict_of(long result) {
    switch (result) {
    case X509_V_OK: return SKY_CERTIFICATE_GOOD;
    case X509_V_ERR_CERT_NOT_YET_VALID: case X509_V_ERR_CRL_NOT_YET_VALID: return SKY_CERTIFICATE_EARLY;
    case X509_V_ERR_CERT_HAS_EXPIRED: case X509_V_ERR_CRL_HAS_EXPIRED: return SKY_CERTIFICATE_EXPIRED;
    case X509_V_ERR_HOSTNAME_MISMATCH: case X509_V_ERR_IP_ADDRESS_MISMATCH: return SKY_CERTIFICATE_WRONG_NAME;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT: case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE: case X509_V_ERR_CERT_UNTRUSTED: return SKY_CERTIFICATE_UNKNOWN_CA;
    default: return SKY_CERTIFICATE_BAD;
    }
}

static int64_t utc_of(const ASN1_TIME *time) {
    struct tm parts;
    return ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) * SKY_NS_PER_S : SKY_TIME_NONE;
}

/* A text of somebody else's making: only its printable ASCII is taken, the rest becomes '?'. */
static void take_text(char *place, gsize bytes, const unsigned char *text, int length) {
    gsize used = strlen(place);
    for (int i = 0; i < length && used + 1 < bytes; i++) place[used++] = g_ascii_isprint(text[i]) ? (char)text[i] : '?';
    place[used] = '\0';
}

static void take_common_name(char *place, gsize bytes, const X509_NAME *name) {
    int index = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    const ASN1_STRING *text = index >= 0 ? X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)) : NULL;
    if (text) take_text(place, bytes, ASN1_STRING_get0_data(text), ASN1_STRING_length(text));
}

static void take_address(char *place, gsize bytes, const ASN1_OCTET_STRING *address) {
    char text[INET6_ADDRSTRLEN] = "";
    int family = ASN1_STRING_length(address) == 4 ? AF_INET : AF_INET6;
    if (ASN1_STRING_length(address) != 4 && ASN1_STRING_length(address) != 16) return;
    if (inet_ntop(family, ASN1_STRING_get0_data(address), text, sizeof text))
        take_text(place, bytes, (const unsigned char *)text, (int)strlen(text));
}

static void take_names(SkyCertificate *certificate, X509 *x509) {
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) { /* NULL: -1 */
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_DNS && name->type != GEN_IPADD) continue;
        if (certificate->names[0]) take_text(certificate->names, sizeof certificate->names, (const unsigned char *)", ", 2);
        if (name->type == GEN_IPADD) take_address(certificate->names, sizeof certificate->names, name->d.iPAddress);
        else take_text(certificate->names, sizeof certificate->names, ASN1_STRING_get0_data(name->d.dNSName),
                       ASN1_STRING_length(name->d.dNSName));
    }
    GENERAL_NAMES_free(names);
}

static void take(SkyCertificate *certificate, X509 *x509, long result) {
    *certificate = (SkyCertificate){.verdict = verdict_of(result), .begin_utc_ns = utc_of(X509_get0_notBefore(x509)),
                                    .end_utc_ns = utc_of(X509_get0_notAfter(x509))};
    g_strlcpy(certificate->words, X509_verify_cert_error_string(result), sizeof certificate->words);
    take_common_name(certificate->subject, sizeof certificate->subject, X509_get_subject_name(x509));
    take_common_name(certificate->issuer, sizeof certificate->issuer, X509_get_issuer_name(x509));
    take_names(certificate, x509);
}

/* FALSE: *error is set. */
static gboolean shake_hands(SSL *ssl, int fd, int64_t limit_ns, GError **error) {
    int64_t deadline_ns = sky_clock_monotonic_ns() + limit_ns;
    for (;;) {
        ERR_clear_error();
        int result = SSL_connect(ssl);
        if (result == 1) return TRUE;
        int wants = SSL_get_error(ssl, result);
        if (wants != SSL_ERROR_WANT_READ && wants != SSL_ERROR_WANT_WRITE) break;
        int64_t left_ms = (deadline_ns - sky_clock_monotonic_ns()) / SKY_NS_PER_MS;
        struct pollfd wait = {.fd = fd, .events = wants == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT};
        if (left_ms <= 0 || poll(&wait, 1, (int)left_ms) == 0) {
            g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "TLS: no answer to the handshake");
            return FALSE;
        }
    }
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "TLS: %s", reason ? reason : "the other side hung up");
    ERR_clear_error();
    return FALSE;
}

gboolean sky_mqtt_certificate_look(const SkyMqttParams *params, int fd, int64_t limit_ns, SkyCertificate *ret_certificate,
                                   GError **error) {
    SkyMqttParams lenient = *params;
    int unused = X509_V_OK;
    lenient.verify = FALSE; /* OpenSSL verifies all the same, and says what it found instead of hanging up */
    SSL_CTX *context = sky_mqtt_tls_new(&lenient, &unused, error);
    SSL *ssl = context ? SSL_new(context) : NULL;
    gboolean done = ssl && SSL_set_fd(ssl, fd) == 1 && shake_hands(ssl, fd, limit_ns, error);
    X509 *x509 = done ? SSL_get1_peer_certificate(ssl) : NULL;
    if (x509) take(ret_certificate, x509, SSL_get_verify_result(ssl));
    else if (done) g_set_error(error, SKY_ERROR, SKY_ERR_RETRY, "TLS: the broker shows no certificate");
    X509_free(x509);
    SSL_free(ssl);
    SSL_CTX_free(context);
    return x509 != NULL;
}

gboolean sky_mqtt_certificate_read(const char *path, int64_t now_utc_ns, SkyCertificate *ret_certificate, GError **error) {
    FILE *file = fopen(path, "re");
    X509 *x509 = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    if (file) fclose(file);
    ERR_clear_error();
    if (!x509) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "%s: not a certificate in PEM that can be read", path);
        return FALSE;
    }
    take(ret_certificate, x509, X509_V_OK);
    X509_free(x509);
    if (now_utc_ns < ret_certificate->begin_utc_ns) ret_certificate->verdict = SKY_CERTIFICATE_EARLY;
    else if (now_utc_ns > ret_certificate->end_utc_ns) ret_certificate->verdict = SKY_CERTIFICATE_EXPIRED;
    return TRUE;
}
