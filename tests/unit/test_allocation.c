/* SPDX-License-Identifier: Apache-2.0 */
/* Once running, looking at a picture allocates nothing: no long-lived heap to fragment over years, no lock of the allocator to meet
 * other cameras at. Counted at malloc itself, whoever calls it. And what a calm camera's model does not need takes no memory. */
#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "event/event_detector.h"
#include "motion/motion.h"

#define W 320
#define H 180
#define FRAME_NS (SKY_NS_PER_S / 8)
#define MODELS 8
#define MODEL_KB 2200 /* planes that only shakes, switched lights, noise or what moves need take none */

static _Atomic uint64_t calls;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTED FALSE /* the allocator is the sanitizer's own */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define COUNTED FALSE
#endif
#endif
#if !defined(COUNTED)
#define COUNTED TRUE
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *block, size_t bytes);
__attribute__((visibility("default"))) void *malloc(size_t bytes) {
    atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed);
    return __libc_malloc(bytes);
}
__attribute__((visibility("default"))) void *calloc(size_t count, size_t bytes) {
    atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed);
    return __libc_calloc(count, bytes);
}
__attribute__((visibility("default"))) void *realloc(void *block, size_t bytes) {
    atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed);
    return __libc_realloc(block, bytes);
}
#endif

static uint8_t luma[W * H];

/* Things that cross, one after the other, before noise; each is an event that begins, is updated and ends. */
static void draw(unsigned number) {
    uint32_t noise = number * 2654435761u + 1;
    for (unsigned i = 0; i < W * H; i++) {
        noise = noise * 1664525u + 1013904223u;
        luma[i] = (uint8_t)(90 + (noise >> 30));
    }
    unsigned left = number % 120 * 4;
    for (unsigned y = 60; y < 120 && left + 24 < W; y++)
        memset(luma + y * W + left, 190, 24);
}

static void count_event(const SkyEvent *event, gpointer user) {
    ((unsigned *)user)[event->phase]++;
}

static void test_a_picture(void) {
    unsigned phases[3] = {0};
    g_autoptr(SkyMotion) motion = sky_motion_new(&(SkyMotionParams){.sensitivity = 0.5, .min_area = 0.0006});
    g_autoptr(SkyEventDetector) detector = sky_event_detector_new(
        &(SkyEventParams){.min_duration_ns = SKY_NS_PER_S / 2, .hold_ns = 3 * SKY_NS_PER_S}, count_event, phases);
    uint64_t before = 0;
    for (unsigned i = 0; i < 1400; i++) {
        if (i == 200)
            before = atomic_load(&calls);
        draw(i);
        SkyFrame frame = {.width_px = W, .height_px = H, .stride_bytes = W, .luma = luma, .pts_ns = i * FRAME_NS,
                          .arrival_ns = i * FRAME_NS};
        SkyMotionResult result;
        sky_motion_process(motion, &frame, &result);
        sky_event_detector_process(detector, &result);
    }
    uint64_t after = atomic_load(&calls);
    g_test_message("%u events began; 1200 pictures took %" G_GUINT64_FORMAT " allocations", phases[SKY_EVENT_BEGIN], after - before);
    g_assert_cmpuint(phases[SKY_EVENT_BEGIN], >=, 8);
    g_assert_cmpuint(phases[SKY_EVENT_END], >=, 8);
    g_assert_cmpuint(after, ==, before);
}

static long resident_kb(void) {
    long all = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    g_assert_nonnull(file);
    g_assert_cmpint(fscanf(file, "%ld %ld", &all, &resident), ==, 2);
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE) / 1024;
}

static SkyMotion *calm_model(void) {
    SkyMotion *motion = sky_motion_new(&(SkyMotionParams){.sensitivity = 0.5, .min_area = 0.0006});
    memset(luma, 90, sizeof luma);
    for (unsigned i = 0; i < 100; i++) {
        SkyFrame frame = {.width_px = W, .height_px = H, .stride_bytes = W, .luma = luma, .pts_ns = i * FRAME_NS,
                          .arrival_ns = i * FRAME_NS};
        SkyMotionResult result;
        sky_motion_process(motion, &frame, &result);
    }
    return motion;
}

static void test_a_model(void) {
    mallopt(M_MMAP_THRESHOLD, 128 << 10); /* the daemon's */
    mallopt(M_PERTURB, 0); /* MALLOC_PERTURB_, which the runner may have set, fills what is mapped as zeros with zeros */
    sky_motion_free(calm_model()); /* what all of them share is there now */
    SkyMotion *models[MODELS];
    long before_kb = resident_kb();
    for (unsigned i = 0; i < MODELS; i++)
        models[i] = calm_model();
    long model_kb = (resident_kb() - before_kb) / MODELS;
    g_test_message("a model of a calm camera takes %ld kB", model_kb);
    g_assert_true(model_kb < MODEL_KB || !COUNTED);
    for (unsigned i = 0; i < MODELS; i++)
        sky_motion_free(models[i]);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_free(g_malloc(64));
    g_assert_true(atomic_load(&calls) > 0 || !COUNTED); /* the count counts */
    g_test_add_func("/allocation/a-picture", test_a_picture);
    g_test_add_func("/allocation/a-model", test_a_model);
    return g_test_run();
}
