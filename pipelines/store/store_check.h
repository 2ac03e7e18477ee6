/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* A look at the database of a daemon that does not run; changes nothing in it. */
typedef struct {
    gboolean finished;    /* FALSE: the limit came first, and nothing bad was seen until then */
    gboolean sound;
    char words[160];      /* SQLite's own, where it is not sound */
    int64_t last_utc_ns;  /* the latest time in it; SKY_TIME_NONE where there is none */
} SkyStoreCheck;

/* SQLite's quick_check. Fails with RESOURCE where the file can not be looked at. Blocks at most about limit_ns. */
gboolean sky_store_check_file(const char *path, int64_t limit_ns, SkyStoreCheck *ret_check, GError **error);
