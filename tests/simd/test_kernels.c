/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>
#include <string.h>

#include "motion/background.h"
#include "motion/kernel.h"

/* Every kernel that this machine has against the plain one, bit for bit: odd shapes, extremes, pointers off alignment, and
 * guard bytes that a write beyond the plane would change. */
#define GUARD_BYTES 4096
#define PLANES 24

typedef struct {
    size_t stride, bytes;
    uint8_t *plane[PLANES]; /* each between two guards */
} Memory;

typedef struct {
    size_t stride, rows, off; /* off: of every plane from 64-byte alignment */
    uint8_t low, high;        /* what random bytes lie between */
    gboolean masks;           /* bytes are only low or high */
} Shape;

static const Shape shapes[] = {
    {64, 1, 0, 0, 255, FALSE},   {64, 1, 1, 0, 255, TRUE},    {64, 3, 0, 100, 106, FALSE}, {128, 5, 3, 0, 255, FALSE},
    {192, 7, 31, 250, 255, FALSE}, {320, 11, 33, 0, 5, FALSE}, {384, 13, 63, 0, 255, TRUE}, {448, 1, 7, 255, 255, FALSE},
    {704, 9, 17, 0, 0, FALSE},   {384, 180, 0, 16, 235, FALSE},
};

static size_t whole(const Memory *memory) {
    return 2 * memory->bytes + 2 * GUARD_BYTES; /* planes of 16 bits are twice as long */
}

static Memory memory_new(const Shape *shape) {
    Memory memory = {.stride = shape->stride, .bytes = shape->stride * shape->rows};
    for (unsigned i = 0; i < PLANES; i++)
        memory.plane[i] = (uint8_t *)g_aligned_alloc(1, whole(&memory) + 64, 64) + GUARD_BYTES + shape->off;
    return memory;
}

static void memory_clear(Memory *memory, const Shape *shape) {
    for (unsigned i = 0; i < PLANES; i++)
        g_aligned_free(memory->plane[i] - GUARD_BYTES - shape->off);
}

/* xorshift32; GLib's dice take most of the test's time. */
static uint32_t roll(uint32_t *dice) {
    *dice ^= *dice << 13;
    *dice ^= *dice >> 17;
    *dice ^= *dice << 5;
    return *dice >> 8;
}

static void fill(Memory *memory, const Shape *shape, uint32_t *dice) {
    for (unsigned p = 0; p < PLANES; p++) {
        gboolean either = shape->masks || p >= 20; /* the last planes are always masks */
        uint8_t low = p >= 20 ? 0 : shape->low, high = p >= 20 ? 255 : shape->high;
        uint8_t *plane = memory->plane[p] - GUARD_BYTES;
        for (size_t i = 0; i < whole(memory); i++)
            plane[i] = either ? (roll(dice) & 1 ? low : high) : (uint8_t)(low + roll(dice) % (high - low + 1u));
    }
}

static void copy(const Memory *from, Memory *to) {
    for (unsigned p = 0; p < PLANES; p++)
        memcpy(to->plane[p] - GUARD_BYTES, from->plane[p] - GUARD_BYTES, whole(from));
}

static void compare(const Memory *a, const Memory *b, const char *what, const Shape *shape) {
    for (unsigned p = 0; p < PLANES; p++)
        if (memcmp(a->plane[p] - GUARD_BYTES, b->plane[p] - GUARD_BYTES, whole(a)) != 0)
            for (ptrdiff_t i = -GUARD_BYTES; i < (ptrdiff_t)whole(a) - GUARD_BYTES; i++)
                if (a->plane[p][i] != b->plane[p][i])
                    g_error("%s: plane %u byte %" G_GSSIZE_FORMAT " is %u, plain C has %u (stride %zu, %zu bytes, off %zu)", what,
                            p, (gssize)i, b->plane[p][i], a->plane[p][i], shape->stride, a->bytes, shape->off);
}

/* One call of each kernel on the same planes; `way` picks parameters. Returns what count says. */
typedef size_t (*Call)(const SkyMotionKernel *kernel, Memory *memory, unsigned way);

static const uint8_t edges[] = {0, 1, 2, 7, 127, 128, 129, 254, 255};

static size_t call_classify(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    const uint8_t *samples[SKY_MOTION_SAMPLES];
    for (unsigned k = 0; k < SKY_MOTION_SAMPLES; k++)
        samples[k] = m->plane[k];
    kernel->classify(m->plane[16], samples, m->plane[17], m->bytes, m->plane[18]);
    return way;
}

static size_t call_replace(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    kernel->replace(m->plane[0], m->plane[1], m->plane[20], m->plane[2], edges[way], m->bytes);
    return 0;
}

static size_t call_follow(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    uint16_t *mean = (uint16_t *)(void *)g_memdup2(m->plane[0], 2 * m->bytes);
    uint16_t *noise = (uint16_t *)(void *)g_memdup2(m->plane[1], 2 * m->bytes);
    for (size_t i = 0; i < m->bytes; i++)
        noise[i] %= 16 * 256 + 1;
    kernel->follow(mean, noise, m->plane[2], m->plane[3], m->plane[20], edges[way], edges[(way + 2) % 9], edges[(way + 4) % 9],
                   m->bytes);
    memcpy(m->plane[0], mean, 2 * m->bytes);
    memcpy(m->plane[1], noise, 2 * m->bytes);
    g_free(mean);
    g_free(noise);
    return 0;
}

