/* SPDX-License-Identifier: Apache-2.0 */
/* The maker of scenes, $SKYNET_SCENE: what it says about its pictures is so. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "support/clip_fixture.h"

static ClipFixture *fixture;
static const char *program;

/* What the command says on its outputs, without the newline at its end. */
static char *say(int *ret_status, const char *format, ...) G_GNUC_PRINTF(2, 3);
static char *say(int *ret_status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *command = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *out = NULL, *err = NULL;
    g_autoptr(GError) error = NULL;
    int status = -1;
    g_spawn_command_line_sync(command, &out, &err, &status, &error);
    g_assert_no_error(error);
    *ret_status = WEXITSTATUS(status);
    return g_strchomp(g_strconcat(out, err, NULL));
}

static char *path_of(const char *name) {
    return g_build_filename(fixture->directory, name, NULL);
}

static void make(const char *scene, const char *name, const char *options) {
    int status;
    g_autofree char *said = say(&status, "%s %s %s/%s %s", program, scene, fixture->directory, name, options);
    g_assert_cmpstr(said, ==, "");
    g_assert_cmpint(status, ==, 0);
}

static char *probe(const char *name, const char *entries) {
    int status;
    return say(&status, "ffprobe -v error -select_streams v -show_entries %s -of csv=p=0 %s/%s", entries, fixture->directory, name);
}

/* The lines of a truth, without its head; each has six fields. */
static GPtrArray *truth_of(const char *name) {
    g_autofree char *path = path_of(name), *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_auto(GStrv) lines = g_strsplit(g_strchomp(text), "\n", -1);
    g_assert_cmpstr(lines[0], ==, "#clip\tstart_s\tend_s\tkind\tsize\twhat");
    GPtrArray *truth = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    for (char **line = lines + 1; *line; line++) {
        char **fields = g_strsplit(*line, "\t", -1);
        g_assert_cmpuint(g_strv_length(fields), ==, 6);
        g_ptr_array_add(truth, fields);
    }
    return truth;
}

static const char *field(const GPtrArray *truth, guint line, guint number) {
    return ((char **)g_ptr_array_index(truth, line))[number];
}

/* Luma of each picture, one behind the other. */
static guint8 *pictures_of(const char *name, gsize *ret_bytes) {
    int status;
    g_autofree char *raw = path_of("raw"), *data = NULL;
    g_autofree char *said =
        say(&status, "ffmpeg -v error -y -i %s/%s -vsync 0 -pix_fmt gray -f rawvideo %s", fixture->directory, name, raw);
    g_assert_cmpstr(said, ==, "");
    g_assert_true(g_file_get_contents(raw, &data, ret_bytes, NULL));
    return (guint8 *)g_steal_pointer(&data);
}

/* How many pixels changed by more than noise and codec do. */
static unsigned changed(const guint8 *one, const guint8 *other, gsize pixels) {
    unsigned count = 0;
    for (gsize i = 0; i < pixels; i++) count += abs(one[i] - other[i]) > 25;
    return count;
}

static void test_alike(void) {
    int status;
    make("crossing", "a.mp4", "--seconds 4 --size 320x180");
    make("crossing", "b.mp4", "--seconds 4 --size 320x180 --seed 1");
    make("crossing", "c.mp4", "--seconds 4 --size 320x180 --seed 2");
    g_autofree char *a = say(&status, "ffmpeg -v error -i %s/a.mp4 -f md5 -", fixture->directory);
    g_autofree char *b = say(&status, "ffmpeg -v error -i %s/b.mp4 -f md5 -", fixture->directory);
    g_autofree char *c = say(&status, "ffmpeg -v error -i %s/c.mp4 -f md5 -", fixture->directory);
    g_assert_cmpstr(a, ==, b);
    g_assert_cmpstr(a, !=, c);
}

