/* SPDX-License-Identifier: Apache-2.0 */
#include "config/key_table.h"

#include <stddef.h>

#include "config/drop_ins.h"

#define AT(type_name, member) .offset = offsetof(type_name, member), .bytes = sizeof(((type_name *)0)->member)
#define ROOT(member) .group = SKY_GROUP_ROOT, AT(SkyConfigValues, member)
#define SITE(member) .group = SKY_GROUP_SITE, AT(SkySiteConfig, member)
#define BROKER(member) .group = SKY_GROUP_BROKER, AT(SkyBrokerConfig, member)
#define STORAGE(member) .group = SKY_GROUP_STORAGE, AT(SkyStorageConfig, member)
#define AUDIENCE(member) .group = SKY_GROUP_AUDIENCE, AT(SkyAudienceConfig, member)
#define CAMERA(member) .group = SKY_GROUP_CAMERA, AT(SkyCameraConfig, member)
#define ZONE(member) .group = SKY_GROUP_ZONE, AT(SkyZoneKeys, member)
#define RANGE(from, to) .least = from, .most = to

static const char *const transports[] = {[SKY_RTSP_TCP] = "tcp", [SKY_RTSP_UDP] = "udp", [SKY_RTSP_MULTICAST] = "multicast",
                                         [SKY_RTSP_AUTO] = "auto", NULL};
static const char *const decoders[] = {[SKY_DECODER_AUTO] = "auto", [SKY_DECODER_SOFTWARE] = "software",
                                       [SKY_DECODER_VAAPI] = "vaapi", [SKY_DECODER_V4L2] = "v4l2", NULL};
static const char *const decode_policies[] = {[SKY_DECODE_FULL] = "full", [SKY_DECODE_ADAPTIVE] = "adaptive",
                                              [SKY_DECODE_KEYFRAMES] = "keyframes", NULL};
static const char *const vendors[] = {[SKY_VENDOR_NONE] = "none", [SKY_VENDOR_HIKVISION] = "hikvision",
                                      [SKY_VENDOR_DAHUA] = "dahua", [SKY_VENDOR_UNIVIEW] = "uniview",
                                      [SKY_VENDOR_ONVIF] = "onvif", NULL};
/* In the order of SkyEventKind, by the names of its topics; a test compares. `recovered`, its last, raises no alert, and is taken beside
 * others, as it always was; config_check.c refuses it alone. */
static const char *const kinds[] = {"motion", "intrusion", "line-cross", "dwell", "tamper", "offline", "recovered", NULL};

