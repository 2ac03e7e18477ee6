/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/file_hash.h"

#include <fcntl.h>
#include <openssl/evp.h>

#include "base/cleanup.h"
#include "base/error.h"

#define READ_BYTES (64u << 10)

struct SkyFileHash {
    EVP_MD_CTX *context;
};

SkyFileHash *sky_file_hash_new(void) {
    SkyFileHash *hash = g_new0(SkyFileHash, 1);
    hash->context = EVP_MD_CTX_new();
    int ok = hash->context != NULL && EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL);
    g_assert(ok);
    return hash;
}

void sky_file_hash_free(SkyFileHash *hash) {
    if (hash == NULL)
        return;
    EVP_MD_CTX_free(hash->context);
    g_free(hash);
}

void sky_file_hash_add(SkyFileHash *hash, const void *data, gsize bytes) {
    int ok = EVP_DigestUpdate(hash->context, data, bytes);
    g_assert(ok);
}

void sky_file_hash_finish(SkyFileHash *hash, char ret_sha256[SKY_SHA256_BYTES]) {
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned bytes = 0;
    int ok = EVP_DigestFinal_ex(hash->context, digest, &bytes);
    g_assert(ok && bytes * 2 + 1 == SKY_SHA256_BYTES);
    for (unsigned i = 0; i < bytes; i++) {
        ret_sha256[2 * i] = digits[digest[i] >> 4];
        ret_sha256[2 * i + 1] = digits[digest[i] & 15];
    }
    ret_sha256[2 * bytes] = '\0';
}

gboolean sky_file_hash_read(const char *path, char ret_sha256[SKY_SHA256_BYTES], uint64_t *ret_bytes, GError **error) {
    sky_autofd fd = open(path, O_RDONLY | O_CLOEXEC);
    g_autoptr(SkyFileHash) hash = sky_file_hash_new();
    g_autofree uint8_t *data = g_malloc(READ_BYTES);
    uint64_t bytes = 0;
    ssize_t got = fd < 0 ? -1 : 0;
    while (fd >= 0 && ((got = read(fd, data, READ_BYTES)) > 0 || (got < 0 && errno == EINTR))) {
        if (got < 0)
            continue;
        sky_file_hash_add(hash, data, (gsize)got);
        bytes += (uint64_t)got;
    }
    if (got < 0) {
        sky_error_set_errno(error, errno, "reading the file");
        return FALSE;
    }
    sky_file_hash_finish(hash, ret_sha256);
    *ret_bytes = bytes;
    return TRUE;
}
