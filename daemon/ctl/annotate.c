/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/annotate.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/ctl/canvas.h"

#define WIDTH_PX 960
#define PATH_POINTS_MAX 4096

#define TEXT 2 /* scale of the letters */
#define LINE_PX 20
#define LETTER_PX 12
#define GAP_PX 6 /* between the words of the legend */

static const SkyColour green = {0, 255, 90}, cyan = {0, 220, 255}, blue = {60, 140, 255}, grey = {128, 128, 128},
                       white = {255, 255, 255};
static const SkyColour cause_colours[SKY_SUPPRESSED_CAUSES] = {
    [SKY_SUPPRESSED_BRIEF] = {190, 190, 190},  [SKY_SUPPRESSED_UNSTEADY] = {255, 230, 0},  [SKY_SUPPRESSED_STILL] = {200, 140, 80},
    [SKY_SUPPRESSED_LEAP] = {255, 130, 0},     [SKY_SUPPRESSED_SWAY] = {255, 150, 210},    [SKY_SUPPRESSED_FLIGHT] = {255, 60, 60},
    [SKY_SUPPRESSED_ERRATIC] = {200, 80, 255}, [SKY_SUPPRESSED_SHAPE] = {130, 130, 255},
    [SKY_SUPPRESSED_TICK] = {150, 220, 120},    [SKY_SUPPRESSED_SIZE] = {120, 200, 190},
    [SKY_SUPPRESSED_SOFT] = {150, 190, 255},   [SKY_SUPPRESSED_LIT] = {255, 250, 170},
};

struct SkyAnnotate {
    char *path;
    const SkyCameraConfig *camera;
    double frame_rate;
    SkyCanvas canvas;  /* no pixels before the first frame */
    GPid child;
    int fd;            /* to ffmpeg; -1: not started */
    uint64_t written;  /* pictures of the film */
    gboolean failed;
    GArray *events;    /* SkyEvent, under way */
    GHashTable *paths; /* number of what is followed -> GArray of SkyPoint, where its feet have been */
};

SkyAnnotate *sky_annotate_new(const char *path, const SkyCameraConfig *camera, double frame_rate) {
    SkyAnnotate *annotate = g_new0(SkyAnnotate, 1);
    annotate->path = g_strdup(path);
    annotate->camera = camera;
    annotate->frame_rate = frame_rate;
    annotate->fd = -1;
    annotate->events = g_array_new(FALSE, FALSE, sizeof(SkyEvent));
    annotate->paths = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_array_unref);
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

static GArray *path_of(SkyAnnotate *annotate, const SkyFollowed *followed) {
    GArray *path = g_hash_table_lookup(annotate->paths, &followed->number);
    if (!path) {
        path = g_array_new(FALSE, FALSE, sizeof(SkyPoint));
        g_hash_table_insert(annotate->paths, g_memdup2(&followed->number, sizeof followed->number), path);
    }
    return path;
}

static void walk_on(SkyAnnotate *annotate, const SkyAnalysed *picture) {
    GHashTableIter iter;
    gpointer number;
    g_hash_table_iter_init(&iter, annotate->paths);
    while (g_hash_table_iter_next(&iter, &number, NULL)) {
        gboolean there = FALSE;
        for (uint32_t i = 0; i < picture->followed_count; i++)
            there = there || picture->followed[i].number == *(uint64_t *)number;
        if (!there)
            g_hash_table_iter_remove(&iter);
    }
    for (uint32_t i = 0; i < picture->followed_count; i++) {
        const SkyFollowed *one = &picture->followed[i];
        GArray *path = path_of(annotate, one);
        SkyPoint foot = {one->box.x + one->box.w / 2, one->box.y + one->box.h};
        if (one->seen && path->len < PATH_POINTS_MAX)
            g_array_append_val(path, foot);
    }
}

static SkyColour dim(SkyColour colour) {
    return (SkyColour){colour.red / 2, colour.green / 2, colour.blue / 2};
}

static void draw_followed(SkyAnnotate *annotate, const SkyFollowed *one) {
    SkyCanvas *canvas = &annotate->canvas;
    SkyColour colour = one->sure ? cyan : cause_colours[one->cause];
    colour = one->seen ? colour : dim(colour);
    const GArray *path = path_of(annotate, one);
    for (guint i = 1; i < path->len; i++)
        sky_canvas_line(canvas, g_array_index(path, SkyPoint, i - 1), g_array_index(path, SkyPoint, i), colour);
    sky_canvas_box(canvas, &one->box, colour);
    const char *word = one->rest ? " rest" : one->sure ? "" : sky_suppression_name(one->cause);
    g_autofree char *text = g_strdup_printf("#%" G_GUINT64_FORMAT "%s%s", one->number, one->sure || one->rest ? "" : " ", word);
    int wide = (int)strlen(text) * LETTER_PX, x = (int)(one->box.x * (float)canvas->width_px);
    int y = (int)(one->box.y * (float)canvas->height_px) - LINE_PX;
    y = y < LINE_PX ? (int)((one->box.y + one->box.h) * (float)canvas->height_px) + 4 : y; /* above it, else below */
    x = CLAMP(x, 0, (int)canvas->width_px - wide);
    sky_canvas_shade(canvas, x - 2, y - 2, wide + 2, LINE_PX - 3);
    sky_canvas_text(canvas, x, y, TEXT, text, colour);
}

