/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* Words of our own about a trouble, made fit to leave the box: each URL becomes "(address)", each absolute path its last component.
 * The last line of defence: whoever made the text should have left them out. New memory; NULL gives "". */
char *sky_public_text(const char *text);
