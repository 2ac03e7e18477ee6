/* SPDX-License-Identifier: Apache-2.0 */
#include <glib/gstdio.h>
#include <string.h>

#include "config/config.h"

/* Bad configurations, and word for word what is said of them. Each row replaces one part of a good one; the parts stand in this
 * order, and so the line numbers come out. */
enum { SITE, BROKER, AUDIENCES, CAMERAS, REST, WHOLE };
static const char *const good[] = {
    [SITE] = "site:\n  id: longquan\n",
    [BROKER] = "broker:\n  host: localhost\n",
    [AUDIENCES] = "audiences:\n  - id: duty\n",
    [CAMERAS] = "cameras:\n  - id: gate\n    main: rtsp://192.0.2.1/1\n",
    [REST] = "",
};
#define CAMERA "cameras:\n  - id: gate\n    main: rtsp://192.0.2.1/1\n"

typedef struct {
    const char *name;
    int part;
    const char *text, *errors; /* one below the other */
} Row;

static const Row rows[] = {
    {"empty-file", WHOLE, "",
     "s.yaml:1:1: site.id: missing, allowed: an id of a to z, 0 to 9 and -, at most 63, no - in front\n"
     "s.yaml:1:1: audiences: missing, allowed: a list of 1 to 32\n"
     "s.yaml:1:1: cameras: missing, allowed: a list of 1 to 64\n"
     "s.yaml:1:1: broker: no socket and no host, allowed: one of the two"},
    {"only-comment", WHOLE, "# nothing\n",
     "s.yaml:2:1: site.id: missing, allowed: an id of a to z, 0 to 9 and -, at most 63, no - in front\n"
     "s.yaml:2:1: audiences: missing, allowed: a list of 1 to 32\n"
     "s.yaml:2:1: cameras: missing, allowed: a list of 1 to 64\n"
     "s.yaml:2:1: broker: no socket and no host, allowed: one of the two"},
    {"not-a-map", WHOLE, "just words\n",
     "s.yaml:1:1: not a map of keys and values, allowed: site, broker, storage, audiences, cameras, control_socket, "
     "offline_hold, alert_expire, alert_burst, workers"},
    {"a-list", WHOLE, "- site\n- broker\n",
     "s.yaml:1:1: not a map of keys and values, allowed: site, broker, storage, audiences, cameras, control_socket, "
     "offline_hold, alert_expire, alert_burst, workers"},
    {"unclosed-quote", WHOLE, "site:\n  id: \"longquan\n",
     "s.yaml:2:8: not YAML: double-quoted scalar without closing quote\n"
     "  id: \"longquan\n       ^"},
    {"unclosed-list", REST, "workers: [1,\n",
     "s.yaml:11:1: not YAML: did not find expected node content"},
    {"wrong-indentation", SITE, "site:\n  id: longquan\n name: x\n",
     "s.yaml:3:2: not YAML: invalid indentation in mapping\n"
     " name: x\n ^"},
    {"tab", SITE, "site:\n\tid: longquan\n",
     "s.yaml:2:1: a tab as indentation, allowed are blanks\n"
     "\tid: longquan\n^"},
    {"not-utf8", SITE, "site:\n  id: a\n  name: \xff\xfe\n",
     "s.yaml:3:9: not UTF-8, allowed is text in UTF-8"},
    {"nul-escape", SITE, "site:\n  id: a\n  name: \"a\\0b\"\n",
     "s.yaml:3:10: the text holds a NUL or is not UTF-8, allowed is text in UTF-8\n"
     "  name: \"a\\0b\"\n         ^"},
    {"control", SITE, "site:\n  id: a\n  name: \033[2J\n",
     "s.yaml:3:9: the control character U+001B, allowed are text and line feeds"},
    {"second-document", REST, "---\nworkers: 1\n",
     "s.yaml:10:1: a second document begins here (---), allowed is one"},
    {"alias", SITE, "site:\n  id: &x longquan\n  name: *x\n",
     "s.yaml:2:8: a tag (!...), an anchor (&...) or an alias (*...), allowed are plain values\n"
     "  id: &x longquan\n       ^"},
    {"tag", SITE, "site:\n  id: !include x\n",
     "s.yaml:2:7: a tag (!...), an anchor (&...) or an alias (*...), allowed are plain values\n"
     "  id: !include x\n      ^"},
    {"map-as-key", REST, "? {a: b}\n: 1\n",
     "s.yaml:10:3: a list or a map stands as a key, allowed is a word\n"
     "? {a: ***\n  ^"},
    {"deep", REST, "workers: [[[[[[[[[[[[[1]]]]]]]]]]]]]\n",
     "s.yaml:10:21: nested too deeply, allowed are 12 levels\n"
     "workers: [[[[[[[[[[[[[1]]]]]]]]]]]]]\n                    ^"},
    {"unknown-key", REST, "worker: 2\n",
     "s.yaml:10:1: worker: unknown key, did you mean workers?\n"
     "worker: ***\n^"},
    {"unknown-in-site", SITE, "site:\n  id: longquan\n  tz: Asia/Shanghai\n",
     "s.yaml:3:3: site.tz: unknown key, allowed: id, name, time_zone, grid\n"
     "  tz: ***\n  ^"},
    {"unknown-like", BROKER, "broker:\n  host: localhost\n  keepalive: 30s\n",
     "s.yaml:5:3: broker.keepalive: unknown key, did you mean keep_alive?\n"
     "  keepalive: ***\n  ^"},
    {"given-twice", BROKER, "broker:\n  host: localhost\n  host: other\n",
     "s.yaml:5:3: broker.host: given twice, allowed: once\n"
     "  host: other\n  ^"},
    {"site-text", SITE, "site: longquan\n",
     "s.yaml:1:7: site: not a map of keys and values, allowed: id, name, time_zone, grid\n"
     "site: longquan\n      ^"},
    {"cameras-map", CAMERAS, "cameras:\n  gate:\n    main: rtsp://192.0.2.1/1\n",
     "s.yaml:8:3: cameras: not a list, allowed: a list of 1 to 64\n"
     "  gate:\n  ^"},
    {"camera-text", CAMERAS, "cameras:\n  - gate\n",
     "s.yaml:8:5: cameras[1]: not a map of keys and values, allowed: id, name, enabled, main, sub, vendor, host, port, https, channel, "
     "user, password_file, transport, pipeline, ca_file, zones, ignore, privacy, sensitivity, min_area, decoder, decode_policy, "
     "analysis_fps, analysis_width, min_duration, hold, tamper, far_foot, far_height, near_foot, near_height, "
     "connect_timeout, stall_timeout, memory, severity"},
    {"no-cameras", CAMERAS, "",
     "s.yaml:7:1: cameras: missing, allowed: a list of 1 to 64"},
    {"no-audiences", AUDIENCES, "audiences: []\n",
     "s.yaml:5:12: audiences: an empty list, allowed: a list of 1 to 32\n"
     "audiences: []\n           ^"},
    {"no-site", SITE, "",
     "s.yaml:8:1: site.id: missing, allowed: an id of a to z, 0 to 9 and -, at most 63, no - in front"},
    {"id-upper", SITE, "site:\n  id: Longquan\n",
     "s.yaml:2:7: site.id: \"Longquan\" is not an id, allowed: an id of a to z, 0 to 9 and -, at most 63, no - in front\n"
     "  id: Longquan\n      ^"},
    {"id-empty", SITE, "site:\n  id:\n",
     "s.yaml:2:5: site.id: no value, allowed: an id of a to z, 0 to 9 and -, at most 63, no - in front\n"
     "  id:\n    ^"},
    {"id-long", SITE, "site:\n  id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
     "s.yaml:2:7: site.id: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\" is not an id, allowed: an id of a to z, 0 to "
     "9 and -, at most 63, no - in front\n"
     "  id: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n      ^"},
    {"id-chinese", SITE, "site: {name: 龙泉村, id: 龙泉}\n",
     "s.yaml:1:23: site.id: \"龙泉\" is not an id, allowed: an id of a to z, 0 to 9 and -, at most 63, no - in front\n"
     "site: {name: 龙泉村, id: 龙泉}\n                         ^"},
    {"name-long", SITE, "site:\n  id: a\n  name: 村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村\n",
     "s.yaml:3:9: site.name: \"村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村\" is too long, allowed: a text of one line, at most "
     "127 bytes\n"
     "  name: 村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村村\n        ^"},
    {"name-line-feed", SITE, "site:\n  id: a\n  name: \"a\\nb\"\n",
     "s.yaml:3:10: site.name: \"a\\u000ab\" holds a line feed or another control character, allowed: a text of one line, at "
     "most 127 bytes\n"
     "  name: \"a\\nb\"\n         ^"},
    {"time-zone", SITE, "site:\n  id: a\n  time_zone: Asia/Longquan\n",
     "s.yaml:3:14: site.time_zone: \"Asia/Longquan\" is not a time zone, allowed: a name of the time zone database, as "
     "Asia/Shanghai\n"
     "  time_zone: Asia/Longquan\n             ^"},
    {"time-zone-path", SITE, "site:\n  id: a\n  time_zone: ../../etc/hosts\n",
     "s.yaml:3:14: site.time_zone: \"../../etc/hosts\" is not a time zone, allowed: a name of the time zone database, as "
     "Asia/Shanghai\n"
     "  time_zone: ../../etc/hosts\n             ^"},
    {"no-broker", BROKER, "",
     "s.yaml:8:1: broker: no socket and no host, allowed: one of the two"},
    {"no-road", BROKER, "broker:\n  user: skynetd\n",
     "s.yaml:4:3: broker: no socket and no host, allowed: one of the two\n"
     "  user: skynetd\n  ^"},
    {"two-roads", BROKER, "broker:\n  socket: /run/m.sock\n  host: localhost\n",
     "s.yaml:5:9: broker.host: given together with socket, allowed: one of the two\n"
     "  host: localhost\n        ^"},
    {"socket-tls", BROKER, "broker:\n  socket: /run/m.sock\n  tls: true\n  port: 8883\n",
     "s.yaml:5:8: broker.tls: given without host, allowed: together with host\n"
     "  tls: true\n       ^\n"
     "s.yaml:6:9: broker.port: given without host, allowed: together with host\n"
     "  port: 8883\n        ^"},
    {"socket-relative", BROKER, "broker:\n  socket: m.sock\n",
     "s.yaml:4:11: broker.socket: \"m.sock\" is not an absolute path, allowed: an absolute path of at most 107 bytes\n"
     "  socket: m.sock\n          ^"},
    {"socket-long", BROKER, "broker:\n  socket: "
     "/sssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss\n",
     "s.yaml:4:11: broker.socket: \"/sssssssssssssssssssssssssssssssssssssssssssssss...\" is too long, allowed: an absolute "
     "path of at most 107 bytes\n"
     "  socket: /sssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss\n  "
     "        ^"},
    {"host-port", BROKER, "broker:\n  host: localhost:1883\n",
     "s.yaml:4:9: broker.host: \"localhost:1883\" is not a host, allowed: a host name or an IP address, without a port\n"
     "  host: localhost:1883\n        ^"},
    {"port-zero", BROKER, "broker:\n  host: localhost\n  port: 0\n",
     "s.yaml:5:9: broker.port: \"0\" is too small, allowed: 1 to 65535\n"
     "  port: 0\n        ^"},
    {"port-words", BROKER, "broker:\n  host: localhost\n  port: mqtt\n",
     "s.yaml:5:9: broker.port: \"mqtt\" is not a number, allowed: 1 to 65535\n"
     "  port: mqtt\n        ^"},
    {"port-fraction", BROKER, "broker:\n  host: localhost\n  port: 18.83\n",
     "s.yaml:5:9: broker.port: \"18.83\" is not a whole number, allowed: 1 to 65535\n"
     "  port: 18.83\n        ^"},
    {"tls-yes", BROKER, "broker:\n  host: localhost\n  tls: yes\n",
     "s.yaml:5:8: broker.tls: \"yes\" is not understood, allowed: true or false\n"
     "  tls: yes\n       ^"},
    {"files-without-tls", BROKER, "broker:\n  host: localhost\n  ca_file: fine\n  verify: false\n",
     "s.yaml:5:12: broker.ca_file: given without tls, allowed: together with tls: true\n"
     "  ca_file: fine\n           ^\n"
     "s.yaml:6:11: broker.verify: given without tls, allowed: together with tls: true\n"
     "  verify: false\n          ^"},
    {"certificate-alone", BROKER, "broker:\n  host: localhost\n  tls: true\n  certificate_file: fine\n",
     "s.yaml:6:21: broker.certificate_file: given without key_file, allowed: both or none\n"
     "  certificate_file: fine\n                    ^"},
    {"ca-missing", BROKER, "broker:\n  host: localhost\n  tls: true\n  ca_file: ca.pem\n",
     "s.yaml:6:12: broker.ca_file: there is no such file in ., allowed: a file, as seen from this one, or credential:NAME\n"
     "  ca_file: ca.pem\n           ^"},
    {"ca-folder", BROKER, "broker:\n  host: localhost\n  tls: true\n  ca_file: folder\n",
     "s.yaml:6:12: broker.ca_file: ./folder is not a regular file, allowed: a file, as seen from this one, or credential:NAME\n"
     "  ca_file: folder\n           ^"},
    {"keep-alive-bare", BROKER, "broker:\n  host: localhost\n  keep_alive: 30\n",
     "s.yaml:5:15: broker.keep_alive: \"30\" is a bare number, it needs a unit, allowed: 5s to 10m (ms, s, m, h, d)\n"
     "  keep_alive: 30\n              ^"},
    {"keep-alive-unit", BROKER, "broker:\n  host: localhost\n  keep_alive: 30 sec\n",
     "s.yaml:5:15: broker.keep_alive: \"30 sec\" has a unit that is not known, allowed: 5s to 10m (ms, s, m, h, d)\n"
     "  keep_alive: 30 sec\n              ^"},
    {"keep-alive-half", BROKER, "broker:\n  host: localhost\n  keep_alive: 5500ms\n",
     "s.yaml:5:15: broker.keep_alive: \"5500ms\" is not a whole number of seconds, allowed: 5s to 10m (ms, s, m, h, d)\n"
     "  keep_alive: 5500ms\n              ^"},
    {"client-id", BROKER, "broker:\n  host: localhost\n  client_id: a b\n",
     "s.yaml:5:14: broker.client_id: \"a b\" is not such a word, allowed: 1 to 128 letters of ASCII without blanks\n"
     "  client_id: a b\n             ^"},
    {"password-without-user", BROKER, "broker:\n  host: localhost\n  password_file: fine\n",
     "s.yaml:5:18: broker.password_file: given without user, allowed: together with user\n"
     "  password_file: ***\n                 ^"},
    {"password-as-file", BROKER, "broker:\n  host: localhost\n  user: a\n  password_file: hunter2\n",
     "s.yaml:6:18: broker.password_file: there is no such file in ., allowed: a file, as seen from this one, or credential:NAME\n"
     "  password_file: ***\n                 ^"},
    {"password-as-path", BROKER, "broker:\n  host: localhost\n  user: a\n  password_file: /hunter2/x\n",
     "s.yaml:6:18: broker.password_file: there is no such file, allowed: a file, as seen from this one, or credential:NAME\n"
     "  password_file: ***\n                 ^"},
    {"password-open", BROKER, "broker:\n  host: localhost\n  user: a\n  password_file: open\n",
     "s.yaml:6:18: broker.password_file: ./open is open to others, allowed: to owner and group (chmod o= ./open)\n"
     "  password_file: ***\n                 ^"},
    {"password-empty", BROKER, "broker:\n  host: localhost\n  user: a\n  password_file: empty\n",
     "s.yaml:6:18: broker.password_file: ./empty has nothing in its first line, allowed: the password there\n"
     "  password_file: ***\n                 ^"},
    {"password-folder", BROKER, "broker:\n  host: localhost\n  user: a\n  password_file: folder\n",
     "s.yaml:6:18: broker.password_file: ./folder is not a regular file, allowed: a file, as seen from this one, or "
     "credential:NAME\n"
     "  password_file: ***\n                 ^"},
    {"credential-none", BROKER, "broker:\n  host: localhost\n  user: a\n  password_file: credential:broker\n",
     "s.yaml:6:18: broker.password_file: no credentials here ($CREDENTIALS_DIRECTORY is not set), allowed where the service "
     "manager gives them\n"
     "  password_file: ***\n                 ^"},
    {"credential-name", BROKER, "broker:\n  host: localhost\n  user: a\n  password_file: credential:../x\n",
     "s.yaml:6:18: broker.password_file: not the name of a credential, allowed: credential:NAME as in LoadCredential=NAME:FILE\n"
     "  password_file: ***\n                 ^"},
    {"password-key", BROKER, "broker:\n  host: localhost\n  user: a\n  password: hunter2 # like this?\n",
     "s.yaml:6:3: broker.password: unknown key, did you mean password_file?\n"
     "  password: ***\n  ^"},
    {"directory-relative", REST, "storage:\n  directory: data\n",
     "s.yaml:11:14: storage.directory: \"data\" is not an absolute path, allowed: an absolute path\n"
     "  directory: data\n             ^"},
    {"size-bare", REST, "storage:\n  evidence_max: 20\n",
     "s.yaml:11:17: storage.evidence_max: \"20\" is a bare number, it needs a unit, allowed: 0 to 100TB (KB, MB, GB, TB, KiB, "
     "MiB, GiB, TiB)\n"
     "  evidence_max: 20\n                ^"},
    {"size-words", REST, "storage:\n  evidence_max: much\n  queue_max: 1.5.2GB\n",
     "s.yaml:11:17: storage.evidence_max: \"much\" is not a size, allowed: 0 to 100TB (KB, MB, GB, TB, KiB, MiB, GiB, TiB)\n"
     "  evidence_max: much\n                ^\n"
     "s.yaml:12:14: storage.queue_max: \"1.5.2GB\" is not a size, allowed: 1MB to 100GB (KB, MB, GB, TB, KiB, MiB, GiB, TiB)\n"
     "  queue_max: 1.5.2GB\n             ^"},
    {"size-large", REST, "storage:\n  image_max: 3MB\n",
     "s.yaml:11:14: storage.image_max: \"3MB\" is too large, allowed: 20KB to 2MB (KB, MB, GB, TB, KiB, MiB, GiB, TiB)\n"
     "  image_max: 3MB\n             ^"},
    {"clip-short", REST, "storage:\n  pre_roll: 10s\n  post_roll: 10s\n  clip_max: 20s\n",
     "s.yaml:13:13: storage.clip_max: leaves no room for an event, allowed: more than 20s (pre_roll and post_roll)\n"
     "  clip_max: 20s\n            ^"},
    {"log-age", REST, "storage:\n  log_age: 12h\n",
     "s.yaml:11:12: storage.log_age: \"12h\" is too small, allowed: 1d to 3650d (ms, s, m, h, d)\n"
     "  log_age: 12h\n           ^"},
    {"audience-twice", AUDIENCES, "audiences:\n  - id: duty\n  - id: duty\n",
     "s.yaml:7:9: audiences[duty].id: \"duty\" is the id of another audience (s.yaml:6), allowed: an id of its own\n"
     "  - id: duty\n        ^"},
    {"audience-probe", AUDIENCES, "audiences:\n  - id: probe\n",
     "s.yaml:6:9: audiences[probe].id: \"probe\" is reserved, allowed: another id\n"
     "  - id: probe\n        ^"},
    {"kinds", AUDIENCES, "audiences:\n  - id: duty\n    kinds: [motion, fire, motion]\n",
     "s.yaml:7:21: audiences[duty].kinds: \"fire\" is not understood, allowed: all, or a list of motion, intrusion, line-cross, "
     "dwell, tamper, offline, recovered\n"
     "    kinds: [motion, fire, motion]\n                    ^\n"
     "s.yaml:7:27: audiences[duty].kinds: \"motion\" is given twice, allowed: all, or a list of motion, intrusion, line-cross, "
     "dwell, tamper, offline, recovered\n"
     "    kinds: [motion, fire, motion]\n                          ^"},
    {"kinds-none", AUDIENCES, "audiences:\n  - id: duty\n    kinds: []\n",
     "s.yaml:7:12: audiences[duty].kinds: an empty list, allowed: all, or a list of motion, intrusion, line-cross, dwell, "
     "tamper, offline, recovered\n"
     "    kinds: []\n           ^"},
    {"camera-twice", CAMERAS, CAMERA "  - id: gate\n    main: rtsp://192.0.2.2/1\n",
     "s.yaml:10:9: cameras[gate].id: \"gate\" is the id of another camera (s.yaml:8), allowed: an id of its own\n"
     "  - id: gate\n        ^"},
    {"camera-is-audience", CAMERAS, "cameras:\n  - id: duty\n    main: rtsp://192.0.2.1/1\n",
     "s.yaml:8:9: cameras[duty].id: \"duty\" is the id of an audience (s.yaml:6), allowed: an id of its own\n"
     "  - id: duty\n        ^"},
    {"camera-probe", CAMERAS, "cameras:\n  - id: probe\n    main: rtsp://192.0.2.1/1\n",
     "s.yaml:8:9: cameras[probe].id: \"probe\" is reserved, allowed: another id\n"
     "  - id: probe\n        ^"},
    {"camera-nameless", CAMERAS, CAMERA "  - name: 广场\n",
     "s.yaml:10:5: cameras[2].id: missing, allowed: an id of a to z, 0 to 9 and -, at most 63, no - in front\n"
     "  - name: 广场\n    ^\n"
     "s.yaml:10:5: cameras[2].main: missing, allowed: rtsp://host[:port]/path or rtsps://host[:port]/path; or vendor and "
     "host in its place\n"
     "  - name: 广场\n    ^"},
    {"main-http", CAMERAS, "cameras:\n  - id: gate\n    main: http://admin:hunter2@192.0.2.1/1\n",
     "s.yaml:9:11: cameras[gate].main: the URL begins with http://, allowed: rtsp://host[:port]/path or rtsps://host[:port]/path\n"
     "    main: ***\n          ^"},
    {"main-no-url", CAMERAS, "cameras:\n  - id: gate\n    main: admin:hunter2@192.0.2.1\n",
     "s.yaml:9:11: cameras[gate].main: not a URL, expected scheme://host[:port]/path, allowed: rtsp://host[:port]/path or "
     "rtsps://host[:port]/path\n"
     "    main: ***\n          ^"},
    {"main-blank", CAMERAS, "cameras:\n  - id: gate\n    main: rtsp://admin:hunt er2@192.0.2.1/1\n",
     "s.yaml:9:11: cameras[gate].main: the URL holds a blank, a quote, < or >: write it as % and two digits (%20 %22 %27 %3C "
     "%3E %60), allowed: rtsp://host[:port]/path or rtsps://host[:port]/path\n"
     "    main: ***\n          ^"},
    {"main-port", CAMERAS, "cameras:\n  - id: gate\n    main: rtsp://admin:hunter2\n",
     "s.yaml:9:11: cameras[gate].main: the URL has no valid host and port, allowed: rtsp://host[:port]/path or "
     "rtsps://host[:port]/path\n"
     "    main: ***\n          ^"},
    {"main-glued", CAMERAS, "cameras:\n  - id: gate\n    main:rtsp://admin:hunter2@192.0.2.1/1\n",
     "s.yaml:9:5: not YAML: invalid value after mapping"},
    {"main-misspelt", CAMERAS, "cameras:\n  - id: gate\n    mian: rtsp://admin:hunter2@192.0.2.1/1\n",
     "s.yaml:8:5: cameras[gate].main: missing, allowed: rtsp://host[:port]/path or rtsps://host[:port]/path; or vendor and "
     "host in its place\n"
     "  - id: gate\n    ^\n"
     "s.yaml:9:5: cameras[gate].mian: unknown key, did you mean main?\n"
     "    mian: ***\n    ^"},
    {"vendor-and-main", CAMERAS, CAMERA "    sub: rtsp://192.0.2.1/2\n    vendor: dahua\n    host: 192.0.2.1\n",
     "s.yaml:9:11: cameras[gate].main: given together with vendor, which makes the URLs, allowed: one of the two; take this line "
     "away, or vendor, host, port and channel\n"
     "    main: ***\n          ^\n"
     "s.yaml:10:10: cameras[gate].sub: given together with vendor, which makes the URLs, allowed: one of the two; take this line "
     "away, or vendor, host, port and channel\n"
     "    sub: ***\n         ^"},
    {"vendor-alone", CAMERAS, "cameras:\n  - id: gate\n    vendor: dahua\n",
     "s.yaml:8:5: cameras[gate].host: missing, allowed: with vendor, the camera's host name or IP address\n"
     "  - id: gate\n    ^"},
    {"vendor-none", CAMERAS, "cameras:\n  - id: gate\n    vendor: none\n    host: 192.0.2.1\n",
     "s.yaml:8:5: cameras[gate].main: missing, allowed: rtsp://host[:port]/path or rtsps://host[:port]/path; or vendor and "
     "host in its place\n"
     "  - id: gate\n    ^\n"
     "s.yaml:10:11: cameras[gate].host: given without vendor, allowed: together with vendor\n"
     "    host: 192.0.2.1\n          ^"},
    {"vendor-unknown", CAMERAS, "cameras:\n  - id: gate\n    vendor: axis\n    host: 192.0.2.1\n",
     "s.yaml:9:13: cameras[gate].vendor: \"axis\" is not understood, allowed: none, hikvision, dahua, uniview or onvif\n"
     "    vendor: axis\n            ^"},
    {"vendor-ranges", CAMERAS, "cameras:\n  - {id: gate, vendor: uniview, host: '[::1]', port: 0, channel: 257}\n",
     "s.yaml:8:40: cameras[gate].host: \"[::1]\" is not a host, allowed: a host name or an IP address, without a port\n"
     "  - {id: gate, vendor: uniview, host: '[::1]', port: 0, channel: 257}\n                                       ^\n"
     "s.yaml:8:54: cameras[gate].port: \"0\" is too small, allowed: 1 to 65535\n"
     "  - {id: gate, vendor: uniview, host: '[::1]', port: 0, channel: 257}\n"
     "                                                     ^\n"
     "s.yaml:8:66: cameras[gate].channel: \"257\" is too large, allowed: 1 to 256\n"
     "  - {id: gate, vendor: uniview, host: '[::1]', port: 0, channel: 257}\n"
     "                                                                 ^"},
    {"zones", CAMERAS, "cameras:\n  - {id: a, vendor: uniview, host: 'fe80::1'}\n  - {id: b, vendor: uniview, host: '2001:db8::1%eth0'}\n",
     "s.yaml:8:37: cameras[a].host: \"fe80::1\" is link-local, and needs its interface behind it (fe80::1%eth0), allowed: a host name or "
     "an IP address, without a port\n  - {id: a, vendor: uniview, host: 'fe80::1'}\n                                    ^\n"
     "s.yaml:9:37: cameras[b].host: \"2001:db8::1%eth0\" is not link-local, and takes no interface behind it, allowed: a host name or "
     "an IP address, without a port\n  - {id: b, vendor: uniview, host: '2001:db8::1%eth0'}\n                                    ^"},
    {"vendor-misspelt", CAMERAS, "cameras:\n  - id: gate\n    vendor: Hikvison\n    host: 192.0.2.1\n",
     "s.yaml:9:13: cameras[gate].vendor: \"Hikvison\" is not understood, did you mean hikvision, allowed: none, hikvision, dahua, "
     "uniview or onvif\n"
     "    vendor: Hikvison\n            ^"},
    {"kind-misspelt", AUDIENCES, "audiences:\n  - id: duty\n    kinds: [intrusions, offline]\n",
     "s.yaml:7:13: audiences[duty].kinds: \"intrusions\" is not understood, did you mean intrusion, allowed: all, or a list of "
     "motion, intrusion, line-cross, dwell, tamper, offline, recovered\n"
     "    kinds: [intrusions, offline]\n            ^"},
    {"user-twice", CAMERAS, "cameras:\n  - id: gate\n    main: rtsp://admin:hunter2@192.0.2.1/1\n    user: admin\n",
     "s.yaml:9:11: cameras[gate].main: a user in the URL beside the key user, allowed: one of the two\n"
     "    main: ***\n          ^"},
    {"password-twice", CAMERAS, "cameras:\n  - id: gate\n    main: rtsp://admin:hunter2@192.0.2.1/1\n    password_file: fine\n",
     "s.yaml:9:11: cameras[gate].main: a password in the URL beside password_file, allowed: one of the two\n"
     "    main: ***\n          ^"},
    {"two-accounts", CAMERAS, "cameras:\n  - id: gate\n    main: rtsp://admin:hunter2@192.0.2.1/1\n    sub: "
     "rtsp://viewer:hunter2@192.0.2.1/2\n",
     "s.yaml:10:10: cameras[gate].sub: another user or password than in the main URL, allowed: the same, or none\n"
     "    sub: ***\n         ^"},
    {"camera-password", CAMERAS, "cameras:\n  - {id: gate, main: 'rtsp://192.0.2.1/1', password_file: fine}\n",
     "s.yaml:8:59: cameras[gate].password_file: given without user, allowed: together with user\n"
     "  - {id: gate, main: ***\n                     ^"},
    {"trust-nobody-asks", CAMERAS, CAMERA "    ca_file: fine\n",
     "s.yaml:10:14: cameras[gate].ca_file: given without pipeline, allowed: together with it (libavformat can not ask), or with https\n"
     "    ca_file: fine\n             ^"},
    {"pipeline", CAMERAS, CAMERA "    pipeline: /none.pipeline\n",
     "s.yaml:10:15: cameras[gate].pipeline: /none.pipeline: No such file or directory, allowed: the name of a shipped pipeline "
     "(rtsp-tcp, rtsp-udp, rtsp-vaapi, rtsp-v4l2, rtsp-mpp, test), or a file, as seen from this one\n"
     "    pipeline: /none.pipeline\n              ^"},
    {"transport", CAMERAS, CAMERA "    transport: http\n",
     "s.yaml:10:16: cameras[gate].transport: \"http\" is not understood, allowed: tcp, udp, multicast or auto\n"
     "    transport: http\n               ^"},
    {"sensitivity", CAMERAS, CAMERA "    sensitivity: 2\n    min_area: 0x1\n    analysis_fps: nan\n",
     "s.yaml:10:18: cameras[gate].sensitivity: \"2\" is too large, allowed: 0 to 1\n"
     "    sensitivity: 2\n                 ^\n"
     "s.yaml:11:15: cameras[gate].min_area: \"0x1\" is not a number, allowed: 0.0001 to 0.5\n"
     "    min_area: 0x1\n              ^\n"
     "s.yaml:12:19: cameras[gate].analysis_fps: \"nan\" is not a number, allowed: 0 to 60\n"
     "    analysis_fps: nan\n                  ^"},
    {"wide-caret", CAMERAS, "cameras:\n  - {name: 村口广场, id: gate, main: 'rtsp://192.0.2.1/1'}\n  - {name: 村口广场, severity: 9, "
     "id: b, main: 'rtsp://192.0.2.1/1'}\n",
     "s.yaml:9:28: cameras[b].severity: \"9\" is too large, allowed: 1 to 4\n"
     "  - {name: 村口广场, severity: 9, id: b, main: ***\n                               ^"},
    {"zone-twice", CAMERAS, CAMERA "    zones:\n      - {id: road, points: [[0, 0], [1, 0], [1, 1]]}\n      - {id: road, "
     "points: [[0, 0], [1, 0], [1, 1]]}\n",
     "s.yaml:12:14: cameras[gate].zones[road].id: \"road\" is the id of another zone of this camera, allowed: an id of its own\n"
     "      - {id: road, points: [[0, 0], [1, 0], [1, 1]]}\n             ^"},
    {"zone-two-points", CAMERAS, CAMERA "    zones:\n      - id: road\n        points: [[0, 0], [1, 1]]\n",
     "s.yaml:12:17: cameras[gate].zones[road].points: a polygon has 3 to 64 points, this one has 2, allowed: 3 to 64 points [x, "
     "y] in 0..1 of the picture\n"
     "        points: [[0, 0], [1, 1]]\n                ^"},
    {"zone-crosses", CAMERAS, CAMERA "    zones:\n      - id: road\n        points: [[0, 0], [1, 1], [1, 0], [0, 1]]\n",
     "s.yaml:12:17: cameras[gate].zones[road].points: the polygon crosses itself, allowed: 3 to 64 points [x, y] in 0..1 of the "
     "picture\n"
     "        points: [[0, 0], [1, 1], [1, 0], [0, 1]]\n                ^"},
    {"zone-outside", CAMERAS, CAMERA "    zones:\n      - id: road\n        points: [[0, 0], [1.5, 0], [1, 1], [x, 0], [1]]\n",
     "s.yaml:12:27: cameras[gate].zones[road].points: \"1.5\" lies outside the picture, allowed: 3 to 64 points [x, y] in 0..1 "
     "of the picture\n"
     "        points: [[0, 0], [1.5, 0], [1, 1], [x, 0], [1]]\n                          ^\n"
     "s.yaml:12:45: cameras[gate].zones[road].points: \"x\" is not a number, allowed: 3 to 64 points [x, y] in 0..1 of the "
     "picture\n"
     "        points: [[0, 0], [1.5, 0], [1, 1], [x, 0], [1]]\n                                            ^\n"
     "s.yaml:12:52: cameras[gate].zones[road].points: not a point [x, y], allowed: 3 to 64 points [x, y] in 0..1 of the picture\n"
     "        points: [[0, 0], [1.5, 0], [1, 1], [x, 0], [1]]\n                                                   ^"},
    {"mask-flat", CAMERAS, CAMERA "    ignore:\n      - points: [[0, 0], [0.5, 0], [1, 0]]\n    privacy:\n      - points: "
     "everything\n      - {}\n",
     "s.yaml:11:17: cameras[gate].ignore[1].points: the polygon has no area, allowed: 3 to 64 points [x, y] in 0..1 of the "
     "picture\n"
     "      - points: [[0, 0], [0.5, 0], [1, 0]]\n                ^\n"
     "s.yaml:13:17: cameras[gate].privacy[1].points: not a list of points, allowed: 3 to 64 points [x, y] in 0..1 of the picture\n"
     "      - points: everything\n                ^\n"
     "s.yaml:14:9: cameras[gate].privacy[2].points: missing, allowed: 3 to 64 points [x, y] in 0..1 of the picture\n"
     "      - {}\n        ^"},
    {"timeouts", CAMERAS, CAMERA "    connect_timeout: 500ms\n    stall_timeout: 2m\n    memory: 1KB\n    severity: 0\n",
     "s.yaml:10:22: cameras[gate].connect_timeout: \"500ms\" is too small, allowed: 1s to 60s (ms, s, m, h, d)\n"
     "    connect_timeout: 500ms\n                     ^\n"
     "s.yaml:11:20: cameras[gate].stall_timeout: \"2m\" is too large, allowed: 1s to 60s (ms, s, m, h, d)\n"
     "    stall_timeout: 2m\n                   ^\n"
     "s.yaml:12:13: cameras[gate].memory: \"1KB\" is too small, allowed: 4MB to 1GB (KB, MB, GB, TB, KiB, MiB, GiB, TiB)\n"
     "    memory: 1KB\n            ^\n"
     "s.yaml:13:15: cameras[gate].severity: \"0\" is too small, allowed: 1 to 4\n"
     "    severity: 0\n              ^"},
    {"many", WHOLE, "site:\n  id: Long quan\nbrokers:\n  host: localhost\naudiences:\n  - name: 值班员\ncameras:\n  - id: gate\n   "
     " main: rtsp://192.0.2.1/1\n    hold: fast\nworkers: -1\n",
     "s.yaml:2:7: site.id: \"Long quan\" is not an id, allowed: an id of a to z, 0 to 9 and -, at most 63, no - in front\n"
     "  id: Long quan\n      ^\n"
     "s.yaml:3:1: brokers: unknown key, did you mean broker?\n"
     "brokers:\n^\n"
     "s.yaml:6:5: audiences[1].id: missing, allowed: an id of a to z, 0 to 9 and -, at most 63, no - in front\n"
     "  - name: 值班员\n    ^\n"
     "s.yaml:10:11: cameras[gate].hold: \"fast\" is not a duration, allowed: 500ms to 10m (ms, s, m, h, d)\n"
     "    hold: fast\n          ^\n"
     "s.yaml:11:10: workers: \"-1\" is too small, allowed: 0 to 64\n"
     "workers: -1\n         ^\n"
     "s.yaml:12:1: broker: no socket and no host, allowed: one of the two"},
    {"brackets", REST, "workers: [[[[[[[[[[[[[[[[[[[[[[[[[\n",
     "s.yaml:10:34: too many brackets open, allowed are 24\n"
     "workers: [[[[[[[[[[[[[[[[[[[[[[[[[\n                                 ^"},
};

