/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/decoder.h"

#include <libavutil/pixdesc.h>
#include <stdatomic.h>
#include <string.h>

#include "av/av_cleanup.h"
#include "av/av_library.h"
#include "base/clock.h"
#include "base/error.h"
#include "decode/frame_maker.h"
#include "decode/hardware.h"
#include "decode/rest.h"
#include "decode/show_clock.h"
#include "media/pace.h"
#include "media/picture.h"

#define FRAMES_MAX 1   /* the sink borrows it */
#define CARRIED_MAX 64 /* pictures inside a decoder: far more than any reorders */

/* What goes with a packet through the decoder, found again by its sequence number, which travels as pts. */
typedef struct {
    int64_t sequence, pts_ns, arrival_ns;
    gboolean key;
} Carried;

struct SkyDecoder {
    SkyDecodeParams params;
    SkyFrameSink sink;
    gpointer user;
    SkyDecoderNumbers numbers;
    SkyStreamInfo *info; /* what the codec is opened for */
    SkyHardware hardware;
    _Atomic SkyDecoderKind kind; /* hardware.used, for other threads */
    AVCodecContext *codec; /* NULL with info: at rest, it is opened again when there is something to be decoded */
    int reorder_pictures;  /* so many it has learnt to wait for */
    AVPacket *packet;
    AVFrame *picture;
    gboolean given_up; /* the codec that is open */
    SkyRest rest;
    GPtrArray *held; /* SkyPacket: the GOP that is coming in at rest, its key frame (which was decoded) first */
    SkyBudget *budget;
    uint64_t held_bytes; /* charged to it */
    int64_t again;   /* sequence of a packet whose picture was handed on before */
    gboolean await_key;
    gboolean tainted; /* something was damaged since the last key frame: what refers to it is damaged too */
    Carried carried[CARRIED_MAX];
    int64_t sequence, last_dts_ns;
    SkyShowClock show_clock;
    SkyPace pace;
    SkyFrameMaker *maker;
};

SkyDecoder *sky_decoder_new(const SkyDecodeParams *params, SkyFrameSink sink, gpointer user) {
    sky_av_library_init();
    SkyDecoder *decoder = g_new0(SkyDecoder, 1);
    decoder->params = *params;
    decoder->sink = sink;
    decoder->user = user;
    decoder->packet = av_packet_alloc();
    decoder->picture = av_frame_alloc();
    g_assert(decoder->packet != NULL && decoder->picture != NULL);
    decoder->await_key = TRUE;
    decoder->last_dts_ns = SKY_TIME_NONE;
    sky_rest_init(&decoder->rest, params->policy == SKY_DECODE_ADAPTIVE);
    decoder->held = g_ptr_array_new_with_free_func((GDestroyNotify)sky_packet_unref);
    sky_show_clock_init(&decoder->show_clock);
    sky_pace_init(&decoder->pace, params->analysis_fps);
    sky_hardware_init(&decoder->hardware, params->decoder);
    atomic_init(&decoder->kind, SKY_DECODER_SOFTWARE);
    decoder->maker = sky_frame_maker_new(params->analysis_width_px, FRAMES_MAX);
    return decoder;
}

static void release_held(SkyDecoder *decoder) {
    if (decoder->budget)
        sky_budget_release(decoder->budget, decoder->held_bytes);
    decoder->held_bytes = 0;
}

void sky_decoder_free(SkyDecoder *decoder) {
    if (decoder == NULL)
        return;
    avcodec_free_context(&decoder->codec);
    sky_hardware_clear(&decoder->hardware);
    av_packet_free(&decoder->packet);
    av_frame_free(&decoder->picture);
    sky_stream_info_unref(decoder->info);
    sky_frame_maker_free(decoder->maker);
    release_held(decoder);
    g_ptr_array_unref(decoder->held);
    g_free(decoder);
}

void sky_decoder_set_budget(SkyDecoder *decoder, SkyBudget *budget) {
    decoder->budget = budget;
}

