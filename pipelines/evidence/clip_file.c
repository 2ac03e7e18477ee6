/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/clip_file.h"

#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <string.h>

#include "av/av_cleanup.h"
#include "av/av_codec.h"
#include "av/av_error.h"
#include "av/av_library.h"
#include "base/clock.h"
#include "base/error.h"
#include "evidence/part_file.h"

#define IO_BYTES (64 << 10)
#define SYNC_NS (5 * SKY_NS_PER_S) /* what a power cut may take of a clip; more often wears the flash out */

#if LIBAVFORMAT_VERSION_MAJOR >= 61
typedef const uint8_t WriteByte;
#else
typedef uint8_t WriteByte;
#endif

struct SkyClipFile {
    SkyPartFile *part;
    GError *trouble; /* the disk's first error: libav knows only that there was one */
    AVFormatContext *output;
    AVPacket *packet; /* scratch */
    SkyClipClock clock;
    int64_t last_pts;
    gboolean has_header;
    int64_t synced_ns;
    uint64_t synced_bytes;
};

static int on_write(void *user, WriteByte *data, int bytes) {
    SkyClipFile *file = user;
    if (file->trouble != NULL || !sky_part_file_write(file->part, data, (gsize)bytes, &file->trouble))
        return AVERROR(EIO);
    return bytes;
}

static gboolean fail(SkyClipFile *file, int av_error, GError **error) {
    if (file->trouble != NULL)
        g_propagate_error(error, g_steal_pointer(&file->trouble));
    else
        sky_av_error_set(error, av_error, "writing the clip");
    return FALSE;
}

static gboolean describe(AVStream *stream, const SkyStreamInfo *info, GError **error) {
    AVCodecParameters *parameters = stream->codecpar;
    gsize bytes = 0;
    const uint8_t *sets = sky_stream_info_parameter_sets(info, &bytes);
    SkyCodec codec = sky_stream_info_codec(info);
    if (sky_stream_info_width_px(info) == 0 || sky_stream_info_height_px(info) == 0 || (codec != SKY_CODEC_MJPEG && bytes == 0)) {
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_DATA, "the stream does not say its size or its parameter sets");
        return FALSE;
    }
    parameters->codec_type = AVMEDIA_TYPE_VIDEO;
    parameters->codec_id = sky_av_codec_id(codec);
    parameters->codec_tag = codec == SKY_CODEC_H265 ? MKTAG('h', 'v', 'c', '1') : 0;
    parameters->width = (int)sky_stream_info_width_px(info);
    parameters->height = (int)sky_stream_info_height_px(info);
    if (bytes > 0) { /* Annex B: the muxer makes avcC or hvcC of it, and lengths of the start codes */
        parameters->extradata = av_mallocz(bytes + AV_INPUT_BUFFER_PADDING_SIZE);
        g_assert(parameters->extradata != NULL);
        memcpy(parameters->extradata, sets, bytes);
        parameters->extradata_size = (int)bytes;
    }
    stream->time_base = (AVRational){1, SKY_CLIP_TICKS_PER_S};
    return TRUE;
}

static void set_metadata(AVFormatContext *output, int64_t arrival_ns, double event_offset_s) {
    char text[SKY_UTC_TEXT_BYTES];
    sky_clock_utc_text(sky_clock_utc_of(arrival_ns), text);
    av_dict_set(&output->metadata, "creation_time", text, 0);
    g_autofree char *comment = g_strdup_printf(SKY_CLIP_COMMENT "%.3f s", event_offset_s);
    av_dict_set(&output->metadata, "comment", comment, 0);
}

/* Appends only: the header is final before the first picture, each fragment stands for itself. */
static int write_header(AVFormatContext *output) {
    AVDictionary *options = NULL;
    av_dict_set(&options, "movflags", "frag_keyframe+empty_moov+default_base_moof", 0);
    av_dict_set_int(&options, "min_frag_duration", 1000000, 0);
    av_dict_set_int(&options, "frag_duration", 2000000, 0);
    int failed = avformat_write_header(output, &options);
    av_dict_free(&options);
    return failed;
}

