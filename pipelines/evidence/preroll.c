/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/preroll.h"

#include "base/clock.h"
#include "base/lock.h"
#include "base/ref.h"

#define SLOTS_FIRST 256u
#define HOLDS_NS (5 * SKY_NS_PER_S) /* what came longer ago than this before a moment does not show it */
#define SLOTS_MAX 32768u /* a bound of its own: a packet of few bytes costs more than its bytes */

/* A ring of packets in the order of arrival. Each has a number, which is what a cursor counts in. A single GOP that outgrows the
 * bound loses its head and not its tail: a clip that reads along needs the tail only, and whoever begins anew begins at a key
 * frame. */
struct SkyPreroll {
    SkyRef ref;
    SkyLock lock;
    SkyBudget *budget;
    uint64_t bytes_max, bytes;
    int64_t keep_ns, settled_ns;
    uint64_t dropped_packets;
    gboolean gap_at_end; /* the next packet follows a loss */
    gboolean await_key;  /* a packet could not be kept: what refers to it is of no use */
    SkyPacket **slots;
    uint32_t capacity, first, length;
    uint64_t first_number; /* of the oldest packet; from 1 */
    GPtrArray *holds;      /* SkyPrerollHold *, borrowed: each holds a reference to us */
};

struct SkyPrerollHold {
    SkyPreroll *preroll;
    int64_t from_ns; /* inside the lock */
};

SkyPreroll *sky_preroll_new(uint64_t bytes_max, int64_t keep_ns, SkyBudget *budget) {
    SkyPreroll *preroll = g_new0(SkyPreroll, 1);
    sky_ref_init(&preroll->ref);
    sky_lock_init(&preroll->lock);
    preroll->budget = budget;
    preroll->bytes_max = bytes_max;
    preroll->keep_ns = keep_ns;
    preroll->settled_ns = INT64_MIN;
    preroll->capacity = SLOTS_FIRST;
    preroll->slots = g_new(SkyPacket *, preroll->capacity);
    preroll->first_number = 1;
    preroll->holds = g_ptr_array_new();
    return preroll;
}

SkyPreroll *sky_preroll_ref(SkyPreroll *preroll) {
    sky_ref_take(&preroll->ref);
    return preroll;
}

static SkyPacket *packet_at(const SkyPreroll *preroll, uint32_t index) {
    return preroll->slots[(preroll->first + index) % preroll->capacity];
}

static gboolean is_key_at(const SkyPreroll *preroll, uint32_t index) {
    return sky_packet_times(packet_at(preroll, index))->key;
}

static int64_t arrival_at(const SkyPreroll *preroll, uint32_t index) {
    return sky_packet_times(packet_at(preroll, index))->arrival_ns;
}

/* The first key frame at or after index, or length. */
static uint32_t find_key(const SkyPreroll *preroll, uint32_t index) {
    while (index < preroll->length && !is_key_at(preroll, index))
        index++;
    return index;
}

/* The key frame of the GOP that holds arrival at_ns; the oldest one where that is gone; length where there is none. */
static uint32_t find_gop(const SkyPreroll *preroll, int64_t at_ns) {
    for (uint32_t i = preroll->length; i-- > 0;)
        if (is_key_at(preroll, i) && arrival_at(preroll, i) <= at_ns)
            return i;
    return find_key(preroll, 0);
}

/* The same, but not what the camera sent before it fell silent: where that is all there is, length. */
static uint32_t find_start(const SkyPreroll *preroll, int64_t from_ns) {
    uint32_t index = find_gop(preroll, from_ns);
    if (index == preroll->length)
        return index;
    uint32_t next_key = find_key(preroll, index + 1);
    return arrival_at(preroll, next_key - 1) < from_ns - HOLDS_NS ? next_key : index;
}

static void remove_first(SkyPreroll *preroll) {
    SkyPacket *packet = packet_at(preroll, 0);
    gsize bytes = sky_packet_size_bytes(packet);
    preroll->first = (preroll->first + 1) % preroll->capacity;
    preroll->length--;
    preroll->first_number++;
    preroll->bytes -= bytes;
    if (preroll->budget != NULL)
        sky_budget_release(preroll->budget, bytes);
    sky_packet_unref(packet);
}

