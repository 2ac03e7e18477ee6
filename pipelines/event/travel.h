/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "base/box.h"

/* How far a box has gone, of the picture. What moves takes both its ends with it, what flickers or swings only one; what comes in
 * over the picture's edge shows only the end inside. Of what is small and in its corner nobody can say whether it travels or grows, as
 * what is left of shadows does: it has to come out. Decides only. */
float sky_travel_between(const SkyBox *then, const SkyBox *now);
/* The same for a rest: the edge explains nothing. A ghost that is absorbed shrinks towards it. */
float sky_travel_whole(const SkyBox *then, const SkyBox *now);

/* A span's end is at the picture's edge: cut off by it. */
gboolean sky_travel_at_edge(float low, float high, gboolean far_side);
gboolean sky_travel_is_cut(const SkyBox *box); /* one of its four sides is */
gboolean sky_travel_is_cornered(const SkyBox *then, const SkyBox *now); /* then or now two are that meet, and it is small now */
gboolean sky_travel_is_sliver(const SkyBox *box); /* the picture's edge leaves a few pixels of it: a rest of light, or not in yet */
gboolean sky_travel_has_grown(const SkyBox *then, const SkyBox *now); /* all around: more than twice as wide, and as high */
