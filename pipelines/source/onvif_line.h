/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdatomic.h>
#include <stdint.h>

/* Where a camera is asked, and for how long: all of it ends at deadline_ns (CLOCK_MONOTONIC) or within 100 ms of *stop. */
typedef struct {
    const char *address; /* numeric */
    int port;
    const char *host;    /* as it is called in the request */
    gboolean tls;
    const char *ca_file; /* with tls: PEM, the camera's certificate is one of these or signed by one of these, whatever its name and its
                            dates say: cameras are reached by address, and a box whose clock the power cut has set back must see. NULL: any
                            certificate will do, and any TLS that OpenSSL still speaks: cameras are old */
    int64_t deadline_ns;
    const atomic_bool *stop;
} SkyOnvifDoor;

/* One connection to a camera, in the open or within TLS. Thread: one, and SIGPIPE does not end it (base/thread.h blocks it). Blocks
 * within the bounds of its door, which outlives it. Errors: CONFIG where the certificate is not the one that ca_file tells of, or that
 * file can not be used; else RETRY. */
typedef struct SkyOnvifLine SkyOnvifLine;

SkyOnvifLine *sky_onvif_line_new(const SkyOnvifDoor *door, GError **error);
void sky_onvif_line_free(SkyOnvifLine *line);
gboolean sky_onvif_line_send(SkyOnvifLine *line, const char *text, gsize bytes, GError **error);
/* As many as came; 0: the camera hung up; -1: error. */
gssize sky_onvif_line_receive(SkyOnvifLine *line, char *ret_piece, gsize bytes, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyOnvifLine, sky_onvif_line_free)
