/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* All that is wrong with a file, collected in any order, told in the order of the file. At most SKY_REPORT_MAX, the rest counted.
 * Thread: one. */
#define SKY_REPORT_MAX 100
typedef struct SkyReport SkyReport;
typedef struct SkySourceText SkySourceText;

SkyReport *sky_report_new(void);
void sky_report_free(SkyReport *report);
/* at: byte of the source. key: "broker.port", NULL where the problem is the file's. The text: what is wrong, what is allowed. */
void sky_report_add(SkyReport *report, gsize at, const char *key, const char *format, ...) G_GNUC_PRINTF(4, 5);
gboolean sky_report_is_empty(const SkyReport *report);
/* What is added now is only counted: spare the words. */
gboolean sky_report_is_full(const SkyReport *report);
/* Adds "name:line:column: key: text", the source line and a caret, one text a problem. */
void sky_report_tell(SkyReport *report, const SkySourceText *source, GPtrArray *ret_errors);
/* A value as it may be told: in quotes, controls escaped, cut; "the value" where it could hold a secret. */
char *sky_report_show(const char *value);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyReport, sky_report_free)