static void note_damage(SkyDecoder *decoder) {
    sky_counter_add(&decoder->numbers.errors, 1);
    decoder->tainted = TRUE;
}

/* No picture at all. A device that gives none any more is left for software, from the next key frame on. */
static void note_failure(SkyDecoder *decoder) {
    note_damage(decoder);
    decoder->given_up |= sky_hardware_judge(&decoder->hardware, FALSE);
}

/* Bits a sample of a luma plane that can be read, or 0. */
static unsigned luma_bits(enum AVPixelFormat format) {
    const AVPixFmtDescriptor *shape = av_pix_fmt_desc_get(format);
    if (shape == NULL ||
        shape->flags & (AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_BE))
        return 0;
    const AVComponentDescriptor *luma = &shape->comp[0];
    int bytes = luma->depth > 8 ? 2 : 1;
    gboolean plain = luma->plane == 0 && luma->offset == 0 && luma->step == bytes;
    int bits = luma->depth + luma->shift; /* P010 and its like have theirs in the high ones */
    return plain && luma->depth >= 8 && (luma->shift == 0 || bits == 16) && bits <= 16 ? (unsigned)bits : 0;
}

static const Carried *carried_of(const SkyDecoder *decoder, int64_t sequence) {
    const Carried *carried = &decoder->carried[(uint64_t)sequence % CARRIED_MAX];
    return carried->sequence == sequence ? carried : &decoder->carried[(uint64_t)decoder->sequence % CARRIED_MAX];
}

static void hand_on(SkyDecoder *decoder, const Carried *carried, int64_t shown_ns, unsigned bits) {
    const AVFrame *picture = decoder->picture;
    g_autoptr(SkyFrame) frame = NULL;
    SkyFrameStatus status = sky_frame_maker_make(decoder->maker,
                                                 &(SkyPicture){.width_px = (uint32_t)MAX(picture->width, 0),
                                                               .height_px = (uint32_t)MAX(picture->height, 0),
                                                               .luma = picture->data[0],
                                                               .stride_bytes = picture->linesize[0],
                                                               .bits = bits,
                                                               .pts_ns = carried->pts_ns,
                                                               .arrival_ns = shown_ns,
                                                               .number = sky_counter_get(&decoder->numbers.pictures),
                                                               .key = carried->key,
                                                               .damaged = decoder->tainted},
                                                 &frame);
    switch (status) {
    case SKY_FRAME_MADE:
        sky_counter_add(&decoder->numbers.frames, 1);
        decoder->sink(frame, decoder->user);
        return;
    case SKY_FRAME_NONE_FREE:
        break;
    case SKY_FRAME_BAD_SIZE:
        note_damage(decoder);
        return;
    }
    g_assert_not_reached();
}

static gboolean take_picture(SkyDecoder *decoder, GError **error) {
    AVFrame *picture = decoder->picture;
    const Carried *carried = carried_of(decoder, picture->pts);
    if (carried->sequence == decoder->again)
        return TRUE;
    sky_counter_add(&decoder->numbers.pictures, 1);
    int64_t shown_ns = sky_show_clock_shown(&decoder->show_clock, carried->pts_ns, carried->arrival_ns);
    if (carried->key)
        decoder->tainted = FALSE;
    if (picture->decode_error_flags != 0 || picture->flags & AV_FRAME_FLAG_CORRUPT)
        note_damage(decoder);
    if (!sky_pace_is_due(&decoder->pace, carried->pts_ns))
        return TRUE;
    if (!sky_hardware_fetch(picture)) {
        note_failure(decoder);
        return TRUE;
    }
    sky_hardware_judge(&decoder->hardware, TRUE);
    unsigned bits = luma_bits(picture->format);
    if (bits == 0) {
        const char *name = av_get_pix_fmt_name(picture->format);
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "decode: pictures are %s, which has no luma to analyse",
                    name ? name : "of an unknown format");
        return FALSE;
    }
    hand_on(decoder, carried, shown_ns, bits);
    return TRUE;
}