static gboolean open_output(SkyClipFile *file, const SkyPacket *first, double event_offset_s, GError **error) {
    if (avformat_alloc_output_context2(&file->output, NULL, "mp4", NULL) < 0) {
        g_set_error_literal(error, SKY_ERROR, SKY_ERR_CONFIG, "this libavformat can not write MP4");
        return FALSE;
    }
    AVStream *stream = avformat_new_stream(file->output, NULL);
    uint8_t *buffer = av_malloc(IO_BYTES);
    g_assert(stream != NULL && buffer != NULL);
    file->output->pb = avio_alloc_context(buffer, IO_BYTES, 1, file, NULL, on_write, NULL);
    g_assert(file->output->pb != NULL);
    file->output->pb->seekable = 0;
    file->output->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_FLUSH_PACKETS;
    if (!describe(stream, sky_packet_info(first), error))
        return FALSE;
    set_metadata(file->output, sky_packet_times(first)->arrival_ns, event_offset_s);
    int failed = write_header(file->output);
    file->has_header = failed >= 0;
    if (failed >= 0)
        avio_flush(file->output->pb);
    return failed >= 0 && file->trouble == NULL ? TRUE : fail(file, failed, error);
}

SkyClipFile *sky_clip_file_new(const char *path, uint64_t keep_free_bytes, const SkyPacket *first, double event_offset_s,
                               GError **error) {
    sky_av_library_init();
    g_autoptr(SkyClipFile) file = g_new0(SkyClipFile, 1);
    file->packet = av_packet_alloc();
    g_assert(file->packet != NULL);
    file->synced_ns = SKY_TIME_NONE;
    file->part = sky_part_file_new(path, error);
    if (file->part == NULL)
        return NULL;
    sky_part_file_keep_free(file->part, keep_free_bytes);
    if (!open_output(file, first, event_offset_s, error))
        return NULL;
    return g_steal_pointer(&file);
}

static void close_output(SkyClipFile *file) {
    if (file->output == NULL)
        return;
    if (file->output->pb != NULL)
        av_freep(&file->output->pb->buffer);
    avio_context_free(&file->output->pb);
    g_clear_pointer(&file->output, avformat_free_context);
}

void sky_clip_file_free(SkyClipFile *file) {
    if (file == NULL)
        return;
    if (file->has_header && file->trouble == NULL)
        /* the trailer frees memory, and writes nothing any more */
        file->trouble = g_error_new_literal(SKY_ERROR, SKY_ERR_DATA, "given up");
    if (file->has_header)
        av_write_trailer(file->output);
    close_output(file);
    av_packet_free(&file->packet);
    sky_part_file_free(file->part);
    g_clear_error(&file->trouble);
    g_free(file);
}

gboolean sky_clip_file_write(SkyClipFile *file, const SkyPacket *packet, GError **error) {
    const SkyPacketTimes *times = sky_packet_times(packet);
    AVPacket *out = file->packet;
    av_packet_unref(out);
    sky_clip_clock_next(&file->clock, times, &out->dts, &out->pts);
    out->data = (uint8_t *)sky_packet_data(packet); /* read only, within the call */
    out->size = (int)sky_packet_size_bytes(packet);
    out->flags = times->key ? AV_PKT_FLAG_KEY : 0;
    out->duration = file->clock.end - out->pts > 0 ? MIN(file->clock.end - out->pts, SKY_CLIP_TICKS_PER_S) : 1;
    file->last_pts = out->pts;
    int failed = av_write_frame(file->output, out);
    return failed >= 0 && file->trouble == NULL ? TRUE : fail(file, failed, error);
}

gboolean sky_clip_file_keep_safe(SkyClipFile *file, int64_t now_ns, GError **error) {
    uint64_t bytes = sky_part_file_bytes(file->part);
    if (bytes == file->synced_bytes || (file->synced_ns != SKY_TIME_NONE && now_ns - file->synced_ns < SYNC_NS))
        return TRUE;
    file->synced_ns = now_ns;
    file->synced_bytes = bytes;
    return sky_part_file_sync(file->part, error);
}

gboolean sky_clip_file_commit(SkyClipFile *file, char ret_sha256[SKY_SHA256_BYTES], uint64_t *ret_bytes, GError **error) {
    file->has_header = FALSE;
    int failed = av_write_trailer(file->output);
    avio_flush(file->output->pb);
    if (failed < 0 || file->trouble != NULL)
        return fail(file, failed, error);
    *ret_bytes = sky_part_file_bytes(file->part);
    return sky_part_file_commit(file->part, ret_sha256, error);
}

const SkyClipClock *sky_clip_file_clock(const SkyClipFile *file) {
    return &file->clock;
}

int64_t sky_clip_file_last_pts(const SkyClipFile *file) {
    return file->last_pts;
}
