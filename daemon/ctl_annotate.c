/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl_annotate.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/ctl_canvas.h"

#define WIDTH_PX 960
#define PATH_POINTS_MAX 4096

static const SkyColour yellow = {255, 220, 0}, green = {0, 255, 90}, blue = {60, 140, 255}, grey = {128, 128, 128};

/* An event under way. */
typedef struct {
    SkyEvent event;
    GArray *feet; /* SkyPoint, where it has been */
} Shown;

struct SkyAnnotate {
    char *path;
    const SkyCameraConfig *camera;
    double frame_rate;
    SkyCanvas canvas;  /* no pixels before the first frame */
    GPid child;
    int fd;            /* to ffmpeg; -1: not started */
    uint64_t written;  /* pictures of the film */
    gboolean failed;
    GPtrArray *shown;  /* Shown */
};

static void shown_free(gpointer data) {
    Shown *shown = data;
    g_array_unref(shown->feet);
    g_free(shown);
}

SkyAnnotate *sky_annotate_new(const char *path, const SkyCameraConfig *camera, double frame_rate) {
    SkyAnnotate *annotate = g_new0(SkyAnnotate, 1);
    annotate->path = g_strdup(path);
    annotate->camera = camera;
    annotate->frame_rate = frame_rate;
    annotate->fd = -1;
    annotate->shown = g_ptr_array_new_with_free_func(shown_free);
    return annotate;
}

/* The film's size is known only at the first frame. */
static void start(SkyAnnotate *annotate, const SkyFrame *frame) {
    uint32_t height_px = (uint32_t)((uint64_t)frame->height_px * WIDTH_PX / frame->width_px) & ~1u;
    g_autofree char *size = g_strdup_printf("%ux%u", WIDTH_PX, height_px);
    char rate[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(rate, sizeof rate, "%.3f", annotate->frame_rate); /* a locale's decimal comma is no number to ffmpeg */
    g_autofree char *out = g_strconcat("file:", annotate->path, NULL);
    char *argv[] = {"ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", rate, "-i", "-",
                    "-pix_fmt", "yuv420p", "-movflags", "+faststart", out, NULL};
    g_autoptr(GError) error = NULL;
    if (!g_spawn_async_with_pipes(NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &annotate->child,
                                  &annotate->fd, NULL, NULL, &error)) {
        fprintf(stderr, "skynetctl analyze: --annotate needs the ffmpeg program (apt-get install ffmpeg): %s\n", error->message);
        annotate->failed = TRUE;
        return;
    }
    sky_canvas_init(&annotate->canvas, WIDTH_PX, height_px);
}

static void draw_event(SkyCanvas *canvas, const Shown *shown) {
    sky_canvas_box(canvas, &shown->event.box, green);
    for (guint i = 1; i < shown->feet->len; i++)
        sky_canvas_line(canvas, g_array_index(shown->feet, SkyPoint, i - 1), g_array_index(shown->feet, SkyPoint, i), green);
}

static void draw(SkyAnnotate *annotate, const SkyMotionResult *result) {
    const SkyCameraConfig *camera = annotate->camera;
    for (uint32_t i = 0; i < camera->ignore_count; i++)
        sky_canvas_polygon(&annotate->canvas, &camera->ignore[i], grey);
    for (uint32_t i = 0; i < camera->zone_count; i++)
        sky_canvas_polygon(&annotate->canvas, &camera->zones[i].polygon, blue);
    for (uint32_t i = 0; i < result->blob_count; i++)
        sky_canvas_box(&annotate->canvas, &result->blobs[i].box, yellow);
    for (guint i = 0; i < annotate->shown->len; i++)
        draw_event(&annotate->canvas, annotate->shown->pdata[i]);
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
    /* Half a picture early is in time: the rate of the analysis is a mean, its pictures stand where the camera's do. */
    uint64_t due = (uint64_t)((double)frame->pts_ns / 1e9 * annotate->frame_rate + 0.5) + 1;
    if (due <= annotate->written)
        return;
    sky_canvas_paint(&annotate->canvas, frame->luma, frame->width_px, frame->height_px, frame->stride_bytes, mask);
    draw(annotate, result);
    for (; annotate->written < due && !annotate->failed; annotate->written++)
        write_frame(annotate);
}

static Shown *find(SkyAnnotate *annotate, uint64_t number) {
    for (guint i = 0; i < annotate->shown->len; i++) {
        Shown *shown = annotate->shown->pdata[i];
        if (shown->event.number == number)
            return shown;
    }
    return NULL;
}

void sky_annotate_event(SkyAnnotate *annotate, const SkyEvent *event) {
    Shown *shown = find(annotate, event->number);
    if (event->phase == SKY_EVENT_END) {
        g_ptr_array_remove(annotate->shown, shown);
        return;
    }
    if (!shown) {
        shown = g_new0(Shown, 1);
        shown->feet = g_array_new(FALSE, FALSE, sizeof(SkyPoint));
        g_array_append_val(shown->feet, event->from);
        g_ptr_array_add(annotate->shown, shown);
    }
    shown->event = *event;
    if (shown->feet->len < PATH_POINTS_MAX)
        g_array_append_val(shown->feet, event->to);
}

gboolean sky_annotate_finish(SkyAnnotate *annotate) {
    gboolean ok = !annotate->failed && annotate->canvas.rgb;
    if (!annotate->failed && !annotate->canvas.rgb)
        fprintf(stderr, "skynetctl analyze: %s: not made: there was no picture\n", annotate->path);
    if (annotate->fd >= 0)
        close(annotate->fd);
    if (annotate->child) {
        int status = 0;
        ok = waitpid(annotate->child, &status, 0) == annotate->child && status == 0 && ok;
        g_spawn_close_pid(annotate->child);
    }
    sky_canvas_clear(&annotate->canvas);
    g_ptr_array_unref(annotate->shown);
    g_free(annotate->path);
    g_free(annotate);
    return ok;
}
