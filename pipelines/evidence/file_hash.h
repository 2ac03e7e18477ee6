/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* SHA-256 (FIPS 180-4) by OpenSSL, of what is written as it is written. */
#define SKY_SHA256_BYTES 65 /* lower-case hex and the NUL */
typedef struct SkyFileHash SkyFileHash;

SkyFileHash *sky_file_hash_new(void);
void sky_file_hash_free(SkyFileHash *hash);
void sky_file_hash_add(SkyFileHash *hash, const void *data, gsize bytes);
void sky_file_hash_finish(SkyFileHash *hash, char ret_sha256[SKY_SHA256_BYTES]); /* once, at the end */
/* Of a whole file. Blocks. Errors by sky_error_set_errno, without the path. */
gboolean sky_file_hash_read(const char *path, char ret_sha256[SKY_SHA256_BYTES], uint64_t *ret_bytes, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyFileHash, sky_file_hash_free)