/* Nothing before the told picture, a whole person in it, nobody after the end. */
static void test_onset(void) {
    enum { PIXELS = 320 * 180 };
    gsize bytes;
    make("onset", "o.mp4", "--seconds 60 --size 320x180 --kbit 1000");
    g_autofree guint8 *pictures = pictures_of("o.mp4", &bytes);
    g_autoptr(GPtrArray) truth = truth_of("o.tsv");
    g_assert_cmpuint(bytes, ==, 1500 * PIXELS);
    g_assert_cmpuint(truth->len, ==, 2);
    for (guint i = 0; i < truth->len; i++) {
        int first = (int)(atof(field(truth, i, 1)) * 25 + .5), end = (int)(atof(field(truth, i, 2)) * 25 + .5);
        g_assert_cmpint(first, >, 25 * 9);
        const guint8 *before = pictures + (gsize)(first - 2) * PIXELS;
        g_assert_cmpuint(changed(before, before + PIXELS, PIXELS), <, 20);
        g_assert_cmpuint(changed(before, before + 2 * PIXELS, PIXELS), >, 100);
        g_assert_cmpuint(changed(before, pictures + (gsize)(end + 10) * PIXELS, PIXELS), <, 20); /* his shadow goes after him */
        g_assert_cmpuint(changed(before, pictures + (gsize)(end - 8) * PIXELS, PIXELS), >, 100);
        g_assert_cmpstr(field(truth, i, 3), ==, "real");
    }
}

static double brightness(const guint8 *picture, gsize pixels) {
    double sum = 0;
    for (gsize i = 0; i < pixels; i++) sum += picture[i];
    return sum / (double)pixels;
}

/* In the scenes without people nobody is told of, and the empty one is still from its first picture to its last. */
static void test_nobody(void) {
    static const char *const scenes[] = {"lamp", "rain", "empty", "night"};
    for (gsize i = 0; i < G_N_ELEMENTS(scenes); i++) {
        make(scenes[i], "n.mp4", "--seconds 12 --size 320x180");
        g_autoptr(GPtrArray) truth = truth_of("n.tsv");
        g_assert_cmpuint(truth->len, ==, 1);
        g_assert_cmpstr(field(truth, 0, 0), ==, "n");
        g_assert_cmpstr(field(truth, 0, 1), ==, "-");
        g_assert_cmpstr(field(truth, 0, 3), ==, "empty");
        gsize bytes, pixels = 320 * 180;
        g_autofree guint8 *pictures = pictures_of("n.mp4", &bytes);
        unsigned most = 0;
        for (gsize at = pixels; at < bytes; at += pixels) most = MAX(most, changed(pictures, pictures + at, pixels));
        if (strcmp(scenes[i], "empty") != 0) {
            g_assert_cmpuint(most, >, 50);
            continue;
        }
        g_assert_cmpuint(most, <, 20);
        double jump = brightness(pictures, pixels) - brightness(pictures + bytes - pixels, pixels); /* where a camera loops */
        g_assert_cmpfloat(ABS(jump), <, 1);
    }
}

static void test_people(void) {
    static const struct {
        const char *scene;
        guint least, most;
        double least_s, most_s;
    } rows[] = {{"crossing", 5, 7, 3, 9}, {"standing", 1, 1, 22, 32}, {"storm", 17, 20, 1, 2.5}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        make(rows[i].scene, "p.mp4", "--seconds 60 --size 160x90 --seed 3");
        g_autoptr(GPtrArray) truth = truth_of("p.tsv");
        double last_end_s = 0;
        g_assert_cmpuint(truth->len, >=, rows[i].least);
        g_assert_cmpuint(truth->len, <=, rows[i].most);
        for (guint k = 0; k < truth->len; k++) {
            double from_s = atof(field(truth, k, 1)), to_s = atof(field(truth, k, 2));
            g_assert_cmpfloat(from_s, >, last_end_s + .5); /* one at a time */
            g_assert_cmpfloat(to_s - from_s, >, rows[i].least_s);
            g_assert_cmpfloat(to_s - from_s, <, rows[i].most_s);
            last_end_s = to_s;
        }
        g_assert_cmpfloat(last_end_s, <=, 60);
    }
}

