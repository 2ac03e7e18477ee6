/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "config/source_text.h"

/* The files of one configuration, one behind the other: first the main file, then what lies in folders beside it. A place (`at`) is a
 * byte of all of them. Owns the texts and wipes them, for there may be passwords in them. Thread: one. */
typedef struct SkySources SkySources;

SkySources *sky_sources_new(void);
void sky_sources_free(SkySources *sources);
/* Takes the text. directory: where relative files that it names are looked up. */
void sky_sources_add(SkySources *sources, const char *name, const char *directory, char *text, gsize bytes);
guint sky_sources_count(const SkySources *sources);
const SkySourceText *sky_sources_nth(const SkySources *sources, guint index);
/* In which file that place is; SKY_SOURCE_END is in the first. */
const SkySourceText *sky_sources_find(const SkySources *sources, gsize at);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkySources, sky_sources_free)
