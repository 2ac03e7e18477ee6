/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <ctype.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

static int64_t read_clock(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * SKY_NS_PER_S + now.tv_nsec;
}

int64_t sky_clock_monotonic_ns(void) {
    return read_clock(CLOCK_MONOTONIC);
}

#define DAY_NS (INT64_C(86400) * SKY_NS_PER_S)

/* What is after this was read from a damaged disk. */
#define LATEST_UTC_NS (INT64_C(4102444800) * SKY_NS_PER_S)   /* 2100 */

/* Own UTC less the time since boot, suspended time included; SKY_TIME_NONE where the system clock counts. With the next two the
 * state of this module: there is one wall clock a process. */
static _Atomic int64_t own_offset_ns = SKY_TIME_NONE;
/* UTC less the time since boot when age was last asked for, and the time since boot from which on it counts. Both or none, by a lock:
 * who takes the first from before a step and the second from after it takes the wait away that another thread has just begun. */
static int64_t ahead_seen_ns = SKY_TIME_NONE, age_counts_from_ns;
static pthread_mutex_t age_lock = PTHREAD_MUTEX_INITIALIZER;

int64_t sky_clock_choose(int64_t system_utc_ns, int64_t own_utc_ns, _Bool synced, _Bool *ret_held) {
    *ret_held = own_utc_ns != SKY_TIME_NONE && !synced && system_utc_ns < own_utc_ns;
    return *ret_held ? own_utc_ns : system_utc_ns;
}

static _Bool is_plausible(int64_t utc_ns) {
    return utc_ns >= SKY_CLOCK_EARLIEST_UTC_NS && utc_ns < LATEST_UTC_NS;
}

void sky_clock_set_last_known(int64_t utc_ns) {
    int64_t ahead_ns = is_plausible(utc_ns) ? utc_ns - read_clock(CLOCK_BOOTTIME) : SKY_TIME_NONE;
    atomic_store(&own_offset_ns, ahead_ns);
    ahead_seen_ns = ahead_ns;
    sky_clock_utc_ns(); /* where the system clock is right, it counts from the start */
}

void sky_clock_set_age_counted(int64_t utc_ns) {
    if (is_plausible(utc_ns))
        ahead_seen_ns = utc_ns - read_clock(CLOCK_BOOTTIME);
}

_Bool sky_clock_is_held(void) {
    sky_clock_utc_ns();
    return atomic_load(&own_offset_ns) != SKY_TIME_NONE;
}

int64_t sky_clock_utc_ns(void) {
    int64_t system_utc_ns = read_clock(CLOCK_REALTIME), offset_ns = atomic_load(&own_offset_ns);
    if (offset_ns == SKY_TIME_NONE)
        return system_utc_ns;
    _Bool held;
    int64_t utc_ns = sky_clock_choose(system_utc_ns, offset_ns + read_clock(CLOCK_BOOTTIME), sky_clock_is_synced(), &held);
    if (!held)
        atomic_store(&own_offset_ns, SKY_TIME_NONE);
    return utc_ns;
}

int64_t sky_clock_utc_of(int64_t monotonic_ns) {
    return sky_clock_utc_ns() - (sky_clock_monotonic_ns() - monotonic_ns);
}

void sky_clock_utc_text(int64_t utc_ns, char ret_text[SKY_UTC_TEXT_BYTES]) {
    int64_t ms = utc_ns / SKY_NS_PER_MS;
    if (utc_ns % SKY_NS_PER_MS < 0)
        ms--;
    int64_t seconds = ms / 1000, rest = ms % 1000;
    if (rest < 0) {
        seconds--;
        rest += 1000;
    }
    time_t time = (time_t)seconds;
    struct tm tm;
    gmtime_r(&time, &tm);
    unsigned year = (unsigned)(tm.tm_year + 1900) % 10000u; /* int64 nanoseconds reach 1677..2262 */
    snprintf(ret_text, SKY_UTC_TEXT_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", year, (unsigned)(tm.tm_mon + 1) % 100u,
             (unsigned)tm.tm_mday % 100u, (unsigned)tm.tm_hour % 100u, (unsigned)tm.tm_min % 100u, (unsigned)tm.tm_sec % 100u,
             (unsigned)rest % 1000u);
}

