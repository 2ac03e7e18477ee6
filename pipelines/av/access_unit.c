/* SPDX-License-Identifier: Apache-2.0 */
#include "av/access_unit.h"

#include <string.h>

typedef enum { NAL_OTHER, NAL_SLICE, NAL_SEI, NAL_RANDOM_ACCESS, NAL_SPS, NAL_OTHER_SET, NAL_BROKEN } NalKind;

/* Table 7-1 of both standards. */
static NalKind kind_of(SkyCodec codec, const uint8_t *nal, gsize bytes, uint8_t *ret_type) {
    if (bytes == 0 || nal[0] & 0x80) /* forbidden_zero_bit */
        return NAL_BROKEN;
    if (codec == SKY_CODEC_H264) {
        uint8_t type = *ret_type = nal[0] & 0x1f;
        if (type == 5)
            return NAL_RANDOM_ACCESS;
        if (type >= 1 && type <= 4)
            return NAL_SLICE;
        return type == 6 ? NAL_SEI : type == 7 ? NAL_SPS : type == 8 ? NAL_OTHER_SET : NAL_OTHER;
    }
    if (bytes < 2 || (nal[1] & 7) == 0) /* nuh_temporal_id_plus1 */
        return NAL_BROKEN;
    uint8_t type = *ret_type = nal[0] >> 1 & 0x3f;
    if (type >= 16 && type <= 21)
        return NAL_RANDOM_ACCESS;
    if (type <= 31)
        return NAL_SLICE;
    return type == 33 ? NAL_SPS : type == 32 || type == 34 ? NAL_OTHER_SET : NAL_OTHER;
}

/* The three bytes 00 00 01 at or after `at`, or the end. */
static gsize find_start_code(const uint8_t *data, gsize bytes, gsize at) {
    while (at + 3 <= bytes) {
        const uint8_t *one = memchr(data + at + 2, 1, bytes - at - 2);
        if (one == NULL)
            return bytes;
        at = (gsize)(one - data) - 2;
        if (data[at] == 0 && data[at + 1] == 0)
            return at;
        at++;
    }
    return bytes;
}

/* Zero bytes at the end belong to the next start code. */
static gsize without_zeros(const uint8_t *nal, gsize bytes) {
    while (bytes > 0 && nal[bytes - 1] == 0)
        bytes--;
    return bytes;
}

/* ---- SEI ---- */

/* A NAL unit's payload without its emulation prevention bytes (H.264 7.4.1). */
typedef struct {
    const uint8_t *at, *end;
    unsigned zeros;
} Payload;

/* -1: that was all. */
static int next_byte(Payload *payload) {
    if (payload->at < payload->end && payload->zeros >= 2 && *payload->at == 3) {
        payload->zeros = 0;
        payload->at++;
    }
    if (payload->at == payload->end)
        return -1;
    payload->zeros = *payload->at == 0 ? payload->zeros + 1 : 0;
    return *payload->at++;
}

/* Bytes of 255 and one that is less, added up (H.264 7.3.2.3.1); -1. */
static int64_t next_sum(Payload *payload) {
    int64_t sum = 0;
    int byte;
    while ((byte = next_byte(payload)) == 255)
        sum += byte;
    return byte < 0 ? -1 : sum + byte;
}

/* Message 6 (H.264 D.1.8): what has no IDR, as with an open GOP or with intra refresh, says so where a decoder can start. */
static gboolean has_recovery_point(const uint8_t *nal, gsize bytes) {
    Payload payload = {.at = nal + 1, .end = nal + bytes};
    for (;;) {
        int64_t type = next_sum(&payload), left = next_sum(&payload);
        if (type < 0 || left < 0 || type == 6)
            return type == 6 && left > 0;
        while (left > 0 && next_byte(&payload) >= 0)
            left--;
    }
}

/* ---- units ---- */

