/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/* What libFuzzer and replay.c call. Always 0; a fault is an assertion. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);
