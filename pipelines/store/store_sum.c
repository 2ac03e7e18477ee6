/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_sum.h"

#include <stddef.h>
#include <string.h>

static uint64_t add(uint64_t sum, const void *bytes, uint64_t count) {
    const uint8_t *at = bytes;
    for (uint64_t i = 0; i < count; i++) sum = (sum ^ at[i]) * UINT64_C(0x100000001b3);
    return sum;
}

static uint64_t add_number(uint64_t sum, char type, int64_t number) {
    uint8_t bytes[9] = {(uint8_t)type};
    for (int i = 0; i < 8; i++) bytes[i + 1] = (uint8_t)((uint64_t)number >> (8 * i));
    return add(sum, bytes, sizeof bytes);
}

uint64_t sky_sum_begin(const char *table) {
    return add(UINT64_C(0xcbf29ce484222325), table, strlen(table));
}

uint64_t sky_sum_null(uint64_t sum) {
    return add(sum, "n", 1);
}

uint64_t sky_sum_number(uint64_t sum, int64_t number) {
    return add_number(sum, 'i', number);
}

uint64_t sky_sum_bytes(uint64_t sum, const void *bytes, uint64_t count) {
    return add(add_number(sum, 'b', (int64_t)count), bytes, count);
}

static void row_sum(sqlite3_context *context, int count, sqlite3_value **values) {
    const char *table = (const char *)sqlite3_value_text(values[0]);
    uint64_t sum = sky_sum_begin(table ? table : "");
    for (int i = 1; i < count; i++) {
        int type = sqlite3_value_type(values[i]);
        if (type == SQLITE_NULL) {
            sum = sky_sum_null(sum);
        } else if (type == SQLITE_INTEGER) {
            sum = sky_sum_number(sum, sqlite3_value_int64(values[i]));
        } else {
            const void *bytes = sqlite3_value_blob(values[i]);
            sum = sky_sum_bytes(sum, bytes ? bytes : "", (uint64_t)sqlite3_value_bytes(values[i]));
        }
    }
    sqlite3_result_int64(context, (int64_t)sum);
}

int sky_sum_register(sqlite3 *handle) {
    return sqlite3_create_function_v2(handle, "row_sum", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, row_sum, NULL, NULL, NULL);
}
