/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/columns.h"

void sky_columns_init(SkyColumns *table, guint columns) {
    *table = (SkyColumns){.columns = columns, .cells = g_ptr_array_new_with_free_func(g_free)};
}

void sky_columns_clear(SkyColumns *table) {
    g_clear_pointer(&table->cells, g_ptr_array_unref);
}

void sky_columns_add(SkyColumns *table, const char *cell) {
    g_ptr_array_add(table->cells, g_strdup(cell ? cell : ""));
}

static guint cells_of(const char *text) {
    guint cells = 0;
    for (const char *c = text; *c; c = g_utf8_next_char(c)) {
        gunichar character = g_utf8_get_char(c);
        cells += g_unichar_iszerowidth(character) ? 0 : g_unichar_iswide(character) ? 2 : 1;
    }
    return cells;
}

static guint width_of(const SkyColumns *table, guint column) {
    guint width = 0;
    for (guint i = column; i < table->cells->len; i += table->columns)
        width = MAX(width, cells_of(table->cells->pdata[i]));
    return width;
}

char *sky_columns_text(const SkyColumns *table, const char *indent) {
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < table->cells->len; i++) {
        guint column = i % table->columns;
        const char *cell = table->cells->pdata[i];
        g_string_append_printf(text, "%s%s", column == 0 ? indent : "  ", cell);
        if (column + 1 < table->columns) {
            g_string_append_printf(text, "%*s", (int)(width_of(table, column) - cells_of(cell)), "");
            continue;
        }
        while (text->len > 0 && text->str[text->len - 1] == ' ')
            g_string_truncate(text, text->len - 1);
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}
