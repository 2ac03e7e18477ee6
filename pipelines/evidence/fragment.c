/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/fragment.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define BLOCK_BYTES 4096u   /* of a page; a picture in JPEG may hold shorter runs of zeros */
#define NAL_LENGTH_BYTES 4u /* libavformat writes no other */
#define PADDING_MAX 64u
#define SECTOR_BYTES 512u
#define TYPE(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

typedef struct {
    uint32_t type;
    uint64_t bytes; /* with its header */
    gsize header_bytes;
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
    Box box = {.type = (uint32_t)big_endian(header + 4, 4), .bytes = big_endian(header, 4), .header_bytes = 8};
    if (box.bytes == 1) {
        if (file_bytes - at < 16 || !read_at(fd, header + 8, 8, at + 8))
            return FALSE;
        box.bytes = big_endian(header + 8, 8);
        box.header_bytes = 16;
    }
    if (box.bytes < box.header_bytes || box.bytes > file_bytes - at)
        return FALSE;
    *ret_box = box;
    return TRUE;
}

/* ---- holes ---- */

static gboolean is_zero(const uint8_t *data, gsize bytes) {
    for (gsize i = 0; i < bytes; i++)
        if (data[i] != 0)
            return FALSE;
    return TRUE;
}

/* TRUE: no whole block of it, as they lie on the disk, is empty. */
static gboolean holds_data(const uint8_t *data, gsize bytes, uint64_t at) {
    for (gsize i = (gsize)(-at % BLOCK_BYTES); i + BLOCK_BYTES <= bytes; i += BLOCK_BYTES)
        if (is_zero(data + i, BLOCK_BYTES))
            return FALSE;
    return TRUE;
}

/* A NAL unit holds no three zeros in a row (H.264 7.4.1, H.265 7.4.2) but for padding at its end, some bytes that an encoder may
 * add; zeros that begin where a sector does are none. `at` is its place in the file. */
static gboolean is_whole_nal(const uint8_t *data, gsize bytes, uint64_t at) {
    gsize end = bytes, zeros = 0;
    while (end > 0 && data[end - 1] == 0)
        end--;
    if (bytes - end > PADDING_MAX || (bytes > end && (at + end) % SECTOR_BYTES == 0))
        return FALSE;
    for (gsize i = 0; i < end; i++) {
        zeros = data[i] == 0 ? zeros + 1 : 0;
        if (zeros > 3)
            return FALSE;
    }
    return end > 0;
}

/* The payload is one NAL unit after the other, each behind its length, up to its very end. */
static gboolean is_whole_chain(const uint8_t *data, gsize bytes, uint64_t begin) {
    gsize at = 0;
    while (bytes - at > NAL_LENGTH_BYTES) {
        uint64_t length = big_endian(data + at, NAL_LENGTH_BYTES);
        at += NAL_LENGTH_BYTES;
        if (length == 0 || length > bytes - at || !is_whole_nal(data + at, (gsize)length, begin + at))
            return FALSE;
        at += (gsize)length;
    }
    return at == bytes;
}

/* What a track run says of its samples, where it gives each its length: their sum. FALSE: it does not. */
static gboolean sum_of_run(const uint8_t *run, gsize bytes, uint64_t *ret_sum) {
    if (bytes < 16)
        return FALSE;
    uint32_t flags = (uint32_t)big_endian(run + 9, 3), samples = (uint32_t)big_endian(run + 12, 4);
    gsize head = 16 + (flags & 1 ? 4 : 0) + (flags & 4 ? 4 : 0);
    gsize before = flags & 0x100 ? 4 : 0, each = before + 4 + (flags & 0x400 ? 4 : 0) + (flags & 0x800 ? 4 : 0);
    if (!(flags & 0x200) || bytes < head || (bytes - head) / each < samples)
        return FALSE;
    *ret_sum = 0;
    for (uint32_t i = 0; i < samples; i++)
        *ret_sum += big_endian(run + head + i * each + before, 4);
    return TRUE;
}

/* TRUE: the fragment's table is about as many bytes as follow, as far as it says. Ours holds one run, its last box. */
static gboolean is_whole_table(const uint8_t *moof, gsize bytes, uint64_t payload_bytes) {
    const uint8_t *run = memmem(moof, bytes, "trun", 4);
    uint64_t sum = 0;
    if (run == NULL || run - moof < 4)
        return TRUE;
    run -= 4;
    gsize left = bytes - (gsize)(run - moof);
    return big_endian(run, 4) == left && (!sum_of_run(run, left, &sum) || sum == payload_bytes);
}

/* ---- fragments ---- */

/* The length of the fragment that begins at `at`; 0: none that is whole. */
static uint64_t find_fragment(int fd, uint64_t at, uint64_t file_bytes, gboolean nal_units) {
    Box moof, mdat;
    if (!read_box(fd, at, file_bytes, &moof) || moof.type != TYPE('m', 'o', 'o', 'f') ||
        !read_box(fd, at + moof.bytes, file_bytes, &mdat) || mdat.type != TYPE('m', 'd', 'a', 't'))
        return 0;
    gsize bytes = (gsize)(moof.bytes + mdat.bytes), head = (gsize)moof.bytes + mdat.header_bytes;
    g_autofree uint8_t *data = g_try_malloc(bytes);
    if (data == NULL || !read_at(fd, data, bytes, at) || !holds_data(data, bytes, at) ||
        !is_whole_table(data, (gsize)moof.bytes, bytes - head) ||
        (nal_units && !is_whole_chain(data + head, bytes - head, at + head)))
        return 0;
    return bytes;
}

/* TRUE: the description of the stream says H.264 or H.265. */
static gboolean has_nal_units(int fd, uint64_t at, const Box *moov) {
    g_autofree uint8_t *data = g_try_malloc((gsize)moov->bytes);
    return data != NULL && read_at(fd, data, (gsize)moov->bytes, at) &&
           (memmem(data, (gsize)moov->bytes, "avcC", 4) != NULL || memmem(data, (gsize)moov->bytes, "hvcC", 4) != NULL);
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
    gboolean has_moov = FALSE, nal_units = FALSE;
    while (!has_moov && read_box(fd, at, file_bytes, &box)) {
        has_moov = box.type == TYPE('m', 'o', 'o', 'v');
        if (!has_moov && box.type != TYPE('f', 't', 'y', 'p'))
            break;
        nal_units = has_moov && has_nal_units(fd, at, &box);
        at += box.bytes;
    }
    for (uint64_t bytes; has_moov && (bytes = find_fragment(fd, at, file_bytes, nal_units)) > 0; at += bytes) {
        fragments.fragments++;
        fragments.whole_bytes = at + bytes;
    }
    *ret_fragments = fragments;
    return TRUE;
}
