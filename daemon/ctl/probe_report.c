/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/probe_report.h"

#include <math.h>

#include "base/clock.h"
#include "daemon/ctl/columns.h"
#include "daemon/ctl/queue_view.h"
#include "source/source.h"

#define STREAMS_MAX 2
#define PIXELS_MOST (800 * 600)   /* of a stream that is analysed at 320 pixels in width */
#define WIDTH_LEAST 320
#define RATE_LEAST 3
#define GOP_MOST_S 2.5
#define SMART_GOP_S 6
#define CLOCK_RIGHT_S 2

static double seconds_of(int64_t ns) {
    return (double)ns / SKY_NS_PER_S;
}

/* ---- the table ---- */

static char *gop_text(const SkyLook *look) {
    if (look->keys <= 1)
        return g_strdup_printf("longer than %" G_GUINT64_FORMAT " pictures, %.1f s: look longer (--seconds)", look->packets,
                               look->seconds);
    if (look->gop_most > look->gop_least + 1)
        return g_strdup_printf("%" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT " pictures, %.1f s, at most", look->gop_least, look->gop_most,
                               seconds_of(look->gop_most_ns));
    return g_strdup_printf("%" G_GUINT64_FORMAT " pictures, %.1f s, at most", look->gop_most, seconds_of(look->gop_most_ns));
}

static char *rate_text(const SkyLook *look) {
    static const char *const words[] = {[SKY_RATE_UNCLEAR] = "not clear", [SKY_RATE_VARIABLE] = "variable",
                                        [SKY_RATE_CONSTANT] = "constant, it seems"};
    if (look->between_share <= 0)
        return g_strdup("every picture is whole");
    return g_strdup_printf("%s (between key frames %.1f %% of one)", words[look->rate], look->between_share * 100);
}

static char *clock_text(const SkyLook *look) {
    if (!look->has_clock)
        return g_strdup("it did not tell the time (RTCP)");
    double off_s = seconds_of(look->clock_ahead_ns);
    if (fabs(off_s) < CLOCK_RIGHT_S)
        return g_strdup("as here");
    g_autofree char *span = sky_queue_span((int64_t)(fabs(off_s) + 0.5));
    return g_strdup_printf("%s %s", span, off_s > 0 ? "ahead of here" : "behind here");
}

typedef char *(*Cell)(const SkyLook *look);

static char *codec_text(const SkyLook *look) {
    return g_strdup(sky_codec_name(look->codec));
}

static char *size_text(const SkyLook *look) {
    return g_strdup_printf("%ux%u", look->width_px, look->height_px);
}

static char *fps_text(const SkyLook *look) {
    return g_strdup_printf("%.1f pictures a second", look->fps);
}

static char *bits_text(const SkyLook *look) {
    return g_strdup_printf("%.0f kbit/s", look->bit_rate / 1000);
}

static char *transport_text(const SkyLook *look) {
    return g_strdup(sky_rtsp_transport_name(look->transport));
}

static char *first_text(const SkyLook *look) {
    return g_strdup_printf("after %.2f s", seconds_of(look->first_ns));
}

static void add_row(SkyColumns *table, const char *name, Cell cell, const SkyProbed *streams, guint count) {
    sky_columns_add(table, name);
    for (guint i = 0; i < count; i++) {
        g_autofree char *text = cell(streams[i].look);
        sky_columns_add(table, text);
    }
}

static char *table_text(const SkyProbed *streams, guint count) {
    static const struct {
        const char *name;
        Cell cell;
    } rows[] = {{"codec", codec_text}, {"size", size_text}, {"rate", fps_text}, {"GOP", gop_text}, {"bit rate", bits_text},
                {"rate control", rate_text}, {"transport", transport_text}, {"first picture", first_text}, {"clock", clock_text}};
    g_auto(SkyColumns) table;
    sky_columns_init(&table, count + 1);
    if (count > 1) {
        sky_columns_add(&table, "");
        for (guint i = 0; i < count; i++)
            sky_columns_add(&table, streams[i].name);
    }
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        add_row(&table, rows[i].name, rows[i].cell, streams, count);
    return sky_columns_text(&table, "");
}

