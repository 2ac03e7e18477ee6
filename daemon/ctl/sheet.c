/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/sheet.h"

#include <stdio.h>
#include <string.h>

#include "av/av_png.h"
#include "base/clock.h"
#include "daemon/ctl/canvas.h"

#define COLUMNS 4
#define ROWS 5
#define PICTURE_W 320
#define PICTURE_H 240
#define GAP 8
#define LABEL 38
#define TILE_W (PICTURE_W + GAP)
#define TILE_H (PICTURE_H + LABEL + GAP)
#define LETTERS (PICTURE_W / 12) /* a line of the label */
/* Pictures kept, for an event tells of its best moment up to a second later, or at its end. Only those with something in them. */
#define KEPT_MAX 128

static const SkyColour green = {0, 255, 90}, white = {255, 255, 255}, grey = {160, 160, 160};

typedef struct {
    int64_t time_ns;
    uint32_t width_px, height_px;
    uint8_t *luma;
} Kept;

typedef struct {
    SkyEvent event;
    int64_t shown_ns; /* the moment in the picture; SKY_TIME_NONE: none yet */
    SkyCanvas picture;
} Open;

struct SkySheet {
    char *path, *clip;
    Kept kept[KEPT_MAX]; /* a ring */
    unsigned next;
    GArray *open; /* Open */
    SkyCanvas page;
    unsigned tiles, pages;
    uint64_t left_out;
    gboolean failed;
};

SkySheet *sky_sheet_new(const char *path) {
    SkySheet *sheet = g_new0(SkySheet, 1);
    sheet->path = g_strdup(path);
    sheet->open = g_array_new(FALSE, TRUE, sizeof(Open));
    return sheet;
}

static void forget_pictures(SkySheet *sheet) {
    for (unsigned i = 0; i < KEPT_MAX; i++)
        g_free(sheet->kept[i].luma);
    memset(sheet->kept, 0, sizeof sheet->kept);
}

void sky_sheet_clip(SkySheet *sheet, const char *clip) {
    g_free(sheet->clip);
    sheet->clip = g_strdup(clip);
    forget_pictures(sheet); /* each file's time begins at 0 */
}

/* ---- pages ---- */

static void write_page(SkySheet *sheet) {
    g_autoptr(GError) error = NULL;
    gsize stem = strlen(sheet->path) - (g_str_has_suffix(sheet->path, ".png") ? strlen(".png") : 0);
    g_autofree char *path = sheet->pages == 0 ? g_strdup(sheet->path)
                                              : g_strdup_printf("%.*s-%u.png", (int)stem, sheet->path, sheet->pages + 1);
    unsigned rows = MAX((sheet->tiles + COLUMNS - 1) / COLUMNS, 1);
    if (!sky_av_png_write(path, sheet->page.rgb, sheet->page.width_px, rows * TILE_H + GAP, &error)) {
        fprintf(stderr, "skynetctl analyze: --sheet: %s\n", error->message);
        sheet->failed = TRUE;
    }
    sky_canvas_clear(&sheet->page);
    sheet->tiles = 0;
    sheet->pages++;
}

static void label(SkySheet *sheet, const SkyEvent *event, int x, int y) {
    int64_t tenths = event->begin_ns / (SKY_NS_PER_S / 10), seconds = tenths / 10;
    g_autofree char *name = g_utf8_substring(sheet->clip, 0, MIN(g_utf8_strlen(sheet->clip, -1), LETTERS));
    g_autofree char *text =
        g_strdup_printf("%d:%02d:%02d.%d  %.1f s %s", (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60),
                        (int)(tenths % 10), (double)(event->end_ns - event->begin_ns) / 1e9,
                        event->kind == SKY_EVENT_TAMPER ? sky_event_kind_name(event->kind) : event->zone);
    text[MIN(strlen(text), LETTERS)] = '\0'; /* digits, and an id: ASCII */
    sky_canvas_text(&sheet->page, x, y, 2, name, white);
    sky_canvas_text(&sheet->page, x, y + 18, 2, text, grey);
}

static void add_tile(SkySheet *sheet, const Open *open) {
    if (sheet->pages == SKY_SHEET_PAGES_MAX) {
        sheet->left_out++;
        return;
    }
    if (!sheet->page.rgb)
        sky_canvas_init(&sheet->page, COLUMNS * TILE_W + GAP, ROWS * TILE_H + GAP);
    int x = GAP + (int)(sheet->tiles % COLUMNS) * TILE_W, y = GAP + (int)(sheet->tiles / COLUMNS) * TILE_H;
    if (open->picture.rgb)
        sky_canvas_put(&sheet->page, x + (PICTURE_W - (int)open->picture.width_px) / 2,
                       y + (PICTURE_H - (int)open->picture.height_px) / 2, &open->picture);
    label(sheet, &open->event, x, y + PICTURE_H + 4);
    if (++sheet->tiles == COLUMNS * ROWS)
        write_page(sheet);
}