/* Encoded as cameras do. */
static void test_stream(void) {
    make("crossing", "h.mp4", "--seconds 8 --gop 40 --kbit 700 --slices 3 --fps 20");
    g_autofree char *is = probe("h.mp4", "stream=codec_name,width,height,has_b_frames,r_frame_rate,nb_frames");
    g_assert_cmpstr(is, ==, "h264,640,360,0,20/1,160");
    g_autofree char *packets = probe("h.mp4", "packet=pts_time,size,flags");
    g_auto(GStrv) lines = g_strsplit(packets, "\n", -1);
    gint64 bytes = 0;
    for (guint i = 0; lines[i]; i++) {
        g_auto(GStrv) fields = g_strsplit(lines[i], ",", -1);
        g_assert_cmpfloat(ABS(atof(fields[0]) - i / 20.), <, .001);
        g_assert_cmpint(fields[2][0] == 'K', ==, i % 40 == 0);
        bytes += atoi(fields[1]);
    }
    g_assert_cmpint(bytes * 8 / 8000, >, 500);
    g_assert_cmpint(bytes * 8 / 8000, <, 900);
    int status;
    g_autofree char *slices = say(
        &status, "sh -c \"ffmpeg -v debug -i %s/h.mp4 -c copy -bsf trace_headers -frames:v 1 -f null - 2>&1 | grep -c first_mb\"",
        fixture->directory);
    g_assert_cmpstr(slices, ==, "3");
}

static void test_codecs(void) {
    make("storm", "5.mp4", "--seconds 4 --codec h265 --size 320x180");
    make("storm", "j.mp4", "--seconds 4 --codec mjpeg --size 320x180");
    g_autofree char *h265 = probe("5.mp4", "stream=codec_name,codec_tag_string,has_b_frames,nb_frames");
    g_autofree char *mjpeg = probe("j.mp4", "stream=codec_name,width,height,nb_frames");
    g_assert_cmpstr(h265, ==, "hevc,hvc1,0,100");
    g_assert_cmpstr(mjpeg, ==, "mjpeg,320,180,100");
}

static void test_refusals(void) {
    static const char *const rows[][2] = {{"", "SCENE and OUT.mp4"},
                                          {"dream /tmp/x.mp4", "no such scene"},
                                          {"rain /nowhere/x.mp4", "ffmpeg"},
                                          {"rain /tmp/x.mp4 --size 7", "--size"},
                                          {"rain /tmp/x.mp4 --size 101x100", "--size"},
                                          {"rain /tmp/x.mp4 --fps 0", "--fps"},
                                          {"rain /tmp/x.mp4 --codec h26", "--codec"},
                                          {"rain /tmp/x.mp4 --seconds=-1", "--seconds"},
                                          {"rain /tmp/x.mp4 --gop 0", "--gop"}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        int status;
        g_autofree char *said = say(&status, "%s %s", program, rows[i][0]);
        g_test_message("%s", said);
        g_assert_cmpint(status, ==, 1);
        g_assert_nonnull(strstr(said, "skynet-scene: "));
        g_assert_nonnull(strstr(said, rows[i][1]));
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    program = g_getenv("SKYNET_SCENE");
    fixture = clip_fixture_new();
    g_autofree char *encoder =
        clip_fixture_make(fixture, "a.mp4", "testsrc2=s=320x240:r=25:d=1", "-c:v libx265 -x265-params log-level=none");
    if (program == NULL || encoder == NULL) {
        g_print("1..0 # SKIP %s\n", program == NULL ? "no $SKYNET_SCENE" : "no ffmpeg with libx265");
        clip_fixture_free(fixture);
        return 0;
    }
    g_test_add_func("/made-scenes/alike", test_alike);
    g_test_add_func("/made-scenes/onset", test_onset);
    g_test_add_func("/made-scenes/nobody", test_nobody);
    g_test_add_func("/made-scenes/people", test_people);
    g_test_add_func("/made-scenes/stream", test_stream);
    g_test_add_func("/made-scenes/codecs", test_codecs);
    g_test_add_func("/made-scenes/refusals", test_refusals);
    int failed = g_test_run();
    clip_fixture_free(fixture);
    return failed;
}
