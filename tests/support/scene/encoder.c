/* SPDX-License-Identifier: Apache-2.0 */
#include "support/scene/encoder.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/cleanup.h"
#include "base/error.h"

struct Encoder {
    GPid pid;
    int pipe;
};

/* One thread: the same input gives the same file. MJPEG: RTP carries no Huffman tables, so the default ones; no bound on the rate,
 * cheap cameras have none either. */
static char *codec_arguments(const EncoderParams *params) {
    if (g_strcmp0(params->codec, "h264") == 0)
        return g_strdup_printf(
            "-c:v libx264 -preset veryfast -tune zerolatency -profile:v main -threads 1 -bf 0 -g %d -keyint_min %d "
            "-sc_threshold 0 -b:v %dk -maxrate %dk -bufsize %dk -x264-params sliced-threads=0:slices=%d",
            params->gop, params->gop, params->kbit, params->kbit, params->kbit, params->slices);
    if (g_strcmp0(params->codec, "h265") == 0)
        return g_strdup_printf(
            "-c:v libx265 -preset superfast -tune zerolatency -tag:v hvc1 -b:v %dk -maxrate %dk -bufsize %dk -x265-params "
            "log-level=error:keyint=%d:min-keyint=%d:scenecut=0:bframes=0:slices=%d:pools=1:frame-threads=1",
            params->kbit, params->kbit, params->kbit, params->gop, params->gop, params->slices);
    return g_strdup("-c:v mjpeg -pix_fmt yuvj420p -q:v 6 -huffman default -threads 1");
}

Encoder *encoder_new(const EncoderParams *params, GError **error) {
    g_autofree char *codec = codec_arguments(params);
    g_autofree char *lead =
        g_strdup_printf("-bsf:v 'noise=drop=lt(n\\,%d)' -output_ts_offset %.9f", params->lead, -params->lead / params->fps);
    g_autofree char *command =
        g_strdup_printf("ffmpeg -v error -nostats -y -f rawvideo -pix_fmt yuv420p -s %dx%d -r %s -i pipe:0 %s %s -f mp4",
                        params->width, params->height, params->rate, codec, params->lead ? lead : "");
    g_auto(GStrv) words = NULL;
    if (!g_shell_parse_argv(command, NULL, &words, error)) return NULL;
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_strv_builder_addv(builder, (const char **)words);
    g_strv_builder_add(builder, params->path);
    g_auto(GStrv) argv = g_strv_builder_end(builder);
    Encoder *encoder = g_new0(Encoder, 1);
    GSpawnFlags flags = G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD;
    if (g_spawn_async_with_pipes(NULL, argv, NULL, flags, NULL, NULL, &encoder->pid, &encoder->pipe, NULL, NULL, error))
        return encoder;
    g_free(encoder);
    return NULL;
}

gboolean encoder_put(Encoder *encoder, const Picture *picture, GError **error) {
    for (size_t sent = 0; sent < picture->bytes;) {
        ssize_t now = write(encoder->pipe, picture->luma + sent, picture->bytes - sent);
        if (now < 0 && errno != EINTR) {
            sky_error_set_errno(error, errno, "ffmpeg");
            return FALSE;
        }
        sent += now > 0 ? (size_t)now : 0;
    }
    return TRUE;
}

gboolean encoder_finish(Encoder *encoder, GError **error) {
    int status = 0;
    sky_close_fd(&encoder->pipe);
    pid_t ended = waitpid(encoder->pid, &status, 0);
    g_free(encoder);
    if (ended > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) return TRUE;
    g_set_error(error, SKY_ERROR, SKY_ERR_FATAL, "ffmpeg could not encode");
    return FALSE;
}
