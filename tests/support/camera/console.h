/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* A line on standard output, in one piece. Any thread. A reader that does not read stops nothing: its lines are lost. */
void console_say(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Calls obey in the main loop for each line of standard input, until that ends. */
typedef void (*ConsoleObey)(char *line, gpointer user);
typedef struct Console Console;
Console *console_new(ConsoleObey obey, gpointer user);
void console_free(Console *console);
