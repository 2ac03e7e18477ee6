/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* Which requests have been answered, and how: what makes a request_id work once. The oldest go beyond the bound: the store's unique
 * key still stops those from being done twice. Thread: main. */
#define SKY_REQUEST_LOG_MAX 10000
typedef struct SkyRequestLog SkyRequestLog;

SkyRequestLog *sky_request_log_new(void);
void sky_request_log_free(SkyRequestLog *log);
void sky_request_log_add(SkyRequestLog *log, const char *audience, const char *client, const char *request_id, const char *reply);
/* The reply that was given, or NULL. Borrowed until the next _add. */
const char *sky_request_log_find(const SkyRequestLog *log, const char *audience, const char *client, const char *request_id);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyRequestLog, sky_request_log_free)