static size_t call_blink(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    kernel->blink(m->plane[0], m->plane[20], m->plane[21], edges[way], edges[(way + 4) % 9], m->bytes);
    return 0;
}

static size_t call_settle(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    kernel->settle(m->plane[0], m->plane[1], m->plane[2], m->plane[3], m->plane[20], m->bytes);
    return way;
}

static size_t call_may_learn(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    kernel->may_learn(m->plane[20], m->plane[0], edges[way], m->plane[1], edges[(way + 4) % 9], m->bytes, m->plane[2]);
    return 0;
}

static size_t call_majority(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    return kernel->majority(m->plane[20], m->plane[21], m->stride, m->bytes, way * 3 + 1, m->plane[1]);
}

static size_t call_dilate(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    kernel->dilate(m->plane[20], m->stride, m->bytes, m->plane[1]);
    return way;
}

static size_t call_erode(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    kernel->erode(m->plane[20], m->stride, m->bytes, m->plane[1]);
    return way;
}

static size_t call_smooth(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    kernel->smooth(m->plane[0], m->stride, m->bytes, m->plane[2]);
    return way;
}

static size_t call_without(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    kernel->without(m->plane[20], m->plane[21], m->bytes);
    return way;
}

static size_t call_count(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    return kernel->count(m->plane[20], m->bytes) + way;
}

static size_t call_agree(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    g_autofree uint16_t *mean = (uint16_t *)(void *)g_memdup2(m->plane[16], 2 * m->bytes);
    return kernel->agree(m->plane[0], mean, m->plane[1], m->plane[20], m->bytes) + way;
}

static size_t call_census(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    g_autofree uint16_t *mean = (uint16_t *)(void *)g_memdup2(m->plane[16], 2 * m->bytes);
    uint64_t apart = way, steps = UINT32_MAX;
    kernel->census(m->plane[0], mean, m->plane[1], edges[way], m->bytes, &apart, &steps);
    return (size_t)(apart * 31 + steps);
}

static size_t call_map(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    uint8_t table[256];
    memcpy(table, m->plane[3] - 256 + way, sizeof table);
    kernel->map(m->plane[0], table, m->bytes);
    return 0;
}

static size_t call_sum_block(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    g_autofree uint8_t *mean = g_memdup2(m->plane[1] - GUARD_BYTES, whole(m));
    SkyBlockSums sums;
    kernel->sum_block(m->plane[20], m->plane[0], (const uint16_t *)(const void *)(mean + GUARD_BYTES), m->stride,
                      way % (SKY_CELL_PX + 1), &sums);
    memcpy(m->plane[2], &sums, sizeof sums);
    return 0;
}

static size_t call_add_look(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    g_autofree uint16_t *mean = (uint16_t *)(void *)g_memdup2(m->plane[1], 2 * m->bytes);
    SkyLookSums sums = {.a = way, .pixels = UINT32_MAX};
    for (size_t at = 0; at < m->bytes; at += SKY_LOOK_PX)
        kernel->add_look(m->plane[0] + at, mean + at, m->plane[2] + at, m->plane[20] + at, &sums);
    memcpy(m->plane[3], &sums, sizeof sums);
    return 0;
}

static size_t call_add_edges(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    g_autofree uint8_t *mean = g_memdup2(m->plane[1] - GUARD_BYTES, whole(m));
    SkyEdgeSums sums = {.now = way, .pixels = UINT32_MAX};
    for (size_t at = 0; at < m->bytes; at += SKY_LOOK_PX)
        kernel->add_edges(m->plane[0] + at, (const uint16_t *)(const void *)(mean + GUARD_BYTES) + at, m->stride, m->plane[20] + at,
                          &sums);
    memcpy(m->plane[3], &sums, sizeof sums);
    return 0;
}

static size_t call_thin(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    size_t cells = m->bytes / 2;
    g_autofree uint16_t *mean = (uint16_t *)(void *)g_memdup2(m->plane[16], 2 * m->bytes);
    g_autofree int16_t *cell = g_new(int16_t, cells); /* the planes here may begin at an odd address */
    kernel->thin(m->plane[0], mean, m->plane[1], cells, cell);
    memcpy(m->plane[2], cell, cells * sizeof *cell);
    return way;
}

/* Cells at their extremes, and a reach at the edge of what is there. */
static size_t call_patch(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    size_t cells = m->bytes / 2, stride = m->stride / 2, guard = stride + 1;
    g_autofree int16_t *cell = g_new(int16_t, cells + 2 * guard), *reach = g_new(int16_t, cells), *sums = g_new(int16_t, cells);
    for (size_t i = 0; i < cells + 2 * guard; i++)
        cell[i] = (int16_t)((m->plane[0][i] - 128) * (way % 2 ? 31 : 1));
    for (size_t i = 0; i < cells; i++)
        reach[i] = (int16_t)(m->plane[1][i] * (way % 3 ? 97 : 2));
    size_t any = kernel->patch(cell + guard, stride, cells, reach, sums, m->plane[3]);
    memcpy(m->plane[2], sums, cells * sizeof *sums);
    return any;
}

