/* SPDX-License-Identifier: Apache-2.0 */
#include "support/camera/parameter_sets.h"

#define AVCC_LENGTH_AT 4
#define AVCC_SETS_AT 5
#define HVCC_LENGTH_AT 21
#define HVCC_SETS_AT 22
#define NAL_H264_SPS 7
#define NAL_H265_SPS 33

typedef struct {
    const guint8 *at, *end;
} Reader;

static unsigned read_number(Reader *reader, unsigned bytes) {
    unsigned number = 0;
    for (; bytes > 0 && reader->at < reader->end; bytes--) number = number << 8 | *reader->at++;
    return number;
}

static void copy_units(Reader *reader, unsigned count, unsigned length_bytes, GByteArray *into) {
    for (; count > 0; count--) {
        unsigned bytes = read_number(reader, 2);
        if (bytes > reader->end - reader->at) return;
        for (unsigned i = length_bytes; i > 0; i--)
            g_byte_array_append(into, &(guint8){(guint8)((guint64)bytes >> 8 * (i - 1))}, 1);
        g_byte_array_append(into, reader->at, bytes);
        reader->at += bytes;
    }
}

static unsigned length_bytes(const AVCodecParameters *parameters) {
    return 1 + (parameters->extradata[parameters->codec_id == AV_CODEC_ID_H264 ? AVCC_LENGTH_AT : HVCC_LENGTH_AT] & 3);
}

static gboolean has_record(const AVCodecParameters *parameters) {
    int least = parameters->codec_id == AV_CODEC_ID_H264   ? AVCC_SETS_AT
                : parameters->codec_id == AV_CODEC_ID_HEVC ? HVCC_SETS_AT
                                                           : INT_MAX;
    return parameters->extradata_size > least;
}

GBytes *parameter_sets_new(const AVCodecParameters *parameters) {
    if (!has_record(parameters)) return NULL;
    const guint8 *record = parameters->extradata;
    GByteArray *sets = g_byte_array_new();
    Reader reader = {record, record + parameters->extradata_size};
    if (parameters->codec_id == AV_CODEC_ID_H264) {
        reader.at += AVCC_SETS_AT;
        copy_units(&reader, read_number(&reader, 1) & 31, length_bytes(parameters), sets); /* SPS */
        copy_units(&reader, read_number(&reader, 1), length_bytes(parameters), sets);      /* PPS */
    } else {
        reader.at += HVCC_SETS_AT;
        for (unsigned kinds = read_number(&reader, 1); kinds > 0; kinds--) {
            read_number(&reader, 1); /* which kind */
            copy_units(&reader, read_number(&reader, 2), length_bytes(parameters), sets);
        }
    }
    return g_byte_array_free_to_bytes(sets);
}

gboolean parameter_sets_are_in(const AVCodecParameters *parameters, const guint8 *picture, gsize bytes) {
    if (!has_record(parameters)) return FALSE;
    for (Reader reader = {picture, picture + bytes}; reader.at < reader.end;) {
        unsigned unit_bytes = read_number(&reader, length_bytes(parameters));
        if (unit_bytes == 0 || unit_bytes > reader.end - reader.at) return FALSE;
        if (parameters->codec_id == AV_CODEC_ID_H264 && (*reader.at & 31) == NAL_H264_SPS) return TRUE;
        if (parameters->codec_id == AV_CODEC_ID_HEVC && (*reader.at >> 1 & 63) == NAL_H265_SPS) return TRUE;
        reader.at += unit_bytes;
    }
    return FALSE;
}
