/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* All that is wrong with the files of a configuration, collected in any order, told in their order. At most SKY_REPORT_MAX, the rest counted.
 * Thread: one. */
#define SKY_REPORT_MAX 100
typedef struct SkyReport SkyReport;
typedef struct SkySourceText SkySourceText;
typedef struct SkySources SkySources;

/* The files are borrowed and must outlive it. */
SkyReport *sky_report_new(const SkySources *sources);
void sky_report_free(SkyReport *report);
/* at: the place. key: "broker.port", NULL where the problem is the file's. The text: what is wrong, what is allowed. */
void sky_report_add(SkyReport *report, gsize at, const char *key, const char *format, ...) G_GNUC_PRINTF(4, 5);
gboolean sky_report_is_empty(const SkyReport *report);
/* What is added now is only counted: spare the words. */
gboolean sky_report_is_full(const SkyReport *report);
/* Adds "name:line:column: key: text", the source line and a caret, one text a problem. */
void sky_report_tell(SkyReport *report, GPtrArray *ret_errors);
/* In which file that place is. */
const SkySourceText *sky_report_source(const SkyReport *report, gsize at);
/* "skynetd.yaml:12": where something else stands that a text speaks of. New memory. */
char *sky_report_place(const SkyReport *report, gsize at);
/* A value as it may be told: in quotes, controls escaped, cut; "the value" where it could hold a secret. */
char *sky_report_show(const char *value);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyReport, sky_report_free)
