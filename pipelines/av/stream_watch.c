/* SPDX-License-Identifier: Apache-2.0 */
#include "av/stream_watch.h"

#include <string.h>

#include "av/access_unit.h"
#include "av/av_cleanup.h"
#include "av/av_library.h"
#include "media/packet.h"

#define SETS_BYTES_MAX 16384 /* far above any camera's; more is an attack or noise */

#define PLAIN_FIRST 100 /* pictures without one where a decoder can start, before it has begun: 4 s at 25 a second, 20 at 5; */
#define PLAIN_LATER 1500 /* and since one: an interval of a minute is meant so, one that never ends is not */

struct SkyStreamWatch {
    SkyCodec codec;
    double frame_rate;
    GByteArray *sets;       /* Annex B: what is in force */
    GByteArray *arrived;    /* Annex B: of the access unit that is looked at */
    GByteArray *next;       /* scratch: what will be in force */
    uint64_t arrived_types; /* a bit for each type */
    uint64_t types;         /* of those in force */
    gboolean changed;       /* since info was made */
    uint32_t without_key;   /* pictures since the last one that is said to be one, at most PLAIN_LATER */
    gboolean any_key, plain;
    SkyStreamInfo *info;
};

static const uint8_t start_code[] = {0, 0, 0, 1};

static void append(GByteArray *sets, const uint8_t *set, gsize bytes) {
    if (bytes == 0 || bytes > SETS_BYTES_MAX || sets->len + sizeof start_code + bytes > SETS_BYTES_MAX)
        return;
    g_byte_array_append(sets, start_code, sizeof start_code);
    g_byte_array_append(sets, set, (guint)bytes);
}

static void collect(uint8_t type, const uint8_t *set, gsize bytes, gpointer user) {
    SkyStreamWatch *watch = user;
    append(watch->arrived, set, bytes);
    watch->arrived_types |= UINT64_C(1) << type;
}

typedef struct {
    const uint8_t *set;
    gsize bytes;
    gboolean found;
} Search;

static void compare(uint8_t type, const uint8_t *set, gsize bytes, gpointer user) {
    Search *search = user;
    search->found |= bytes == search->bytes && memcmp(set, search->set, bytes) == 0;
}

static gboolean holds(SkyStreamWatch *watch, const GByteArray *sets, const uint8_t *set, gsize bytes) {
    Search search = {.set = set, .bytes = bytes};
    sky_access_unit_scan(watch->codec, sets->data, sets->len, compare, &search);
    return search.found;
}

static void add_where_new(uint8_t type, const uint8_t *set, gsize bytes, gpointer user) {
    SkyStreamWatch *watch = user;
    if (!holds(watch, watch->next, set, bytes))
        append(watch->next, set, bytes);
}

static void keep_other_types(uint8_t type, const uint8_t *set, gsize bytes, gpointer user) {
    SkyStreamWatch *watch = user;
    if ((watch->arrived_types >> type & 1) == 0)
        append(watch->next, set, bytes);
}

static void note_type(uint8_t type, const uint8_t *set, gsize bytes, gpointer user) {
    ((SkyStreamWatch *)user)->types |= UINT64_C(1) << type;
}

static void scan_sets(SkyStreamWatch *watch, const GByteArray *sets, SkyParameterSetSink sink) {
    sky_access_unit_scan(watch->codec, sets->data, sets->len, sink, watch);
}

