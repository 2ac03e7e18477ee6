/* SPDX-License-Identifier: Apache-2.0 */
#include "source/gst_pipeline.h"

#include <gio/gio.h>
#include <gst/app/gstappsink.h>
#include <gst/video/video.h>
#include <string.h>

#include "base/error.h"
#include "base/uri.h"
#include "source/gst_error.h"
#include "source/gst_library.h"
#include "source/pipeline_text.h"

#define PACKETS_WAITING_MAX 64 /* then the camera has to wait, as with a socket that nobody reads */
#define ACCESS_UNITS \
    "video/x-h264,stream-format=byte-stream,alignment=au; video/x-h265,stream-format=byte-stream,alignment=au; image/jpeg"
#define PICTURES_WAITING_MAX 2 /* a hardware decoder has few to give away */
#define PICTURES "video/x-raw,format={GRAY8,NV12,I420}"

static char *without_comments(const char *text) {
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (gsize i = 0; lines[i] != NULL; i++)
        if (g_strstrip(lines[i])[0] == '#')
            lines[i][0] = '\0';
    return g_strjoinv(" ", lines);
}

static gboolean is_installed(const char *element) {
    g_autoptr(GstElementFactory) factory = gst_element_factory_find(element);
    return factory != NULL;
}

static gboolean parse(SkyGstPipeline *pipeline, const char *text, GError **error) {
    g_autofree char *plain = without_comments(text);
    g_autoptr(GError) failure = NULL;
    GstParseContext *context = gst_parse_context_new();
    pipeline->pipeline = gst_parse_launch_full(plain, context, GST_PARSE_FLAG_FATAL_ERRORS, &failure);
    g_auto(GStrv) unmade = gst_parse_context_get_missing_elements(context); /* also those with a property that they do not have */
    g_autoptr(GPtrArray) missing = g_ptr_array_new();
    gst_parse_context_free(context);
    for (gsize i = 0; unmade != NULL && unmade[i] != NULL; i++)
        if (!is_installed(unmade[i]))
            g_ptr_array_add(missing, unmade[i]);
    g_ptr_array_add(missing, NULL);
    if (pipeline->pipeline != NULL)
        gst_object_ref_sink(pipeline->pipeline);
    if (missing->len > 1) {
        sky_gst_error_set_missing(error, (const char *const *)missing->pdata);
        return FALSE;
    }
    if (pipeline->pipeline == NULL || failure != NULL) {
        g_autofree char *words = sky_uri_redact(failure != NULL ? failure->message : "nothing in it");
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "pipeline: the text does not parse: %s", words);
        return FALSE;
    }
    return TRUE;
}

static GstElement *find_sink(const SkyGstPipeline *pipeline, const char *name) {
    GstElement *sink = gst_bin_get_by_name(GST_BIN(pipeline->pipeline), name);
    if (sink != NULL && !GST_IS_APP_SINK(sink))
        gst_clear_object(&sink);
    return sink;
}

static gboolean find_ends(SkyGstPipeline *pipeline, GError **error) {
    if (GST_IS_PIPELINE(pipeline->pipeline)) {
        pipeline->camera = gst_bin_get_by_name(GST_BIN(pipeline->pipeline), "camera");
        pipeline->packets = find_sink(pipeline, "packets");
        pipeline->frames = find_sink(pipeline, "frames");
    }
    if (pipeline->packets != NULL)
        return TRUE;
    g_set_error_literal(error, SKY_ERROR, SKY_ERR_CONFIG,
                        pipeline->frames != NULL
                            ? "pipeline: with appsink name=frames alone there would be no clips: put a tee before the decoder and "
                              "lead its other branch to appsink name=packets"
                            : "pipeline: the text has no appsink name=packets, which gives the camera's access units");
    return FALSE;
}

/* No clock: what comes is taken when it comes; and no sink waits for the other's first. */
static void set_sink(GstElement *sink, const char *what, guint waiting_max) {
    g_autoptr(GstCaps) caps = gst_caps_from_string(what);
    g_object_set(sink, "sync", FALSE, "async", FALSE, "max-buffers", waiting_max, "drop", FALSE, "caps", caps,
                 "enable-last-sample", FALSE, NULL);
}

/* Decoders may leave their rows as far apart as they like: else some copy each picture. */
static GstPadProbeReturn on_frames_query(GstPad *pad, GstPadProbeInfo *info, gpointer user) {
    GstQuery *query = GST_PAD_PROBE_INFO_QUERY(info);
    if (GST_QUERY_TYPE(query) != GST_QUERY_ALLOCATION)
        return GST_PAD_PROBE_OK;
    gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, NULL);
    return GST_PAD_PROBE_HANDLED;
}

static void probe_sink(GstElement *element, GstPadProbeType what, GstPadProbeCallback probe) {
    g_autoptr(GstPad) pad = gst_element_get_static_pad(element, "sink");
    gst_pad_add_probe(pad, what, probe, NULL, NULL);
}