/* Exactly `digits` digits, within low..high. */
static _Bool take_number(const char **at, int digits, int low, int high, int *ret_value) {
    int value = 0;
    for (int i = 0; i < digits; i++) {
        if (!isdigit((unsigned char)(*at)[i]))
            return 0;
        value = value * 10 + ((*at)[i] - '0');
    }
    *at += digits;
    if (value < low || value > high)
        return 0;
    *ret_value = value;
    return 1;
}

static _Bool take_char(const char **at, char wanted) {
    if (**at != wanted)
        return 0;
    (*at)++;
    return 1;
}

static _Bool take_fraction(const char **at, int64_t *ret_ns) {
    if (!take_char(at, '.')) {
        *ret_ns = 0;
        return 1;
    }
    int64_t scale = SKY_NS_PER_S / 10, ns = 0;
    int digits = 0;
    for (; isdigit((unsigned char)**at); (*at)++, digits++) {
        if (digits == 9)
            return 0;
        ns += (**at - '0') * scale;
        scale /= 10;
    }
    *ret_ns = ns;
    return digits > 0;
}

_Bool sky_clock_utc_parse(const char *text, int64_t *ret_utc_ns) {
    struct tm tm = {0};
    int64_t ns;
    const char *at = text;
    if (!take_number(&at, 4, 1678, 2261, &tm.tm_year) || !take_char(&at, '-') || !take_number(&at, 2, 1, 12, &tm.tm_mon) ||
        !take_char(&at, '-') || !take_number(&at, 2, 1, 31, &tm.tm_mday) || !take_char(&at, 'T') ||
        !take_number(&at, 2, 0, 23, &tm.tm_hour) || !take_char(&at, ':') || !take_number(&at, 2, 0, 59, &tm.tm_min) ||
        !take_char(&at, ':') || !take_number(&at, 2, 0, 60, &tm.tm_sec) || !take_fraction(&at, &ns) || strcmp(at, "Z") != 0)
        return 0;
    int day = tm.tm_mday, leap = tm.tm_sec == 60; /* which would roll over to the next day */
    tm.tm_sec -= leap;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    time_t seconds = timegm(&tm);
    if (tm.tm_mday != day)
        return 0; /* 30 February */
    *ret_utc_ns = (int64_t)(seconds + leap) * SKY_NS_PER_S + ns;
    return 1;
}

_Bool sky_clock_is_synced(void) {
    struct timex state = {0};
    int answer = adjtimex(&state);
    return answer >= 0 && answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

int64_t sky_clock_age_counts_from(int64_t ahead_before_ns, int64_t ahead_ns, int64_t boot_ns, int64_t counted_from_ns) {
    _Bool went_forth = ahead_before_ns != SKY_TIME_NONE && ahead_ns - ahead_before_ns > DAY_NS;
    return went_forth ? boot_ns + DAY_NS : counted_from_ns;
}

_Bool sky_clock_tells_age(void) {
    if (!sky_clock_is_synced()) /* nor is its time one to compare with */
        return 0;
    pthread_mutex_lock(&age_lock);
    int64_t boot_ns = read_clock(CLOCK_BOOTTIME), ahead_ns = read_clock(CLOCK_REALTIME) - boot_ns;
    age_counts_from_ns = sky_clock_age_counts_from(ahead_seen_ns, ahead_ns, boot_ns, age_counts_from_ns);
    ahead_seen_ns = ahead_ns;
    _Bool counts = boot_ns >= age_counts_from_ns;
    pthread_mutex_unlock(&age_lock);
    return counts;
}
