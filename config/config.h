/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>
#include "base/id.h"
#include "base/polygon.h"
#include "config/camera_url.h"
#include "decode/decode_params.h"
#include "event/event_params.h"
#include "source/source_params.h"

/* One whole configuration: immutable, reference-counted; may cross threads. Strings are never NULL unless said. Every value has
 * passed the typed table (config/key_table.c, the only place where a key is spelt) and the cross-field checks. */
typedef struct SkyConfig SkyConfig;

typedef struct {
    char id[SKY_ID_BYTES];
    char *name, *time_zone, *grid;
} SkySiteConfig;

typedef struct {
    char *socket_path;           /* NULL where host is given */
    char *host;                  /* NULL where socket_path is given */
    int port;
    gboolean tls, verify;
    char *ca_file, *certificate_file, *key_file; /* NULL where not given */
    char *phones_certificate_file; /* likewise; not looked at: doctor alone has a use for it, and nothing else is to fail by it */
    char *user, *password;       /* NULL; the password has been read from its file or credential */
    char *client_id;             /* default skynetd-<site> */
    int keep_alive_s;
} SkyBrokerConfig;

typedef struct {
    char *directory;             /* /var/lib/skynetd: skynetd.db and evidence/ */
    uint64_t evidence_bytes_max;
    int64_t evidence_age_max_ns;
    uint64_t free_bytes_min;
    int64_t log_age_max_ns;
    uint64_t queue_rows_max, queue_bytes_max;
    int64_t pre_roll_ns, post_roll_ns, clip_max_ns;
    uint32_t image_bytes_max;
} SkyStorageConfig;

typedef struct {
    char id[SKY_ID_BYTES];
    char *name;
    gboolean pictures, path, notes;  /* what its view holds */
    gboolean command;                /* may acknowledge, assign, resolve, dismiss, comment */
    gboolean arm;                    /* may arm, disarm, and ask for a snapshot */
    uint32_t kinds;                  /* bit 1 << SkyEventKind: of which alerts it hears */
} SkyAudienceConfig;

typedef struct {
    char id[SKY_ID_BYTES];
    char *name;
    gboolean enabled;
    SkyCameraVendor vendor;          /* NONE: the file gives the URLs; else they are made of the four that follow */
    char *host;                      /* NULL without vendor */
    int port;
    gboolean https;                  /* of onvif */
    uint32_t channel;
    char *main_url;                  /* no credentials in it any more */
    char *sub_url;                   /* NULL: the main stream is analysed too */
    char *user, *password;           /* NULL; from password_file, credential, or the URL */
    SkyRtspTransport transport;
    char *pipeline_text;             /* NULL: libavformat takes the streams in, else GStreamer does */
    char *ca_file;                   /* NULL: any certificate will do, of rtsps or https */
    char *pipeline_place;            /* "skynetd.yaml:12", where that is named; NULL */
    SkyZone *zones;   uint32_t zone_count;
    char **zone_names;               /* zone_count texts */
    SkyPolygon *ignore;  uint32_t ignore_count;
    SkyPolygon *privacy; uint32_t privacy_count;
    double sensitivity, min_area;
    SkyDecoderKind decoder;          /* of the analysed stream, where no pipeline text decodes */
    SkyDecodePolicy decode_policy;
    double analysis_fps;
    uint32_t analysis_width_px;
    int64_t min_duration_ns, hold_ns;
    gboolean tamper; /* say where it was covered, blurred or turned */
    SkyPerspective perspective;
    int64_t connect_timeout_ns, stall_timeout_ns;
    uint64_t memory_bytes_max;       /* budget: queue and pre-roll */
    uint32_t severity;
} SkyCameraConfig;

typedef struct {
    SkySiteConfig site;
    SkyBrokerConfig broker;
    SkyStorageConfig storage;
    SkyAudienceConfig *audiences; uint32_t audience_count;
    SkyCameraConfig *cameras;     uint32_t camera_count;
    char *control_socket;            /* /run/skynetd/control.sock */
    int64_t offline_hold_ns;         /* 60 s */
    int64_t alert_expire_ns;         /* 24 h */
    int alert_burst;                 /* open alerts that a camera may raise in ten minutes; 0: no limit */
    uint32_t workers;                /* 0 = number of cores */
} SkyConfigValues;

/* The file, and those in cameras.d beside it (config/drop_ins.h). errors: every problem of them at once, one text each as
 * "file:line:column: key: what is wrong, what is allowed", followed by
 * the source line and a caret where the line can be shown. Returns NULL and at least one error, or a config and none. Secrets are
 * never quoted. */
SkyConfig *sky_config_load(const char *path, GPtrArray *ret_errors);
/* Text instead of a file; name stands in the reports; relative secret files are looked up in directory. */
SkyConfig *sky_config_parse(const char *text, gsize bytes, const char *name, const char *directory, GPtrArray *ret_errors);
SkyConfig *sky_config_ref(SkyConfig *config);
void sky_config_unref(SkyConfig *config);
const SkyConfigValues *sky_config_values(const SkyConfig *config);
/* Absolute paths (char *) of every password, key and certificate file that it names. */
const GPtrArray *sky_config_files(const SkyConfig *config);
/* Paths (char *) of the files in cameras.d that it was read from. */
const GPtrArray *sky_config_drop_ins(const SkyConfig *config);
const SkyCameraConfig *sky_config_camera(const SkyConfig *config, const char *id);       /* NULL: none */
const SkyAudienceConfig *sky_config_audience(const SkyConfig *config, const char *id);
/* Where the shipped pipeline text of that name lies: in $SKYNET_PIPELINES, else as installed. New memory. */
char *sky_config_shipped_pipeline(const char *name);
/* The commented default from the typed table; deploy's example file equals it. New memory. */
char *sky_config_print_default(void);
/* JSON Schemas (draft 7) for editors, from the same table: of the file, and of a file in cameras.d. New memory. */
char *sky_config_print_schema(void);
char *sky_config_print_schema_of_cameras(void);

/* What a reload has to do. */
typedef struct {
    GPtrArray *cameras_added, *cameras_removed, *cameras_changed; /* ids (char *) */
    gboolean broker_changed, audiences_changed, site_renamed;
    GPtrArray *needs_restart; /* keys (char *) that changed but can not be reloaded */
} SkyConfigDiff;
SkyConfigDiff *sky_config_diff(const SkyConfig *before, const SkyConfig *after);
void sky_config_diff_free(SkyConfigDiff *diff);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyConfig, sky_config_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyConfigDiff, sky_config_diff_free)
