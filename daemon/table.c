/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/table.h"

#include <stdarg.h>

void sky_table_init(SkyTable *table) {
    table->names = g_ptr_array_new_with_free_func(g_free);
    table->values = g_ptr_array_new_with_free_func(g_free);
}

void sky_table_clear(SkyTable *table) {
    g_clear_pointer(&table->names, g_ptr_array_unref);
    g_clear_pointer(&table->values, g_ptr_array_unref);
}

void sky_table_add(SkyTable *table, const char *name, const char *value) {
    g_ptr_array_add(table->names, g_strdup(name));
    g_ptr_array_add(table->values, g_strdup(value ? value : ""));
}

void sky_table_add_format(SkyTable *table, const char *name, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(table->names, g_strdup(name));
    g_ptr_array_add(table->values, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

void sky_table_add_of(SkyTable *table, const char *prefix, const char *id, const char *name, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(table->names, g_strjoin(".", prefix, id, name, NULL));
    g_ptr_array_add(table->values, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}