static void draw_legend(SkyAnnotate *annotate, const SkyAnalysed *picture) {
    static const char *const scenes[] = {[SKY_SCENE_LEARNING] = "learning", [SKY_SCENE_OK] = "", [SKY_SCENE_LIGHT] = "light"};
    SkyCanvas *canvas = &annotate->canvas;
    int y = (int)canvas->height_px - LINE_PX + 3, x = 6;
    sky_canvas_shade(canvas, 0, y - 4, (int)canvas->width_px, LINE_PX + 4);
    x = sky_canvas_text(canvas, x, y, TEXT, "event", green) + GAP_PX;
    x = sky_canvas_text(canvas, x, y, TEXT, "object", cyan) + GAP_PX;
    for (unsigned cause = 0; cause < SKY_SUPPRESSED_CAUSES; cause++)
        x = sky_canvas_text(canvas, x, y, TEXT, sky_suppression_name(cause), cause_colours[cause]) + GAP_PX;
    g_assert(x <= WIDTH_PX); /* or a colour has no word */
    g_autofree char *time = g_strdup_printf("%.1f s  %s", (double)picture->frame->pts_ns / 1e9, scenes[picture->result->scene]);
    if (picture->result->shift_x_px != 0 || picture->result->shift_y_px != 0) {
        char *still = g_steal_pointer(&time);
        time = g_strdup_printf("%s  shaken %+.1f %+.1f px", still, (double)picture->result->shift_x_px,
                               (double)picture->result->shift_y_px);
        g_free(still);
    }
    sky_canvas_shade(canvas, 0, 0, LETTER_PX * (int)strlen(time) + 12, LINE_PX);
    sky_canvas_text(canvas, 6, 3, TEXT, time, white);
}

static void draw(SkyAnnotate *annotate, const SkyAnalysed *picture) {
    const SkyCameraConfig *camera = annotate->camera;
    for (uint32_t i = 0; i < camera->ignore_count; i++)
        sky_canvas_polygon(&annotate->canvas, &camera->ignore[i], grey);
    for (uint32_t i = 0; i < camera->zone_count; i++)
        sky_canvas_polygon(&annotate->canvas, &camera->zones[i].polygon, blue);
    for (guint i = 0; i < annotate->events->len; i++)
        sky_canvas_box(&annotate->canvas, &g_array_index(annotate->events, SkyEvent, i).box, green);
    for (uint32_t i = 0; i < picture->followed_count; i++)
        draw_followed(annotate, &picture->followed[i]);
    draw_legend(annotate, picture);
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

void sky_annotate_frame(SkyAnnotate *annotate, const SkyAnalysed *picture) {
    const SkyFrame *frame = picture->frame;
    if (annotate->failed)
        return;
    if (!annotate->canvas.rgb)
        start(annotate, frame);
    if (annotate->failed)
        return;
    walk_on(annotate, picture);
    /* Half a picture early is in time: the rate of the analysis is a mean, its pictures stand where the camera's do. */
    uint64_t due = (uint64_t)((double)frame->pts_ns / 1e9 * annotate->frame_rate + 0.5) + 1;
    if (due <= annotate->written)
        return;
    sky_canvas_paint(&annotate->canvas, frame->luma, frame->width_px, frame->height_px, frame->stride_bytes, picture->mask);
    draw(annotate, picture);
    for (; annotate->written < due && !annotate->failed; annotate->written++)
        write_frame(annotate);
}

void sky_annotate_event(SkyAnnotate *annotate, const SkyEvent *event) {
    for (guint i = 0; i < annotate->events->len; i++)
        if (g_array_index(annotate->events, SkyEvent, i).number == event->number) {
            g_array_remove_index(annotate->events, i);
            break;
        }
    if (event->phase != SKY_EVENT_END)
        g_array_append_val(annotate->events, *event);
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
    g_array_unref(annotate->events);
    g_hash_table_unref(annotate->paths);
    g_free(annotate->path);
    g_free(annotate);
    return ok;
}
