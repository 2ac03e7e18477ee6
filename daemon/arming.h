/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* Which cameras somebody has disarmed, and until when: what moves there is a fact and raises no alert. It always ends by itself, so
 * that nobody's forgetting makes a camera silent for good. Decides only: time is an argument. Thread: main. Owner: the app. */
#define SKY_DISARM_DEFAULT_NS (8 * 3600 * INT64_C(1000000000))
#define SKY_DISARM_MAX_NS (7 * 24 * 3600 * INT64_C(1000000000))

typedef struct SkyArming SkyArming;
SkyArming *sky_arming_new(void);
void sky_arming_free(SkyArming *arming);

/* Until when a camera is disarmed that is asked to be until then (SKY_TIME_NONE: the default). FALSE: not in the time to come, or
 * too far. */
gboolean sky_arming_limit(int64_t asked_utc_ns, int64_t now_utc_ns, int64_t *ret_until_utc_ns);
void sky_arming_disarm(SkyArming *arming, const char *camera, int64_t until_utc_ns);
gboolean sky_arming_arm(SkyArming *arming, const char *camera); /* FALSE: it was armed */
/* SKY_TIME_NONE: armed. */
int64_t sky_arming_until(const SkyArming *arming, const char *camera);
uint32_t sky_arming_count(const SkyArming *arming); /* disarmed ones */
/* Arms whose time has come; their ids (char *) are appended. A time that lies further ahead than anyone may ask for (the clock was
 * set back) is drawn in. */
void sky_arming_turn(SkyArming *arming, int64_t now_utc_ns, GPtrArray *ret_armed);

/* What the store keeps of it, and back; FALSE: not such a text. */
char *sky_arming_body(int64_t until_utc_ns);
gboolean sky_arming_body_parse(const char *body, int64_t *ret_until_utc_ns);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyArming, sky_arming_free)
