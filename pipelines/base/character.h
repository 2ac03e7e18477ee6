/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* One that could end a line, move the cursor, or hide and reorder what a person reads: control, format (bidirectional marks,
 * zero-width joiners, tags), surrogates and separators. For texts of others' making: cameras, brokers, files. Any thread. */
gboolean sky_character_is_dangerous(gunichar c);
