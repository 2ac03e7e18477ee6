/* SPDX-License-Identifier: Apache-2.0 */
#include "support/scene/figure.h"

#include <math.h>

/* A limb: a line with a width that changes from one end to the other. Pixels. */
typedef struct {
    float x1, y1, x2, y2, r1, r2;
    float soft, grain, dark; /* edge, cloth, how much darker on the far side: pixels, pixels, luma */
    gboolean striped;
    uint32_t seed;
} Limb;

static float cover_limb(float x, float y, float *ret_shade, const void *shape) {
    const Limb *limb = shape;
    float dx = limb->x2 - limb->x1, dy = limb->y2 - limb->y1, long2 = dx * dx + dy * dy;
    float along = long2 > 0 ? CLAMP(((x - limb->x1) * dx + (y - limb->y1) * dy) / long2, 0, 1) : 0;
    float off_x = x - limb->x1 - along * dx, off_y = y - limb->y1 - along * dy;
    float radius = limb->r1 + (limb->r2 - limb->r1) * along, off = sqrtf(off_x * off_x + off_y * off_y);
    float part = CLAMP(.5f - (off - radius) / limb->soft, 0, 1);
    if (part <= 0) return 0;
    float length = sqrtf(long2), u = along * length / limb->grain, v = (off_x * dy - off_y * dx) / (length + 1) / limb->grain;
    float cloth = 9 * dice_cloud(u, v, limb->seed) + 5 * dice_cloud(u * 2.3f, v * 2.3f, limb->seed + 1);
    if (limb->striped) cloth += sinf(u * 2.2f) > .2f ? 22 : -12;
    *ret_shade = cloth - limb->dark * off_x / (radius + 1) - 10 * off_y / (radius + 1);
    return part;
}

typedef struct {
    Picture *picture;
    const Looks *looks;
    const Pose *pose;
    unsigned covered;
} Drawing;

typedef struct {
    float x, y; /* over the height, up, forward */
} Joint;

static void lay_limb(Drawing *drawing, Joint from, Joint to, float r1, float r2, Colour colour, float luma, gboolean cloth) {
    const Pose *pose = drawing->pose;
    float tall = pose->tall, stout = drawing->looks->stout;
    Limb limb = {.x1 = pose->x + pose->way * from.x * tall,
                 .y1 = pose->y - from.y * tall,
                 .x2 = pose->x + pose->way * to.x * tall,
                 .y2 = pose->y - to.y * tall,
                 .r1 = r1 * stout * tall,
                 .r2 = r2 * stout * tall,
                 .soft = MAX(1.1f, tall * .012f),
                 .grain = MAX(1, tall * .025f),
                 .dark = 12,
                 .striped = cloth && drawing->looks->striped,
                 .seed = drawing->looks->seed};
    float reach = MAX(limb.r1, limb.r2) + limb.soft;
    colour.luma += luma;
    drawing->covered += picture_lay(drawing->picture, MIN(limb.x1, limb.x2) - reach, MIN(limb.y1, limb.y2) - reach,
                                    MAX(limb.x1, limb.x2) + reach, MAX(limb.y1, limb.y2) + reach, colour, cover_limb, &limb);
}

static Joint from_joint(Joint joint, float length, float angle) { /* angle 0 hangs down, positive is forward */
    return (Joint){joint.x + length * sinf(angle), joint.y - length * cosf(angle)};
}

static float bounce(const Pose *pose) {
    return .012f * pose->swing * cosf(2 * pose->phase);
}

/* The knee bends while the leg comes forward. */
static void lay_leg(Drawing *drawing, float phase, float luma) {
    const Pose *pose = drawing->pose;
    const Looks *looks = drawing->looks;
    float thigh = .44f * pose->swing * sinf(phase), bend = .06f + .70f * pose->swing * MAX(0, cosf(phase));
    Joint hip = {0, .50f + bounce(pose)}, knee = from_joint(hip, .245f, thigh), ankle = from_joint(knee, .225f, thigh - bend);
    Joint toe = from_joint(ankle, .075f, thigh - bend + 1.45f);
    lay_limb(drawing, ankle, toe, .024f, .018f, looks->shoes, luma, FALSE);
    lay_limb(drawing, knee, ankle, .044f, .029f, looks->trousers, luma, FALSE);
    lay_limb(drawing, hip, knee, .066f, .047f, looks->trousers, luma, FALSE);
}

