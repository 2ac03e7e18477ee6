/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <errno.h>

G_DEFINE_QUARK(sky-error, sky_error)

static SkyErrorCode code_of_errno(int errno_value) {
    switch (errno_value) {
    case ENOSPC:
    case EDQUOT:
    case EROFS:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case EFBIG:
        return SKY_ERR_RESOURCE;
    case ENOENT:
    case EACCES:
    case EPERM:
    case ENOTDIR:
    case EISDIR:
        return SKY_ERR_CONFIG;
    default:
        return SKY_ERR_RETRY;
    }
}

void sky_error_set_errno(GError **error, int errno_value, const char *what) {
    g_set_error(error, SKY_ERROR, (gint)code_of_errno(errno_value), "%s: %s", what, g_strerror(errno_value));
}
