/* SPDX-License-Identifier: Apache-2.0 */
#include "support/rtsp_stage.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/lock.h"
#include "base/thread.h"

#define RTP_BYTES 1400
#define GROUP "239.255.42.1" /* of this network alone, RFC 2365 */

struct RtspStage {
    RtspStageScript script;
    const ClipCatch *clip;
    char *url;
    int listener, group; /* group: the socket that sends to it, -1 */
    uint16_t group_port;
    SkyThread *thread;
    atomic_bool stop;
    SkyLock lock;
    GString *requests;
    uint16_t sequence;
    guint connections; /* so far */
};

/* FALSE: gone, or told to stop. */
static gboolean send_all(RtspStage *stage, int client, const void *data, gsize bytes) {
    const uint8_t *at = data;
    while (bytes > 0) {
        struct pollfd ready = {.fd = client, .events = POLLOUT};
        if (atomic_load(&stage->stop))
            return FALSE;
        if (poll(&ready, 1, 50) <= 0)
            continue;
        ssize_t sent = send(client, at, bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent <= 0)
            return FALSE;
        at += sent;
        bytes -= (gsize)sent;
    }
    return TRUE;
}

static gboolean send_text(RtspStage *stage, int client, const char *text) {
    return send_all(stage, client, text, strlen(text));
}

/* One request. FALSE: gone, or told to stop. */
static gboolean read_request(RtspStage *stage, int client, GString *request) {
    g_string_truncate(request, 0);
    while (!g_str_has_suffix(request->str, "\r\n\r\n")) {
        struct pollfd ready = {.fd = client, .events = POLLIN};
        char byte;
        if (atomic_load(&stage->stop))
            return FALSE;
        if (poll(&ready, 1, 50) <= 0)
            continue;
        if (recv(client, &byte, 1, 0) != 1)
            return FALSE;
        g_string_append_c(request, byte);
    }
    sky_lock_enter(&stage->lock);
    g_string_append(stage->requests, request->str);
    sky_lock_leave(&stage->lock);
    return TRUE;
}

static void append_sprop(GString *sdp, const ClipCatch *clip) {
    gsize bytes = 0;
    const uint8_t *sets = sky_stream_info_parameter_sets(sky_packet_info(clip_catch_at(clip, 0)), &bytes);
    const char *comma = "; sprop-parameter-sets=";
    for (gsize at = 4; at < bytes;) { /* each stands behind four bytes of start code */
        gsize end = at;
        while (end < bytes && memcmp(sets + end, "\0\0\0\1", 4) != 0)
            end++;
        g_autofree char *text = g_base64_encode(sets + at, end - at);
        g_string_append_printf(sdp, "%s%s", comma, text);
        comma = ",";
        at = end + 4;
    }
}

static char *make_sdp(const RtspStage *stage) {
    if (stage->script.sdp != NULL)
        return g_strdup(stage->script.sdp);
    GString *sdp = g_string_new("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=stage\r\nt=0 0\r\n");
    if (stage->script.with_audio)
        g_string_append(sdp, "m=audio 0 RTP/AVP 0\r\na=control:sound\r\n");
    g_string_append(sdp, "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1");
    if (!stage->script.no_sprop)
        append_sprop(sdp, stage->clip);
    g_string_append(sdp, "\r\na=control:picture\r\n");
    return g_string_free(sdp, FALSE);
}

static gboolean answer(RtspStage *stage, int client, const char *request) {
    const char *number = strstr(request, "CSeq: ");
    int sequence = number != NULL ? atoi(number + 6) : 0;
    g_autofree char *body = NULL;
    const RtspStageScript *script = &stage->script;
    g_autofree char *head = NULL;
    const char *status = "200 OK", *more = "";
    if (g_str_has_prefix(request, "DESCRIBE") && script->location != NULL) {
        status = "302 Moved Temporarily";
        more = head = g_strdup_printf("Location: %s\r\n", script->location);
    } else if (g_str_has_prefix(request, "DESCRIBE")) {
        status = stage->script.describe_status != NULL ? stage->script.describe_status : status;
        head = g_strdup_printf("WWW-Authenticate: %s\r\n", script->challenge ? script->challenge : "Digest realm=\"stage\", nonce=\"abc\"");
        more = g_str_has_prefix(status, "401") ? head : "Content-Type: application/sdp\r\n";
        body = g_str_has_prefix(status, "200") ? make_sdp(stage) : NULL;
    } else if (g_str_has_prefix(request, "SETUP")) {
        status = stage->script.setup_status != NULL ? stage->script.setup_status : status;
        g_autofree char *group = g_strdup_printf("RTP/AVP;multicast;destination=" GROUP ";port=%d-%d;ttl=1", stage->group_port,
                                                 stage->group_port + 1);
        more = head = g_strdup_printf("Session: 7;timeout=%d\r\nTransport: %s\r\n", script->session_s > 0 ? script->session_s : 60,
                                      script->multicast ? group : "RTP/AVP/TCP;unicast;interleaved=0-1");
    } else {
        more = head = g_strdup_printf("Session: 7\r\nPublic: %s\r\n", script->public_verbs != NULL
                                                                         ? script->public_verbs
                                                                         : "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN");
    }
    g_autofree char *reply = g_strdup_printf("RTSP/1.0 %s\r\nCSeq: %d\r\n%sContent-Length: %zu\r\n\r\n%s", status, sequence, more,
                                             body != NULL ? strlen(body) : 0, body != NULL ? body : "");
    return send_text(stage, client, reply);
}

