/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* Pictures as a fixed camera's stream looks at analysis size, made without a codec, with the truth beside them. Hard on purpose.
 * Shares nothing with pipelines/motion. The same class and seed give the same pictures. Thread: one. Owner: the bench. */
#define SCENE_W 320
#define SCENE_H 180
#define SCENE_FPS 8
#define SCENE_FAR_FOOT 62 /* of people, pixels, where they are furthest away and nearest, and how tall they are there */
#define SCENE_FAR_HEIGHT 9
#define SCENE_NEAR_FOOT 174
#define SCENE_NEAR_HEIGHT 79
#define SCENE_MARGIN 16 /* of the ground around the picture: the camera shakes */
#define GROUND_W (SCENE_W + 2 * SCENE_MARGIN)
#define GROUND_H (SCENE_H + 2 * SCENE_MARGIN)

typedef struct {
    uint64_t state;
} Dice;
uint32_t dice_roll(Dice *dice);
float dice_between(Dice *dice, float low, float high);
float dice_bell(Dice *dice);                    /* about normal, sigma 1 */
gboolean dice_happens(Dice *dice, float per_s); /* in this picture */

/* What the class puts into the picture; amounts from 0 (none) to 1 (a lot); shake also beyond: some
 * 2 pixels each way at 1. */
typedef struct {
    const char *name;
    float rain, snow, insects, lamp, infrared, headlights, clouds, shake, noise, pumping, low_rate, trees, water, flicker, clock,
        exposure;
    gboolean night;    /* that of the footage, where it is over some */
    const char *over;  /* empty part of this real clip is the ground; NULL: made */
    unsigned x264_kbit; /* coded at that rate and decoded again; 0: not */
    enum { ACTORS_ANY, ACTORS_FAR, ACTORS_NEAR, ACTORS_STANDING, ACTORS_PARKING, ACTORS_FAST, ACTORS_SLOW, ACTORS_FAINT,
           ACTORS_DOOR, ACTORS_FENCE, ACTORS_WEAVING } actors; /* the last three are nearly brief, unsteady, erratic */
} SceneClass;
extern const SceneClass scene_classes[];
extern const unsigned scene_class_count;

typedef struct {
    double from_s, to_s; /* visible */
} SceneTruth;

typedef struct Scene Scene;
/* NULL: the footage or the encoder that it needs is not there, the error says which. */
Scene *scene_new(const SceneClass *kind, gboolean with_actors, uint64_t seed, GError **error);
void scene_free(Scene *scene);
/* The next picture; its time is its number / SCENE_FPS. */
void scene_next(Scene *scene, uint8_t luma[SCENE_H * SCENE_W]);
/* Of all actors that have begun so far, in order of time. */
const SceneTruth *scene_truth(const Scene *scene, unsigned *ret_count);

/* The parts; a canvas is SCENE_W * SCENE_H floats of luma. */
typedef struct {
    float day[GROUND_H][GROUND_W], tree[GROUND_H][GROUND_W], wave[GROUND_H][GROUND_W]; /* tree, wave: how much of each, 0..1 */
    struct {
        int from, to;
    } leaves[SCENE_H]; /* columns between which a row of the picture, unshaken, has trees; 0, 0: none */
} Ground;
void ground_make(Ground *ground, const SceneClass *kind, Dice *dice);
void ground_draw(const Ground *ground, const SceneClass *kind, double time_s, float shift_x, float shift_y, float *canvas);

/* The empty part of a real clip, forth and back for ever. $SKYNET_FOOTAGE holds the clips; decoded by the ffmpeg program. */
typedef struct Footage Footage;
Footage *footage_load(const char *clip, GError **error);
void footage_free(Footage *footage);
void footage_put(const Footage *footage, uint64_t picture, Ground *ground);

/* H.264 at a low rate, there and back, in step: each picture comes out as a viewer would see it. */
typedef struct Codec Codec;
Codec *codec_new(unsigned kbit, GError **error);
void codec_free(Codec *codec);
void codec_pass(Codec *codec, uint8_t luma[SCENE_H * SCENE_W]);

typedef struct {
    gboolean car;
    double begin_s, end_s;                 /* on its path */
    float from_x, from_y, to_x, to_y;      /* foot point, pixels */
    float height;                          /* pixels */
    double pause_from_s, pause_s;          /* stands still on its way */
    float shade[4];                        /* luma of head, body, legs, details */
    float stride, stout;                   /* swing of the legs, radians a second; width of the body / height */
    float weave;                           /* to and fro across its way, heights */
    int fence_px;                          /* from slat to slat of a fence before it, a third of that wide; 0: none */
} Actor;
void actor_cast(Actor *actor, const SceneClass *kind, const Ground *ground, double now_s, Dice *dice);
gboolean actor_is_seen(const Actor *actor, double time_s);
void actor_draw(const Actor *actor, double time_s, float *canvas);

#define DROPS_MAX 400
#define FADE_STEPS 1024
typedef struct {
    float x, y, vx, vy, size, bright;
    float turn, life_s;
} Drop;
typedef struct {
    Drop flakes[DROPS_MAX], insects[24];
    float fade[FADE_STEPS]; /* of a blurred drop, by the square of how far from its middle, up to 4 */
} Air;
void air_init(Air *air);
void air_draw(Air *air, const SceneClass *kind, double time_s, Dice *dice, float *canvas);

typedef struct {
    float lamp, lamp_goal, lamp_x, lamp_y, night, night_goal, gain, gain_goal;
    double change_s, switch_s, exposure_s, sweep_begin_s, sweep_s, blinks_until_s;
    float sweep_y, sweep_way, cloud_phase;
} Light;
void light_init(Light *light, const SceneClass *kind, Dice *dice);
void light_draw(Light *light, const SceneClass *kind, double time_s, Dice *dice, float *canvas);

typedef struct {
    float block[SCENE_H / 4][SCENE_W / 4], shown[SCENE_H * SCENE_W], grain[SCENE_H * SCENE_W];
    float shift_x, shift_y, gust;
    unsigned pictures;
    float bell[65536 + SCENE_W]; /* the last part is the first again: a row never has to turn round */
} Lens;
void lens_init(Lens *lens, Dice *dice);
void lens_shake(Lens *lens, const SceneClass *kind, double time_s, Dice *dice);
void lens_take(Lens *lens, const SceneClass *kind, Dice *dice, float *canvas, uint8_t *luma); /* leaves its marks on the canvas */
