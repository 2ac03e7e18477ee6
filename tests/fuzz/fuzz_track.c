/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "event/event_detector.h"
#include "fuzz.h"

/* Arbitrary blobs at arbitrary times: begins and ends pair up, times ascend, boxes stay in the picture, and nothing that was told
 * of one event is taken back by the next phase. */
#define SLOTS 5

typedef struct {
    SkyEvent last[SLOTS];
    gboolean open[SLOTS];
    uint64_t numbers;
    int64_t now_ns;
} Seen;

static void check_box(const SkyBox *box) {
    g_assert(isfinite(box->x) && isfinite(box->y) && isfinite(box->w) && isfinite(box->h));
    g_assert(box->x >= 0 && box->y >= 0 && box->w >= 0 && box->h >= 0);
    g_assert(box->x + box->w <= 1.001f && box->y + box->h <= 1.001f);
}

static unsigned slot_of(const SkyEvent *event) {
    if (event->kind == SKY_EVENT_TAMPER)
        return 4;
    if (event->kind == SKY_EVENT_DWELL)
        return 3;
    return event->zone[0] == 'a' ? 0 : event->zone[0] == 'b' ? 1 : 2;
}

static void check_path(const SkyEvent *event, int64_t now_ns) {
    g_assert(event->objects >= 1);
    g_assert(event->path.count >= 1 && event->path.count <= SKY_PATH_STEPS_MAX && isfinite(sky_path_speed(&event->path)));
    g_assert(event->path.steps[0].time_ns >= event->begin_ns && event->path.steps[event->path.count - 1].time_ns <= event->time_ns);
    for (uint32_t i = 1; i < event->path.count; i++)
        g_assert(event->path.steps[i].time_ns > event->path.steps[i - 1].time_ns);
    g_assert(event->inside_ns >= (event->kind == SKY_EVENT_DWELL ? SKY_NS_PER_S : 0) && event->inside_ns <= now_ns);
}

static void check(const SkyEvent *event, gpointer user) {
    Seen *seen = user;
    unsigned slot = slot_of(event);
    const SkyEvent *last = &seen->last[slot];
    g_assert(seen->open[slot] == (event->phase != SKY_EVENT_BEGIN));
    if (event->phase == SKY_EVENT_BEGIN) {
        g_assert(event->number == ++seen->numbers);
        g_assert(last->number == 0 || event->begin_ns >= last->end_ns);
    } else {
        g_assert(event->number == last->number && event->begin_ns == last->begin_ns && event->detected_ns == last->detected_ns);
        g_assert(event->score >= last->score && event->objects >= last->objects);
    }
    g_assert(event->begin_ns <= event->detected_ns && event->detected_ns <= event->best_ns && event->best_ns <= seen->now_ns);
    g_assert(event->phase == SKY_EVENT_END ? event->end_ns >= event->detected_ns && event->end_ns <= seen->now_ns
                                           : event->end_ns == SKY_TIME_NONE);
    g_assert(event->score >= 0 && event->score <= 1 && event->objects <= SKY_BLOBS_MAX);
    if (event->kind == SKY_EVENT_TAMPER)
        g_assert(event->objects == 0 && event->path.count == 0 && event->box.w == 0);
    else
        check_path(event, seen->now_ns);
    check_box(&event->box);
    check_box(&event->best_box);
    seen->open[slot] = event->phase != SKY_EVENT_END;
    seen->last[slot] = *event;
}

typedef struct {
    const uint8_t *data;
    size_t bytes;
} Input;

static unsigned take(Input *input) {
    if (input->bytes == 0)
        return 0;
    input->bytes--;
    return *input->data++;
}

static void take_blob(Input *input, SkyBlob *blob) {
    float x = (float)take(input) / 256, y = (float)take(input) / 256;
    unsigned size = take(input);
    blob->box = (SkyBox){x, y, MIN((float)(size % 16 + 1) / 64, 1 - x), MIN((float)(size / 16 + 1) / 32, 1 - y)};
    blob->area = blob->box.w * blob->box.h * (float)(size % 3 + 1) / 3;
    blob->contrast = (float)(size % 7);
    blob->small = size % 11 == 0;
    blob->soft = (float)(size % 5) / 4;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    Input input = {data, bytes};
    Seen seen = {.now_ns = SKY_NS_PER_S};
    SkyZone zones[2] = {{.id = "a", .dwell_ns = SKY_NS_PER_S, .polygon = {.count = 3, .points = {{0, 0}, {1, 0}, {0, 1}}}},
                        {.id = "b", .polygon = {.count = 3, .points = {{0, 0}, {1, 0.5f}, {0, 1}}}}};
    unsigned options = take(&input);
    g_autoptr(SkyEventDetector) detector = sky_event_detector_new(
        &(SkyEventParams){.zones = zones, .zone_count = options % 3, .min_duration_ns = (options / 4 % 4) * 250 * SKY_NS_PER_MS,
                          .hold_ns = (options / 16 % 4) * SKY_NS_PER_S, .tamper = options / 128 == 0,
                          .perspective = {0, options / 64 % 2 * 0.1, options / 64 % 2, options / 64 % 2 * 0.5}}, check, &seen);
    while (input.bytes > 0) {
        unsigned head = take(&input);
        SkyMotionResult result = {.scene = head % 16 == 0 ? SKY_SCENE_LIGHT : SKY_SCENE_OK,
                                  .blob_count = MIN(head / 16, input.bytes / 3)};
        seen.now_ns += head % 8 == 7 ? 3 * SKY_NS_PER_S : head % 8 == 0 ? 1 : 125 * SKY_NS_PER_MS;
        result.pts_ns = result.arrival_ns = seen.now_ns;
        if (options % 2 == 1)
            result.view = (SkyView){head % 7, seen.now_ns - head * SKY_NS_PER_S / 16, head * SKY_NS_PER_S / 16};
        for (uint32_t i = 0; i < result.blob_count; i++)
            take_blob(&input, &result.blobs[i]);
        for (uint32_t i = 0; i < result.blob_count && result.dim_count < SKY_DIM_MAX; i++)
            if (head % 2 == 0 || result.blobs[i].small)
                result.dim[result.dim_count++] = result.blobs[i];
        sky_event_detector_process(detector, &result);
        if (head == 255)
            sky_event_detector_end_all(detector, TRUE);
    }
    sky_event_detector_end_all(detector, FALSE);
    for (unsigned i = 0; i < SLOTS; i++)
        g_assert(!seen.open[i]);
    return 0;
}
