/* SPDX-License-Identifier: Apache-2.0 */
#include "event/speck.h"

#include <math.h>
#include "event/travel.h"

#define ROOM 0.012f        /* of the picture: nearer than this to where it should be, or than half its size */
#define FORGET_NS (SKY_NS_PER_S / 2)
#define SMOOTHING 0.4f
#define SMALL_SMOOTHING 0.15f
#define CLUTTER_S 10.0f
#define CLUTTER_FREE 3.0f  /* so many in that time may always happen */
#define CLUTTER_COST 2.0f  /* sights, for each more that has lived on; of what is clear, each time that twice as many begin */
#define BEGUN_COST 1.0f    /* sights, each time that twice as many begin */
#define LIVED_SEEN 4       /* sights: no chance brings a drop so many */
#define ONE_WAY_SEEN 3
#define ONE_WAY_ROAD 1.6f  /* its road, in lengths of its way, at most */
#define ONE_WAY_LEAPS 1.4f /* its way in greatest steps, at least */
#define SURE_NS SKY_NS_PER_S
#define SURE_SEEN 8.0f
#define SURE_WAY 0.02f     /* of the picture, and so many of its own sizes: */
#define SURE_SIZES 1.2f
#define SURE_LARGE 0.1f    /* of the picture: what is larger need not go further than one of this size */
#define SURE_ROAD 1.25f
#define SURE_LEAPS 4.0f
#define MARK ROOM          /* what trembles stays nearer */
#define FAR_MARKS 5        /* who is so many marks away, and took a second for each, is judged by them: most of his road is tremble */
#define SMALL_MAX 0.8f     /* share of late sights: of what hardly stands out noise takes the rim away, and adds none */
#define STRIDE_MAX 2.0f    /* own sizes a second; people walk at 1 to 2, what flies is faster */
#define CLEAR_STRIDE_MAX 2.8f /* the same of what is clear: cars too */

/* Nearest to where it should be now; NULL: none is near. not_seen: leave out those that have been seen in this picture. */
static SkySpeck *nearest(SkySpecks *specks, const SkyBox *box, int64_t now_ns, gboolean not_seen) {
    SkySpeck *best = NULL;
    SkyPoint at = sky_box_centre(box);
    float room = MAX(ROOM, MAX(box->w, box->h) / 2);
    for (unsigned i = 0; i < SKY_SPECKS_MAX; i++) {
        SkySpeck *speck = &specks->specks[i];
        if (!speck->seen || (not_seen && speck->last_ns == now_ns))
            continue;
        float dt_s = (float)(now_ns - speck->last_ns) / 1e9f;
        float away = hypotf(at.x - speck->centre.x - speck->speed.x * dt_s, at.y - speck->centre.y - speck->speed.y * dt_s);
        if (away <= room) {
            best = speck;
            room = away;
        }
    }
    return best;
}

static void begin(SkySpecks *specks, const SkyBlob *blob, int64_t now_ns) {
    specks->begun += 1;
    for (unsigned i = 0; i < SKY_SPECKS_MAX; i++)
        if (!specks->specks[i].seen) {
            specks->specks[i] = (SkySpeck){.seen = 1,
                                           .begin_ns = now_ns,
                                           .last_ns = now_ns,
                                           .origin = blob->box,
                                           .box = blob->box,
                                           .centre = sky_box_centre(&blob->box),
                                           .mark = sky_box_centre(&blob->box),
                                           .small = blob->small ? 1 : 0,
                                           .area = blob->area,
                                           .soft = blob->soft};
            return;
        }
    sky_counter_add(&specks->left_out, 1);
}

void sky_specks_see(SkySpecks *specks, const SkyBlob *blob, int64_t now_ns) {
    SkySpeck *speck = nearest(specks, &blob->box, now_ns, TRUE);
    if (!speck) {
        begin(specks, blob, now_ns);
        return;
    }
    SkyPoint is_at = sky_box_centre(&blob->box), was_at = speck->centre;
    float dt_s = MAX((float)(now_ns - speck->last_ns) / 1e9f, 0.001f);
    speck->centre.x += speck->speed.x * dt_s + (is_at.x - was_at.x - speck->speed.x * dt_s) * SMOOTHING;
    speck->centre.y += speck->speed.y * dt_s + (is_at.y - was_at.y - speck->speed.y * dt_s) * SMOOTHING;
    float dx = speck->centre.x - was_at.x, dy = speck->centre.y - was_at.y;
    speck->speed.x += (dx / dt_s - speck->speed.x) * SMOOTHING;
    speck->speed.y += (dy / dt_s - speck->speed.y) * SMOOTHING;
    speck->road += hypotf(dx, dy);
    speck->leap = MAX(speck->leap, hypotf(dx, dy));
    float since_mark = hypotf(speck->centre.x - speck->mark.x, speck->centre.y - speck->mark.y);
    if (since_mark >= MARK) {
        speck->course += since_mark;
        speck->mark = speck->centre;
    }
    speck->box = blob->box;
    speck->area = blob->area;
    speck->small += ((blob->small ? 1 : 0) - speck->small) * SMALL_SMOOTHING;
    speck->seen++;
    specks->clutter += speck->seen == LIVED_SEEN ? 1 : 0;
    speck->soft += (blob->soft - speck->soft) / (float)speck->seen;
    speck->missed += speck->missing;
    speck->missing = 0;
    speck->last_ns = now_ns;
}

