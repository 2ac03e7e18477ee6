/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/frame_queue.h"

#include "base/clock.h"

static uint8_t rows[180 * 320];

static void push(SkyFrameQueue *queue, uint64_t number, uint32_t width_px) {
    sky_frame_queue_push(queue, &(SkyPicture){.width_px = width_px, .height_px = 180, .luma = rows, .stride_bytes = 320, .bits = 8,
                                              .pts_ns = (int64_t)number * 125 * SKY_NS_PER_MS,
                                              .arrival_ns = SKY_NS_PER_S + (int64_t)number * 125 * SKY_NS_PER_MS,
                                              .number = number});
}

/* A worker that does not come: the oldest go, and each is counted. */
static void test_full(void) {
    g_autoptr(SkyFrameQueue) queue = sky_frame_queue_new(160, NULL);
    g_assert_null(sky_frame_queue_pop(queue));
    g_assert_cmpint(sky_frame_queue_numbers(queue).oldest_ns, ==, SKY_TIME_NONE);
    for (uint64_t i = 1; i <= SKY_FRAME_QUEUE_MAX + 3; i++)
        push(queue, i, 320);
    push(queue, 99, 1);
    SkyFrameQueueNumbers numbers = sky_frame_queue_numbers(queue);
    g_assert_cmpuint(numbers.pictures, ==, SKY_FRAME_QUEUE_MAX + 4);
    g_assert_cmpuint(numbers.dropped, ==, 3);
    g_assert_cmpuint(numbers.bad, ==, 1);
    g_assert_cmpint(numbers.oldest_ns, !=, SKY_TIME_NONE);
    for (uint64_t i = 4; i <= SKY_FRAME_QUEUE_MAX + 3; i++) {
        g_autoptr(SkyFrame) frame = sky_frame_queue_pop(queue);
        g_assert_nonnull(frame);
        g_assert_cmpuint(frame->number, ==, i);
        g_assert_cmpuint(frame->width_px, ==, 160);
        g_assert_cmpint(frame->arrival_ns, ==, SKY_NS_PER_S + (int64_t)i * 125 * SKY_NS_PER_MS);
    }
    g_assert_null(sky_frame_queue_pop(queue));
}

/* A worker that keeps them: what finds no room is left out. */
static void test_kept(void) {
    g_autoptr(SkyFrameQueue) queue = sky_frame_queue_new(160, NULL);
    g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func((GDestroyNotify)sky_frame_free);
    for (uint64_t i = 1; i <= 40; i++) {
        push(queue, i, 320);
        SkyFrame *frame = sky_frame_queue_pop(queue);
        if (frame)
            g_ptr_array_add(kept, frame);
    }
    g_assert_cmpuint(kept->len, >=, SKY_FRAME_QUEUE_MAX);
    g_assert_cmpuint(sky_frame_queue_numbers(queue).dropped, ==, 40 - kept->len);
}

/* Memory for two: no third waits, and all is given back. */
static void test_budget(void) {
    SkyBudget budget;
    sky_budget_init(&budget, 2 * 192 * 90);
    SkyFrameQueue *queue = sky_frame_queue_new(160, &budget);
    for (uint64_t i = 1; i <= 3; i++)
        push(queue, i, 320);
    g_assert_cmpuint(sky_frame_queue_numbers(queue).dropped, ==, 1);
    g_assert_cmpuint(sky_budget_used(&budget), ==, 2 * 192 * 90);
    g_autoptr(SkyFrame) frame = sky_frame_queue_pop(queue);
    g_assert_cmpuint(frame->number, ==, 2);
    g_assert_cmpuint(sky_budget_used(&budget), ==, 192 * 90);
    g_assert_true(sky_budget_charge(&budget, 192 * 90)); /* somebody else's */
    push(queue, 4, 320);
    push(queue, 5, 320);
    g_assert_cmpuint(sky_frame_queue_numbers(queue).dropped, ==, 3);
    sky_frame_queue_free(queue);
    g_assert_cmpuint(sky_budget_used(&budget), ==, 192 * 90);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/frame-queue/full", test_full);
    g_test_add_func("/frame-queue/kept", test_kept);
    g_test_add_func("/frame-queue/budget", test_budget);
    return g_test_run();
}