/* Everything that is ready. */
static gboolean take_pictures(SkyDecoder *decoder, GError **error) {
    gboolean ok = TRUE;
    for (;;) {
        int failed = avcodec_receive_frame(decoder->codec, decoder->picture);
        if (failed == AVERROR(EAGAIN) || failed == AVERROR_EOF)
            return ok;
        if (failed < 0) {
            note_failure(decoder);
            return ok;
        }
        ok = ok && take_picture(decoder, error);
        av_frame_unref(decoder->picture);
    }
}

static void close_codec(SkyDecoder *decoder) {
    avcodec_free_context(&decoder->codec);
    g_clear_pointer(&decoder->info, sky_stream_info_unref);
    decoder->reorder_pictures = 0;
    decoder->given_up = FALSE;
}

/* Nothing is decoded before the next key frame: what libavcodec keeps (2 MB at 640x360, 12 MB at 1920x1080) can be had again in a
 * fraction of that frame's time. A device is not asked for again and again. */
static void give_back_codec(SkyDecoder *decoder) {
    if (decoder->codec == NULL || decoder->hardware.used != SKY_DECODER_SOFTWARE)
        return;
    decoder->reorder_pictures = decoder->codec->has_b_frames;
    avcodec_free_context(&decoder->codec);
}

/* Hands on what is still inside; the next packet must be a key frame. */
static gboolean drain(SkyDecoder *decoder, GError **error) {
    avcodec_send_packet(decoder->codec, NULL);
    gboolean ok = take_pictures(decoder, error);
    decoder->await_key = TRUE;
    if (decoder->hardware.used == SKY_DECODER_V4L2)
        close_codec(decoder); /* its wrapper can not be flushed */
    else
        avcodec_flush_buffers(decoder->codec);
    return ok;
}

static void drop_held(SkyDecoder *decoder) {
    if (decoder->held->len > 1)
        sky_counter_add(&decoder->numbers.rested, decoder->held->len - 1); /* the key frame was decoded */
    g_ptr_array_set_size(decoder->held, 0);
    release_held(decoder);
}

void sky_decoder_drain(SkyDecoder *decoder) {
    drop_held(decoder);
    sky_rest_break(&decoder->rest);
    if (decoder->codec != NULL)
        drain(decoder, NULL);
}

void sky_decoder_looked(SkyDecoder *decoder, gboolean calm) {
    sky_rest_looked(&decoder->rest, calm);
}

void sky_decoder_spare(SkyDecoder *decoder, int64_t span_ns) {
    sky_rest_spare(&decoder->rest, span_ns);
}

/* A JPEG can be decoded at a half, a quarter or an eighth of its size for a fraction of the work. */
static int lowres_for(const SkyDecoder *decoder, const AVCodec *codec, uint32_t width_px) {
    int lowres = 0;
    while (lowres < codec->max_lowres && width_px >> (lowres + 1) >= decoder->params.analysis_width_px)
        lowres++;
    return lowres;
}

static void set_up(const SkyDecoder *decoder, AVCodecContext *context, SkyStreamInfo *info) {
    gsize sets_bytes = 0;
    const uint8_t *sets = sky_stream_info_parameter_sets(info, &sets_bytes);
    if (sets_bytes > 0) {
        context->extradata = av_mallocz(sets_bytes + SKY_PACKET_PADDING);
        g_assert(context->extradata != NULL);
        memcpy(context->extradata, sets, sets_bytes);
        context->extradata_size = (int)sets_bytes;
    }
    context->thread_count = 1;
    context->has_b_frames = decoder->reorder_pictures;
    context->skip_loop_filter = AVDISCARD_ALL;
    context->flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT; /* marked as damaged: the consumer decides */
    context->max_pixels = SKY_PICTURE_PIXELS_MAX;
    if (context->hw_device_ctx == NULL)
        context->lowres = lowres_for(decoder, context->codec, sky_stream_info_width_px(info));
}