static size_t call_stray(const SkyMotionKernel *kernel, Memory *m, unsigned way) {
    size_t cells = m->bytes / 2;
    g_autofree int16_t *patch = g_new(int16_t, cells), *reach = g_new(int16_t, cells), *stray = g_new(int16_t, cells);
    for (size_t i = 0; i < cells; i++) {
        patch[i] = (int16_t)((m->plane[0][i] - 128) * (way % 2 ? 191 : 3));
        reach[i] = (int16_t)(144 + m->plane[1][i] * (way % 3 ? 80 : 1));
        stray[i] = (int16_t)(m->plane[2][i] * (way % 3 ? 128 : 4));
    }
    kernel->stray(stray, reach, patch, m->plane[20], (int16_t)(edges[way] * 64), 144, cells);
    memcpy(m->plane[3], stray, cells * sizeof *stray);
    memcpy(m->plane[4], reach, cells * sizeof *reach);
    return 0;
}

static const struct {
    const char *name;
    Call call;
} calls[] = {
    {"classify", call_classify}, {"replace", call_replace},     {"follow", call_follow},     {"blink", call_blink},
    {"settle", call_settle},     {"may_learn", call_may_learn}, {"majority", call_majority}, {"dilate", call_dilate},
    {"erode", call_erode},       {"smooth", call_smooth},       {"without", call_without},   {"count", call_count},
    {"agree", call_agree},       {"census", call_census},     {"map", call_map},             {"sum_block", call_sum_block},
    {"add_look", call_add_look}, {"add_edges", call_add_edges},  {"thin", call_thin},
    {"patch", call_patch},       {"stray", call_stray},
};

static void check(const SkyMotionKernel *kernel, const char *name, Call call) {
    uint32_t dice = 4;
    for (unsigned s = 0; s < G_N_ELEMENTS(shapes); s++) {
        Memory plain = memory_new(&shapes[s]), fast = memory_new(&shapes[s]);
        for (unsigned way = 0; way < G_N_ELEMENTS(edges); way++) {
            fill(&plain, &shapes[s], &dice);
            copy(&plain, &fast);
            size_t a = call(sky_motion_kernel_c(), &plain, way), b = call(kernel, &fast, way);
            g_assert_cmpuint(a, ==, b);
            compare(&plain, &fast, name, &shapes[s]);
        }
        memory_clear(&plain, &shapes[s]);
        memory_clear(&fast, &shapes[s]);
    }
}

static void test_kernel(gconstpointer data) {
    unsigned which = GPOINTER_TO_UINT(data);
    const SkyMotionKernel *kernel = sky_motion_kernel_choose(which);
    if (kernel == sky_motion_kernel_c()) {
        g_test_skip("this machine or build does not have it");
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(calls); i++)
        check(kernel, calls[i].name, calls[i].call);
}

/* The plain kernel writes nothing outside its planes either. */
static void test_plain_guards(void) {
    uint32_t dice = 5;
    Memory before = memory_new(&shapes[3]), after = memory_new(&shapes[3]);
    fill(&before, &shapes[3], &dice);
    copy(&before, &after);
    for (unsigned i = 0; i < G_N_ELEMENTS(calls); i++)
        if (calls[i].call != call_follow) /* its planes are twice as long, and copied back whole */
            calls[i].call(sky_motion_kernel_c(), &after, 4);
    for (unsigned p = 0; p < PLANES; p++) {
        g_assert_cmpmem(before.plane[p] - GUARD_BYTES, GUARD_BYTES, after.plane[p] - GUARD_BYTES, GUARD_BYTES);
        g_assert_cmpmem(before.plane[p] + before.bytes, before.bytes, after.plane[p] + after.bytes, after.bytes);
    }
    memory_clear(&before, &shapes[3]);
    memory_clear(&after, &shapes[3]);
}

static void test_choice(void) {
    g_assert_true(sky_motion_kernel_choose(0) == sky_motion_kernel_c());
    const SkyMotionKernel *best = sky_motion_kernel_choose(SKY_MOTION_KERNEL_ALL);
    g_assert_true(best == sky_motion_kernel_choose(SKY_MOTION_KERNEL_AVX2) ||
                  best == sky_motion_kernel_choose(SKY_MOTION_KERNEL_NEON));
    g_test_message("the fastest here is %s", best->name);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/simd/choice", test_choice);
    g_test_add_func("/simd/plain-guards", test_plain_guards);
    g_test_add_data_func("/simd/avx2", GUINT_TO_POINTER(SKY_MOTION_KERNEL_AVX2), test_kernel);
    g_test_add_data_func("/simd/neon", GUINT_TO_POINTER(SKY_MOTION_KERNEL_NEON), test_kernel);
    return g_test_run();
}
