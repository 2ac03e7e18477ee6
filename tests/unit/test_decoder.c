/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/decoder.h"

#include <malloc.h>
#include <string.h>

#include "base/clock.h"
#include "support/clip_fixture.h"

static ClipFixture *fixture;

typedef struct {
    GArray *frames;      /* SkyFrame: the values; luma is NULL */
    GPtrArray *pictures; /* GByteArray: the luma, packed */
    GHashTable *buffers; /* where they lay */
} Seen;

static void on_frame(SkyFrame *frame, gpointer user) {
    Seen *seen = user;
    g_assert_cmpuint(frame->stride_bytes % 64, ==, 0);
    g_assert_cmpuint((uintptr_t)frame->luma % 64, ==, 0);
    g_hash_table_add(seen->buffers, frame->luma);
    GByteArray *picture = g_byte_array_new();
    for (uint32_t y = 0; y < frame->height_px; y++)
        g_byte_array_append(picture, frame->luma + y * frame->stride_bytes, frame->width_px);
    g_ptr_array_add(seen->pictures, picture);
    SkyFrame value = *frame;
    value.luma = NULL;
    g_array_append_val(seen->frames, value);
}

static Seen *seen_new(void) {
    Seen *seen = g_new0(Seen, 1);
    seen->frames = g_array_new(FALSE, FALSE, sizeof(SkyFrame));
    seen->pictures = g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);
    seen->buffers = g_hash_table_new(NULL, NULL);
    return seen;
}

static void seen_free(Seen *seen) {
    g_array_unref(seen->frames);
    g_ptr_array_unref(seen->pictures);
    g_hash_table_unref(seen->buffers);
    g_free(seen);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Seen, seen_free)

static const SkyFrame *frame_at(const Seen *seen, guint i) {
    g_assert_cmpuint(i, <, seen->frames->len);
    return &g_array_index(seen->frames, SkyFrame, i);
}

static SkyDecoder *new_decoder(Seen *seen, uint32_t width_px, double fps) {
    return sky_decoder_new(&(SkyDecodeParams){.analysis_width_px = width_px, .analysis_fps = fps}, on_frame, seen);
}

static void push(SkyDecoder *decoder, SkyPacket *packet) {
    g_autoptr(GError) error = NULL;
    gboolean ok = sky_decoder_push(decoder, packet, &error);
    g_assert_no_error(error);
    g_assert_true(ok);
}

static void push_range(SkyDecoder *decoder, const ClipCatch *clip, guint from, guint to) {
    for (guint i = from; i < to; i++)
        push(decoder, clip_catch_at(clip, i));
}

static ClipCatch *clip_of(const char *name, const char *picture, const char *encoder) {
    g_autofree char *path = g_build_filename(fixture->directory, name, NULL);
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) { /* made once for all tests that want the same */
        g_free(path);
        path = clip_fixture_make(fixture, name, picture, encoder);
    }
    if (path == NULL) {
        g_test_skip("no ffmpeg with this encoder");
        return NULL;
    }
    ClipCatch *clip = clip_catch_replay(&(SkySourceParams){.camera = "file", .url = path}, 0);
    g_assert_no_error(clip->error);
    return clip;
}

#define H264 "-c:v libx264 -preset ultrafast -g 25 -bf 0"

typedef struct {
    const char *name, *encoder;
    gboolean full_range; /* ffmpeg stretches 16..235 to 0..255 for it */
} Format;

static const Format formats[] = {
    {"h264.mp4", H264 " -crf 4"},
    {"h264-reordered.mp4", "-c:v libx264 -preset veryfast -g 25 -bf 3 -crf 4"},
    {"h264-422.mp4", H264 " -crf 4 -pix_fmt yuv422p"},
    {"h264-grey.mp4", H264 " -crf 4 -pix_fmt gray", TRUE},
    {"h264-10bit.mp4", H264 " -crf 4 -pix_fmt yuv420p10le"},
    {"h264-interlaced.mp4", "-c:v libx264 -preset ultrafast -g 25 -bf 0 -crf 4 -flags +ildct+ilme"},
    {"h265.mp4", "-c:v libx265 -preset ultrafast -x265-params log-level=none:pools=1:crf=4:keyint=25"},
    {"h265-10bit.mp4", "-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -x265-params log-level=none:pools=1:crf=4:keyint=25"},
    {"mjpeg.mkv", "-c:v mjpeg -q:v 2 -pix_fmt yuvj420p", TRUE},
    {"mjpeg-422.mkv", "-c:v mjpeg -q:v 2 -pix_fmt yuvj422p", TRUE},
};

