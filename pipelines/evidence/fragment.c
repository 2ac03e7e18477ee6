/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/fragment.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"

#define BLOCK_BYTES 4096u
#define READ_BYTES (16u * BLOCK_BYTES)
#define TYPE(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

typedef struct {
    uint32_t type;
    uint64_t bytes; /* with its header */
} Box;

/* TRUE: all of it was read. */
static gboolean read_at(int fd, void *data, gsize bytes, uint64_t at) {
    uint8_t *to = data;
    while (bytes > 0) {
        ssize_t got = pread(fd, to, bytes, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return FALSE;
        to += got;
        at += (uint64_t)got;
        bytes -= (gsize)got;
    }
    return TRUE;
}

static uint64_t big_endian(const uint8_t *data, unsigned bytes) {
    uint64_t value = 0;
    while (bytes-- > 0)
        value = value << 8 | *data++;
    return value;
}

/* FALSE: no whole box begins here. */
static gboolean read_box(int fd, uint64_t at, uint64_t file_bytes, Box *ret_box) {
    uint8_t header[16];
    if (file_bytes - at < 8 || !read_at(fd, header, 8, at))
        return FALSE;
    Box box = {.type = (uint32_t)big_endian(header + 4, 4), .bytes = big_endian(header, 4)};
    if (box.bytes == 1) {
        if (file_bytes - at < 16 || !read_at(fd, header + 8, 8, at + 8))
            return FALSE;
        box.bytes = big_endian(header + 8, 8);
    }
    if (box.bytes < 8 || box.bytes > file_bytes - at)
        return FALSE;
    *ret_box = box;
    return TRUE;
}

static gboolean is_zero(const uint8_t *block) {
    for (unsigned i = 0; i < BLOCK_BYTES; i++)
        if (block[i] != 0)
            return FALSE;
    return TRUE;
}

/* TRUE: each whole block of the file between from and to was read and holds something. */
static gboolean holds_data(int fd, uint64_t from, uint64_t to) {
    g_autofree uint8_t *data = g_malloc(READ_BYTES);
    uint64_t at = (from + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    while (at + BLOCK_BYTES <= to) {
        gsize bytes = (gsize)MIN((to - at) / BLOCK_BYTES * BLOCK_BYTES, READ_BYTES);
        if (!read_at(fd, data, bytes, at))
            return FALSE;
        for (gsize i = 0; i < bytes; i += BLOCK_BYTES)
            if (is_zero(data + i))
                return FALSE;
        at += bytes;
    }
    return TRUE;
}

/* The length of the fragment that begins at `at`; 0: none that is whole. */
static uint64_t find_fragment(int fd, uint64_t at, uint64_t file_bytes) {
    Box moof, mdat;
    if (!read_box(fd, at, file_bytes, &moof) || moof.type != TYPE('m', 'o', 'o', 'f') ||
        !read_box(fd, at + moof.bytes, file_bytes, &mdat) || mdat.type != TYPE('m', 'd', 'a', 't'))
        return 0;
    uint64_t bytes = moof.bytes + mdat.bytes;
    return holds_data(fd, at, at + bytes) ? bytes : 0;
}

gboolean sky_fragments_scan(int fd, SkyFragments *ret_fragments, GError **error) {
    struct stat file;
    if (fstat(fd, &file) != 0) {
        sky_error_set_errno(error, errno, "reading the file");
        return FALSE;
    }
    uint64_t file_bytes = (uint64_t)file.st_size, at = 0;
    SkyFragments fragments = {0};
    Box box;
    gboolean has_moov = FALSE;
    while (!has_moov && read_box(fd, at, file_bytes, &box)) {
        has_moov = box.type == TYPE('m', 'o', 'o', 'v');
        if (!has_moov && box.type != TYPE('f', 't', 'y', 'p'))
            break;
        at += box.bytes;
    }
    for (uint64_t bytes; has_moov && (bytes = find_fragment(fd, at, file_bytes)) > 0; at += bytes) {
        fragments.fragments++;
        fragments.whole_bytes = at + bytes;
    }
    *ret_fragments = fragments;
    return TRUE;
}
