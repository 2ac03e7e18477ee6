/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdio.h>

#include "base/character.h"
#include "base/clock.h"

/* The one file-scope state of the libraries: where lines go. Set once, before threads exist. */
static struct {
    SkyLogSink sink;
    gpointer user;
    _Atomic int highest;
} log_state = {.highest = SKY_LOG_INFO};

void sky_log_set_sink(SkyLogSink sink, gpointer user) {
    log_state.sink = sink;
    log_state.user = user;
}

void sky_log_set_level(SkyLogLevel highest) {
    atomic_store(&log_state.highest, (int)highest);
}

static void plain_sink(SkyLogLevel level, const char *stage, const char *camera, const char *text) {
    static const char *const names[] = {"error", "warning", "notice", "info", "debug"};
    char now[SKY_UTC_TEXT_BYTES];
    sky_clock_utc_text(sky_clock_utc_ns(), now);
    /* One call: lines of several threads do not mix. */
    fprintf(stderr, "%s %-7s %s%s%s: %s\n", now, names[level], stage, camera ? " camera=" : "", camera ? camera : "", text);
}

/* text is moved behind what was taken: a character, or a byte that begins none. */
static void take_character(GString *line, const char **text) {
    gunichar c = g_utf8_get_char_validated(*text, -1);
    if (c == (gunichar)-1 || c == (gunichar)-2) {
        g_string_append_printf(line, "\\x%02x", (unsigned char)*(*text)++);
        return;
    }
    const char *next = g_utf8_next_char(*text);
    if (!sky_character_is_dangerous(c))
        g_string_append_len(line, *text, next - *text);
    else if (c == '\n')
        g_string_append(line, "\\n");
    else
        g_string_append_printf(line, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
    *text = next;
}

static char *one_line(const char *text) {
    GString *line = g_string_new(NULL);
    while (*text)
        take_character(line, &text);
    return g_string_free(line, FALSE);
}

static void emit(SkyLogLevel level, const char *stage, const char *camera, const char *words) {
    g_autofree char *text = one_line(words);
    if (log_state.sink != NULL)
        log_state.sink(level, stage, camera, text, log_state.user);
    else
        plain_sink(level, stage, camera, text);
}

static gboolean is_wanted(SkyLogLevel level) {
    return (int)level <= atomic_load_explicit(&log_state.highest, memory_order_relaxed);
}

void sky_log(SkyLogLevel level, const char *stage, const char *camera, const char *format, ...) {
    if (!is_wanted(level))
        return;
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    emit(level, stage, camera, text);
}

gboolean sky_log_limit_take(SkyLogLimit *limit) {
    int64_t now_ns = sky_clock_monotonic_ns();
    int64_t start_ns = atomic_load(&limit->window_start_ns);
    if (start_ns == 0 || now_ns - start_ns > SKY_LOG_LIMIT_WINDOW_NS) {
        atomic_store(&limit->window_start_ns, now_ns);
        atomic_store(&limit->in_window, 0);
    }
    return atomic_fetch_add(&limit->in_window, 1) < SKY_LOG_LIMIT_BURST;
}

void sky_log_limited(SkyLogLimit *limit, SkyLogLevel level, const char *stage, const char *camera, const char *format, ...) {
    if (!is_wanted(level))
        return;
    if (!sky_log_limit_take(limit)) {
        atomic_fetch_add(&limit->held_back, 1);
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    uint32_t held_back = atomic_exchange(&limit->held_back, 0);
    g_autofree char *with_count = held_back > 0 ? g_strdup_printf("%s (%u like it held back)", text, held_back) : NULL;
    emit(level, stage, camera, with_count != NULL ? with_count : text);
}
