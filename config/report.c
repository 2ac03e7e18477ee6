/* SPDX-License-Identifier: Apache-2.0 */
#include "config/report.h"

#include <string.h>

#include "config/secret_word.h"
#include "config/sources.h"

#define SHOWN_CHARACTERS_MAX 48

typedef struct {
    gsize at;
    char *key, *text;
} Problem;

struct SkyReport {
    const SkySources *sources;
    GPtrArray *problems;
    guint left_out;
};

static void problem_free(Problem *problem) {
    g_free(problem->key);
    g_free(problem->text);
    g_free(problem);
}

SkyReport *sky_report_new(const SkySources *sources) {
    SkyReport *report = g_new0(SkyReport, 1);
    report->sources = sources;
    report->problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    return report;
}

void sky_report_free(SkyReport *report) {
    if (!report)
        return;
    g_ptr_array_unref(report->problems);
    g_free(report);
}

gboolean sky_report_is_full(const SkyReport *report) {
    return report->problems->len >= SKY_REPORT_MAX;
}

void sky_report_add(SkyReport *report, gsize at, const char *key, const char *format, ...) {
    if (sky_report_is_full(report)) {
        report->left_out++;
        return;
    }
    Problem *problem = g_new0(Problem, 1);
    problem->at = at;
    problem->key = g_strdup(key);
    va_list arguments;
    va_start(arguments, format);
    problem->text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_ptr_array_add(report->problems, problem);
}

gboolean sky_report_is_empty(const SkyReport *report) {
    return report->problems->len == 0;
}

static gint by_place(gconstpointer a, gconstpointer b) {
    const Problem *one = *(Problem *const *)a, *two = *(Problem *const *)b;
    return one->at < two->at ? -1 : one->at > two->at;
}

const SkySourceText *sky_report_source(const SkyReport *report, gsize at) {
    return sky_sources_find(report->sources, at);
}

char *sky_report_place(const SkyReport *report, gsize at) {
    const SkySourceText *source = sky_report_source(report, at);
    guint line, column;
    sky_source_position(source, at, &line, &column);
    return g_strdup_printf("%s:%u", source->name, line);
}

void sky_report_tell(SkyReport *report, GPtrArray *ret_errors) {
    g_ptr_array_sort(report->problems, by_place); /* stable: of one place, as they were found */
    for (guint i = 0; i < report->problems->len; i++) {
        const Problem *problem = report->problems->pdata[i];
        const SkySourceText *source = sky_report_source(report, problem->at);
        guint line, column;
        sky_source_position(source, problem->at, &line, &column);
        g_autofree char *quote = sky_source_quote(source, problem->at);
        const char *key = problem->key ? problem->key : "";
        g_ptr_array_add(ret_errors, g_strdup_printf("%s:%u:%u: %s%s%s%s%s", source->name, line, column, key, key[0] ? ": " : "",
                                                    problem->text, quote ? "\n" : "", quote ? quote : ""));
    }
    if (report->left_out > 0)
        g_ptr_array_add(ret_errors, g_strdup_printf("%s: and %u problems more", sky_sources_nth(report->sources, 0)->name, report->left_out));
}

char *sky_report_show(const char *value) {
    /* A URL in the wrong place bears its password there too, and a comment says what it likes. */
    if (strstr(value, "://") || strpbrk(value, "@#") || sky_secret_word_end(value, strlen(value)))
        return g_strdup("the value");
    GString *out = g_string_new("\"");
    guint shown = 0;
    for (const char *c = value; *c; c = g_utf8_next_char(c)) {
        gunichar letter = g_utf8_get_char(c);
        if (++shown > SHOWN_CHARACTERS_MAX) {
            g_string_append(out, "...");
            break;
        }
        if (g_unichar_isprint(letter))
            g_string_append_unichar(out, letter);
        else
            g_string_append_printf(out, "\\u%04x", letter);
    }
    g_string_append_c(out, '"');
    return g_string_free(out, FALSE);
}