/* Units that end a sequence or a stream are nothing but their header (H.264 7.4.1, types 10 and 11; H.265 7.4.2.2, types 36 and 37).
 * Behind a longer one, as damage makes it of any NAL unit, h264parse and h265parse (1.22) look for a unit where none begins, and end
 * the stream. */
static gboolean is_harmless(const uint8_t *data, gsize bytes, gboolean h265) {
    static const uint8_t start_code[] = {0, 0, 1};
    const uint8_t *end = data + bytes, *unit = data;
    const int header_bytes = h265 ? 2 : 1, first_end = h265 ? 36 : 10;
    while ((unit = memmem(unit, (gsize)(end - unit), start_code, sizeof start_code)) != NULL) {
        unit += sizeof start_code;
        int type = unit == end ? 0 : h265 ? unit[0] >> 1 & 0x3f : unit[0] & 0x1f;
        gboolean is_end = type == first_end || type == first_end + 1;
        if (is_end && end - unit > header_bytes && unit[header_bytes] != 0)
            return FALSE;
    }
    return TRUE;
}

typedef enum { NO_START_CODES, H264_UNITS, H265_UNITS } Units;

/* Where units bear their lengths instead ("avc", "hvc1"), a length may look like a start code. */
static Units units_of(GstPad *pad) {
    g_autoptr(GstCaps) caps = gst_pad_get_current_caps(pad);
    const GstStructure *first = caps == NULL ? NULL : gst_caps_get_structure(caps, 0);
    if (first == NULL || g_strcmp0(gst_structure_get_string(first, "stream-format"), "byte-stream") != 0)
        return NO_START_CODES;
    return gst_structure_has_name(first, "video/x-h265") ? H265_UNITS : H264_UNITS;
}

static GstPadProbeReturn on_coded_picture(GstPad *pad, GstPadProbeInfo *info, gpointer user) {
    GstMapInfo map;
    Units units = units_of(pad);
    if (units == NO_START_CODES || !gst_buffer_map(GST_PAD_PROBE_INFO_BUFFER(info), &map, GST_MAP_READ))
        return GST_PAD_PROBE_OK;
    gboolean harmless = is_harmless(map.data, map.size, units == H265_UNITS);
    gst_buffer_unmap(GST_PAD_PROBE_INFO_BUFFER(info), &map);
    if (harmless)
        return GST_PAD_PROBE_OK;
    g_autoptr(GstElement) parser = gst_pad_get_parent_element(pad); /* in its name: the source counts what elements complain of */
    GST_ELEMENT_ERROR(parser, STREAM, DECODE, (NULL), ("an end of sequence that is longer than it can be"));
    return GST_PAD_PROBE_DROP;
}

static void on_parser(const GValue *parser, gpointer user) {
    probe_sink(g_value_get_object(parser), GST_PAD_PROBE_TYPE_BUFFER, on_coded_picture);
}

static void spare_parsers(SkyGstPipeline *pipeline, const char *factory) {
    GstIterator *all = gst_bin_iterate_all_by_element_factory_name(GST_BIN(pipeline->pipeline), factory);
    while (gst_iterator_foreach(all, on_parser, NULL) == GST_ITERATOR_RESYNC)
        gst_iterator_resync(all);
    gst_iterator_free(all);
}

static GstPadProbeReturn on_unwanted_frame(GstPad *pad, GstPadProbeInfo *info, gpointer user) {
    gst_buffer_unref(GST_PAD_PROBE_INFO_BUFFER(info));
    GST_PAD_PROBE_INFO_FLOW_RETURN(info) = GST_FLOW_NOT_LINKED;
    return GST_PAD_PROBE_HANDLED;
}

void sky_gst_pipeline_rest_frames(SkyGstPipeline *pipeline) {
    probe_sink(pipeline->frames, GST_PAD_PROBE_TYPE_BUFFER, on_unwanted_frame);
}

gboolean sky_gst_pipeline_init(SkyGstPipeline *pipeline, const char *text, GError **error) {
    *pipeline = (SkyGstPipeline){0};
    if (!sky_gst_library_init(error) || !parse(pipeline, text, error) || !find_ends(pipeline, error)) {
        sky_gst_pipeline_clear(pipeline);
        return FALSE;
    }
    spare_parsers(pipeline, "h264parse");
    spare_parsers(pipeline, "h265parse");
    set_sink(pipeline->packets, ACCESS_UNITS, PACKETS_WAITING_MAX);
    if (pipeline->frames != NULL) {
        set_sink(pipeline->frames, PICTURES, PICTURES_WAITING_MAX);
        probe_sink(pipeline->frames, GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM, on_frames_query);
    }
    return TRUE;
}

void sky_gst_pipeline_clear(SkyGstPipeline *pipeline) {
    gst_clear_object(&pipeline->camera);
    gst_clear_object(&pipeline->packets);
    gst_clear_object(&pipeline->frames);
    gst_clear_object(&pipeline->pipeline);
}

gboolean sky_pipeline_text_check(const char *text, GError **error) {
    g_auto(SkyGstPipeline) pipeline = {0};
    return sky_gst_pipeline_init(&pipeline, text, error);
}