/* A ramp from left to right that moves up one grey level a picture: every pixel of every frame is known. */
#define RAMP "nullsrc=s=320x192:r=25:d=1,geq=lum=32+X/2+N:cb=128:cr=128"

/* All in one run of ffmpeg, which takes longer to start than to encode. */
static void make_formats(void) {
    g_autoptr(GString) encoders = g_string_new(NULL);
    for (gsize i = 0; i + 1 < G_N_ELEMENTS(formats); i++)
        g_string_append_printf(encoders, "%s %s/%s ", formats[i].encoder, fixture->directory, formats[i].name);
    g_string_append(encoders, formats[G_N_ELEMENTS(formats) - 1].encoder);
    g_free(clip_fixture_make(fixture, formats[G_N_ELEMENTS(formats) - 1].name, RAMP, encoders->str));
}

/* A camera's packets arrive in the order of decoding: time must not run backwards for what looks at the pictures in theirs, and every
 * picture that is skipped counts. */
static void test_arrival_ascends(gconstpointer data) {
    double fps = *(const double *)data;
    g_autoptr(ClipCatch) clip = clip_of("h264-reordered.mp4", RAMP, formats[1].encoder);
    if (clip == NULL)
        return;
    g_autoptr(Seen) seen = seen_new();
    g_autoptr(SkyDecoder) decoder = new_decoder(seen, 160, fps);
    for (guint i = 0; i < 25; i++) {
        SkyPacket *packet = clip_catch_at(clip, i);
        SkyPacketTimes times = *sky_packet_times(packet);
        times.arrival_ns = 1000 * SKY_NS_PER_S + i * 40 * SKY_NS_PER_MS;
        g_autoptr(SkyPacket) live = sky_packet_new_copy(sky_packet_info(packet), &times, sky_packet_data(packet),
                                                        sky_packet_size_bytes(packet));
        push(decoder, live);
    }
    sky_decoder_drain(decoder);
    for (guint i = 1; i < seen->frames->len; i++) {
        const SkyFrame *before = frame_at(seen, i - 1), *frame = frame_at(seen, i);
        int64_t shown_ns = frame->pts_ns - before->pts_ns, came_ns = frame->arrival_ns - before->arrival_ns;
        g_assert_cmpint(came_ns, >, 0);
        g_assert_cmpint(ABS(came_ns - shown_ns), <=, 40 * SKY_NS_PER_MS);
    }
}

static void test_format(gconstpointer data) {
    const Format *format = data;
    g_autoptr(ClipCatch) clip = clip_of(format->name, RAMP, format->encoder);
    if (clip == NULL)
        return;
    g_autoptr(Seen) seen = seen_new();
    g_autoptr(SkyDecoder) decoder = new_decoder(seen, 160, 0);
    push_range(decoder, clip, 0, 25);
    sky_decoder_drain(decoder);
    g_assert_cmpuint(seen->frames->len, ==, 25);
    for (guint i = 0; i < 25; i++) {
        const SkyFrame *frame = frame_at(seen, i);
        g_assert_cmpuint(frame->width_px, ==, 160);
        g_assert_cmpuint(frame->height_px, ==, 96);
        g_assert_cmpint(frame->pts_ns, ==, i * 40 * SKY_NS_PER_MS);
        g_assert_cmpint(frame->arrival_ns, ==, frame->pts_ns);
        g_assert_cmpuint(frame->number, ==, i + 1);
        g_assert_false(frame->damaged);
        g_assert_cmpint(frame->key, ==, clip_catch_times(clip, i)->key); /* key frames stand in their place */
        const GByteArray *picture = g_ptr_array_index(seen->pictures, i);
        for (guint at = 0; at < picture->len; at += 37) {
            double level = 32 + (at % 160 * 2 + 0.5) / 2 + i;
            g_assert_cmpfloat_with_epsilon(picture->data[at], format->full_range ? (level - 16) * 255 / 219 : level, 6);
        }
    }
    const SkyDecoderNumbers *numbers = sky_decoder_numbers(decoder);
    g_assert_cmpuint(sky_counter_get(&numbers->packets), ==, 25);
    g_assert_cmpuint(sky_counter_get(&numbers->errors), ==, 0);
    g_assert_cmpuint(g_hash_table_size(seen->buffers), <=, 4); /* the pool lends the same few again and again */
}

