/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_pages.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/cleanup.h"
#include "base/error.h"
#include "store/store_internal.h"

#define PAGE_BYTES SKY_DATABASE_PAGE_BYTES
#define WAL_HEADER_BYTES 32
#define FRAME_HEADER_BYTES 24
/* A picture is the largest row; what says that it is larger is not true. */
#define ROW_BYTES_MAX (UINT64_C(8) << 20)

struct SkyPages {
    int fd, wal_fd;
    uint32_t count, unread;
    GHashTable *frames; /* page number -> int64_t *: where its newest committed version lies in the WAL */
};

static uint32_t be16(const uint8_t *at) {
    return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t be32(const uint8_t *at) {
    return be16(at) << 16 | be16(at + 2);
}

static gboolean read_at(int fd, int64_t offset, uint8_t *ret_bytes, size_t count) {
    return pread(fd, ret_bytes, count, offset) == (ssize_t)count;
}

/* ---- the WAL ---- */

static void checksum(gboolean big_endian, const uint8_t *bytes, size_t count, uint32_t sums[2]) {
    for (size_t i = 0; i + 8 <= count; i += 8) {
        uint32_t words[2];
        memcpy(words, bytes + i, sizeof words);
        for (int k = 0; k < 2; k++) words[k] = big_endian ? GUINT32_FROM_BE(words[k]) : GUINT32_FROM_LE(words[k]);
        sums[0] += words[0] + sums[1];
        sums[1] += words[1] + sums[0];
    }
}

static void remember(GHashTable *frames, uint32_t page, int64_t offset) {
    g_hash_table_insert(frames, GUINT_TO_POINTER(page), g_memdup2(&offset, sizeof offset));
}

static void take_over(SkyPages *pages, GHashTable *open, uint32_t count) {
    GHashTableIter iter;
    gpointer page, offset;
    g_hash_table_iter_init(&iter, open);
    while (g_hash_table_iter_next(&iter, &page, &offset)) remember(pages->frames, GPOINTER_TO_UINT(page), *(int64_t *)offset);
    g_hash_table_remove_all(open);
    pages->count = count;
}

/* Up to the first frame that is not of this log or not whole; of those, up to the last that ends a transaction. */
static void read_wal(SkyPages *pages) {
    uint8_t header[WAL_HEADER_BYTES], frame[FRAME_HEADER_BYTES + PAGE_BYTES];
    if (pages->wal_fd < 0 || !read_at(pages->wal_fd, 0, header, sizeof header)) return;
    if ((be32(header) & ~1u) != 0x377f0682 || be32(header + 8) != PAGE_BYTES) return;
    gboolean big_endian = be32(header) & 1;
    uint32_t sums[2] = {0, 0};
    checksum(big_endian, header, 24, sums);
    if (sums[0] != be32(header + 24) || sums[1] != be32(header + 28)) return;
    g_autoptr(GHashTable) open = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    for (int64_t at = WAL_HEADER_BYTES; read_at(pages->wal_fd, at, frame, sizeof frame); at += (int64_t)sizeof frame) {
        if (memcmp(frame + 8, header + 16, 8) != 0) return;
        checksum(big_endian, frame, 8, sums);
        checksum(big_endian, frame + FRAME_HEADER_BYTES, PAGE_BYTES, sums);
        if (sums[0] != be32(frame + 16) || sums[1] != be32(frame + 20)) return;
        remember(open, be32(frame), at + FRAME_HEADER_BYTES);
        if (be32(frame + 4) > 0) take_over(pages, open, be32(frame + 4));
    }
}

/* ---- pages ---- */

SkyPages *sky_pages_open(const char *path, GError **error) {
    g_autoptr(SkyPages) pages = g_new0(SkyPages, 1);
    pages->wal_fd = -1;
    pages->fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (pages->fd < 0 || fstat(pages->fd, &status) != 0) {
        g_set_error(error, SKY_ERROR, SKY_ERR_RESOURCE, "store: the damaged database can not be opened: %s", g_strerror(errno));
        return NULL;
    }
    g_autofree char *wal = g_strconcat(path, "-wal", NULL);
    pages->wal_fd = open(wal, O_RDONLY | O_CLOEXEC);
    pages->count = (uint32_t)MIN((uint64_t)status.st_size / PAGE_BYTES, UINT32_MAX - 1);
    pages->frames = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    read_wal(pages);
    return g_steal_pointer(&pages);
}

void sky_pages_close(SkyPages *pages) {
    if (!pages) return;
    sky_close_fd(&pages->fd);
    sky_close_fd(&pages->wal_fd);
    if (pages->frames) g_hash_table_unref(pages->frames);
    g_free(pages);
}

uint32_t sky_pages_count(const SkyPages *pages) {
    return pages->count;
}

uint32_t sky_pages_unread(const SkyPages *pages) {
    return pages->unread;
}

static gboolean read_page(SkyPages *pages, uint32_t number, uint8_t ret_page[PAGE_BYTES]) {
    if (number < 1 || number > pages->count) return FALSE;
    const int64_t *offset = g_hash_table_lookup(pages->frames, GUINT_TO_POINTER(number));
    gboolean ok = offset ? read_at(pages->wal_fd, *offset, ret_page, PAGE_BYTES)
                         : read_at(pages->fd, (int64_t)(number - 1) * PAGE_BYTES, ret_page, PAGE_BYTES);
    if (!ok) pages->unread++;
    return ok;
}

/* ---- rows ---- */

/* A variable-length number of SQLite; FALSE where it would run over the end. */
static gboolean take_varint(const uint8_t **at, const uint8_t *end, uint64_t *ret_value) {
    uint64_t value = 0;
    for (int i = 0; i < 9 && *at < end; i++) {
        uint8_t byte = *(*at)++;
        if (i == 8) {
            *ret_value = value << 8 | byte;
            return TRUE;
        }
        value = value << 7 | (byte & 0x7f);
        if (byte < 0x80) {
            *ret_value = value;
            return TRUE;
        }
    }
    return FALSE;
}

static uint64_t bytes_of_type(uint64_t type) {
    static const uint8_t fixed[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
    return type < 12 ? fixed[type] : (type - 12) / 2;
}

static int64_t number_of(const uint8_t *at, uint64_t count) {
    uint64_t value = count > 0 && at[0] & 0x80 ? UINT64_MAX : 0;
    for (uint64_t i = 0; i < count; i++) value = value << 8 | at[i];
    return (int64_t)value;
}

static SkyCell value_of(uint64_t type, const uint8_t *at) {
    uint64_t count = bytes_of_type(type);
    if (type == 0) return (SkyCell){.type = SKY_CELL_NULL};
    if (type == 7) return (SkyCell){.type = SKY_CELL_FLOAT};
    if (type == 8 || type == 9) return (SkyCell){.type = SKY_CELL_NUMBER, .number = type == 9};
    if (type < 12) return (SkyCell){.type = SKY_CELL_NUMBER, .number = number_of(at, count)};
    return (SkyCell){.type = type % 2 ? SKY_CELL_TEXT : SKY_CELL_BLOB, .bytes = at, .count = (uint32_t)count};
}

static gboolean decode(const uint8_t *payload, uint64_t bytes, SkyRow *row) {
    const uint8_t *at = payload, *end = payload + bytes;
    uint64_t header = 0, type = 0;
    if (!take_varint(&at, end, &header) || header > bytes) return FALSE;
    const uint8_t *types_end = payload + header, *body = types_end;
    for (row->count = 0; at < types_end; row->count++) {
        if (row->count == SKY_ROW_CELLS_MAX || !take_varint(&at, types_end, &type)) return FALSE;
        if (type == 10 || type == 11 || bytes_of_type(type) > (uint64_t)(end - body)) return FALSE;
        row->cells[row->count] = value_of(type, body);
        body += bytes_of_type(type);
    }
    return TRUE;
}

/* How much of a payload lies on the page itself, by the rule of the file format. */
static uint64_t local_bytes(gboolean keyed, uint64_t payload) {
    const uint64_t most = keyed ? PAGE_BYTES - 35 : (PAGE_BYTES - 12) * 64 / 255 - 23, least = (PAGE_BYTES - 12) * 32 / 255 - 23;
    if (payload <= most) return payload;
    uint64_t fits = least + (payload - least) % (PAGE_BYTES - 4);
    return fits <= most ? fits : least;
}

static gboolean append_overflow(SkyPages *pages, uint32_t next, uint64_t bytes, GByteArray *payload) {
    uint8_t page[PAGE_BYTES];
    while (payload->len < bytes) {
        if (!read_page(pages, next, page)) return FALSE;
        g_byte_array_append(payload, page + 4, (guint)MIN(bytes - payload->len, PAGE_BYTES - 4));
        next = be32(page);
    }
    return TRUE;
}

static gboolean read_cell(SkyPages *pages, const uint8_t *at, const uint8_t *end, SkyRow *row, GByteArray *payload) {
    uint64_t bytes = 0, rowid = 0;
    if (!take_varint(&at, end, &bytes) || bytes < 2 || bytes > ROW_BYTES_MAX) return FALSE;
    if (row->keyed && !take_varint(&at, end, &rowid)) return FALSE;
    row->rowid = (int64_t)rowid;
    uint64_t local = local_bytes(row->keyed, bytes);
    if (local + (local < bytes ? 4 : 0) > (uint64_t)(end - at)) return FALSE;
    g_byte_array_set_size(payload, 0);
    g_byte_array_append(payload, at, (guint)local);
    return (local == bytes || append_overflow(pages, be32(at + local), bytes, payload)) && decode(payload->data, bytes, row);
}

gboolean sky_pages_rows(SkyPages *pages, uint32_t number, SkyRowSink sink, gpointer user) {
    enum { INDEX_INNER = 2, INDEX_LEAF = 10, TABLE_LEAF = 13 };
    uint8_t page[PAGE_BYTES];
    if (!read_page(pages, number, page)) return TRUE;
    uint32_t head = number == 1 ? 100 : 0, type = page[head];
    if (type != INDEX_INNER && type != INDEX_LEAF && type != TABLE_LEAF) return TRUE;
    uint32_t first = head + (type == INDEX_INNER ? 12 : 8), child = type == INDEX_INNER ? 4 : 0;
    uint32_t cells = MIN(be16(page + head + 3), (PAGE_BYTES - first) / 2);
    g_autoptr(GByteArray) payload = g_byte_array_new();
    for (uint32_t i = 0; i < cells; i++) {
        uint32_t at = be16(page + first + 2 * i) + child;
        SkyRow row = {.keyed = type == TABLE_LEAF};
        if (at < first || at >= PAGE_BYTES || !read_cell(pages, page + at, page + PAGE_BYTES, &row, payload)) continue;
        if (!sink(&row, user)) return FALSE;
    }
    return TRUE;
}
