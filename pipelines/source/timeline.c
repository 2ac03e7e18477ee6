/* SPDX-License-Identifier: Apache-2.0 */
#include "source/timeline.h"

#include "base/clock.h"

#define LEAST_STEP_NS SKY_NS_PER_MS             /* what two pictures are kept apart at least */
#define USUAL_STEP_MAX_NS SKY_NS_PER_S          /* a longer one is a pause and says nothing about the rate */
#define JUMP_NS (2 * SKY_NS_PER_S)              /* a stamp that far ahead of the last one, and of the clock, is a jump */
#define BACK_NS SKY_NS_PER_S                    /* pts go back so far at most for reordering's sake */
#define FILE_JUMP_NS (24 * 3600 * SKY_NS_PER_S) /* recordings have holes */
#define STILL_MAX 5                             /* then the stamps are no use and arrival times serve */
#define STAMP_MAX_NS (INT64_MAX / 8)            /* beyond this it is noise, and sums could overflow */

#define NEWEST_MAX (SKY_TIMELINE_REORDER_MAX + 1)
#define DEPTH_USUAL 4                           /* of reordering: pyramids of B pictures seldom are deeper */

typedef enum { STAMP_GOES_ON, STAMP_STANDS, STAMP_JUMPS } StampMove;

void sky_timeline_init(SkyTimeline *timeline, gboolean live, int64_t step_ns, uint32_t depth) {
    *timeline = (SkyTimeline){
        .live = live,
        .step_ns = CLAMP(step_ns, LEAST_STEP_NS, USUAL_STEP_MAX_NS),
        .depth = MIN(depth, SKY_TIMELINE_REORDER_MAX),
    };
}

void sky_timeline_restart(SkyTimeline *timeline) {
    timeline->restarted = TRUE;
}

/* Whether a stamp that goes back is that of a picture which is shown before others that came before it. A stream that reorders goes back
 * in each handful of pictures, and few are ahead of the one that does. Else those have left a place for it, as wide as places are in this
 * stream; one that stepped back as the camera's clock was set falls among pictures that lie as close as ever, or before all of them. */
static gboolean is_reordered(const SkyTimeline *timeline, int64_t pts_ns) {
    const int64_t *newest_ns = timeline->newest_ns;
    guint above = 0, wider = 0;
    if (timeline->known < NEWEST_MAX)
        return TRUE;
    while (above < NEWEST_MAX && newest_ns[above] < pts_ns)
        above++;
    if (above == 0 || above == NEWEST_MAX)
        return above > 0;
    if (timeline->forward < NEWEST_MAX && NEWEST_MAX - above <= MAX(timeline->depth, DEPTH_USUAL))
        return TRUE;
    int64_t nearest_ns = MIN(pts_ns - newest_ns[above - 1], newest_ns[above] - pts_ns);
    for (guint i = 1; i < NEWEST_MAX; i++)
        wider += 2 * (newest_ns[i] - newest_ns[i - 1]) > 3 * nearest_ns;
    return wider <= NEWEST_MAX / 2;
}

static StampMove judge(const SkyTimeline *timeline, int64_t stamp_ns, int64_t arrival_ns) {
    if (stamp_ns == SKY_TIME_NONE)
        return STAMP_STANDS;
    int64_t delta_ns = stamp_ns - timeline->last_stamp_ns;
    if (timeline->restarted || stamp_ns + timeline->offset_ns > STAMP_MAX_NS)
        return STAMP_JUMPS;
    if (delta_ns == 0)
        return STAMP_STANDS;
    if (delta_ns < 0)
        return timeline->has_dts || delta_ns < -BACK_NS || !is_reordered(timeline, stamp_ns + timeline->offset_ns) ? STAMP_JUMPS
                                                                                                                   : STAMP_GOES_ON;
    if (!timeline->live)
        return delta_ns > FILE_JUMP_NS ? STAMP_JUMPS : STAMP_GOES_ON;
    /* Not against the wait for this one packet: after a hang of the network packets come in one rush. */
    int64_t ahead_ns = stamp_ns + timeline->offset_ns - arrival_ns;
    return delta_ns > JUMP_NS && ahead_ns > timeline->ahead_ns + JUMP_NS ? STAMP_JUMPS : STAMP_GOES_ON;
}

static void note_step(SkyTimeline *timeline, int64_t step_ns) {
    if (step_ns >= LEAST_STEP_NS && step_ns <= USUAL_STEP_MAX_NS)
        timeline->step_ns = step_ns;
}

/* The media time of a stamp, by what it does; moves the offset where the stamps have moved. */
static int64_t place(SkyTimeline *timeline, StampMove move, int64_t stamp_ns, int64_t waited_ns) {
    int64_t waited_or_step_ns = timeline->live ? MAX(waited_ns, LEAST_STEP_NS) : timeline->step_ns;
    switch (move) {
    case STAMP_GOES_ON:
        timeline->still = 0;
        note_step(timeline, stamp_ns - timeline->last_stamp_ns);
        break;
    case STAMP_STANDS: /* half a step: the next good stamp has its place still */
        if (++timeline->still < STILL_MAX)
            return timeline->highest_ns + timeline->step_ns / 2;
        stamp_ns = stamp_ns == SKY_TIME_NONE ? timeline->last_stamp_ns : stamp_ns;
        timeline->offset_ns = timeline->highest_ns + waited_or_step_ns - stamp_ns;
        break;
    case STAMP_JUMPS:
        timeline->still = 0;
        timeline->offset_ns = timeline->highest_ns + MAX(waited_or_step_ns, timeline->step_ns) - stamp_ns;
        break;
    }
    timeline->last_stamp_ns = stamp_ns;
    return stamp_ns + timeline->offset_ns;
}