typedef struct {
    const char *size;
    uint32_t want, width, height;
} Size;

static const Size sizes[] = {
    {"640x360", 320, 320, 180}, {"704x576", 320, 320, 262}, {"160x120", 320, 160, 120}, {"322x242", 321, 320, 240}};

static void test_sizes(void) {
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *picture = g_strdup_printf("testsrc2=s=%s:r=25:d=0.04", sizes[i].size);
        g_autofree char *name = g_strdup_printf("size%zu.mp4", i);
        g_autoptr(ClipCatch) clip = clip_of(name, picture, H264);
        if (clip == NULL)
            return;
        g_autoptr(Seen) seen = seen_new();
        g_autoptr(SkyDecoder) decoder = new_decoder(seen, sizes[i].want, 8);
        push_range(decoder, clip, 0, 1);
        sky_decoder_drain(decoder);
        g_assert_cmpuint(frame_at(seen, 0)->width_px, ==, sizes[i].width);
        g_assert_cmpuint(frame_at(seen, 0)->height_px, ==, sizes[i].height);
    }
}

#define PICTURE "testsrc2=s=160x128:r=25:d=4"

static void test_rate(void) {
    g_autoptr(ClipCatch) clip = clip_of("plain.mp4", PICTURE, H264);
    if (clip == NULL)
        return;
    static const double rates[] = {8, 5, 12.5, 25, 60};
    static const guint frames[] = {32, 20, 50, 100, 100};
    for (gsize i = 0; i < G_N_ELEMENTS(rates); i++) {
        g_autoptr(Seen) seen = seen_new();
        g_autoptr(SkyDecoder) decoder = new_decoder(seen, 160, rates[i]);
        push_range(decoder, clip, 0, 100);
        g_assert_cmpuint(seen->frames->len, ==, frames[i]);
        g_assert_cmpuint(sky_counter_get(&sky_decoder_numbers(decoder)->pictures), ==, 100); /* every one is decoded */
        int64_t span_ns = frame_at(seen, seen->frames->len - 1)->pts_ns - frame_at(seen, 0)->pts_ns;
        g_assert_cmpint(span_ns, >, 3700 * SKY_NS_PER_MS);
        push_range(decoder, clip, 0, 100); /* the camera came back, its time began anew */
        g_assert_cmpuint(seen->frames->len, ==, 2 * frames[i]);
    }
}

static SkyPacket *changed(SkyPacket *packet, GRand *dice, guint flips) {
    gsize bytes = sky_packet_size_bytes(packet);
    g_autofree uint8_t *data = g_memdup2(sky_packet_data(packet), bytes);
    for (guint i = 0; i < flips; i++)
        data[g_rand_int_range(dice, (gint32)MIN(40, bytes - 1), (gint32)bytes)] ^= (uint8_t)(1 << g_rand_int_range(dice, 0, 8));
    return sky_packet_new_copy(sky_packet_info(packet), sky_packet_times(packet), data, bytes);
}

static void test_damage(void) {
    g_autoptr(ClipCatch) clip = clip_of("plain.mp4", PICTURE, H264);
    if (clip == NULL)
        return;
    g_autoptr(GRand) dice = g_rand_new_with_seed(5);
    g_autoptr(Seen) seen = seen_new();
    g_autoptr(SkyDecoder) decoder = new_decoder(seen, 160, 0);
    push_range(decoder, clip, 0, 30);
    g_autoptr(SkyPacket) broken = changed(clip_catch_at(clip, 30), dice, 200);
    push(decoder, broken);
    push_range(decoder, clip, 31, 100);
    g_assert_cmpuint(sky_counter_get(&sky_decoder_numbers(decoder)->errors), >, 0);
    g_assert_false(frame_at(seen, 29)->damaged);
    guint damaged = 0;
    for (guint i = 0; i < seen->frames->len; i++) {
        const SkyFrame *frame = frame_at(seen, i);
        gboolean between = frame->pts_ns >= 30 * 40 * SKY_NS_PER_MS && frame->pts_ns < 50 * 40 * SKY_NS_PER_MS;
        g_assert_cmpint(frame->damaged, ==, between); /* until the next key frame, for they refer to it */
        damaged += frame->damaged ? 1 : 0;
    }
    g_assert_cmpuint(damaged, >=, 19);
}

