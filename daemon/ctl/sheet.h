/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "daemon/analysis.h"
#include "event/event.h"

/* A contact sheet of events for someone who has a minute: one tile an event, in the order of their ends: the moment that shows it
 * best, framed, with the file's name, when it began and how long it lasted. 20 tiles a page: OUT.png, OUT-2.png, ...; at most
 * SKY_SHEET_PAGES_MAX pages, the events behind them are counted and said. Thread: one at a time. Owner: the tool. */
typedef struct SkySheet SkySheet;
#define SKY_SHEET_PAGES_MAX 50

SkySheet *sky_sheet_new(const char *path);
/* A file begins, after the end of the one before. */
void sky_sheet_clip(SkySheet *sheet, const char *clip);
/* As sky_analysis tells them: a picture after its events. */
void sky_sheet_event(SkySheet *sheet, const SkyEvent *event);
void sky_sheet_frame(SkySheet *sheet, const SkyAnalysed *picture);
/* Writes the last page; without events a page that says so. FALSE: not all was written; why is on stderr. Frees. */
gboolean sky_sheet_finish(SkySheet *sheet);
