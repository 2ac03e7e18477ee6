/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* Failures. The code says what can be DONE about it, because the supervisor is its only reader; the message says
 * what happened, one prefix a level. Foreign codes (AVERROR, MOSQ_ERR, SQLite, errno) are translated once, by the
 * module that owns the library, and travel no further. */
typedef enum {
    SKY_ERR_RETRY,    /* network, camera gone: the same call may succeed later */
    SKY_ERR_CONFIG,   /* wrong URL, credentials, codec: only a reload can help */
    SKY_ERR_RESOURCE, /* budget, disk, memory: shed load */
    SKY_ERR_DATA,     /* bad input: drop it, count it, go on */
    SKY_ERR_FATAL,    /* the process can not do its work */
} SkyErrorCode;

#define SKY_ERROR (sky_error_quark())
GQuark sky_error_quark(void);

/* An errno in words, with a code that fits it: ENOSPC, EDQUOT, EROFS, ENOMEM, EMFILE are RESOURCE; ENOENT, EACCES, ENOTDIR are
 * CONFIG; the rest RETRY. `what` is the prefix: "what: No space left on device". */
void sky_error_set_errno(GError **error, int errno_value, const char *what);