static void lay_arm(Drawing *drawing, float phase, float luma) {
    const Pose *pose = drawing->pose;
    float upper = -.05f + .38f * pose->swing * sinf(phase), lower = upper + .15f + .30f * pose->swing * MAX(0, sinf(phase));
    Joint shoulder = {.01f, .785f + bounce(pose)}, elbow = from_joint(shoulder, .175f, upper),
          wrist = from_joint(elbow, .150f, lower);
    lay_limb(drawing, wrist, from_joint(wrist, .035f, lower), .022f, .020f, drawing->looks->skin, luma, FALSE);
    lay_limb(drawing, shoulder, elbow, .040f, .033f, drawing->looks->coat, luma, TRUE);
    lay_limb(drawing, elbow, wrist, .033f, .025f, drawing->looks->coat, luma, TRUE);
}

static void lay_trunk(Drawing *drawing) {
    const Looks *looks = drawing->looks;
    float up = bounce(drawing->pose), lean = .02f * drawing->pose->swing;
    Joint hip = {0, .51f + up}, chest = {lean, .745f + up}, neck = {lean + .005f, .83f + up};
    if (looks->long_coat) lay_limb(drawing, hip, (Joint){-.01f, .33f + up}, .078f, .092f, looks->coat, -3, TRUE);
    lay_limb(drawing, chest, neck, .035f, .036f, looks->skin, -8, FALSE);
    lay_limb(drawing, hip, chest, .076f, .086f, looks->coat, 0, TRUE);
}

static void lay_head(Drawing *drawing) {
    const Looks *looks = drawing->looks;
    float up = bounce(drawing->pose), x = .035f * drawing->pose->swing + .01f;
    lay_limb(drawing, (Joint){x - .012f, .915f + up}, (Joint){x - .006f, .940f + up}, .058f, .056f, looks->hair, 0, FALSE);
    lay_limb(drawing, (Joint){x + .018f, .885f + up}, (Joint){x + .020f, .920f + up}, .042f, .042f, looks->skin, 0, FALSE);
}

unsigned figure_draw(Picture *picture, const Looks *looks, const Pose *pose) {
    Drawing drawing = {.picture = picture, .looks = looks, .pose = pose};
    lay_arm(&drawing, pose->phase, -16); /* what is behind the trunk lies in its shade */
    lay_leg(&drawing, pose->phase + G_PI, -14);
    lay_leg(&drawing, pose->phase, 0);
    lay_trunk(&drawing);
    lay_head(&drawing);
    lay_arm(&drawing, pose->phase + G_PI, 0);
    return drawing.covered;
}

typedef struct {
    float x, y, wide, high;
} Patch;

static float cover_patch(float x, float y, float *ret_shade, const void *shape) {
    const Patch *patch = shape;
    float u = (x - patch->x) / patch->wide, v = (y - patch->y) / patch->high, far = u * u + v * v;
    return far < 1 ? MIN(1, 2.5f * (1 - far)) : 0;
}

/* The light is soft: a dark patch under the feet, and a weak one beside it that goes little farther than his steps, since the
 * truth tells of him and not of it. */
void figure_shadow(Picture *picture, const Pose *pose) {
    float tall = pose->tall;
    Patch patches[] = {{pose->x, pose->y, .17f * tall, .045f * tall},
                       {pose->x + .20f * tall, pose->y + .02f * tall, .28f * tall, .055f * tall}};
    for (unsigned i = 0; i < G_N_ELEMENTS(patches); i++) {
        const Patch *patch = &patches[i];
        picture_shade(picture, patch->x - patch->wide, patch->y - patch->high, patch->x + patch->wide, patch->y + patch->high,
                      i == 0 ? .38f : .26f, cover_patch, patch);
    }
}

void looks_choose(Looks *looks, Dice *dice) {
    static const Colour cloth[] = {{42, 134, 124},  {60, 146, 118}, {96, 118, 158}, {150, 122, 124},
                                   {196, 126, 130}, {70, 116, 120}, {176, 108, 152}};
    static const Colour legs[] = {{38, 132, 126}, {58, 142, 120}, {92, 122, 132}, {130, 120, 132}};
    *looks = (Looks){.skin = {152, 114, 150}, .hair = {34, 126, 132}, .shoes = {30, 128, 128}};
    looks->coat = cloth[dice_roll(dice) % G_N_ELEMENTS(cloth)];
    looks->trousers = legs[dice_roll(dice) % G_N_ELEMENTS(legs)];
    looks->hair.luma += dice_between(dice, 0, 60);
    looks->stout = dice_between(dice, .92f, 1.2f);
    looks->long_coat = dice_roll(dice) % 3 == 0;
    looks->striped = dice_roll(dice) % 4 == 0;
    looks->seed = dice_roll(dice);
}
