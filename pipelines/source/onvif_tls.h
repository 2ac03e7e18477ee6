/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* TLS over a socket that does not block (OpenSSL, which the broker's connection brings already). Internal to onvif_line.c, which
 * waits. */
typedef struct SkyOnvifTls SkyOnvifTls;

typedef enum {
    SKY_ONVIF_STEP_DONE,
    SKY_ONVIF_STEP_WANTS_IN, /* again once there is something to read, or may be */
    SKY_ONVIF_STEP_WANTS_OUT,
    SKY_ONVIF_STEP_FAILED,
} SkyOnvifStep;

/* fd: borrowed. host: told to the camera where it is a name. ca_file: see SkyOnvifDoor. CONFIG: it holds no certificate. */
SkyOnvifTls *sky_onvif_tls_new(int fd, const char *host, const char *ca_file, GError **error);
void sky_onvif_tls_free(SkyOnvifTls *tls);
SkyOnvifStep sky_onvif_tls_shake_hands(SkyOnvifTls *tls);
/* DONE tells how much; 0 received: the camera hung up. */
SkyOnvifStep sky_onvif_tls_send(SkyOnvifTls *tls, const char *text, gsize bytes, gsize *ret_sent);
SkyOnvifStep sky_onvif_tls_receive(SkyOnvifTls *tls, char *ret_piece, gsize bytes, gsize *ret_received);
/* Why a step FAILED; always FALSE. CONFIG: the certificate. RETRY: all else. */
gboolean sky_onvif_tls_fail(SkyOnvifTls *tls, const char *what, GError **error);
