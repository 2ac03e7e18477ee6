/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* A camera's answer over HTTP/1.x to a question of HTTP/1.0 (RFC 1945), as it comes in: any bytes may stand in it. Many cameras answer in
 * chunks (RFC 9112 7.1) all the same, although only HTTP/1.1 has them. Decides only. */
#define SKY_HTTP_HEAD_BYTES_MAX 16384

typedef enum {
    SKY_HTTP_MORE,      /* its head, or what the head promises, is not all there */
    SKY_HTTP_UNBOUNDED, /* it goes on until the camera hangs up */
    SKY_HTTP_WHOLE,
    SKY_HTTP_TOO_LARGE, /* more than SKY_HTTP_HEAD_BYTES_MAX, or than body_bytes_max behind it, chunks with their sizes */
    SKY_HTTP_UNKNOWN,   /* in a coding that nobody asked for, or in chunks that are none */
} SkyHttpState;

SkyHttpState sky_http_reply_state(const GString *got, gsize body_bytes_max);

/* Of one that is WHOLE, or UNBOUNDED and over. */
int sky_http_reply_status(const GString *got); /* 100 to 599; 0: this is no HTTP */
/* The n-th field of that name (lower case), from 0; NULL: there is none. New memory. */
char *sky_http_reply_field(const GString *got, const char *name, guint n);
GBytes *sky_http_reply_body(const GString *got);