/* ---- what to change ---- */

static void advise(GString *out, const SkyProbed *stream, const char *text) {
    g_string_append_printf(out, "advice         %s%s%s\n", stream->name ? stream->name : "", stream->name ? ": " : "", text);
}

static void advise_gop(GString *out, const SkyProbed *stream) {
    const SkyLook *look = stream->look;
    double gop_s = look->keys > 1 ? seconds_of(look->gop_most_ns) : look->seconds;
    if (gop_s <= GOP_MOST_S)
        return;
    g_autofree char *text = g_strdup_printf("set its I-frame interval to 1 to 2 s (%d pictures at this rate): events are seen, and "
                                            "clips begin, sooner", (int)(look->fps * 2 + 0.5));
    advise(out, stream, text);
    if (gop_s > SMART_GOP_S || (look->keys > 1 && look->gop_most > 2 * look->gop_least))
        advise(out, stream, "a \"smart\" codec seems to be on (H.264+, H.265+, Smart Codec, U-Code): switch it off, it leaves key frames "
                            "out");
}

static void advise_analysis(GString *out, const SkyProbed *stream) {
    const SkyLook *look = stream->look;
    if (look->fps > 0 && look->fps < RATE_LEAST)
        advise(out, stream, "set it to 10 to 15 pictures a second: these are too few to follow a person");
    if (look->width_px * look->height_px > PIXELS_MOST)
        advise(out, stream, "this is large for the analysis: let `sub` be a stream of about 640x360");
    else if (look->width_px > 0 && look->width_px < WIDTH_LEAST)
        advise(out, stream, "this is small for the analysis: 640x360 shows more");
    if (look->codec != SKY_CODEC_H264)
        advise(out, stream, "H.264 costs this box the least to decode: choose it for the sub-stream");
    if (look->rate == SKY_RATE_CONSTANT)
        advise(out, stream, "choose variable bit rate (VBR) by quality: while nothing moves it then sends, and costs, next to nothing");
}

static void advise_stream(GString *out, const SkyProbed *stream) {
    if (stream->analysed)
        advise_analysis(out, stream);
    if (stream->look->codec != SKY_CODEC_MJPEG)
        advise_gop(out, stream);
    if (stream->recorded && stream->look->codec == SKY_CODEC_H265)
        advise(out, stream, "H.265 clips do not play in every browser: choose H.264 where pictures leave the box");
}

/* Whole hours are a time zone that was taken for UTC, or the other way round. */
static void advise_clock(GString *out, const SkyLook *look) {
    double off_s = look->has_clock ? seconds_of(look->clock_ahead_ns) : 0;
    if (fabs(off_s) < CLOCK_RIGHT_S)
        return;
    double hours = fabs(off_s) / 3600, whole = floor(hours + 0.5);
    gboolean zone = whole >= 1 && whole <= 14 && fabs(hours - whole) * 3600 < 60;
    g_string_append_printf(out, "advice         %s; skynetd goes by its own\n"
                                "               clock, but the time that the camera writes into its pictures is wrong\n",
                           zone ? "set the camera's time zone: its clock is off by whole hours"
                                : "let the camera take its time by NTP, from this box or from the site's server");
}

char *sky_probe_report(const SkyProbed *streams, guint count) {
    g_assert(count >= 1 && count <= STREAMS_MAX);
    g_autofree char *table = table_text(streams, count);
    GString *out = g_string_new(table);
    for (guint i = 0; i < count; i++)
        advise_stream(out, &streams[i]);
    advise_clock(out, streams[count - 1].look->has_clock ? streams[count - 1].look : streams[0].look);
    return g_string_free(out, FALSE);
}