static void test_gap(void) {
    g_autoptr(ClipCatch) clip = clip_of("plain.mp4", PICTURE, H264);
    if (clip == NULL)
        return;
    g_autoptr(Seen) seen = seen_new();
    g_autoptr(SkyDecoder) decoder = new_decoder(seen, 160, 0);
    push_range(decoder, clip, 3, 10); /* no key frame yet */
    g_assert_cmpuint(seen->frames->len, ==, 0);
    g_assert_cmpuint(sky_counter_get(&sky_decoder_numbers(decoder)->waiting_for_key), ==, 7);
    push_range(decoder, clip, 25, 30);
    SkyPacket *marked = sky_packet_mark_gap(sky_packet_ref(clip_catch_at(clip, 40)));
    push(decoder, marked);
    sky_packet_unref(marked);
    push_range(decoder, clip, 41, 60);
    g_assert_cmpuint(seen->frames->len, ==, 5 + 10);
    g_assert_cmpint(frame_at(seen, 5)->pts_ns, ==, 50 * 40 * SKY_NS_PER_MS);
    g_assert_true(frame_at(seen, 5)->key && !frame_at(seen, 5)->damaged);
    g_assert_cmpuint(sky_counter_get(&sky_decoder_numbers(decoder)->waiting_for_key), ==, 7 + 10);
    g_assert_cmpuint(sky_counter_get(&sky_decoder_numbers(decoder)->errors), ==, 0);
}

/* Another stream on the same decoder: other size, other codec. What is inside comes out first. */
static void test_change(void) {
    g_autoptr(ClipCatch) one = clip_of("one.mp4", PICTURE, "-c:v libx264 -preset veryfast -g 25 -bf 2");
    g_autoptr(ClipCatch) two = one == NULL ? NULL : clip_of("two.mkv", "testsrc2=s=192x96:r=25:d=1", "-c:v mjpeg");
    if (two == NULL)
        return;
    g_autoptr(Seen) seen = seen_new();
    g_autoptr(SkyDecoder) decoder = new_decoder(seen, 160, 0);
    push_range(decoder, one, 0, 100);
    push_range(decoder, two, 0, 25);
    push_range(decoder, one, 0, 100);
    sky_decoder_drain(decoder);
    g_assert_cmpuint(seen->frames->len, ==, 225);
    g_assert_cmpuint(frame_at(seen, 99)->height_px, ==, 128);
    g_assert_cmpuint(frame_at(seen, 100)->height_px, ==, 80);
    g_assert_cmpuint(frame_at(seen, 125)->height_px, ==, 128);
}

static void test_large_jpeg(void) { /* decoded at a fraction of its size */
    g_autoptr(ClipCatch) clip = clip_of("large.mkv", "testsrc2=s=1920x1080:r=25:d=0.2", "-c:v mjpeg");
    if (clip == NULL)
        return;
    g_autoptr(Seen) seen = seen_new();
    g_autoptr(SkyDecoder) decoder = new_decoder(seen, 320, 0);
    push_range(decoder, clip, 0, 5);
    g_assert_cmpuint(seen->frames->len, ==, 5);
    g_assert_cmpuint(frame_at(seen, 4)->width_px, ==, 320);
    g_assert_cmpuint(frame_at(seen, 4)->height_px, ==, 180);
}

/* 15 s in which nothing moves, then 5 s in which much does; a key frame each 2 s. */
#define YARD_STILL_S 15
#define YARD "color=c=gray:s=160x128:r=10:d=15,noise=alls=3:all_seed=1[still];testsrc2=s=160x128:r=10:d=5[moves];[still][moves]concat"

typedef struct {
    Seen *seen;
    SkyDecoder *decoder;
} Yard;

static void on_yard_frame(SkyFrame *frame, gpointer user) {
    Yard *yard = user;
    on_frame(frame, yard->seen);
    sky_decoder_looked(yard->decoder, frame->pts_ns < YARD_STILL_S * SKY_NS_PER_S);
}

