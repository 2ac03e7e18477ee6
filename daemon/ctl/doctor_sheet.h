/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* What skynetctl doctor has found: one line a check. Owner: whoever made it. */
typedef enum { SKY_DOCTOR_OK, SKY_DOCTOR_WARNING, SKY_DOCTOR_TROUBLE, SKY_DOCTOR_UNCHECKED } SkyDoctorMark;

typedef struct {
    const char *check;  /* "clock", "camera" ... */
    char *subject;      /* "" or the camera, the audience, the file */
    SkyDoctorMark mark;
    char *found;
    const char *advice; /* what to do; "" where there is nothing to do */
} SkyFinding;

typedef struct {
    GPtrArray *findings; /* SkyFinding * */
} SkySheet;

void sky_sheet_init(SkySheet *sheet);
void sky_sheet_clear(SkySheet *sheet);
/* check and advice are literals; advice NULL: "". */
void sky_sheet_add(SkySheet *sheet, const char *check, const char *subject, SkyDoctorMark mark, const char *advice,
                   const char *found, ...) G_GNUC_PRINTF(6, 7);
void sky_sheet_move(SkySheet *sheet, SkySheet *from); /* all that from has, behind what is there */
guint sky_sheet_count(const SkySheet *sheet, SkyDoctorMark mark);
const char *sky_doctor_mark_name(SkyDoctorMark mark); /* "ok", "warning", "trouble", "not checked" */
/* For a terminal (nothing in it can move the cursor), and as one line of JSON a check. New memory. */
char *sky_sheet_text(const SkySheet *sheet);
char *sky_sheet_json(const SkySheet *sheet);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkySheet, sky_sheet_clear)