/* ---- the camera ---- */

/* The property, where the camera has it and it can be set. */
static GParamSpec *property(const SkyGstPipeline *pipeline, const char *name) {
    GParamSpec *spec = g_object_class_find_property(G_OBJECT_GET_CLASS(pipeline->camera), name);
    return spec != NULL && spec->flags & G_PARAM_WRITABLE ? spec : NULL;
}

/* What the text says itself stands. */
static gboolean is_left_alone(const SkyGstPipeline *pipeline, const char *name) {
    GParamSpec *spec = property(pipeline, name);
    if (spec == NULL)
        return FALSE;
    g_auto(GValue) value = G_VALUE_INIT;
    g_value_init(&value, spec->value_type);
    g_object_get_property(G_OBJECT(pipeline->camera), name, &value);
    return g_param_value_defaults(spec, &value);
}

static void set_text(const SkyGstPipeline *pipeline, const char *name, const char *value) {
    GParamSpec *spec = property(pipeline, name);
    if (value != NULL && spec != NULL && spec->value_type == G_TYPE_STRING)
        g_object_set(pipeline->camera, name, value, NULL);
}

static gboolean on_select_stream(GstElement *camera, guint number, GstCaps *caps, gpointer user) {
    return caps != NULL && gst_caps_get_size(caps) > 0 &&
           g_strcmp0(gst_structure_get_string(gst_caps_get_structure(caps, 0), "media"), "video") == 0;
}

static const char *protocols_of(const SkySourceParams *params) {
    switch (params->transport == SKY_RTSP_AUTO ? params->first : params->transport) {
    case SKY_RTSP_UDP:
        return "udp";
    case SKY_RTSP_MULTICAST:
        return "udp-mcast";
    case SKY_RTSP_TCP:
    case SKY_RTSP_AUTO:
        return "tcp";
    }
    g_assert_not_reached();
}

SkyRtspTransport sky_gst_pipeline_transport(const SkyGstPipeline *pipeline, const SkySourceParams *params) {
    GParamSpec *spec = pipeline->camera != NULL ? property(pipeline, "protocols") : NULL;
    guint protocols = 0; /* GstRTSPLowerTrans */
    if (spec != NULL && G_IS_PARAM_SPEC_FLAGS(spec))
        g_object_get(pipeline->camera, "protocols", &protocols, NULL);
    switch (protocols) {
    case 1:
        return SKY_RTSP_UDP;
    case 2:
        return SKY_RTSP_MULTICAST;
    case 4:
        return SKY_RTSP_TCP;
    default:
        return params->transport == SKY_RTSP_AUTO ? params->first : params->transport;
    }
}

/* Of whom it is. Its name and its dates only where the text asks for them: cameras are reached by address, and a box whose clock the
 * power cut has set back must see. */
#define ASKED (G_TLS_CERTIFICATE_UNKNOWN_CA | G_TLS_CERTIFICATE_REVOKED | G_TLS_CERTIFICATE_INSECURE | G_TLS_CERTIFICATE_GENERIC_ERROR)

static gboolean set_trust(const SkyGstPipeline *pipeline, const char *ca_file, GError **error) {
    g_autoptr(GError) failure = NULL;
    if (pipeline->camera == NULL || property(pipeline, "tls-database") == NULL || property(pipeline, "tls-validation-flags") == NULL) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "ca_file: the pipeline's text has no element name=camera that asks for certificates");
        return FALSE;
    }
    g_autoptr(GTlsDatabase) database = g_tls_file_database_new(ca_file, &failure);
    if (database == NULL) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "ca_file %s: %s", ca_file, failure->message);
        return FALSE;
    }
    GTlsCertificateFlags flags = 0;
    g_object_get(pipeline->camera, "tls-validation-flags", &flags, NULL);
    g_object_set(pipeline->camera, "tls-database", database, "tls-validation-flags", flags | ASKED, NULL);
    return TRUE;
}

gboolean sky_gst_pipeline_aim(SkyGstPipeline *pipeline, const char *url, const char *user, const char *password,
                              const SkySourceParams *params, GError **error) {
    if (params->ca_file != NULL && !set_trust(pipeline, params->ca_file, error))
        return FALSE;
    if (pipeline->camera == NULL)
        return TRUE;
    set_text(pipeline, "location", url);
    set_text(pipeline, "user-id", user);
    set_text(pipeline, "user-pw", password);
    if (is_left_alone(pipeline, "protocols"))
        gst_util_set_object_arg(G_OBJECT(pipeline->camera), "protocols", protocols_of(params));
    if (is_left_alone(pipeline, "tcp-timeout"))
        g_object_set(pipeline->camera, "tcp-timeout", (guint64)(params->connect_timeout_ns / 1000), NULL);
    if (g_signal_lookup("select-stream", G_OBJECT_TYPE(pipeline->camera)) != 0)
        g_signal_connect(pipeline->camera, "select-stream", G_CALLBACK(on_select_stream), NULL); /* audio is never set up */
    return TRUE;
}