static Seen *watch_yard(const ClipCatch *clip, SkyDecodePolicy policy, int64_t spare_ns, uint64_t *ret_rested) {
    Yard yard = {.seen = seen_new()};
    yard.decoder = sky_decoder_new(&(SkyDecodeParams){.policy = policy, .analysis_width_px = 160}, on_yard_frame, &yard);
    push_range(yard.decoder, clip, 0, 30);
    sky_decoder_spare(yard.decoder, spare_ns);
    push_range(yard.decoder, clip, 30, 200);
    sky_decoder_drain(yard.decoder);
    *ret_rested = sky_counter_get(&sky_decoder_numbers(yard.decoder)->rested);
    sky_decoder_free(yard.decoder);
    return yard.seen;
}

/* At rest key frames alone; from the first packet that is larger every picture, the same as ever, each once. */
static void test_rest(gconstpointer data) {
    const char *encoder = data;
    g_autofree char *name = g_strdup_printf("yard%u.mp4", g_str_hash(encoder));
    g_autoptr(ClipCatch) clip = clip_of(name, YARD, encoder);
    if (clip == NULL)
        return;
    uint64_t full_rested, rested;
    g_autoptr(Seen) full = watch_yard(clip, SKY_DECODE_FULL, 0, &full_rested);
    g_autoptr(Seen) seen = watch_yard(clip, SKY_DECODE_ADAPTIVE, 0, &rested);
    g_assert_cmpuint(full->frames->len, ==, 200);
    g_assert_cmpuint(full_rested, ==, 0);
    g_assert_cmpuint(rested, >=, 38); /* two GOPs, without their key frames */
    guint at = 0, moving = 0;
    for (guint i = 0; i < seen->frames->len; i++) {
        while (at < full->frames->len && frame_at(full, at)->pts_ns < frame_at(seen, i)->pts_ns)
            at++;
        g_assert_cmpint(frame_at(full, at)->pts_ns, ==, frame_at(seen, i)->pts_ns);
        if (i > 0)
            g_assert_cmpint(frame_at(seen, i)->pts_ns, >, frame_at(seen, i - 1)->pts_ns);
        const GByteArray *one = g_ptr_array_index(full->pictures, at), *other = g_ptr_array_index(seen->pictures, i);
        g_assert_cmpmem(one->data, one->len, other->data, other->len);
        moving += frame_at(seen, i)->pts_ns >= YARD_STILL_S * SKY_NS_PER_S;
    }
    g_assert_cmpuint(moving, ==, 50);
    uint64_t spared_rested; /* for 5 s from the 30th picture on: two key frames, the GOP of the second to its end */
    g_autoptr(Seen) spared = watch_yard(clip, SKY_DECODE_FULL, 5 * SKY_NS_PER_S, &spared_rested);
    g_assert_cmpuint(spared_rested, ==, 38);
    g_assert_cmpuint(spared->frames->len, ==, 200 - 38);
}

/* What rests is charged and given back; where there is no memory for it there is no rest. */
static void test_rest_budget(void) {
    g_autoptr(ClipCatch) clip = clip_of("yard-budget.mp4", YARD, "-c:v libx264 -preset ultrafast -g 20 -sc_threshold 0 -bf 0 -crf 30");
    if (clip == NULL)
        return;
    for (unsigned enough = 0; enough < 2; enough++) {
        SkyBudget budget;
        sky_budget_init(&budget, enough ? 1 << 20 : sky_packet_size_bytes(clip_catch_at(clip, 100)));
        g_autoptr(Seen) seen = seen_new();
        Yard yard = {.seen = seen};
        yard.decoder = sky_decoder_new(&(SkyDecodeParams){.policy = SKY_DECODE_ADAPTIVE, .analysis_width_px = 160}, on_yard_frame, &yard);
        sky_decoder_set_budget(yard.decoder, &budget);
        uint64_t most = 0;
        for (guint i = 0; i < 150; i++) {
            push_range(yard.decoder, clip, i, i + 1);
            most = MAX(most, sky_budget_used(&budget));
        }
        g_assert_cmpuint(most, >, 0);
        if (enough)
            g_assert_cmpuint(sky_counter_get(&sky_decoder_numbers(yard.decoder)->rested), >=, 38);
        else
            g_assert_cmpuint(seen->frames->len, ==, 150);
        sky_decoder_free(yard.decoder);
        g_assert_cmpuint(sky_budget_used(&budget), ==, 0);
    }
}

static gsize live_bytes(void) {
    struct mallinfo2 all = mallinfo2();
    return all.uordblks + all.hblkhd;
}