static void test_row(gconstpointer data) {
    const Row *row = data;
    if (strcmp(row->name, "time-zone") == 0 && !g_file_test("/usr/share/zoneinfo", G_FILE_TEST_IS_DIR)) {
        g_test_skip("no time zone database here");
        return;
    }
    g_autoptr(GString) text = g_string_new(row->part == WHOLE ? row->text : "");
    for (int part = SITE; row->part != WHOLE && part <= REST; part++)
        g_string_append(text, part == row->part ? row->text : good[part]);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(SkyConfig) config = sky_config_parse(text->str, text->len, "s.yaml", ".", errors);
    g_assert_null(config);
    g_autoptr(GString) all = g_string_new(NULL);
    for (guint i = 0; i < errors->len; i++)
        g_string_append_printf(all, "%s%s", i ? "\n" : "", (const char *)errors->pdata[i]);
    g_assert_cmpstr(all->str, ==, row->errors);
    g_assert_null(strstr(all->str, "hunter2"));
}

static void test_good_parts(void) {
    g_autofree char *text = g_strconcat(good[SITE], good[BROKER], good[AUDIENCES], good[CAMERAS], NULL);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(SkyConfig) config = sky_config_parse(text, strlen(text), "s.yaml", ".", errors);
    g_assert_nonnull(config);
    g_assert_cmpuint(errors->len, ==, 0);
}