const SkyKey sky_key_table[] = {
    /* ---- site ---- */
    {"site", SKY_VALUE_GROUP, ROOT(site), .child = SKY_GROUP_SITE,
     .doc = "The settlement that this gateway watches."},
    {"id", SKY_VALUE_ID, SITE(id), .required = TRUE, .restart = TRUE, .examples = {"longquan"},
     .doc = "The <site> of every topic, skynet/v1/<site>/..., and no other gateway's at any broker that hears of it: each would "
            "take back what the other has told."},
    {"name", SKY_VALUE_NAME, SITE(name), .fallback_doc = "the id", .examples = {"龙泉村"},
     .doc = "What people call it."},
    {"time_zone", SKY_VALUE_TIME_ZONE, SITE(time_zone), .fallback = "Asia/Shanghai",
     .doc = "Of its clocks on the wall: `skynetctl status` shows times by it. Messages bear UTC whatever stands here."},
    {"grid", SKY_VALUE_NAME, SITE(grid), .fallback = "", .examples = {"龙泉村第三网格"},
     .doc = "The grid cell of community policing, told in every alert."},

    /* ---- broker ---- */
    {"broker", SKY_VALUE_GROUP, ROOT(broker), .child = SKY_GROUP_BROKER,
     .doc = "The MQTT broker: by socket or by host, not both."},
    {"socket", SKY_VALUE_SOCKET, BROKER(socket_path), .examples = {"/run/mosquitto/mosquitto.sock"},
     .doc = "Unix socket of the broker on this box."},
    {"host", SKY_VALUE_HOST, BROKER(host), .examples = {"#mqtt.example.net"},
     .doc = "Its name or address elsewhere."},
    {"port", SKY_VALUE_INTEGER, BROKER(port), RANGE("1", "65535"), .fallback_doc = "1883, with tls 8883", .examples = {"#8883"},
     .doc = "TCP port, with host."},
    {"tls", SKY_VALUE_BOOL, BROKER(tls), .fallback = "false", .doc = "Encrypt, with host."},
    {"verify", SKY_VALUE_BOOL, BROKER(verify), .fallback = "true",
     .doc = "With tls: believe only a certificate that the CA signed for that host. false is for the workbench."},
    {"ca_file", SKY_VALUE_FILE, BROKER(ca_file), .fallback_doc = "the CAs of the system", .examples = {"#ca.pem"},
     .doc = "With tls: the CA, PEM."},
    {"certificate_file", SKY_VALUE_FILE, BROKER(certificate_file), .examples = {"#gateway.pem"},
     .doc = "With tls: our certificate, PEM, together with key_file."},
    {"key_file", SKY_VALUE_FILE, BROKER(key_file), .secret = TRUE, .examples = {"#gateway.key"},
     .doc = "With tls: its private key, PEM."},
    {"phones_certificate_file", SKY_VALUE_PATH, BROKER(phones_certificate_file), .examples = {"#/etc/mosquitto/certs/broker.pem"},
     .doc = "Of the listener for phones, where the broker is on this box: doctor warns before it expires."},
    {"user", SKY_VALUE_NAME, BROKER(user), .examples = {"skynetd"}, .doc = "The account at the broker."},
    {"password_file", SKY_VALUE_SECRET, BROKER(password), .secret = TRUE, .examples = {"#broker.password"},
     .doc = "Its password is the first line of this file, which others must not be able to read."},
    {"client_id", SKY_VALUE_WORD, BROKER(client_id), RANGE("1", "128"), .fallback_doc = "skynetd-<site>",
     .examples = {"#skynetd-longquan"},
     .doc = "Must be one's own: a broker hangs up on the elder of two."},
    {"keep_alive", SKY_VALUE_SECONDS, BROKER(keep_alive_s), RANGE("5s", "10m"), .fallback = "30s",
     .doc = "A silent line is asked so often whether it still lives."},

    /* ---- storage ---- */
    {"storage", SKY_VALUE_GROUP, ROOT(storage), .child = SKY_GROUP_STORAGE,
     .doc = "What is kept, and how much of it."},
    {"directory", SKY_VALUE_PATH, STORAGE(directory), .fallback = "/var/lib/skynetd", .environment = "STATE_DIRECTORY",
     .restart = TRUE,
     .doc = "The database and the evidence. $STATE_DIRECTORY replaces the default."},
    {"evidence_max", SKY_VALUE_SIZE, STORAGE(evidence_bytes_max), RANGE("0", "100TB"), .fallback = "20GB", .restart = TRUE,
     .doc = "Of all clips and pictures; the oldest of closed alerts go first. 0: no limit."},
    {"evidence_age", SKY_VALUE_DURATION, STORAGE(evidence_age_max_ns), RANGE("0", "3650d"), .fallback = "30d", .restart = TRUE,
     .doc = "Clips and pictures older than this go, while the clock is synced, and not for a day after it was set forth by more than one. 0: no limit."},
    {"free_min", SKY_VALUE_SIZE, STORAGE(free_bytes_min), RANGE("0", "10TB"), .fallback = "1GB", .restart = TRUE,
     .doc = "Clips and pictures go where less of the disk is free. 0: they may fill it, and alerts are then kept in memory."},
    {"log_age", SKY_VALUE_DURATION, STORAGE(log_age_max_ns), RANGE("1d", "3650d"), .fallback = "30d", .restart = TRUE,
     .doc = "Revisions of alerts can be asked for again for so long (replay), longer while the clock is not synced."},
    {"queue_rows", SKY_VALUE_INTEGER, STORAGE(queue_rows_max), RANGE("1000", "10000000"), .fallback = "200000", .restart = TRUE,
     .doc = "Messages that may wait for the broker."},
    {"queue_max", SKY_VALUE_SIZE, STORAGE(queue_bytes_max), RANGE("1MB", "100GB"), .fallback = "512MB", .restart = TRUE,
     .doc = "Bytes of them."},
    {"pre_roll", SKY_VALUE_DURATION, STORAGE(pre_roll_ns), RANGE("0", "60s"), .fallback = "5s", .restart = TRUE,
     .doc = "A clip begins so long before its event."},
    {"post_roll", SKY_VALUE_DURATION, STORAGE(post_roll_ns), RANGE("0", "60s"), .fallback = "5s", .restart = TRUE,
     .doc = "And ends so long after it."},
    {"clip_max", SKY_VALUE_DURATION, STORAGE(clip_max_ns), RANGE("5s", "1h"), .fallback = "120s", .restart = TRUE,
     .doc = "A longer event's clip ends here. More than pre_roll and post_roll together."},
    {"image_max", SKY_VALUE_SIZE, STORAGE(image_bytes_max), RANGE("20KB", "2MB"), .fallback = "200KB", .restart = TRUE,
     .doc = "Of one picture; its quality goes down, then its size."},

    /* ---- audiences ---- */
    {"audiences", SKY_VALUE_LIST, ROOT(audiences), .count_offset = offsetof(SkyConfigValues, audience_count),
     .child = SKY_GROUP_AUDIENCE, RANGE("1", "32"), .required = TRUE,
     .doc = "Who hears of alerts, and what each may see. Nothing but the bare alert unless it says so."},
    {"id", SKY_VALUE_ID, AUDIENCE(id), .required = TRUE, .examples = {"duty", "police", "resident"},
     .doc = "The <audience> of its topics. No camera may bear it."},
    {"name", SKY_VALUE_NAME, AUDIENCE(name), .fallback_doc = "the id", .examples = {"值班员", "驻村民警", "村民"},
     .doc = "What people call it."},
    {"pictures", SKY_VALUE_BOOL, AUDIENCE(pictures), .fallback = "false", .examples = {"true", "true"},
     .doc = "Gets the picture."},
    {"path", SKY_VALUE_BOOL, AUDIENCE(path), .fallback = "false", .examples = {"true", "true"},
     .doc = "Gets the box and the path."},
    {"notes", SKY_VALUE_BOOL, AUDIENCE(notes), .fallback = "false", .examples = {"true", "true"},
     .doc = "Gets what people wrote, and who."},
    {"command", SKY_VALUE_BOOL, AUDIENCE(command), .fallback = "false", .examples = {"true", "true"},
     .doc = "May acknowledge, assign, resolve, dismiss, comment."},
    {"arm", SKY_VALUE_BOOL, AUDIENCE(arm), .fallback = "false", .examples = {"true"},
     .doc = "May disarm a camera for a while, arm it again, and, with pictures, ask it for one."},
    {"kinds", SKY_VALUE_FLAGS, AUDIENCE(kinds), .names = kinds, .fallback = "all",
     .examples = {NULL, NULL, "[intrusion, line-cross, dwell]"},
     .doc = "Of which alerts it hears."},

    /* ---- cameras ---- */
    {"cameras", SKY_VALUE_LIST, ROOT(cameras), .count_offset = offsetof(SkyConfigValues, camera_count),
     .child = SKY_GROUP_CAMERA, RANGE("1", "64"), .required = TRUE, .drop_ins = SKY_DROP_INS_FOLDER,
     .doc = "Here, or in files cameras.d/*.yaml beside this one, each a camera or a list of them. A reload restarts only those "
            "that changed."},
    {"id", SKY_VALUE_ID, CAMERA(id), .required = TRUE, .examples = {"gate", "square"},
     .doc = "The <camera> of its topics, and its folder."},
    {"name", SKY_VALUE_NAME, CAMERA(name), .fallback_doc = "the id", .examples = {"村口", "文化广场"},
     .doc = "What people call it."},
    {"enabled", SKY_VALUE_BOOL, CAMERA(enabled), .fallback = "true", .doc = "false: known, but not watched."},
    {"main", SKY_VALUE_URL, CAMERA(main_url), .secret = TRUE, .fallback_doc = "made of vendor and host",
     .examples = {"rtsp://192.0.2.11:554/Streaming/Channels/101"},
     .doc = "Its large stream: clips and pictures are of it, of sub while it is away. user:password@ before the host is taken as user "
            "and password."},
    {"sub", SKY_VALUE_URL, CAMERA(sub_url), .secret = TRUE, .fallback_doc = "the main stream is analysed too",
     .examples = {"rtsp://192.0.2.11:554/Streaming/Channels/102"},
     .doc = "Its small stream: the one that is analysed."},
    {"vendor", SKY_VALUE_ENUM, CAMERA(vendor), .names = vendors, .fallback = "none", .examples = {"#hikvision", "hikvision"},
     .doc = "In place of main and sub: both are made of vendor, host, port and channel. `skynetctl check -v` shows them. onvif: the "
            "camera is asked for them, at each connection."},
    {"host", SKY_VALUE_HOST, CAMERA(host), .examples = {"#192.0.2.11", "192.0.2.12"},
     .doc = "With vendor: the camera's name or address; a link-local one with its interface behind it, as in fe80::1%eth0."},
    {"port", SKY_VALUE_INTEGER, CAMERA(port), RANGE("1", "65535"), .fallback_doc = "554; of onvif 80, or 443 with https",
     .examples = {"#554"}, .doc = "With vendor: its RTSP port; with onvif, its HTTP or HTTPS port."},
    {"https", SKY_VALUE_BOOL, CAMERA(https), .fallback = "false",
     .doc = "With vendor: onvif: the camera is asked by HTTPS, and never by HTTP."},
    {"channel", SKY_VALUE_INTEGER, CAMERA(channel), RANGE("1", "256"), .fallback = "1",
     .doc = "With vendor: 1 for a camera; of a recorder, the number of its input."},
    {"user", SKY_VALUE_NAME, CAMERA(user), .examples = {"#viewer"}, .doc = "The account at the camera."},
    {"password_file", SKY_VALUE_SECRET, CAMERA(password), .secret = TRUE, .examples = {"#gate.password"},
     .doc = "Its password is the first line of this file, which others must not be able to read."},
    {"transport", SKY_VALUE_ENUM, CAMERA(transport), .names = transports, .fallback = "auto",
     .doc = "auto: tcp, or udp where the camera refuses tcp or nothing comes by it; what worked is tried first the next time, over a "
            "restart too."},
    {"pipeline", SKY_VALUE_PIPELINE, CAMERA(pipeline_text), .fallback_doc = "libavformat takes the streams in",
     .examples = {"#rtsp-tcp"},
     .doc = "GStreamer takes both streams in with this text, for what libavformat can not do; -vaapi, -v4l2, -mpp decode too."},
    {"ca_file", SKY_VALUE_FILE, CAMERA(ca_file), .fallback_doc = "any certificate will do", .examples = {"#gate.pem"},
     .doc = "Of a camera with rtsps:// or https: its certificate, or that of the CA that signed it, PEM; its name and dates are not asked. "
            "rtsps:// with pipeline only: libavformat can not ask."},
    {"zones", SKY_VALUE_LIST, CAMERA(zones), .count_offset = offsetof(SkyCameraConfig, zone_count), .child = SKY_GROUP_ZONE,
     RANGE("0", "32"),
     .doc = "Only what moves in one of them counts. None: everywhere counts."},
    {"id", SKY_VALUE_ID, ZONE(zone.id), .required = TRUE, .examples = {"road"}, .doc = "Told in alerts."},
    {"name", SKY_VALUE_NAME, ZONE(name), .fallback_doc = "the id", .examples = {"进村路"},
     .doc = "What people call it."},
    {"points", SKY_VALUE_POLYGON, ZONE(zone.polygon), .required = TRUE,
     .examples = {"[[0.1, 0.5], [0.9, 0.5], [0.9, 1], [0.1, 1]]"},
     .doc = "Its corners."},
    {"dwell", SKY_VALUE_DURATION, ZONE(zone.dwell_ns), RANGE("0", "10m"), .fallback = "0", .examples = {"30s"},
     .doc = "Who stays in it for so long is an event of kind dwell too. Who does not stir for 45 s is not seen any more. 0: never."},
    {"ignore", SKY_VALUE_LIST, CAMERA(ignore), .count_offset = offsetof(SkyCameraConfig, ignore_count), .child = SKY_GROUP_MASK,
     RANGE("0", "32"),
     .doc = "What moves here counts nowhere: a flag, a tree, a television."},
    {"points", SKY_VALUE_POLYGON, .group = SKY_GROUP_MASK, .bytes = sizeof(SkyPolygon), .required = TRUE,
     .examples = {"[[0, 0], [0.2, 0], [0.2, 0.1], [0, 0.1]]"},
     .doc = "Its corners."},
    {"privacy", SKY_VALUE_LIST, CAMERA(privacy), .count_offset = offsetof(SkyCameraConfig, privacy_count),
     .child = SKY_GROUP_MASK, RANGE("0", "32"),
     .doc = "Grey in every picture that leaves this box: windows, doors, yards. Clips have no masks, and stay on it."},
    {"sensitivity", SKY_VALUE_NUMBER, CAMERA(sensitivity), RANGE("0", "1"), .fallback = "0.5",
     .doc = "Higher sees fainter things."},
    {"min_area", SKY_VALUE_NUMBER, CAMERA(min_area), RANGE("0.0001", "0.5"), .fallback = "0.00048",
     .doc = "Smaller things, by their share of the picture, are none. As shipped 15x30 pixels of 1280x720 count."},
    {"decoder", SKY_VALUE_ENUM, CAMERA(decoder), .names = decoders, .fallback = "auto",
     .doc = "auto: vaapi for more than 1280x720, where there is such a device. A device that can not be had is left for software."},
    {"decode_policy", SKY_VALUE_ENUM, CAMERA(decode_policy), .names = decode_policies, .fallback = "adaptive",
     .doc = "adaptive: key frames alone while nothing moves and next to nothing comes between them. full: every picture, always. "
            "keyframes: never another; only where two and more come a second, or nobody is seen."},
    {"analysis_fps", SKY_VALUE_NUMBER, CAMERA(analysis_fps), RANGE("0", "60"), .fallback = "8",
     .doc = "Pictures analysed a second. 0: every one. With fewer than two nobody is seen."},
    {"analysis_width", SKY_VALUE_INTEGER, CAMERA(analysis_width_px), RANGE("64", "1920"), .fallback = "320",
     .doc = "They are made so many pixels wide before; none is made larger."},
    {"min_duration", SKY_VALUE_DURATION, CAMERA(min_duration_ns), RANGE("0", "60s"), .fallback = "400ms",
     .doc = "Something must move for so long before it is an event."},
    {"hold", SKY_VALUE_DURATION, CAMERA(hold_ns), RANGE("500ms", "10m"), .fallback = "3s",
     .doc = "An event ends when nothing has moved for so long."},
    {"tamper", SKY_VALUE_BOOL, CAMERA(tamper), .fallback = "true",
     .doc = "Say where it was covered, blurred or turned, or sees nothing (pictures analysed of less than 96 x 54 are not judged). false: for"
            " one that turns by itself."},
    {"far_foot", SKY_VALUE_NUMBER, CAMERA(perspective.far_foot), RANGE("0.01", "1"), .fallback_doc = "any size will do",
     .examples = {"#0.4"},
     .doc = "With the next three, how tall people are. Where the feet of one far away are, in heights of the picture from its top."},
    {"far_height", SKY_VALUE_NUMBER, CAMERA(perspective.far_height), RANGE("0.01", "2"), .examples = {"#0.06"},
     .doc = "How tall that one is, in heights of the picture. Who is as tall as he should be counts from half of min_area on."},
    {"near_foot", SKY_VALUE_NUMBER, CAMERA(perspective.near_foot), RANGE("0.01", "1"), .examples = {"#0.95"},
     .doc = "The same of one near by. What is no person's or car's size where it stands (snow, insects) is no object then."},
    {"near_height", SKY_VALUE_NUMBER, CAMERA(perspective.near_height), RANGE("0.01", "2"), .examples = {"#0.5"},
     .doc = "And that one's height."},
    {"connect_timeout", SKY_VALUE_DURATION, CAMERA(connect_timeout_ns), RANGE("1s", "60s"), .fallback = "10s",
     .doc = "From the look-up of its name to the first packet asked for."},
    {"stall_timeout", SKY_VALUE_DURATION, CAMERA(stall_timeout_ns), RANGE("1s", "60s"), .fallback = "6s",
     .doc = "A stream without a packet for so long has failed."},
    {"memory", SKY_VALUE_SIZE, CAMERA(memory_bytes_max), RANGE("4MB", "1GB"), .fallback = "24MB",
     .doc = "For what waits to be analysed and for the pre-roll."},
    {"severity", SKY_VALUE_INTEGER, CAMERA(severity), RANGE("1", "4"), .fallback = "3",
     .doc = "Of its alerts: 1 is the highest, the alarm priorities of GB/T 28181."},

    /* ---- the rest ---- */
    {"control_socket", SKY_VALUE_SOCKET, ROOT(control_socket), .fallback = "/run/skynetd/control.sock",
     .environment = "RUNTIME_DIRECTORY", .in_directory = "control.sock", .restart = TRUE,
     .doc = "Where skynetctl finds the daemon. $RUNTIME_DIRECTORY/control.sock replaces the default."},
    {"offline_hold", SKY_VALUE_DURATION, ROOT(offline_hold_ns), RANGE("0", "1h"), .fallback = "60s", .restart = TRUE,
     .doc = "A camera that is gone for less raises no alert."},
    {"alert_expire", SKY_VALUE_DURATION, ROOT(alert_expire_ns), RANGE("1m", "30d"), .fallback = "24h", .restart = TRUE,
     .doc = "An alert that nobody closed closes itself."},
    {"alert_burst", SKY_VALUE_INTEGER, ROOT(alert_burst), RANGE("0", "1000"), .fallback = "20", .restart = TRUE,
     .doc = "Open alerts that one camera may raise in ten minutes; further events are counted in its newest. 0: no limit."},
    {"workers", SKY_VALUE_INTEGER, ROOT(workers), RANGE("0", "64"), .fallback = "0", .restart = TRUE,
     .doc = "Threads that analyse. 0: one a processor core."},
    {0},
};
