/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* How many letters of ASCII must be changed, added or taken away to make one word of the other (Levenshtein; upper and lower case
 * are alike). G_MAXUINT for words of more than 32 bytes, or where more than half of its letters differ: that is no likeness. */
guint sky_spelling_distance(const char *word, const char *written);
/* The word of the list, NULL at its end, that was most likely meant: at most two letters away. NULL: none. */
const char *sky_spelling_nearest(const char *const *words, const char *written);
#define SKY_SPELLING_DISTANCE_MAX 2
