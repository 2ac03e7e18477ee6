/* SPDX-License-Identifier: Apache-2.0 */
#include "support/scene/air.h"

#include <math.h>
#include "support/scene/ground.h"

#define INSECTS 5
#define STREAKS 130
#define SPLASHES 60

typedef struct {
    float x, y, vx, vy; /* pixels, pixels a second */
    float size, bright;
    double from_s, to_s; /* in sight */
} Insect;

struct Air {
    AirKind kind;
    double fps;
    Dice dice;
    float slant, unit; /* unit: 1 at 360 lines */
    Insect insects[INSECTS];
};

typedef struct {
    float x1, y1, x2, y2, radius, strong;
} Streak;

static float cover_streak(float x, float y, float *ret_shade, const void *shape) {
    const Streak *streak = shape;
    float dx = streak->x2 - streak->x1, dy = streak->y2 - streak->y1, long2 = dx * dx + dy * dy;
    float along = long2 > 0 ? CLAMP(((x - streak->x1) * dx + (y - streak->y1) * dy) / long2, 0, 1) : 0;
    float off_x = x - streak->x1 - along * dx, off_y = y - streak->y1 - along * dy;
    float far = (off_x * off_x + off_y * off_y) / (streak->radius * streak->radius);
    *ret_shade = 0;
    return far < 4 ? streak->strong * expf(-far) : 0;
}

static void lay_streak(Picture *picture, const Streak *streak, float luma) {
    float reach = 2 * streak->radius;
    picture_lay(picture, MIN(streak->x1, streak->x2) - reach, MIN(streak->y1, streak->y2) - reach,
                MAX(streak->x1, streak->x2) + reach, MAX(streak->y1, streak->y2) + reach, (Colour){luma, 128, 128}, cover_streak,
                streak);
}

/* Near drops are long, wide and faint; far ones short and many. */
static void draw_rain(Air *air, Picture *picture) {
    float width = (float)picture->width, height = (float)picture->height;
    for (int i = 0; i < STREAKS; i++) {
        float near = dice_between(&air->dice, 0, 1);
        near *= near * near;
        float x = dice_between(&air->dice, -.1f, 1.1f) * width, y = dice_between(&air->dice, -.1f, 1) * height;
        float length = (7 + 38 * near) * air->unit;
        Streak streak = {x, y, x + air->slant * length, y + length, (.6f + 1.3f * near) * air->unit, .34f - .12f * near};
        lay_streak(picture, &streak, 205);
    }
    for (int i = 0; i < SPLASHES; i++) {
        float x = dice_between(&air->dice, 0, width), y = dice_between(&air->dice, GROUND_WALL_FOOT, 1) * height;
        float wide = ground_tallness(picture, y) * .018f;
        lay_streak(picture, &(Streak){x - wide, y, x + wide, y, .7f * air->unit, .45f}, 200);
    }
}

static void send_insect(Air *air, const Picture *picture, Insect *insect, double time_s) {
    insect->from_s = time_s + dice_between(&air->dice, 0, 5);
    insect->to_s = insect->from_s + dice_between(&air->dice, .8f, 4);
    insect->x = dice_between(&air->dice, 0, 1) * (float)picture->width;
    insect->y = dice_between(&air->dice, 0, 1) * (float)picture->height;
    insect->vx = dice_between(&air->dice, -260, 260) * air->unit;
    insect->vy = dice_between(&air->dice, -160, 160) * air->unit;
    insect->size = dice_between(&air->dice, 2, 7) * air->unit;
    insect->bright = dice_between(&air->dice, .45f, .95f);
}

static void draw_insect(Air *air, Picture *picture, Insect *insect, double time_s) {
    if (time_s >= insect->to_s) send_insect(air, picture, insect, time_s);
    if (time_s < insect->from_s) return;
    float frame_s = (float)(1 / air->fps), turn = 900 * air->unit * frame_s, open_s = frame_s * .7f; /* the shutter at night */
    insect->vx += turn * dice_bell(&air->dice);
    insect->vy += turn * dice_bell(&air->dice);
    insect->x += insect->vx * frame_s;
    insect->y += insect->vy * frame_s;
    Streak streak = {insect->x,
                     insect->y,
                     insect->x + insect->vx * open_s,
                     insect->y + insect->vy * open_s,
                     insect->size,
                     insect->bright * dice_between(&air->dice, .6f, 1)};
    lay_streak(picture, &streak, 232);
}

Air *air_new(AirKind kind, const Picture *picture, double fps, Dice *dice) {
    Air *air = g_new0(Air, 1);
    air->kind = kind;
    air->fps = fps;
    dice_init(&air->dice, dice_roll(dice));
    air->unit = (float)picture->height / 360;
    air->slant = dice_between(&air->dice, -.25f, .25f);
    return air;
}

void air_free(Air *air) {
    g_free(air);
}

void air_draw(Air *air, Picture *picture, int frame) {
    if (air->kind == AIR_RAIN) draw_rain(air, picture);
    for (int i = 0; air->kind == AIR_INSECTS && i < INSECTS; i++) draw_insect(air, picture, &air->insects[i], frame / air->fps);
}
