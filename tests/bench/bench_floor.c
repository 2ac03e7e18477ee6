/* SPDX-License-Identifier: Apache-2.0 */
/* What nobody can do without: libavformat taking the packets of cameras in, over RTSP/TCP, a thread each; and libavcodec decoding them, with
 * one thread and the loop filter skipped. Nothing of ours is in it but the threads.
 *
 *   bench_floor packets|decode SECONDS URL...     prints pictures or packets a second at its end */
#include <glib.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/thread.h"

typedef struct {
    const char *url;
    gboolean decode;
    int64_t end_ns;
    SkyThread *thread;
} Camera;

static atomic_ullong taken;

static int is_over(void *user) {
    return sky_clock_monotonic_ns() >= ((Camera *)user)->end_ns;
}

static AVCodecContext *open_decoder(const AVStream *stream) {
    const AVCodec *codec = avcodec_find_decoder(stream->codecpar->codec_id);
    AVCodecContext *decoder = codec ? avcodec_alloc_context3(codec) : NULL;
    if (!decoder)
        return NULL;
    decoder->thread_count = 1;
    decoder->skip_loop_filter = AVDISCARD_ALL;
    if (avcodec_parameters_to_context(decoder, stream->codecpar) < 0 || avcodec_open2(decoder, codec, NULL) < 0)
        avcodec_free_context(&decoder);
    return decoder;
}

static void decode(AVCodecContext *decoder, const AVPacket *packet, AVFrame *frame) {
    avcodec_send_packet(decoder, packet);
    while (avcodec_receive_frame(decoder, frame) == 0) {
        atomic_fetch_add(&taken, 1);
        av_frame_unref(frame);
    }
}

static void run(gpointer user) {
    Camera *camera = user;
    AVFormatContext *input = avformat_alloc_context();
    input->interrupt_callback = (AVIOInterruptCB){is_over, camera};
    AVDictionary *options = NULL;
    av_dict_set(&options, "rtsp_transport", "tcp", 0);
    av_dict_set(&options, "allowed_media_types", "video", 0);
    int result = avformat_open_input(&input, camera->url, NULL, &options);
    av_dict_free(&options);
    if (result < 0) {
        fprintf(stderr, "%s: %s\n", camera->url, av_err2str(result));
        return;
    }
    AVCodecContext *decoder = camera->decode ? open_decoder(input->streams[0]) : NULL;
    AVPacket *packet = av_packet_alloc();
    AVFrame *frame = av_frame_alloc();
    while (!is_over(camera) && av_read_frame(input, packet) >= 0) {
        if (decoder)
            decode(decoder, packet, frame);
        else
            atomic_fetch_add(&taken, 1);
        av_packet_unref(packet);
    }
    av_frame_free(&frame);
    av_packet_free(&packet);
    avcodec_free_context(&decoder);
    avformat_close_input(&input);
}

int main(int argc, char **argv) {
    if (argc < 4 || (strcmp(argv[1], "packets") != 0 && strcmp(argv[1], "decode") != 0) || atoi(argv[2]) < 1) {
        fprintf(stderr, "usage: bench_floor packets|decode SECONDS URL...\n");
        return 2;
    }
    av_log_set_level(AV_LOG_QUIET);
    int seconds = atoi(argv[2]), count = argc - 3;
    g_autofree Camera *cameras = g_new0(Camera, count);
    for (int i = 0; i < count; i++) {
        cameras[i] = (Camera){.url = argv[3 + i],
                              .decode = strcmp(argv[1], "decode") == 0,
                              .end_ns = sky_clock_monotonic_ns() + seconds * SKY_NS_PER_S};
        cameras[i].thread = sky_thread_start("floor", run, &cameras[i], NULL);
    }
    for (int i = 0; i < count; i++)
        sky_thread_join(cameras[i].thread);
    printf("%s %.1f 1/s\n", argv[1], (double)atomic_load(&taken) / seconds);
    return 0;
}