static gboolean same(const GByteArray *a, const GByteArray *b) {
    return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* TRUE: the sets in force have changed. Sets that are in force already change nothing; new ones replace all of their types where
 * an SPS is among them, which begins a new coded video sequence, and else join. */
static gboolean take_arrived(SkyStreamWatch *watch, gboolean has_sps) {
    if (watch->arrived->len == 0 || same(watch->arrived, watch->sets))
        return FALSE;
    g_byte_array_set_size(watch->next, 0);
    g_byte_array_append(watch->next, watch->sets->data, watch->sets->len);
    scan_sets(watch, watch->arrived, add_where_new);
    if (same(watch->next, watch->sets))
        return FALSE;
    if (has_sps) {
        g_byte_array_set_size(watch->next, 0);
        scan_sets(watch, watch->sets, keep_other_types);
        scan_sets(watch, watch->arrived, add_where_new);
    }
    g_byte_array_set_size(watch->sets, 0);
    g_byte_array_append(watch->sets, watch->next->data, watch->next->len);
    watch->types = 0;
    scan_sets(watch, watch->sets, note_type);
    return TRUE;
}

static gboolean sets_are_whole(const SkyStreamWatch *watch) {
    if (watch->codec == SKY_CODEC_H264)
        return (watch->types >> 7 & 1) && (watch->types >> 8 & 1);
    return (watch->types >> 32 & 1) && (watch->types >> 33 & 1) && (watch->types >> 34 & 1);
}

typedef struct {
    uint32_t width_px, height_px;
    double frame_rate;
} Shape;

/* libavcodec's parser reads the sets and the slice header; nothing is decoded. Only where the sets have changed. */
static Shape parse_shape(const SkyStreamWatch *watch, const uint8_t *data, gsize bytes) {
    Shape shape = {0};
    enum AVCodecID id = watch->codec == SKY_CODEC_H264 ? AV_CODEC_ID_H264 : AV_CODEC_ID_HEVC;
    g_autoptr(AVCodecParserContext) parser = av_parser_init((int)id);
    g_autoptr(AVCodecContext) codec = avcodec_alloc_context3(avcodec_find_decoder(id));
    if (parser == NULL || codec == NULL)
        return shape;
    parser->flags |= PARSER_FLAG_COMPLETE_FRAMES;
    codec->extradata = av_mallocz(watch->sets->len + SKY_PACKET_PADDING);
    if (codec->extradata == NULL)
        return shape;
    memcpy(codec->extradata, watch->sets->data, watch->sets->len);
    codec->extradata_size = (int)watch->sets->len;
    uint8_t *out = NULL;
    int out_bytes = 0;
    av_parser_parse2(parser, codec, &out, &out_bytes, data, (int)bytes, AV_NOPTS_VALUE, AV_NOPTS_VALUE, 0);
    if (parser->width > 0 && parser->height > 0 && parser->width <= 8192 && parser->height <= 8192)
        shape = (Shape){.width_px = (uint32_t)parser->width, .height_px = (uint32_t)parser->height};
    if (codec->framerate.num > 0 && codec->framerate.den > 0) /* H.264 counts fields (annex E, num_units_in_tick) */
        shape.frame_rate = av_q2d(codec->framerate) / (watch->codec == SKY_CODEC_H264 ? 2 : 1);
    return shape;
}

static void renew(SkyStreamWatch *watch, Shape shape) {
    double rate = watch->frame_rate > 0 ? watch->frame_rate : shape.frame_rate;
    sky_stream_info_unref(watch->info);
    watch->info = sky_stream_info_new(watch->codec, shape.width_px, shape.height_px, rate > 0 && rate <= 240 ? rate : 0,
                                      watch->sets->data, watch->sets->len);
}

static void look_at_jpeg(SkyStreamWatch *watch, const uint8_t *data, gsize bytes, SkyStreamLook *look) {
    Shape shape = {0};
    look->valid = sky_jpeg_size(data, bytes, &shape.width_px, &shape.height_px) && shape.width_px > 0 && shape.width_px <= 8192 &&
                  shape.height_px > 0 && shape.height_px <= 8192;
    if (look->valid && (watch->info == NULL || shape.width_px != sky_stream_info_width_px(watch->info) ||
                        shape.height_px != sky_stream_info_height_px(watch->info)))
        renew(watch, shape);
}

SkyStreamWatch *sky_stream_watch_new(SkyCodec codec, double frame_rate, const uint8_t *extradata, gsize extradata_bytes) {
    sky_av_library_init();
    SkyStreamWatch *watch = g_new0(SkyStreamWatch, 1);
    watch->codec = codec;
    watch->frame_rate = frame_rate;
    watch->sets = g_byte_array_new();
    watch->arrived = g_byte_array_new();
    watch->next = g_byte_array_new();
    if (extradata_bytes > 0 && codec != SKY_CODEC_MJPEG) {
        SkyAccessUnit unit = sky_access_unit_scan(codec, extradata, extradata_bytes, collect, watch);
        watch->changed = take_arrived(watch, unit.has_sps);
    }
    return watch;
}

void sky_stream_watch_free(SkyStreamWatch *watch) {
    if (watch == NULL)
        return;
    g_byte_array_unref(watch->sets);
    g_byte_array_unref(watch->arrived);
    g_byte_array_unref(watch->next);
    sky_stream_info_unref(watch->info);
    g_free(watch);
}

/* Some encoders send an IDR picture at the most to begin with, and I slices from then on, without a recovery point. */
static void look_for_plain(SkyStreamWatch *watch, const uint8_t *data, gsize bytes, SkyStreamLook *look) {
    if (look->key) {
        watch->any_key = TRUE;
        watch->plain = FALSE;
        watch->without_key = 0;
        return;
    }
    watch->without_key += watch->without_key < PLAIN_LATER;
    watch->plain = watch->plain || watch->without_key >= (watch->any_key ? PLAIN_LATER : PLAIN_FIRST);
    look->key = watch->plain && sky_access_unit_is_intra(data, bytes);
    look->plain = look->key;
}

SkyStreamLook sky_stream_watch_look(SkyStreamWatch *watch, const uint8_t *data, gsize bytes, gboolean claims_key) {
    g_byte_array_set_size(watch->arrived, 0);
    watch->arrived_types = 0;
    SkyAccessUnit unit = sky_access_unit_scan(watch->codec, data, bytes, collect, watch);
    SkyStreamLook look = {
        .valid = unit.valid, .has_picture = unit.has_picture, .key = unit.has_picture && (unit.random_access || claims_key)};
    if (watch->codec == SKY_CODEC_MJPEG) {
        if (look.valid)
            look_at_jpeg(watch, data, bytes, &look);
    } else if (look.valid) {
        if (watch->codec == SKY_CODEC_H264 && look.has_picture)
            look_for_plain(watch, data, bytes, &look);
        watch->changed |= take_arrived(watch, unit.has_sps);
        if (watch->changed && look.key && sets_are_whole(watch)) { /* they come into force with a key frame */
            renew(watch, parse_shape(watch, data, bytes));
            watch->changed = FALSE;
        }
    }
    look.info = watch->info;
    return look;
}
