/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl_annotate.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/ctl_canvas.h"

#define WIDTH_PX 960
#define PATH_POINTS_MAX 4096

static const SkyColour yellow = {255, 220, 0}, green = {0, 255, 90}, blue = {60, 140, 255};

struct SkyAnnotate {
    char *path;
    const SkyCameraConfig *camera;
    double frame_rate;
    SkyCanvas canvas;  /* no pixels before the first frame */
    GPid child;
    int fd;            /* to ffmpeg; -1 where it has gone */
    gboolean failed;
    GArray *open;      /* SkyEvent under way */
    GArray *feet;      /* SkyPoint, where the oldest of them has been */
};

SkyAnnotate *sky_annotate_new(const char *path, const SkyCameraConfig *camera, double frame_rate) {
    SkyAnnotate *annotate = g_new0(SkyAnnotate, 1);
    annotate->path = g_strdup(path);
    annotate->camera = camera;
    annotate->frame_rate = frame_rate;
    annotate->fd = -1;
    annotate->open = g_array_new(FALSE, FALSE, sizeof(SkyEvent));
    annotate->feet = g_array_new(FALSE, FALSE, sizeof(SkyPoint));
    return annotate;
}

/* The film's size is known only at the first frame. */
static void start(SkyAnnotate *annotate, const SkyFrame *frame) {
    uint32_t height_px = (uint32_t)((uint64_t)frame->height_px * WIDTH_PX / frame->width_px) & ~1u;
    g_autofree char *size = g_strdup_printf("%ux%u", WIDTH_PX, height_px);
    g_autofree char *rate = g_strdup_printf("%.3f", annotate->frame_rate);
    char *argv[] = {"ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", rate, "-i", "-",
                    "-pix_fmt", "yuv420p", "-movflags", "+faststart", annotate->path, NULL};
    g_autoptr(GError) error = NULL;
    if (!g_spawn_async_with_pipes(NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &annotate->child,
                                  &annotate->fd, NULL, NULL, &error)) {
        fprintf(stderr, "skynetctl analyze: --annotate needs the ffmpeg program (apt-get install ffmpeg): %s\n", error->message);
        annotate->failed = TRUE;
        return;
    }
    sky_canvas_init(&annotate->canvas, WIDTH_PX, height_px);
}

static void draw(SkyAnnotate *annotate, const SkyMotionResult *result) {
    for (uint32_t i = 0; i < annotate->camera->zone_count; i++)
        sky_canvas_polygon(&annotate->canvas, &annotate->camera->zones[i].polygon, blue);
    for (uint32_t i = 0; i < result->blob_count; i++)
        sky_canvas_box(&annotate->canvas, &result->blobs[i].box, yellow);
    for (guint i = 0; i < annotate->open->len; i++)
        sky_canvas_box(&annotate->canvas, &g_array_index(annotate->open, SkyEvent, i).box, green);
    for (guint i = 1; i < annotate->feet->len; i++)
        sky_canvas_line(&annotate->canvas, g_array_index(annotate->feet, SkyPoint, i - 1),
                        g_array_index(annotate->feet, SkyPoint, i), green);
}

static void write_frame(SkyAnnotate *annotate) {
    gsize bytes = (gsize)annotate->canvas.width_px * annotate->canvas.height_px * 3;
    for (gsize done = 0; done < bytes;) {
        ssize_t count = write(annotate->fd, annotate->canvas.rgb + done, bytes - done);
        if (count <= 0) { /* ffmpeg has said why */
            annotate->failed = TRUE;
            return;
        }
        done += (gsize)count;
    }
}

void sky_annotate_frame(SkyAnnotate *annotate, const SkyFrame *frame, const SkyMotionResult *result, const uint8_t *mask) {
    if (annotate->failed)
        return;
    if (!annotate->canvas.rgb)
        start(annotate, frame);
    if (annotate->failed)
        return;
    sky_canvas_paint(&annotate->canvas, frame->luma, frame->width_px, frame->height_px, frame->stride_bytes, mask);
    draw(annotate, result);
    write_frame(annotate);
}

void sky_annotate_event(SkyAnnotate *annotate, const SkyEvent *event) {
    GArray *open = annotate->open;
    guint at = 0;
    while (at < open->len && g_array_index(open, SkyEvent, at).number != event->number)
        at++;
    if (event->phase == SKY_EVENT_END) {
        if (at < open->len)
            g_array_remove_index(open, at);
        if (open->len == 0)
            g_array_set_size(annotate->feet, 0);
        return;
    }
    if (at < open->len)
        g_array_index(open, SkyEvent, at) = *event;
    else
        g_array_append_val(open, *event);
    if (at == 0 && annotate->feet->len < PATH_POINTS_MAX)
        g_array_append_val(annotate->feet, event->to);
}

gboolean sky_annotate_finish(SkyAnnotate *annotate) {
    gboolean ok = !annotate->failed && annotate->canvas.rgb;
    if (annotate->fd >= 0)
        close(annotate->fd);
    if (annotate->child) {
        int status = 0;
        ok = waitpid(annotate->child, &status, 0) == annotate->child && status == 0 && ok;
        g_spawn_close_pid(annotate->child);
    }
    sky_canvas_clear(&annotate->canvas);
    g_array_unref(annotate->open);
    g_array_unref(annotate->feet);
    g_free(annotate->path);
    g_free(annotate);
    return ok;
}