void sky_preroll_unref(SkyPreroll *preroll) {
    if (preroll == NULL || !sky_ref_drop(&preroll->ref))
        return;
    while (preroll->length > 0)
        remove_first(preroll);
    sky_lock_clear(&preroll->lock);
    g_ptr_array_unref(preroll->holds);
    g_free(preroll->slots);
    g_free(preroll);
}

/* Inside the lock, not empty: the oldest whole GOP; of the only one, or of one without its key frame, a packet. */
static void drop_oldest(SkyPreroll *preroll) {
    uint32_t next_key = find_key(preroll, 1);
    uint32_t count = is_key_at(preroll, 0) && next_key < preroll->length ? next_key : 1;
    preroll->dropped_packets += count;
    while (count-- > 0)
        remove_first(preroll);
}

/* Inside the lock: whole GOPs that end before what a clip can ask for, or is still reading. */
static void forget_old(SkyPreroll *preroll, int64_t newest_ns) {
    int64_t needed_ns = MAX(newest_ns - preroll->keep_ns, MIN(preroll->settled_ns, newest_ns));
    for (guint i = 0; i < preroll->holds->len; i++)
        needed_ns = MIN(needed_ns, ((const SkyPrerollHold *)preroll->holds->pdata[i])->from_ns);
    for (;;) {
        uint32_t next_key = find_key(preroll, 1);
        if (next_key >= preroll->length || arrival_at(preroll, next_key) > needed_ns)
            return;
        while (next_key-- > 0)
            remove_first(preroll);
    }
}

/* Inside the lock. TRUE: there is room and the bytes are charged. */
static gboolean make_room(SkyPreroll *preroll, gsize bytes) {
    if (bytes > preroll->bytes_max)
        return FALSE;
    while (preroll->length > 0 && (preroll->length == SLOTS_MAX || preroll->bytes + bytes > preroll->bytes_max))
        drop_oldest(preroll);
    while (preroll->budget != NULL && !sky_budget_charge(preroll->budget, bytes)) {
        if (preroll->length == 0)
            return FALSE;
        drop_oldest(preroll);
    }
    return TRUE;
}

static void grow(SkyPreroll *preroll) {
    SkyPacket **slots = g_new(SkyPacket *, preroll->capacity * 2);
    for (uint32_t i = 0; i < preroll->length; i++)
        slots[i] = packet_at(preroll, i);
    g_free(preroll->slots);
    preroll->slots = slots;
    preroll->first = 0;
    preroll->capacity *= 2;
}

/* Inside the lock; takes the packet where it is kept. */
static gboolean keep(SkyPreroll *preroll, SkyPacket *packet) {
    const SkyPacketTimes *times = sky_packet_times(packet);
    if (preroll->await_key && !times->key)
        return FALSE;
    forget_old(preroll, times->arrival_ns);
    if (!make_room(preroll, sky_packet_size_bytes(packet))) {
        preroll->gap_at_end = preroll->await_key = TRUE;
        return FALSE;
    }
    if (preroll->length == preroll->capacity)
        grow(preroll);
    preroll->bytes += sky_packet_size_bytes(packet);
    if (preroll->gap_at_end)
        packet = sky_packet_mark_gap(packet);
    preroll->slots[(preroll->first + preroll->length++) % preroll->capacity] = packet;
    preroll->gap_at_end = preroll->await_key = FALSE;
    return TRUE;
}

void sky_preroll_push(SkyPreroll *preroll, SkyPacket *packet) {
    sky_lock_enter(&preroll->lock);
    gboolean kept = keep(preroll, packet);
    if (!kept)
        preroll->dropped_packets++;
    sky_lock_leave(&preroll->lock);
    if (!kept)
        sky_packet_unref(packet);
}

void sky_preroll_settle(SkyPreroll *preroll, int64_t from_ns) {
    sky_lock_enter(&preroll->lock);
    preroll->settled_ns = MAX(preroll->settled_ns, from_ns);
    sky_lock_leave(&preroll->lock);
}

void sky_preroll_break(SkyPreroll *preroll) {
    sky_lock_enter(&preroll->lock);
    preroll->gap_at_end = TRUE;
    sky_lock_leave(&preroll->lock);
}

