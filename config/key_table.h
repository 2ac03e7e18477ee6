/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "config/config.h"

/* The typed table of keys: the only place where a key is spelt. Reading, checking, printing and comparing walk it. */

/* A map of the file, and the C struct that its keys fill. */
typedef enum {
    SKY_GROUP_ROOT,     /* SkyConfigValues */
    SKY_GROUP_SITE,     /* SkySiteConfig */
    SKY_GROUP_BROKER,   /* SkyBrokerConfig */
    SKY_GROUP_STORAGE,  /* SkyStorageConfig */
    SKY_GROUP_AUDIENCE, /* SkyAudienceConfig */
    SKY_GROUP_CAMERA,   /* SkyCameraConfig */
    SKY_GROUP_ZONE,     /* SkyZoneKeys, then a SkyZone and its name */
    SKY_GROUP_MASK,     /* SkyPolygon */
} SkyKeyGroup;

typedef struct {
    SkyZone zone;
    char *name;
} SkyZoneKeys;

typedef enum {
    SKY_VALUE_GROUP,     /* a map, child tells of what */
    SKY_VALUE_LIST,      /* of maps; least..most of them */
    SKY_VALUE_ID,        /* char[SKY_ID_BYTES] */
    SKY_VALUE_NAME,      /* char *: for people, UTF-8 */
    SKY_VALUE_WORD,      /* char *: printable ASCII */
    SKY_VALUE_BOOL,      /* gboolean */
    SKY_VALUE_INTEGER,   /* 4 or 8 bytes */
    SKY_VALUE_NUMBER,    /* double */
    SKY_VALUE_DURATION,  /* int64_t, nanoseconds */
    SKY_VALUE_SECONDS,   /* int: a duration in whole seconds */
    SKY_VALUE_SIZE,      /* 4 or 8 bytes: number of bytes */
    SKY_VALUE_PATH,      /* char *: absolute */
    SKY_VALUE_SOCKET,    /* char *: absolute, short enough for a Unix socket */
    SKY_VALUE_FILE,      /* char *: a file that can be read, made absolute; or credential:NAME */
    SKY_VALUE_SECRET,    /* char *: what stands in the first line of such a file */
    SKY_VALUE_PIPELINE,  /* char *: the text of a pipeline, shipped and named, or in a file */
    SKY_VALUE_URL,       /* char *: rtsp:// or rtsps:// */
    SKY_VALUE_HOST,      /* char *: name or address */
    SKY_VALUE_TIME_ZONE, /* char * */
    SKY_VALUE_ENUM,      /* 4 bytes: index in names */
    SKY_VALUE_FLAGS,     /* uint32_t: 1 << index in names; a list of them, or the word all */
    SKY_VALUE_POLYGON,   /* SkyPolygon: a list of [x, y] */
} SkyValueType;

typedef struct {
    const char *name;
    SkyValueType type;
    SkyKeyGroup group;
    gsize offset, bytes;      /* where in the group's struct, how much */
    gsize count_offset;       /* LIST: its uint32_t */
    SkyKeyGroup child;        /* GROUP, LIST */
    const char *least, *most; /* as a file would say them, unit and all; both inclusive */
    const char *const *names; /* ENUM, FLAGS: NULL at the end */
    const char *fallback;     /* the default, as a file would say it; NULL: none, nothing, or made by the checks */
    const char *fallback_doc; /* where the default is not a value: in words */
    const char *environment;  /* a variable with a directory that replaces the fallback ... */
    const char *in_directory; /* ... or this file in it */
    gboolean required;
    const char *drop_ins;     /* LIST: this folder beside the file has more of it */
    gboolean restart;         /* a reload can not change it */
    gboolean secret;          /* its value, and the line that it stands in, are never shown */
    const char *doc;          /* one line */
    const char *examples[3];  /* for the printed default: of the first item of a list, the second, the third */
} SkyKey;

/* In the order of the printed default; ends with a row without a name. */
extern const SkyKey sky_key_table[];
/* Of a map's key as the file spells it; NULL: there is none. */
const SkyKey *sky_key_find(SkyKeyGroup group, const char *name);
/* Of a member of the group's struct; there must be one. */
const SkyKey *sky_key_at(SkyKeyGroup group, gsize offset);
/* The key of that group whose name is nearest, at most two letters away, else one that begins like it, or NULL. */
const SkyKey *sky_key_guess(SkyKeyGroup group, const char *name);
/* Is it a key, in whatever group, whose value may be shown? */
gboolean sky_key_is_harmless(const char *name);
/* "1s to 60s (ms, s, m, h, d)": what a value may be, in words; brief: without what holds for all of its type. New memory. */
char *sky_key_allowed(const SkyKey *key, gboolean brief);
/* "site, broker, ...": the keys of a map. New memory. */
char *sky_key_names(SkyKeyGroup group);
gsize sky_key_group_bytes(SkyKeyGroup group);
