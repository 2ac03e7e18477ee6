/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <sqlite3.h>
#include <stdint.h>

/* What tells a true row from a damaged one: SQLite keeps no sums of its pages, so a flipped bit inside a text is read without a
 * complaint. FNV-1a, 64 bits, over the table's name and each value with its type and length: against a worn disk, not against
 * people. The columns that change later (newest, delivered, dead) are left out. */
uint64_t sky_sum_begin(const char *table);
uint64_t sky_sum_null(uint64_t sum);
uint64_t sky_sum_number(uint64_t sum, int64_t number);
uint64_t sky_sum_bytes(uint64_t sum, const void *bytes, uint64_t count);

/* Makes row_sum(table, value...) known to the connection's SQL. */
int sky_sum_register(sqlite3 *handle);