static gboolean send_rtp(RtspStage *stage, int client, uint32_t stamp, gboolean marker, const uint8_t *head, gsize head_bytes,
                         const uint8_t *data, gsize bytes) {
    uint8_t packet[16 + 2 + RTP_BYTES] = {'$', 0};
    gsize length = 12 + head_bytes + bytes;
    packet[2] = (uint8_t)(length >> 8);
    packet[3] = (uint8_t)length;
    packet[4] = 0x80;
    packet[5] = marker ? 96 | 0x80 : 96;
    packet[6] = (uint8_t)(stage->sequence >> 8);
    packet[7] = (uint8_t)stage->sequence;
    stage->sequence++;
    uint32_t stamp_be = htonl(stamp), source_be = htonl(0x12345678);
    memcpy(packet + 8, &stamp_be, 4);
    memcpy(packet + 12, &source_be, 4);
    if (head_bytes > 0)
        memcpy(packet + 16, head, head_bytes);
    memcpy(packet + 16 + head_bytes, data, bytes);
    if (stage->group >= 0)
        return send(stage->group, packet + 4, length, MSG_NOSIGNAL) == (ssize_t)length;
    return send_all(stage, client, packet, 4 + length);
}

/* RFC 6184: as one packet, or in fragments (FU-A). */
static gboolean send_nal(RtspStage *stage, int client, uint32_t stamp, gboolean last, const uint8_t *nal, gsize bytes) {
    if (bytes <= RTP_BYTES)
        return send_rtp(stage, client, stamp, last, NULL, 0, nal, bytes);
    for (gsize at = 1; at < bytes; at += RTP_BYTES) {
        gsize part = MIN(bytes - at, RTP_BYTES);
        gboolean end = at + part == bytes;
        const uint8_t head[] = {(nal[0] & 0xe0) | 28, (uint8_t)((at == 1 ? 0x80 : 0) | (end ? 0x40 : 0) | (nal[0] & 0x1f))};
        if (!send_rtp(stage, client, stamp, last && end, head, sizeof head, nal + at, part))
            return FALSE;
    }
    return TRUE;
}

static gsize next_start(const uint8_t *data, gsize bytes, gsize at) {
    while (at + 3 <= bytes && memcmp(data + at, "\0\0\1", 3) != 0)
        at++;
    return at + 3 <= bytes ? at : bytes;
}

static gboolean send_unit(RtspStage *stage, int client, uint32_t stamp, SkyPacket *packet) {
    const uint8_t *data = sky_packet_data(packet);
    gsize bytes = sky_packet_size_bytes(packet);
    for (gsize at = next_start(data, bytes, 0); at < bytes;) {
        gsize next = next_start(data, bytes, at + 3);
        gsize end = next < bytes && next > 0 && data[next - 1] == 0 ? next - 1 : next; /* a four-byte start code */
        if (!send_nal(stage, client, stamp, next == bytes, data + at + 3, end - at - 3))
            return FALSE;
        at = next;
    }
    return TRUE;
}

static void send_garbage(RtspStage *stage, int client) {
    g_autoptr(GRand) dice = g_rand_new_with_seed(9);
    uint8_t noise[800];
    for (uint32_t i = 0;; i++) {
        for (gsize b = 0; b < sizeof noise; b++)
            noise[b] = (uint8_t)g_rand_int(dice);
        noise[0] |= 0x80; /* forbidden_zero_bit: no NAL unit by any chance */
        if (!send_rtp(stage, client, i * 3600, TRUE, NULL, 0, noise, sizeof noise))
            return;
        g_usleep(2000);
    }
}

static gboolean send_picture(RtspStage *stage, int client, guint i) {
    const RtspStageScript *script = &stage->script;
    static const uint8_t odd[] = {27, 0, 0, 0, 2, 0, 0, 0, 0, 9, 16}, long_end[] = {10, 9, 9, 9, 9, 9, 9, 9};
    uint32_t stamp = script->stamp != NULL ? script->stamp(i) : 0xfffff000u + i * 3600;
    if (script->odd_types && i >= 25 && !send_rtp(stage, client, stamp, FALSE, NULL, 0, odd, sizeof odd))
        return FALSE;
    if (!send_unit(stage, client, stamp, clip_catch_at(stage->clip, script->first + i)))
        return FALSE;
    return !script->odd_types || i % 25 != 24 || send_rtp(stage, client, stamp, TRUE, NULL, 0, long_end, sizeof long_end);
}