static SkyAccessUnit scan_nals(SkyCodec codec, const uint8_t *data, gsize bytes, SkyParameterSetSink sink, gpointer user) {
    SkyAccessUnit unit = {0};
    gsize start = find_start_code(data, bytes, 0);
    for (gsize i = 0; i < start; i++) /* anything but leading zeros: the rest of something lost */
        if (data[i] != 0)
            return unit;
    while (start < bytes) {
        const uint8_t *nal = data + start + 3;
        uint8_t type = 0;
        NalKind kind = kind_of(codec, nal, bytes - start - 3, &type);
        if (kind == NAL_BROKEN)
            return (SkyAccessUnit){0};
        unit.valid = TRUE;
        if (kind == NAL_SLICE || kind == NAL_RANDOM_ACCESS) {
            unit.has_picture = TRUE;
            unit.random_access |= kind == NAL_RANDOM_ACCESS;
            return unit;
        }
        gsize next = find_start_code(data, bytes, start + 3);
        if (kind == NAL_SEI)
            unit.random_access |= has_recovery_point(nal, next - start - 3);
        if (kind == NAL_SPS || kind == NAL_OTHER_SET) {
            unit.has_sps |= kind == NAL_SPS;
            if (sink != NULL)
                sink(type, nal, without_zeros(nal, next - start - 3), user);
        }
        start = next;
    }
    return unit;
}

/* A slice's header (H.264 7.3.3) begins with two numbers in Exp-Golomb code (9.1), the second of which is its type; emulation prevention
 * can not come so early. -1: cut off. */
static int64_t next_golomb(const uint8_t *data, gsize bits, gsize *at) {
    guint zeros = 0;
    while (*at < bits && !(data[*at / 8] >> (7 - *at % 8) & 1)) {
        zeros++;
        (*at)++;
    }
    if (zeros > 31 || *at + zeros + 1 > bits)
        return -1;
    int64_t value = 0;
    for (guint i = 0; i <= zeros; i++, (*at)++)
        value = value << 1 | (data[*at / 8] >> (7 - *at % 8) & 1);
    return value - 1;
}

static gboolean is_intra_slice(const uint8_t *nal, gsize bytes) {
    gsize at = 8, bits = MIN(bytes, 16) * 8;
    int64_t type = next_golomb(nal, bits, &at) < 0 ? -1 : next_golomb(nal, bits, &at);
    return type >= 0 && type <= 9 && (type % 5 == 2 || type % 5 == 4);
}

gboolean sky_access_unit_is_intra(const uint8_t *data, gsize bytes) {
    gboolean any = FALSE;
    for (gsize start = find_start_code(data, bytes, 0); start < bytes; start = find_start_code(data, bytes, start + 3)) {
        const uint8_t *nal = data + start + 3;
        uint8_t type = 0;
        if (kind_of(SKY_CODEC_H264, nal, bytes - start - 3, &type) != NAL_SLICE || type > 2) /* partitions B and C belong to one that was seen */
            continue;
        if (!is_intra_slice(nal, bytes - start - 3))
            return FALSE;
        any = TRUE;
    }
    return any;
}

gboolean sky_jpeg_size(const uint8_t *data, gsize bytes, uint32_t *ret_width_px, uint32_t *ret_height_px) {
    gsize at = 2; /* after SOI: segments of FF, marker, length (ITU-T T.81, annex B) */
    while (at + 9 <= bytes && data[at] == 0xff) {
        uint8_t marker = data[at + 1];
        if (marker == 0xff) { /* fill byte */
            at++;
            continue;
        }
        if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) {
            *ret_height_px = (uint32_t)(data[at + 5] << 8 | data[at + 6]);
            *ret_width_px = (uint32_t)(data[at + 7] << 8 | data[at + 8]);
            return TRUE;
        }
        gsize length = (gsize)(data[at + 2] << 8 | data[at + 3]);
        if (length < 2 || marker == 0xda)
            return FALSE;
        at += 2 + length;
    }
    return FALSE;
}

SkyAccessUnit sky_access_unit_scan(SkyCodec codec, const uint8_t *data, gsize bytes, SkyParameterSetSink sink, gpointer user) {
    if (codec != SKY_CODEC_MJPEG)
        return scan_nals(codec, data, bytes, sink, user);
    gboolean jpeg = bytes >= 4 && data[0] == 0xff && data[1] == 0xd8;
    return (SkyAccessUnit){.valid = jpeg, .has_picture = jpeg, .random_access = jpeg};
}
