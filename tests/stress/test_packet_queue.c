/* SPDX-License-Identifier: Apache-2.0 */
/* A source thread, a worker, and someone who reads the numbers and clears, all at once; for ThreadSanitizer, and for the promises.
 */
#include "media/packet_queue.h"

#include <stdatomic.h>

#include "base/thread.h"
#include "media/frame.h"

#define PACKETS 200000
#define GOP 25

typedef struct {
    SkyPacketQueue *queue;
    SkyStreamInfo *info;
    SkyBudget budget;
    atomic_bool pushed_all;
    _Atomic uint64_t live; /* packets whose bytes have not been freed */
    uint64_t popped, gaps;
} Road;

static uint8_t payload[512 + SKY_PACKET_PADDING];

typedef struct {
    Road *road;
} Owner;

static void free_payload(gpointer data) {
    Owner *owner = data;
    atomic_fetch_sub(&owner->road->live, 1);
    g_free(owner);
}

static void push_all(gpointer user) {
    Road *road = user;
    for (int64_t i = 0; i < PACKETS; i++) {
        SkyPacketTimes times = {.pts_ns = i, .dts_ns = i, .arrival_ns = i, .key = i % GOP == 0};
        Owner *owner = g_new(Owner, 1);
        owner->road = road;
        atomic_fetch_add(&road->live, 1);
        SkyPacket *packet = sky_packet_new_wrapped(road->info, &times, payload, 1 + (gsize)(i * 37 % 512), free_payload, owner);
        SkyPacket *second = i % 3 == 0 ? sky_packet_ref(packet) : NULL; /* the pre-roll has it too */
        sky_packet_queue_push(road->queue, packet);
        sky_packet_unref(second);
        if (i % 50 == 0) /* else the worker hardly has a turn */
            g_usleep(5);
    }
    atomic_store(&road->pushed_all, TRUE);
}

/* What comes out is in order, and whole: after anything that is missing there is a gap, and then a key frame. */
static void pop_all(gpointer user) {
    Road *road = user;
    int64_t last = -1;
    for (;;) {
        gboolean pushed_all = atomic_load(&road->pushed_all);
        g_autoptr(SkyPacket) packet = sky_packet_queue_pop(road->queue);
        if (packet == NULL && pushed_all)
            return;
        if (packet == NULL)
            continue;
        const SkyPacketTimes *times = sky_packet_times(packet);
        g_assert_cmpint(times->dts_ns, >, last);
        g_assert_cmpint(times->gap, ==, times->dts_ns != last + 1);
        g_assert_true(!times->gap || times->key);
        last = times->dts_ns;
        road->popped++;
        road->gaps += times->gap ? 1 : 0;
        if (road->popped % 1000 < 200) /* a worker that is slow at times */
            g_usleep(2);
    }
}

static void watch(gpointer user) {
    Road *road = user;
    while (!atomic_load(&road->pushed_all)) {
        SkyPacketQueueNumbers numbers = sky_packet_queue_numbers(road->queue);
        g_assert_cmpuint(numbers.packets, <=, 64);
        g_assert_cmpuint(numbers.bytes, <=, 16384);
        g_assert_cmpuint(sky_budget_used(&road->budget), <=, 16000);
        g_usleep(50);
    }
}

static void test_road(void) {
    Road road = {.info = sky_stream_info_new(SKY_CODEC_H264, 640, 360, 25, NULL, 0)};
    sky_budget_init(&road.budget, 16000);
    road.queue = sky_packet_queue_new(64, 16384, &road.budget);
    SkyThread *popper = sky_thread_start("popper", pop_all, &road, NULL);
    SkyThread *watcher = sky_thread_start("watcher", watch, &road, NULL);
    SkyThread *pusher = sky_thread_start("pusher", push_all, &road, NULL);
    sky_thread_join(pusher);
    sky_thread_join(watcher);
    sky_thread_join(popper);
    SkyPacketQueueNumbers numbers = sky_packet_queue_numbers(road.queue);
    g_assert_cmpuint(road.popped + numbers.dropped_packets, ==, PACKETS);
    g_assert_cmpuint(road.popped, >, 1000);
    g_assert_cmpuint(road.gaps, >, 0);
    sky_packet_queue_free(road.queue);
    sky_stream_info_unref(road.info);
    g_assert_cmpuint(sky_budget_used(&road.budget), ==, 0);
    g_assert_cmpuint(atomic_load(&road.live), ==, 0);
}

typedef struct {
    SkyFramePool *pool;
    _Atomic(SkyFrame *) hand; /* from one thread to the other */
    atomic_bool done;
} Lending;

static void lend(gpointer user) {
    Lending *lending = user;
    for (uint64_t i = 1; i <= 100000;) {
        SkyFrame *frame = sky_frame_pool_take(lending->pool);
        if (frame == NULL)
            continue;
        frame->number = i++;
        frame->luma[0] = frame->luma[1] = (uint8_t)frame->number;
        sky_frame_free(atomic_exchange(&lending->hand, frame)); /* one that was not fetched goes back here */
    }
    atomic_store(&lending->done, TRUE);
}

static void fetch(gpointer user) {
    Lending *lending = user;
    uint64_t last = 0;
    while (!atomic_load(&lending->done)) {
        g_autoptr(SkyFrame) frame = atomic_exchange(&lending->hand, NULL);
        if (frame == NULL)
            continue;
        g_assert_cmpuint(frame->number, >, last);
        g_assert_cmpuint(frame->luma[0], ==, (uint8_t)frame->number); /* nobody has written to it since */
        g_assert_cmpuint(frame->luma[1], ==, (uint8_t)frame->number);
        last = frame->number;
    }
}

static void test_frames(void) {
    Lending lending = {.pool = sky_frame_pool_new(64, 2, 3)};
    SkyThread *fetcher = sky_thread_start("fetcher", fetch, &lending, NULL);
    SkyThread *lender = sky_thread_start("lender", lend, &lending, NULL);
    sky_thread_join(lender);
    sky_thread_join(fetcher);
    sky_frame_free(atomic_load(&lending.hand));
    sky_frame_pool_free(lending.pool);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/packet-queue/road", test_road);
    g_test_add_func("/frame/lending", test_frames);
    return g_test_run();
}
