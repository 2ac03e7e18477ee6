/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "mqtt/mqtt_params.h"

/* What a broker's certificate says, for a person who has to find out why TLS fails. */
typedef enum {
    SKY_CERTIFICATE_GOOD,
    SKY_CERTIFICATE_EARLY,      /* not yet valid: often the clock of this box */
    SKY_CERTIFICATE_EXPIRED,
    SKY_CERTIFICATE_WRONG_NAME,
    SKY_CERTIFICATE_UNKNOWN_CA, /* nobody whom we trust has signed it */
    SKY_CERTIFICATE_BAD,        /* anything else: see words */
} SkyCertificateVerdict;

typedef struct {
    SkyCertificateVerdict verdict;
    char words[96];                      /* OpenSSL's own, for the verdict */
    char subject[128], issuer[128];      /* common names, "" where there is none */
    char names[256];                     /* that it is made out for: DNS names and addresses, comma separated */
    int64_t begin_utc_ns, end_utc_ns;
} SkyCertificate;

/* A handshake on fd (connected, not blocking; stays the caller's), verified as the transport does for params->host, but to its end.
 * Fails with RETRY: nobody who speaks TLS, no answer in time; CONFIG: our own files. Blocks at most limit_ns. */
gboolean sky_mqtt_certificate_look(const SkyMqttParams *params, int fd, int64_t limit_ns, SkyCertificate *ret_certificate,
                                   GError **error);
/* The first certificate of a PEM file; verdict by its dates alone. Fails with CONFIG. */
gboolean sky_mqtt_certificate_read(const char *path, int64_t now_utc_ns, SkyCertificate *ret_certificate, GError **error);
