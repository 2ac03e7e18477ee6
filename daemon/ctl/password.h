/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* Asks on the terminal, without echo, whatever standard input and output are. NULL: there is no terminal, or the person gave up
 * (Ctrl-D; a signal ends the program, with the terminal as it was). Wipe it with sky_text_wipe() before g_free(). Blocks. */
char *sky_ctl_ask_password(const char *question);