/* Requests that come until the next picture are answered among the data. */
static gboolean pause_and_answer(RtspStage *stage, int client, GString *request) {
    int64_t until_us = g_get_monotonic_time() + stage->script.pace_ms * 1000;
    for (int64_t left_us; (left_us = until_us - g_get_monotonic_time()) > 0;) {
        struct pollfd ready = {.fd = client, .events = POLLIN};
        if (poll(&ready, 1, (int)(left_us / 1000) + 1) > 0 &&
            (!read_request(stage, client, request) || !answer(stage, client, request->str)))
            return FALSE;
    }
    return !atomic_load(&stage->stop);
}

static void play(RtspStage *stage, int client, GString *request) {
    const RtspStageScript *script = &stage->script;
    guint count = script->count > 0 ? script->count : stage->clip->packets->len - script->first;
    for (guint i = script->early; i < count; i++)
        if (!send_picture(stage, client, i) || (script->pace_ms > 0 && !pause_and_answer(stage, client, request)))
            return;
    if (script->end == RTSP_STAGE_GARBAGE)
        send_garbage(stage, client);
    else if (script->end == RTSP_STAGE_HOLD)
        while (read_request(stage, client, request))
            ;
}

static void serve(RtspStage *stage, int client) {
    g_autoptr(GString) request = g_string_new(NULL);
    while (read_request(stage, client, request)) {
        if (stage->script.mute || (stage->script.mute_after > 0 && stage->connections > stage->script.mute_after) ||
            (stage->script.mute_at_play && g_str_has_prefix(request->str, "PLAY")))
            continue;
        for (guint i = 0; g_str_has_prefix(request->str, "PLAY") && i < stage->script.early; i++)
            if (!send_picture(stage, client, i))
                return;
        if (!(stage->script.raw_reply != NULL ? send_text(stage, client, stage->script.raw_reply)
                                              : answer(stage, client, request->str)))
            return;
        if (g_str_has_prefix(request->str, "PLAY")) {
            play(stage, client, request);
            return;
        }
    }
}

static void run(gpointer user) {
    RtspStage *stage = user;
    while (!atomic_load(&stage->stop)) {
        struct pollfd ready = {.fd = stage->listener, .events = POLLIN};
        if (poll(&ready, 1, 50) <= 0)
            continue;
        sky_autofd client = accept(stage->listener, NULL, NULL);
        stage->connections += client >= 0;
        if (client >= 0)
            serve(stage, client);
    }
}

static void open_group(RtspStage *stage) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = inet_addr(GROUP)};
    stage->group_port = (uint16_t)(20000 + g_random_int_range(0, 10000) * 2);
    address.sin_port = htons(stage->group_port);
    stage->group = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(connect(stage->group, (struct sockaddr *)&address, sizeof address), ==, 0);
}

RtspStage *rtsp_stage_new(const RtspStageScript *script, const ClipCatch *clip) {
    RtspStage *stage = g_new0(RtspStage, 1);
    stage->script = *script;
    stage->clip = clip;
    stage->sequence = 0xfff0; /* wraps soon */
    stage->requests = g_string_new(NULL);
    sky_lock_init(&stage->lock);
    stage->group = -1;
    if (script->multicast)
        open_group(stage);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof address;
    stage->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(stage->listener, (struct sockaddr *)&address, bytes), ==, 0);
    g_assert_cmpint(listen(stage->listener, 4), ==, 0);
    g_assert_cmpint(getsockname(stage->listener, (struct sockaddr *)&address, &bytes), ==, 0);
    stage->url = g_strdup_printf("rtsp://127.0.0.1:%d/cam", ntohs(address.sin_port));
    stage->thread = sky_thread_start("rtsp-stage", run, stage, NULL);
    return stage;
}

void rtsp_stage_free(RtspStage *stage) {
    if (stage == NULL)
        return;
    atomic_store(&stage->stop, TRUE);
    sky_thread_join(stage->thread);
    sky_close_fd(&stage->listener);
    sky_close_fd(&stage->group);
    sky_lock_clear(&stage->lock);
    g_string_free(stage->requests, TRUE);
    g_free(stage->url);
    g_free(stage);
}

const char *rtsp_stage_url(const RtspStage *stage) {
    return stage->url;
}

char *rtsp_stage_requests(RtspStage *stage) {
    sky_lock_enter(&stage->lock);
    char *requests = g_strdup(stage->requests->str);
    sky_lock_leave(&stage->lock);
    return requests;
}
