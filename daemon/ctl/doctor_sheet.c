/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/doctor_sheet.h"

#include <stdarg.h>
#include <string.h>

#include "base/uri.h"
#include "message/reader.h"
#include "message/reader_text.h"

#define FOUND_BYTES_MAX 600

static void finding_free(gpointer item) {
    SkyFinding *finding = item;
    g_free(finding->subject);
    g_free(finding->found);
    g_free(finding);
}

void sky_sheet_init(SkySheet *sheet) {
    sheet->findings = g_ptr_array_new_with_free_func(finding_free);
}

void sky_sheet_clear(SkySheet *sheet) {
    g_clear_pointer(&sheet->findings, g_ptr_array_unref);
}

void sky_sheet_add(SkySheet *sheet, const char *check, const char *subject, SkyDoctorMark mark, const char *advice,
                   const char *found, ...) {
    va_list arguments;
    va_start(arguments, found);
    g_autofree char *said = g_strdup_vprintf(found, arguments);
    va_end(arguments);
    g_autofree char *safe = sky_uri_redact(said); /* cameras and brokers have a say in it */
    SkyFinding *finding = g_new(SkyFinding, 1);
    *finding = (SkyFinding){.check = check, .subject = sky_reader_text(subject, 256), .mark = mark,
                            .found = sky_reader_text(safe, FOUND_BYTES_MAX), .advice = advice ? advice : ""};
    g_ptr_array_add(sheet->findings, finding);
}

void sky_sheet_move(SkySheet *sheet, SkySheet *from) {
    while (from->findings->len > 0)
        g_ptr_array_add(sheet->findings, g_ptr_array_steal_index(from->findings, 0));
}

guint sky_sheet_count(const SkySheet *sheet, SkyDoctorMark mark) {
    guint count = 0;
    for (guint i = 0; i < sheet->findings->len; i++)
        count += ((const SkyFinding *)sheet->findings->pdata[i])->mark == mark;
    return count;
}

const char *sky_doctor_mark_name(SkyDoctorMark mark) {
    switch (mark) {
    case SKY_DOCTOR_OK:
        return "ok";
    case SKY_DOCTOR_WARNING:
        return "warning";
    case SKY_DOCTOR_TROUBLE:
        return "trouble";
    case SKY_DOCTOR_UNCHECKED:
        return "not checked";
    }
    g_assert_not_reached();
}

char *sky_sheet_text(const SkySheet *sheet) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < sheet->findings->len; i++) {
        const SkyFinding *finding = sheet->findings->pdata[i];
        const char *mark = finding->mark == SKY_DOCTOR_TROUBLE ? "TROUBLE" : sky_doctor_mark_name(finding->mark);
        g_string_append_printf(text, "%-11s  %s%s%s: %s\n", mark, finding->check, finding->subject[0] ? " " : "", finding->subject,
                               finding->found);
        if (finding->advice[0])
            g_string_append_printf(text, "             -> %s\n", finding->advice);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

char *sky_sheet_json(const SkySheet *sheet) {
    static const char *const names[] = {"check", "subject", "verdict", "found", "do"};
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < sheet->findings->len; i++) {
        const SkyFinding *finding = sheet->findings->pdata[i];
        const char *values[] = {finding->check, finding->subject, sky_doctor_mark_name(finding->mark), finding->found,
                                finding->advice};
        g_autofree char *line = sky_reader_pack(names, values, G_N_ELEMENTS(names));
        g_string_append_printf(text, "%s\n", line);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}