/* Inside the lock: where to read on. ret_gap: what the cursor stood at is gone. */
static uint32_t find_cursor(const SkyPreroll *preroll, int64_t from_ns, uint64_t cursor, gboolean *ret_gap) {
    *ret_gap = FALSE;
    if (cursor == 0)
        return find_start(preroll, from_ns);
    if (cursor >= preroll->first_number)
        return (uint32_t)MIN(cursor - preroll->first_number, preroll->length);
    *ret_gap = TRUE;
    return find_key(preroll, 0);
}

GPtrArray *sky_preroll_read(SkyPreroll *preroll, int64_t from_ns, uint64_t *cursor, uint32_t packets_max) {
    GPtrArray *packets = g_ptr_array_new_with_free_func((GDestroyNotify)sky_packet_unref);
    gboolean gap = FALSE;
    sky_lock_enter(&preroll->lock);
    uint32_t index = find_cursor(preroll, from_ns, *cursor, &gap);
    while (index < preroll->length && packets->len < packets_max)
        g_ptr_array_add(packets, sky_packet_ref(packet_at(preroll, index++)));
    if (packets->len > 0)
        *cursor = preroll->first_number + index;
    sky_lock_leave(&preroll->lock);
    if (gap && packets->len > 0)
        packets->pdata[0] = sky_packet_mark_gap(packets->pdata[0]);
    return packets;
}

GPtrArray *sky_preroll_read_gop(SkyPreroll *preroll, int64_t at_ns) {
    GPtrArray *packets = g_ptr_array_new_with_free_func((GDestroyNotify)sky_packet_unref);
    sky_lock_enter(&preroll->lock);
    uint32_t index = find_gop(preroll, at_ns);
    for (gboolean reached = FALSE; index < preroll->length && !reached; index++) {
        if (packets->len > 0 && is_key_at(preroll, index))
            break; /* at_ns lies between the GOPs: the picture before it is the one that was seen */
        reached = arrival_at(preroll, index) >= at_ns;
        g_ptr_array_add(packets, sky_packet_ref(packet_at(preroll, index)));
    }
    sky_lock_leave(&preroll->lock);
    return packets;
}

int64_t sky_preroll_key_ns(SkyPreroll *preroll, int64_t at_ns) {
    sky_lock_enter(&preroll->lock);
    uint32_t index = find_gop(preroll, at_ns);
    int64_t key_ns = index < preroll->length ? arrival_at(preroll, index) : SKY_TIME_NONE;
    sky_lock_leave(&preroll->lock);
    return key_ns;
}

SkyPrerollNumbers sky_preroll_numbers(SkyPreroll *preroll) {
    sky_lock_enter(&preroll->lock);
    uint32_t key = find_key(preroll, 0);
    SkyPrerollNumbers numbers = {
        .packets = preroll->length,
        .bytes = preroll->bytes,
        .dropped_packets = preroll->dropped_packets,
        .oldest_ns = key < preroll->length ? arrival_at(preroll, key) : SKY_TIME_NONE,
        .newest_ns = preroll->length > 0 ? arrival_at(preroll, preroll->length - 1) : SKY_TIME_NONE,
    };
    sky_lock_leave(&preroll->lock);
    return numbers;
}

/* ---- holds ---- */

SkyPrerollHold *sky_preroll_hold_new(SkyPreroll *preroll, int64_t from_ns) {
    SkyPrerollHold *hold = g_new(SkyPrerollHold, 1);
    *hold = (SkyPrerollHold){.preroll = sky_preroll_ref(preroll), .from_ns = from_ns};
    sky_lock_enter(&preroll->lock);
    g_ptr_array_add(preroll->holds, hold);
    sky_lock_leave(&preroll->lock);
    return hold;
}

void sky_preroll_hold_move(SkyPrerollHold *hold, int64_t from_ns) {
    sky_lock_enter(&hold->preroll->lock);
    hold->from_ns = from_ns;
    sky_lock_leave(&hold->preroll->lock);
}

void sky_preroll_hold_free(SkyPrerollHold *hold) {
    if (hold == NULL)
        return;
    sky_lock_enter(&hold->preroll->lock);
    g_ptr_array_remove_fast(hold->preroll->holds, hold);
    sky_lock_leave(&hold->preroll->lock);
    sky_preroll_unref(hold->preroll);
    g_free(hold);
}