static gboolean open_codec(SkyDecoder *decoder, SkyStreamInfo *info, GError **error) {
    for (;;) {
        g_autoptr(AVCodecContext) opened = sky_hardware_context(&decoder->hardware, info, error);
        if (opened == NULL)
            return FALSE;
        set_up(decoder, opened, info);
        if (avcodec_open2(opened, opened->codec, NULL) < 0) {
            if (sky_hardware_give_up(&decoder->hardware, "no device takes this stream"))
                continue;
            note_damage(decoder); /* parameter sets that make no sense: the next ones may */
            return TRUE;
        }
        decoder->codec = g_steal_pointer(&opened);
        break;
    }
    if (decoder->info == NULL)
        decoder->info = sky_stream_info_ref(info);
    decoder->await_key = TRUE;
    return TRUE;
}

/* Codec and state fit for this packet. */
static gboolean prepare(SkyDecoder *decoder, SkyPacket *packet, GError **error) {
    SkyStreamInfo *info = sky_packet_info(packet);
    const SkyPacketTimes *times = sky_packet_times(packet);
    if (decoder->given_up)
        close_codec(decoder);
    if (decoder->info != NULL && info != decoder->info && !sky_stream_info_equal(info, decoder->info)) {
        sky_decoder_drain(decoder);
        close_codec(decoder);
    } else if (times->gap || times->dts_ns <= decoder->last_dts_ns) {
        sky_decoder_drain(decoder);
    }
    decoder->last_dts_ns = times->dts_ns;
    gboolean ok = decoder->info != NULL || open_codec(decoder, info, error);
    atomic_store_explicit(&decoder->kind, decoder->hardware.used, memory_order_relaxed);
    return ok;
}

static void release_packet(void *packet, uint8_t *data) {
    sky_packet_unref(packet);
}

/* Shares the packet's bytes: libavcodec would copy what has no buffer of its own kind. */
static int send(SkyDecoder *decoder, SkyPacket *packet) {
    const SkyPacketTimes *times = sky_packet_times(packet);
    AVPacket *to = decoder->packet;
    decoder->sequence++;
    decoder->carried[(uint64_t)decoder->sequence % CARRIED_MAX] = (Carried){decoder->sequence, times->pts_ns, times->arrival_ns,
                                                                            times->key};
    to->data = (uint8_t *)sky_packet_data(packet);
    to->size = (int)sky_packet_size_bytes(packet);
    to->buf = av_buffer_create(to->data, (size_t)to->size + SKY_PACKET_PADDING, release_packet, sky_packet_ref(packet),
                               AV_BUFFER_FLAG_READONLY);
    g_assert(to->buf != NULL);
    to->pts = to->dts = decoder->sequence;
    to->flags = times->key ? AV_PKT_FLAG_KEY : 0;
    int failed = avcodec_send_packet(decoder->codec, to);
    av_packet_unref(to);
    return failed;
}

static gboolean decode(SkyDecoder *decoder, SkyPacket *packet, GError **error) {
    if (decoder->codec == NULL && !open_codec(decoder, decoder->info, error))
        return FALSE;
    if (decoder->codec == NULL)
        return TRUE;
    decoder->await_key = FALSE;
    if (send(decoder, packet) < 0)
        note_failure(decoder);
    return take_pictures(decoder, error);
}

static SkyRestStep step_for(SkyDecoder *decoder, SkyPacket *packet) {
    const SkyPacketTimes *times = sky_packet_times(packet);
    switch (decoder->params.policy) {
    case SKY_DECODE_FULL:
    case SKY_DECODE_ADAPTIVE:
        if (decoder->hardware.used == SKY_DECODER_V4L2) /* it would have to be opened anew for each key frame */
            break;
        return sky_rest_packet(&decoder->rest, sky_packet_size_bytes(packet), times->key, times->dts_ns);
    case SKY_DECODE_KEYFRAMES:
        return times->key ? SKY_REST_KEY : SKY_REST_HOLD;
    }
    return SKY_REST_DECODE;
}

