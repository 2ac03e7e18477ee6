/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "config/config.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/doctor_sheet.h"

/* skynetctl doctor: the parts that look; doctor_judge.h says what it means. Each blocks within its limits. */
typedef struct {
    const SkyCtl *ctl;
    const SkyConfig *config;
    GHashTable *status;   /* the running daemon's; NULL */
    gboolean stopped;     /* it does certainly not run */
    void (*progress)(const char *what, guint done, guint of);
} SkyDoctor;

void sky_doctor_look_at_box(const SkyDoctor *doctor, SkySheet *sheet);     /* clock, disk, database, files, buffers */
void sky_doctor_look_at_broker(const SkyDoctor *doctor, SkySheet *sheet);
void sky_doctor_look_at_cameras(const SkyDoctor *doctor, const char *only, SkySheet *sheet); /* only: NULL: all */

/* doctor_echo.c: connects with the daemon's account under a name of its own. */
void sky_doctor_try_broker(const SkyDoctor *doctor, SkySheet *sheet);