/* Password files in a directory of our own, which is the working directory so that no message depends on its name. */
static char *make_directory(void) {
    g_autoptr(GError) error = NULL;
    char *directory = g_dir_make_tmp("config-bad-XXXXXX", &error);
    g_assert_no_error(error);
    g_assert_cmpint(g_chdir(directory), ==, 0);
    static const struct {
        const char *name, *text;
        int mode;
    } files[] = {{"fine", "hunter2\n", 0640}, {"open", "hunter2\n", 0644}, {"empty", "\nhunter2\n", 0600}};
    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_file_set_contents(files[i].name, files[i].text, -1, &error);
        g_assert_no_error(error);
        g_assert_cmpint(g_chmod(files[i].name, files[i].mode), ==, 0);
    }
    g_assert_cmpint(g_mkdir("folder", 0700), ==, 0);
    return directory;
}

static void remove_directory(const char *directory) {
    static const char *const names[] = {"fine", "open", "empty", "folder"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        g_remove(names[i]);
    g_assert_cmpint(g_chdir("/"), ==, 0);
    g_assert_cmpint(g_rmdir(directory), ==, 0);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_unsetenv("CREDENTIALS_DIRECTORY");
    g_autofree char *directory = make_directory();
    g_test_add_func("/config_bad/good-parts", test_good_parts);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name = g_strdup_printf("/config_bad/%s", rows[i].name);
        g_test_add_data_func(name, &rows[i], test_row);
    }
    int status = g_test_run();
    remove_directory(directory);
    return status;
}
