/* SPDX-License-Identifier: Apache-2.0 */
#include "source/gst_error.h"

#include <gst/gst.h>
#include <string.h>

#include "base/error.h"
#include "base/uri.h"

/* Debian 12; the first pattern that fits. */
#define DEBIAN(name) "Debian package gstreamer1.0-" name
#define VA DEBIAN("plugins-bad") ", which offers it only where a VA-API driver works: vainfo tells"
#define V4L2 ", which offers it only where the kernel has such a decoder"
static const struct {
    const char *pattern, *where;
} origins[] = {
    {"avdec_*", DEBIAN("libav")},
    {"x264enc", DEBIAN("plugins-ugly")},
    {"vaapi*", DEBIAN("vaapi")},
    {"mpp*", "not in Debian: gstreamer1.0-rockchip1 of the board's vendor"},
    {"v4l2sl*", DEBIAN("plugins-bad") V4L2},
    {"va*dec", VA},
    {"vapostproc", VA},
    {"v4l2*", DEBIAN("plugins-good") V4L2},
    {"h26?parse", DEBIAN("plugins-bad")},
    {"jpegparse", DEBIAN("plugins-bad")},
    {"openh264*", DEBIAN("plugins-bad")},
    {"libde265dec", DEBIAN("plugins-bad")},
    {"rtspsrc", DEBIAN("plugins-good")},
    {"rtp*", DEBIAN("plugins-good")},
    {"jpeg*", DEBIAN("plugins-good")},
    {"udpsrc", DEBIAN("plugins-good")},
    {"video*", DEBIAN("plugins-base")},
    {"app*", DEBIAN("plugins-base")},
    {"decodebin*", DEBIAN("plugins-base")},
    {"parsebin", DEBIAN("plugins-base")},
};

const char *sky_gst_origin_of(const char *element) {
    for (gsize i = 0; i < G_N_ELEMENTS(origins); i++)
        if (g_pattern_match_simple(origins[i].pattern, element))
            return origins[i].where;
    return NULL;
}

void sky_gst_error_set_missing(GError **error, const char *const *missing) {
    g_autoptr(GString) words = g_string_new(NULL);
    for (gsize i = 0; missing[i] != NULL; i++) {
        const char *origin = sky_gst_origin_of(missing[i]);
        g_string_append_printf(words, "%s%s", i > 0 ? "; " : "", missing[i]);
        if (origin != NULL)
            g_string_append_printf(words, " (%s)", origin);
    }
    g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "pipeline: no such element here: %s", words->str);
}

/* One line, without secrets. */
static char *sayable(const char *text, const char *password) {
    char *words = sky_uri_redact(text);
    if (password != NULL && password[0] != '\0' && strstr(words, password) != NULL) {
        g_auto(GStrv) parts = g_strsplit(words, password, -1);
        g_free(words);
        words = g_strjoinv("***", parts);
    }
    return g_strstrip(g_strdelimit(words, "\n\r\t", ' '));
}

/* "...(6899): gst_rtspsrc_send (): /GstPipeline:p/GstRTSPSrc:camera:\nUnauthorized (401)": what stands behind the place. */
static const char *detail_of(const char *debug) {
    const char *line = debug != NULL ? strchr(debug, '\n') : NULL;
    return line != NULL && line[1] != '\0' ? line + 1 : NULL;
}

typedef struct {
    SkyErrorCode code;
    const char *prefix, *words; /* words NULL: GStreamer's own */
} Meaning;

static Meaning meaning_of(const GError *failure, const char *detail) {
    gboolean says_403 = detail != NULL && strstr(detail, "403") != NULL;
    if (g_error_matches(failure, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED) || says_403)
        return (Meaning){SKY_ERR_CONFIG, "authentication: ",
                         says_403 ? "user or password refused (403)" : "user or password refused (401)"};
    if (g_error_matches(failure, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND))
        return (Meaning){SKY_ERR_CONFIG, "",
                         detail != NULL && strstr(detail, "404") != NULL ? "the camera knows no such path (404)" : NULL};
    if (detail != NULL && (strstr(detail, "461") != NULL || strstr(detail, "Unsupported Transport") != NULL ||
                           strstr(detail, "transport protocol") != NULL))
        return (Meaning){SKY_ERR_CONFIG, "", "the camera refuses this transport"};
    if (detail != NULL && (strstr(detail, "not-linked") != NULL || strstr(detail, "not-negotiated") != NULL))
        return (Meaning){SKY_ERR_CONFIG, "", "the pipeline's text does not fit what the camera sends (another codec?)"};
    if (g_error_matches(failure, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN) ||
        g_error_matches(failure, GST_STREAM_ERROR, GST_STREAM_ERROR_CODEC_NOT_FOUND))
        return (Meaning){SKY_ERR_CONFIG, "", NULL};
    return (Meaning){SKY_ERR_RETRY, "", NULL};
}

void sky_gst_error_set(GError **error, const GError *failure, const char *debug, const char *what, const char *password) {
    const char *detail = detail_of(debug);
    Meaning meaning = meaning_of(failure, detail);
    if (meaning.words != NULL) {
        g_set_error(error, SKY_ERROR, meaning.code, "%s%s: %s", meaning.prefix, what, meaning.words);
        return;
    }
    g_autofree char *message = sayable(failure->message, password);
    g_autofree char *more = detail != NULL ? sayable(detail, password) : NULL;
    g_set_error(error, SKY_ERROR, meaning.code, "%s: %s%s%s", what, message, more != NULL ? " " : "", more != NULL ? more : "");
}