/* FALSE: there is no memory for it. */
static gboolean keep_held(SkyDecoder *decoder, SkyPacket *packet) {
    gsize bytes = sky_packet_size_bytes(packet);
    if (decoder->budget && !sky_budget_charge(decoder->budget, bytes))
        return FALSE;
    decoder->held_bytes += bytes;
    g_ptr_array_add(decoder->held, sky_packet_ref(packet));
    return TRUE;
}

/* The key frame's picture is wanted now, though the decoder may keep it to put others before it: it is drained, and decoded once more if
 * the rest of its GOP is wanted. */
static gboolean decode_key_alone(SkyDecoder *decoder, SkyPacket *packet, GError **error) {
    drop_held(decoder);
    if (!keep_held(decoder, packet) && decoder->params.policy != SKY_DECODE_KEYFRAMES) { /* there the rest never is */
        sky_rest_break(&decoder->rest);
        return decode(decoder, packet, error);
    }
    return decode(decoder, packet, error) && (decoder->codec == NULL || drain(decoder, error));
}

static gboolean decode_held(SkyDecoder *decoder, GError **error) {
    g_autoptr(GPtrArray) held = g_steal_pointer(&decoder->held);
    decoder->held = g_ptr_array_new_with_free_func((GDestroyNotify)sky_packet_unref);
    release_held(decoder);
    gboolean ok = TRUE;
    decoder->again = decoder->sequence + 1;
    for (guint i = 0; i < held->len && ok; i++)
        ok = decode(decoder, g_ptr_array_index(held, i), error);
    return ok;
}

/* Where the camera's memory is used up there is no rest. */
static gboolean hold(SkyDecoder *decoder, SkyPacket *packet, GError **error) {
    if (decoder->params.policy == SKY_DECODE_KEYFRAMES)
        sky_counter_add(&decoder->numbers.rested, 1);
    else if (!keep_held(decoder, packet)) {
        sky_rest_break(&decoder->rest);
        return decode_held(decoder, error) && decode(decoder, packet, error);
    }
    return TRUE;
}

gboolean sky_decoder_push(SkyDecoder *decoder, SkyPacket *packet, GError **error) {
    sky_counter_add(&decoder->numbers.packets, 1);
    sky_show_clock_arrived(&decoder->show_clock, sky_packet_times(packet)->arrival_ns);
    if (!prepare(decoder, packet, error))
        return FALSE;
    if (decoder->info == NULL || (decoder->await_key && decoder->held->len == 0 && !sky_packet_times(packet)->key)) {
        sky_counter_add(&decoder->numbers.waiting_for_key, 1);
        return TRUE;
    }
    switch (step_for(decoder, packet)) {
    case SKY_REST_KEY:
        return decode_key_alone(decoder, packet, error);
    case SKY_REST_HOLD:
        give_back_codec(decoder);
        return hold(decoder, packet, error);
    case SKY_REST_WAKE:
        return decode_held(decoder, error) && decode(decoder, packet, error);
    case SKY_REST_DECODE:
        drop_held(decoder); /* it was at rest up to this key frame */
        return decode(decoder, packet, error);
    }
    g_assert_not_reached();
}

int64_t sky_decoder_due_ns(const SkyDecoder *decoder) {
    return decoder->pace.due_ns;
}

const char *sky_decoder_kind_name(SkyDecoderKind kind) {
    static const char *const names[] = {[SKY_DECODER_AUTO] = "auto", [SKY_DECODER_SOFTWARE] = "software",
                                        [SKY_DECODER_VAAPI] = "vaapi", [SKY_DECODER_V4L2] = "v4l2"};
    return names[kind];
}

SkyDecoderKind sky_decoder_kind(const SkyDecoder *decoder) {
    return atomic_load_explicit(&((SkyDecoder *)decoder)->kind, memory_order_relaxed);
}

const char *sky_decoder_why(const SkyDecoder *decoder) {
    return decoder->hardware.why;
}

const SkyDecoderNumbers *sky_decoder_numbers(const SkyDecoder *decoder) {
    return &decoder->numbers;
}