static int64_t dts_of(const SkyTimeline *timeline) {
    return timeline->newest_ns[SKY_TIMELINE_REORDER_MAX - timeline->depth];
}

/* A pts that is not after the last dts shows that the stream reorders deeper than known. TRUE: it did. */
static gboolean note_pts(SkyTimeline *timeline, int64_t pts_ns) {
    int64_t *newest_ns = timeline->newest_ns;
    gboolean deeper = pts_ns <= timeline->last_dts_ns;
    if (deeper && timeline->depth < SKY_TIMELINE_REORDER_MAX)
        timeline->depth++;
    timeline->known = MIN(timeline->known + 1, NEWEST_MAX);
    if (pts_ns < newest_ns[0])
        return deeper;
    uint32_t at = 0; /* the smallest goes, those below the new one move down */
    for (; at + 1 < NEWEST_MAX && newest_ns[at + 1] < pts_ns; at++)
        newest_ns[at] = newest_ns[at + 1];
    newest_ns[at] = pts_ns;
    return deeper;
}

static int64_t usable(int64_t stamp_ns) {
    return stamp_ns < -STAMP_MAX_NS || stamp_ns > STAMP_MAX_NS ? SKY_TIME_NONE : stamp_ns;
}

static void begin(SkyTimeline *timeline, int64_t pts_ns, int64_t dts_ns, int64_t arrival_ns) {
    int64_t stamp_ns = dts_ns != SKY_TIME_NONE ? dts_ns : pts_ns != SKY_TIME_NONE ? pts_ns : 0;
    int64_t first_ns = pts_ns != SKY_TIME_NONE && pts_ns - stamp_ns < USUAL_STEP_MAX_NS ? MAX(pts_ns, stamp_ns) : stamp_ns;
    timeline->begun = TRUE;
    timeline->has_dts = dts_ns != SKY_TIME_NONE;
    timeline->offset_ns = -first_ns;
    timeline->last_stamp_ns = stamp_ns;
    timeline->highest_ns = stamp_ns - first_ns;
    for (uint32_t i = 0; i < NEWEST_MAX; i++) /* as if pictures had come before; the first one takes the place of [0] */
        timeline->newest_ns[i] = timeline->highest_ns - (NEWEST_MAX - i) * timeline->step_ns;
    timeline->last_dts_ns = dts_of(timeline);
    timeline->last_arrival_ns = arrival_ns;
    timeline->ahead_ns = timeline->highest_ns - arrival_ns;
}

/* The media time of the next stamp, NONE for a missing one. TRUE: mended. */
static gboolean go_on(SkyTimeline *timeline, int64_t stamp_ns, int64_t arrival_ns, int64_t *ret_media_ns) {
    int64_t waited_ns = arrival_ns - timeline->last_arrival_ns;
    gboolean restarted = timeline->restarted && stamp_ns != SKY_TIME_NONE;
    StampMove move = judge(timeline, stamp_ns, arrival_ns);
    timeline->forward = stamp_ns != SKY_TIME_NONE && stamp_ns < timeline->last_stamp_ns ? 0 : MIN(timeline->forward + 1, NEWEST_MAX);
    *ret_media_ns = place(timeline, move, stamp_ns, waited_ns);
    timeline->last_arrival_ns = arrival_ns;
    if (move == STAMP_JUMPS)
        timeline->ahead_ns = *ret_media_ns - arrival_ns;
    if (restarted)
        timeline->restarted = FALSE;
    return move != STAMP_GOES_ON && !restarted;
}

gboolean sky_timeline_next(SkyTimeline *timeline, int64_t pts_ns, int64_t dts_ns, int64_t arrival_ns, int64_t *ret_pts_ns,
                           int64_t *ret_dts_ns) {
    pts_ns = usable(pts_ns);
    dts_ns = usable(dts_ns);
    gboolean mended = FALSE;
    int64_t media_ns = 0;
    if (timeline->begun) {
        mended = go_on(timeline, timeline->has_dts ? dts_ns : pts_ns, arrival_ns, &media_ns);
    } else {
        begin(timeline, pts_ns, dts_ns, arrival_ns); /* 0, whatever it says */
        media_ns = timeline->highest_ns;
    }
    timeline->highest_ns = MAX(timeline->highest_ns, media_ns);

    int64_t media_pts_ns = media_ns, media_dts_ns = media_ns;
    if (timeline->has_dts) {
        int64_t lead_ns = pts_ns == SKY_TIME_NONE || dts_ns == SKY_TIME_NONE ? 0 : pts_ns - dts_ns;
        mended |= lead_ns < 0 || lead_ns > 10 * USUAL_STEP_MAX_NS;
        media_pts_ns += lead_ns >= 0 && lead_ns <= 10 * USUAL_STEP_MAX_NS ? lead_ns : 0;
    } else {
        mended |= note_pts(timeline, media_pts_ns);
        media_dts_ns = dts_of(timeline);
    }
    if (media_dts_ns <= timeline->last_dts_ns)
        media_dts_ns = timeline->last_dts_ns + LEAST_STEP_NS;
    timeline->last_dts_ns = media_dts_ns;
    *ret_dts_ns = media_dts_ns;
    *ret_pts_ns = MAX(media_pts_ns, media_dts_ns);
    return mended;
}
