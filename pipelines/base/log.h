/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdatomic.h>
#include <stdint.h>

/* The log. Library code never logs above DEBUG; whoever stops an error logs it once, with camera and stage.
 * Thread: every call is safe from any thread once sky_log_set_sink() has returned. */
typedef enum {
    SKY_LOG_ERROR,   /* a part of the service is gone until a person acts */
    SKY_LOG_WARNING, /* something failed and we go on: the line says how */
    SKY_LOG_NOTICE,  /* a change of state that a person would want to see later */
    SKY_LOG_INFO,    /* the course of things */
    SKY_LOG_DEBUG,   /* for who builds it */
} SkyLogLevel;

/* `stage` is the module ("rtsp", "store"), `camera` an id or NULL. Receives one finished line without a newline: what a camera, a broker
 * or a file's name brought of controls, line ends, marks of direction and broken UTF-8 is escaped ("\n", "\x1b", "\u202e"). */
typedef void (*SkyLogSink)(SkyLogLevel level, const char *stage, const char *camera, const char *text, gpointer user);

/* NULL restores the default sink: plain lines on stderr. Call before other threads exist. */
void sky_log_set_sink(SkyLogSink sink, gpointer user);
void sky_log_set_level(SkyLogLevel highest);

void sky_log(SkyLogLevel level, const char *stage, const char *camera, const char *format, ...) G_GNUC_PRINTF(4, 5);

/* At most `burst` lines each period; the first line after a pause says how many were held back.
 * A repeating site owns one of these, zeroed: one a camera, not one a file. */
typedef struct {
    _Atomic int64_t window_start_ns;
    _Atomic uint32_t in_window;
    _Atomic uint32_t held_back;
} SkyLogLimit;
#define SKY_LOG_LIMIT_BURST 5
#define SKY_LOG_LIMIT_WINDOW_NS (60 * INT64_C(1000000000))

/* TRUE: a line may go out now, and is counted as one. FALSE: none; nothing is counted, who tells a state may ask again later. */
gboolean sky_log_limit_take(SkyLogLimit *limit);
void sky_log_limited(SkyLogLimit *limit, SkyLogLevel level, const char *stage, const char *camera, const char *format, ...)
    G_GNUC_PRINTF(5, 6);