/* ---- best moments ---- */

static void show(Open *open, const Kept *kept) {
    uint32_t width_px = PICTURE_W, height_px = (uint32_t)((uint64_t)PICTURE_W * kept->height_px / kept->width_px);
    if (height_px > PICTURE_H) {
        height_px = PICTURE_H;
        width_px = (uint32_t)((uint64_t)PICTURE_H * kept->width_px / kept->height_px);
    }
    sky_canvas_clear(&open->picture);
    sky_canvas_init(&open->picture, MAX(width_px, 1), MAX(height_px, 1));
    sky_canvas_paint(&open->picture, kept->luma, kept->width_px, kept->height_px, kept->width_px, NULL);
    sky_canvas_box(&open->picture, &open->event.best_box, green);
    open->shown_ns = kept->time_ns;
}

/* Where the moment is not kept any more, what was shown before stays. */
static void look_up(const SkySheet *sheet, Open *open) {
    for (unsigned i = 0; i < KEPT_MAX && open->shown_ns != open->event.best_ns; i++)
        if (sheet->kept[i].luma && sheet->kept[i].time_ns == open->event.best_ns)
            show(open, &sheet->kept[i]);
}

static Open *find(SkySheet *sheet, uint64_t number, guint *ret_place) {
    for (guint i = 0; i < sheet->open->len; i++)
        if (g_array_index(sheet->open, Open, i).event.number == number) {
            *ret_place = i;
            return &g_array_index(sheet->open, Open, i);
        }
    return NULL;
}

void sky_sheet_event(SkySheet *sheet, const SkyEvent *event) {
    guint place = sheet->open->len;
    Open *open = find(sheet, event->number, &place);
    if (!open) {
        g_array_append_val(sheet->open, ((Open){.shown_ns = SKY_TIME_NONE}));
        open = &g_array_index(sheet->open, Open, place);
    }
    open->event = *event;
    look_up(sheet, open);
    if (event->phase != SKY_EVENT_END)
        return;
    add_tile(sheet, open);
    sky_canvas_clear(&open->picture);
    g_array_remove_index(sheet->open, place);
}

static void keep(SkySheet *sheet, const SkyFrame *frame) {
    Kept *kept = &sheet->kept[sheet->next++ % KEPT_MAX];
    g_free(kept->luma);
    *kept = (Kept){frame->arrival_ns, frame->width_px, frame->height_px, g_malloc((gsize)frame->width_px * frame->height_px)};
    for (uint32_t y = 0; y < frame->height_px; y++)
        memcpy(kept->luma + (gsize)y * frame->width_px, frame->luma + (gsize)y * frame->stride_bytes, frame->width_px);
}

void sky_sheet_frame(SkySheet *sheet, const SkyAnalysed *picture) {
    gboolean wanted = FALSE;
    for (uint32_t i = 0; i < picture->followed_count; i++)
        wanted = wanted || (picture->followed[i].sure && picture->followed[i].seen);
    for (guint i = 0; i < sheet->open->len; i++) /* that of an event in which nobody moves */
        wanted = wanted || g_array_index(sheet->open, Open, i).event.best_ns == picture->frame->arrival_ns;
    if (wanted)
        keep(sheet, picture->frame);
    for (guint i = 0; i < sheet->open->len; i++)
        look_up(sheet, &g_array_index(sheet->open, Open, i));
}

gboolean sky_sheet_finish(SkySheet *sheet) {
    if (sheet->tiles == 0 && sheet->pages == 0) {
        sky_canvas_init(&sheet->page, COLUMNS * TILE_W + GAP, ROWS * TILE_H + GAP);
        sky_canvas_text(&sheet->page, 2 * GAP, 2 * GAP, 2, "no events", white);
        write_page(sheet);
    } else if (sheet->tiles > 0)
        write_page(sheet);
    if (sheet->left_out > 0)
        fprintf(stderr, "skynetctl analyze: --sheet: %d pages are full, %" G_GUINT64_FORMAT " events are left out\n",
                SKY_SHEET_PAGES_MAX, sheet->left_out);
    gboolean ok = !sheet->failed;
    forget_pictures(sheet);
    g_array_unref(sheet->open);
    g_free(sheet->clip);
    g_free(sheet->path);
    g_free(sheet);
    return ok;
}