static void on_calm_frame(SkyFrame *frame, gpointer user) {
    sky_decoder_looked(*(SkyDecoder **)user, TRUE);
}

/* At rest libavcodec has nothing between two key frames. */
static void test_rest_memory(void) {
    g_autoptr(ClipCatch) clip = clip_of("yard-budget.mp4", YARD, "-c:v libx264 -preset ultrafast -g 20 -sc_threshold 0 -bf 0 -crf 30");
    if (clip == NULL)
        return;
    if (live_bytes() == 0) {
        g_test_skip("a sanitizer's allocator does not say what it holds");
        return;
    }
    SkyDecoder *decoder = sky_decoder_new(&(SkyDecodeParams){.policy = SKY_DECODE_ADAPTIVE, .analysis_width_px = 160}, on_calm_frame,
                                          &decoder);
    push_range(decoder, clip, 0, 50);
    gsize awake = live_bytes();
    push_range(decoder, clip, 50, 150);
    g_assert_cmpuint(sky_counter_get(&sky_decoder_numbers(decoder)->rested), >=, 38);
    g_assert_cmpuint(live_bytes() + (512 << 10), <, awake);
    sky_decoder_free(decoder);
}

/* Also where there is no memory to hold anything, and the decoder waits for what may be shown before. */
static void test_keyframes(gconstpointer data) {
    g_autoptr(ClipCatch) clip = clip_of("reordered.mp4", PICTURE, "-c:v libx264 -preset ultrafast -bf 2 -b_strategy 0 -g 25 -sc_threshold 0");
    if (clip == NULL)
        return;
    g_autoptr(Seen) seen = seen_new();
    SkyBudget budget;
    sky_budget_init(&budget, *(const uint64_t *)data);
    g_autoptr(SkyDecoder) decoder =
        sky_decoder_new(&(SkyDecodeParams){.policy = SKY_DECODE_KEYFRAMES, .analysis_width_px = 160}, on_frame, seen);
    sky_decoder_set_budget(decoder, &budget);
    push_range(decoder, clip, 0, 100);
    g_assert_cmpuint(seen->frames->len, ==, 4); /* each at once, not with the next one */
    for (guint i = 0; i < 4; i++)
        g_assert_cmpint(frame_at(seen, i)->pts_ns, ==, i * SKY_NS_PER_S);
    const SkyDecoderNumbers *numbers = sky_decoder_numbers(decoder);
    g_assert_cmpuint(sky_counter_get(&numbers->rested) + sky_counter_get(&numbers->waiting_for_key), ==, 96);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    fixture = clip_fixture_new();
    make_formats();
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_autofree char *name = g_strconcat("/decoder/format/", formats[i].name, NULL);
        g_test_add_data_func(name, &formats[i], test_format);
    }
    static const double every = 0, some = 20;
    g_test_add_data_func("/decoder/arrival/every", &every, test_arrival_ascends);
    g_test_add_data_func("/decoder/arrival/some", &some, test_arrival_ascends);
    g_test_add_func("/decoder/sizes", test_sizes);
    g_test_add_func("/decoder/rate", test_rate);
    g_test_add_func("/decoder/damage", test_damage);
    g_test_add_func("/decoder/gap", test_gap);
    g_test_add_func("/decoder/change", test_change);
    g_test_add_func("/decoder/large-jpeg", test_large_jpeg);
    g_test_add_data_func("/decoder/rest/plain", "-c:v libx264 -preset ultrafast -g 20 -sc_threshold 0 -bf 0 -crf 30", test_rest);
    g_test_add_data_func("/decoder/rest/reordered", "-c:v libx264 -preset veryfast -g 20 -keyint_min 20 -sc_threshold 0 -bf 2 -crf 30",
                         test_rest);
    g_test_add_data_func("/decoder/rest/h265",
                         "-c:v libx265 -preset ultrafast -x265-params log-level=none:pools=1:crf=32:keyint=20:scenecut=0:bframes=0", test_rest);
    g_test_add_func("/decoder/rest/budget", test_rest_budget);
    g_test_add_func("/decoder/rest/memory", test_rest_memory);
    static const uint64_t enough = 1 << 20, none = 0;
    g_test_add_data_func("/decoder/keyframes/plain", &enough, test_keyframes);
    g_test_add_data_func("/decoder/keyframes/no-memory", &none, test_keyframes);
    int failed = g_test_run();
    clip_fixture_free(fixture);
    return failed;
}
