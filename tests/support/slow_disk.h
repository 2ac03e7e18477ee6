/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/* SQLite's default VFS, behind which each write and each sync takes its time: the shipped store runs on it unchanged. */
void slow_disk_install(void); /* once; from then on every database opens on it */
void slow_disk_set_delay_ms(uint32_t write_ms, uint32_t sync_ms);
/* Nothing that writes returns until it is let go again. */
void slow_disk_stick(void);
void slow_disk_release(void);
uint64_t slow_disk_syncs(void); /* since the start */
