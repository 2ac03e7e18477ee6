/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "scene.h"

/* What truth.tsv of the footage has nothing for, a second away from anything. */
static const struct {
    const char *clip;
    double from_s, length_s;
} empty_parts[] = {
    {"night-ir", 99, 60}, {"waving-trees", 0.5, 14}, {"one-by-one", 0, 5}, {"car", 9, 4.5}, {"brightness", 0, 5},
};
#define PICTURE_BYTES (GROUND_W * GROUND_H)

struct Footage {
    uint8_t *luma;
    uint64_t pictures;
};

static double length_of(const char *clip, double *ret_from_s) {
    for (size_t i = 0; i < G_N_ELEMENTS(empty_parts); i++)
        if (g_str_equal(clip, empty_parts[i].clip)) {
            *ret_from_s = empty_parts[i].from_s;
            return empty_parts[i].length_s;
        }
    g_assert_not_reached();
}

static int open_ffmpeg(const char *path, double from_s, double length_s, GPid *ret_child, GError **error) {
    g_autofree char *from = g_strdup_printf("%.2f", from_s), *length = g_strdup_printf("%.2f", length_s);
    g_autofree char *filter = g_strdup_printf("fps=%d,scale=%d:%d:force_original_aspect_ratio=increase:flags=area,crop=%d:%d",
                                              SCENE_FPS, GROUND_W, GROUND_H, GROUND_W, GROUND_H);
    char *argv[] = {"ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-ss", from, "-t", length, "-i", (char *)path,
                    "-vf", filter, "-pix_fmt", "gray", "-f", "rawvideo", "-", NULL};
    int out = -1;
    g_spawn_async_with_pipes(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, ret_child, NULL, &out, NULL, error);
    return out;
}

Footage *footage_load(const char *clip, GError **error) {
    double from_s = 0, length_s = length_of(clip, &from_s);
    const char *folder = g_getenv("SKYNET_FOOTAGE");
    g_autofree char *name = g_strconcat(clip, ".mp4", NULL);
    g_autofree char *path = g_build_filename(folder ? folder : "../shared/footage", name, NULL);
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "%s is not there; SKYNET_FOOTAGE says where", name);
        return NULL;
    }
    GPid child;
    int out = open_ffmpeg(path, from_s, length_s, &child, error);
    if (out < 0)
        return NULL;
    Footage *footage = g_new0(Footage, 1);
    uint64_t room = (uint64_t)(length_s * SCENE_FPS) + 2;
    footage->luma = g_malloc(room * PICTURE_BYTES);
    FILE *pictures = fdopen(out, "rb");
    footage->pictures = fread(footage->luma, PICTURE_BYTES, room, pictures);
    fclose(pictures);
    if (footage->pictures > 0)
        return footage;
    g_set_error(error, SKY_ERROR, SKY_ERR_DATA, "ffmpeg finds no picture in %s", name);
    footage_free(footage);
    return NULL;
}

void footage_free(Footage *footage) {
    if (!footage)
        return;
    g_free(footage->luma);
    g_free(footage);
}

void footage_put(const Footage *footage, uint64_t picture, Ground *ground) {
    uint64_t at = picture % (2 * footage->pictures);
    const uint8_t *from = footage->luma + (at < footage->pictures ? at : 2 * footage->pictures - 1 - at) * PICTURE_BYTES;
    float *day = ground->day[0];
    for (size_t i = 0; i < PICTURE_BYTES; i++)
        day[i] = from[i];
}