void sky_specks_age(SkySpecks *specks, uint32_t more, int64_t now_ns) {
    float dt_s = (float)(now_ns - specks->aged_ns) / 1e9f;
    specks->aged_ns = now_ns;
    float faded = CLAMP(dt_s / CLUTTER_S, 0, 1);
    specks->begun -= specks->begun * faded;
    specks->clutter += (float)more - specks->clutter * faded;
    for (unsigned i = 0; i < SKY_SPECKS_MAX; i++) {
        SkySpeck *speck = &specks->specks[i];
        if (speck->last_ns != now_ns)
            speck->missing++;
        if (now_ns - speck->last_ns > FORGET_NS)
            speck->seen = 0;
    }
}

static float way_of(const SkySpeck *speck) {
    SkyPoint from = sky_box_centre(&speck->origin);
    return hypotf(speck->centre.x - from.x, speck->centre.y - from.y);
}

/* Slow, far, and by its marks straight there. */
static gboolean has_come_far(const SkySpeck *speck) {
    float seconds = (float)(speck->last_ns - speck->begin_ns) / 1e9f;
    float way = way_of(speck), rest = hypotf(speck->centre.x - speck->mark.x, speck->centre.y - speck->mark.y);
    return way >= FAR_MARKS * MARK && way <= seconds * MARK && speck->course + rest <= way * SURE_ROAD;
}

static gboolean is_straight(const SkySpeck *speck, float road_max) {
    return speck->road <= way_of(speck) * road_max || has_come_far(speck);
}

int64_t sky_specks_oldest_ns(const SkySpecks *specks, int64_t now_ns) {
    int64_t oldest_ns = INT64_MAX;
    for (unsigned i = 0; i < SKY_SPECKS_MAX; i++) {
        const SkySpeck *speck = &specks->specks[i];
        if (speck->seen && (now_ns - speck->begin_ns <= SKY_SPECK_REST_NS || way_of(speck) >= SURE_WAY / 2))
            oldest_ns = MIN(oldest_ns, speck->begin_ns);
    }
    return oldest_ns;
}

static gboolean went_one_way(const SkySpeck *speck) {
    float way = way_of(speck);
    return speck->seen >= ONE_WAY_SEEN && speck->missed * 2 <= speck->seen && is_straight(speck, ONE_WAY_ROAD) &&
           way >= speck->leap * ONE_WAY_LEAPS;
}

gboolean sky_specks_are_few(const SkySpecks *specks) {
    return specks->begun <= CLUTTER_FREE && specks->clutter <= CLUTTER_FREE;
}

gboolean sky_specks_take(SkySpecks *specks, const SkyBox *box, int64_t now_ns, SkySpeck *ret_speck) {
    SkySpeck *speck = nearest(specks, box, now_ns, FALSE);
    if (!speck || !sky_specks_are_few(specks) || !went_one_way(speck))
        return FALSE;
    *ret_speck = *speck;
    speck->seen = 0;
    return TRUE;
}

/* Where much begins, one of it looks like a thing by chance, sooner or later; but with each further sight fewer go one way by chance,
 * so twice as many ask for some sights more, not for twice as many. Not so where what is dim lives on: the edges of light, and what is
 * left of them, are seen again and again, and one jumps to the next. */
static float sights_needed(const SkySpecks *specks, gboolean clear) {
    float doubled = log2f(MAX(specks->begun / CLUTTER_FREE, 1));
    if (clear)
        return SURE_SEEN + CLUTTER_COST * doubled;
    return SURE_SEEN + BEGUN_COST * doubled + CLUTTER_COST * MAX(specks->clutter - CLUTTER_FREE, 0);
}

static gboolean is_seen_enough(const SkySpeck *speck, float seen_min, int64_t now_ns) {
    return speck->last_ns == now_ns && now_ns - speck->begin_ns >= SURE_NS && (float)speck->seen >= seen_min &&
           speck->missed * (has_come_far(speck) ? 2 : 4) <= speck->seen && speck->small <= SMALL_MAX;
}

static gboolean travels(const SkySpeck *speck, float stride_max) {
    float way = way_of(speck), size = sqrtf(speck->box.w * speck->box.h);
    float least = MAX(SURE_WAY, MIN(size, SURE_LARGE) * SURE_SIZES);
    return way >= least && is_straight(speck, SURE_ROAD) && way >= speck->leap * SURE_LEAPS &&
           hypotf(speck->speed.x, speck->speed.y) <= stride_max * size;
}

/* The shadow of a cloud comes in as something small and dim, and grows where it is; what stands out is known by its edges. */
static gboolean may_be_shadow(const SkySpeck *speck, gboolean clear) {
    return !clear && sky_travel_has_grown(&speck->origin, &speck->box) && sky_box_overlap(&speck->origin, &speck->box) > 0;
}

gboolean sky_specks_promote(SkySpecks *specks, gboolean clear, int64_t now_ns, SkySpeck *ret_speck) {
    float stride_max = clear ? CLEAR_STRIDE_MAX : STRIDE_MAX, seen_min = sights_needed(specks, clear);
    for (unsigned i = 0; i < SKY_SPECKS_MAX; i++) {
        SkySpeck *speck = &specks->specks[i];
        if (speck->seen && is_seen_enough(speck, seen_min, now_ns) && travels(speck, stride_max) && !may_be_shadow(speck, clear)) {
            *ret_speck = *speck;
            speck->seen = 0;
            return TRUE;
        }
    }
    return FALSE;
}
