/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/* Time. Inside, every time is CLOCK_MONOTONIC in nanoseconds, so that a stepped wall clock moves nothing; UTC is
 * worked out once, where a message or a file name is made. Modules that decide take time as an argument. */
#define SKY_NS_PER_US INT64_C(1000)
#define SKY_NS_PER_MS INT64_C(1000000)
#define SKY_NS_PER_S INT64_C(1000000000)
#define SKY_TIME_NONE INT64_MIN

/* Before 2020 there was no such gateway: an earlier UTC was read off a clock that had not been set. */
#define SKY_CLOCK_EARLIEST_UTC_NS (INT64_C(1577836800) * SKY_NS_PER_S)

int64_t sky_clock_monotonic_ns(void);
int64_t sky_clock_utc_ns(void);                      /* since 1970; of a box without a clock see sky_clock_set_last_known() */
int64_t sky_clock_utc_of(int64_t monotonic_ns);      /* what the wall clock showed then, by today's offset */

/* "2026-11-22T03:04:05.678Z", for any int64 (years outside 0..9999 are clamped); 25 bytes with the NUL. */
#define SKY_UTC_TEXT_BYTES 25
void sky_clock_utc_text(int64_t utc_ns, char ret_text[SKY_UTC_TEXT_BYTES]);
/* The inverse, strictly that shape (fraction of 0 to 9 digits, "Z" only). False leaves *ret_utc_ns alone. */
_Bool sky_clock_utc_parse(const char *text, int64_t *ret_utc_ns);

/* True only where the kernel says that the wall clock is disciplined (adjtimex, no STA_UNSYNC). */
_Bool sky_clock_is_synced(void);

/* May what is old be removed for its age? Only where the clock is synced, and has not gone forth by more than a day within the last
 * one: a time server that is a year ahead, or a receiver whose weeks rolled over, would else take a month of evidence before anybody
 * could mend it. A clock that was set right after a long sleep waits as long. To be asked again and again; the first answer
 * of a process looks back to the last known time, or to that of sky_clock_set_age_counted(). Any thread. */
_Bool sky_clock_tells_age(void);
/* When age last counted, in a process before this one: a restart does not end the wait, it begins it anew. Once, after
 * sky_clock_set_last_known(). */
void sky_clock_set_age_counted(int64_t utc_ns);

/* The decision of that: from when on, in time since boot, age counts. ahead_ns: UTC less the time since boot, when last looked
 * (SKY_TIME_NONE: never) and now. */
int64_t sky_clock_age_counts_from(int64_t ahead_before_ns, int64_t ahead_ns, int64_t boot_ns, int64_t counted_from_ns);

/* A box without a clock comes up in 1970, or at its image's date. Where the system clock is not synced and before the last known time, UTC
 * goes on from that instead, with the time that has passed since, until the system clock is synced or later: from then on it counts, for
 * good. A time that no gateway can have seen is not believed. Once, before threads exist. */
void sky_clock_set_last_known(int64_t utc_ns);
_Bool sky_clock_is_held(void); /* the gateway's own UTC stands in for the system's */

/* The decision of that, for its own sake: what counts now, and whether the own one goes on. own_utc_ns: SKY_TIME_NONE = none is held. */
int64_t sky_clock_choose(int64_t system_utc_ns, int64_t own_utc_ns, _Bool synced, _Bool *ret_held);
