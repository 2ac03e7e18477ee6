/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/ctl/doctor_judge.h"

/* The judgement on what is not the box itself: the broker and the cameras. */

#define EXPIRES_SOON_NS (14 * 24 * 3600 * SKY_NS_PER_S)
#define KEY_FRAMES_NS (5 * SKY_NS_PER_S / 2)

/* ---- the broker ---- */

static const char *what_to_do(int failed, gboolean socket) {
    switch (failed) {
    case ECONNREFUSED:
        return socket ? "start the broker: systemctl status mosquitto" : "is the broker running there, is this its port?";
    case ENOENT:
        return "start the broker: systemctl status mosquitto; its `listener 0 PATH` has to name this socket";
    case EACCES:
    case EPERM:
        return "the socket's group has to be one of the service's account: see deploy/README.md";
    case EHOSTUNREACH:
    case ENETUNREACH:
        return "cable, router, VPN: ping it";
    default:
        return "power, cable, firewall in between: ping it";
    }
}

gboolean sky_judge_broker_reach(const SkyReachFacts *facts, SkySheet *sheet) {
    if (facts->unresolved)
        sky_sheet_add(sheet, "broker", facts->place, SKY_DOCTOR_TROUBLE,
                      "broker.host: is the name right; does the box have a DNS server "
                      "(resolvectl status)? an address needs none",
                      "%s", facts->unresolved);
    else if (facts->failed)
        sky_sheet_add(sheet, "broker", facts->place, SKY_DOCTOR_TROUBLE, what_to_do(facts->failed, facts->socket),
                      "can not be reached: %s", g_strerror(facts->failed));
    else
        sky_sheet_add(sheet, "broker", facts->place, SKY_DOCTOR_OK, NULL, "answers");
    return !facts->unresolved && !facts->failed;
}

static void date_text(int64_t utc_ns, char ret_text[SKY_UTC_TEXT_BYTES]) {
    if (utc_ns == SKY_TIME_NONE)
        g_strlcpy(ret_text, "?", SKY_UTC_TEXT_BYTES);
    else
        sky_clock_utc_text(utc_ns, ret_text);
    if (strlen(ret_text) > 10)
        ret_text[10] = '\0'; /* the day */
}

static void judge_dates(const SkyCertificateFacts *facts, const char *check, const char *subject, SkyDoctorMark bad,
                        SkySheet *sheet) {
    char now[SKY_UTC_TEXT_BYTES], begin[SKY_UTC_TEXT_BYTES], end[SKY_UTC_TEXT_BYTES];
    date_text(facts->utc_ns, now);
    date_text(facts->certificate->begin_utc_ns, begin);
    date_text(facts->certificate->end_utc_ns, end);
    const char *doubt = facts->clock_synced ? "" : ", and this clock is not set by the network";
    if (facts->certificate->verdict == SKY_CERTIFICATE_EARLY)
        sky_sheet_add(sheet, check, subject, bad, "most often the clock of this box is wrong: set it first (timedatectl)",
                      "not yet valid: it begins on %s, and the clock of this box says %s%s", begin, now, doubt);
    else if (facts->certificate->verdict == SKY_CERTIFICATE_EXPIRED)
        sky_sheet_add(sheet, check, subject, bad,
                      facts->clock_synced ? "it has to be renewed by whoever runs the broker"
                                          : "look at the clock first (timedatectl); else whoever runs the broker has to renew it",
                      "expired: it ended on %s, and the clock of this box says %s%s", end, now, doubt);
    else if (facts->certificate->end_utc_ns != SKY_TIME_NONE && facts->certificate->end_utc_ns - facts->utc_ns < EXPIRES_SOON_NS)
        sky_sheet_add(sheet, check, subject, SKY_DOCTOR_WARNING, "have it renewed before that day: behind it nothing gets through",
                      "good, but it ends on %s", end);
    else
        sky_sheet_add(sheet, check, subject, SKY_DOCTOR_OK, NULL, "good until %s", end);
}

gboolean sky_judge_certificate(const SkyCertificateFacts *facts, SkySheet *sheet) {
    const SkyCertificate *certificate = facts->certificate;
    SkyDoctorMark bad = facts->verify ? SKY_DOCTOR_TROUBLE : SKY_DOCTOR_WARNING;
    if (!certificate) {
        sky_sheet_add(sheet, "certificate", facts->host, SKY_DOCTOR_TROUBLE,
                      "does this port speak TLS (8883), and broker.tls fit? an own certificate may be wanted (certificate_file)",
                      "%s", facts->why);
        return FALSE;
    }
    switch (certificate->verdict) {
    case SKY_CERTIFICATE_GOOD:
    case SKY_CERTIFICATE_EARLY:
    case SKY_CERTIFICATE_EXPIRED:
        judge_dates(facts, "certificate", facts->host, bad, sheet);
        break;
    case SKY_CERTIFICATE_WRONG_NAME:
        sky_sheet_add(sheet, "certificate", facts->host, bad,
                      "write a name of the certificate into broker.host; or the broker needs a certificate for this name",
                      "it is made out for %s, not for %s", certificate->names[0] ? certificate->names : certificate->subject,
                      facts->host);
        break;
    case SKY_CERTIFICATE_UNKNOWN_CA:
        sky_sheet_add(sheet, "certificate", facts->host, bad,
                      "broker.ca_file has to hold the CA that signed the broker's certificate",
                      "it is signed by '%s', whom this box does not know", certificate->issuer);
        break;
    case SKY_CERTIFICATE_BAD:
        sky_sheet_add(sheet, "certificate", facts->host, bad, "the broker needs a better certificate", "%s", certificate->words);
        break;
    }
    return certificate->verdict == SKY_CERTIFICATE_GOOD || !facts->verify;
}

void sky_judge_certificate_file(const SkyCertificateFacts *facts, const char *check, const char *key, SkySheet *sheet) {
    if (!facts->certificate)
        sky_sheet_add(sheet, check, "", SKY_DOCTOR_TROUBLE, "it has to be a certificate in PEM", "%s: %s", key, facts->why);
    else
        judge_dates(facts, check, "", SKY_DOCTOR_TROUBLE, sheet);
}

void sky_judge_account(const SkyAccountFacts *facts, SkySheet *sheet) {
    const char *account = facts->account ? facts->account : "(none)";
    if (facts->connected && facts->silent_s && facts->silent_s[0])
        sky_sheet_add(sheet, "account", account, SKY_DOCTOR_TROUBLE, "the broker's own log says more: is it overloaded, is its disk full?",
                      "the broker takes it, and has acknowledged nothing that it was sent for %s s: nothing more goes out", facts->silent_s);
    else if (facts->connected && facts->why && facts->why[0])
        sky_sheet_add(sheet, "account", account, SKY_DOCTOR_TROUBLE,
                      "is a second gateway a copy of this one? each needs a site.id and a broker.client_id of its own",
                      "the broker takes it, and throws it out again: %s", facts->why);
    else if (facts->connected)
        sky_sheet_add(sheet, "account", account, SKY_DOCTOR_OK, NULL, "the broker takes it, MQTT %s%s", facts->mqtt,
                      facts->daemon ? ", says the service" : "");
    else if (facts->explained)
        sky_sheet_add(sheet, "account", account, SKY_DOCTOR_UNCHECKED, NULL, "the service is not connected either: %s", facts->why);
    else
        sky_sheet_add(sheet, "account", account, SKY_DOCTOR_TROUBLE,
                      strstr(facts->why, "refuses the account")
                          ? "broker.user and the first line of its password_file; on the broker: mosquitto_passwd, then reload it"
                          : "the broker's own log says more (journalctl -u mosquitto)",
                      "%s%s", facts->daemon ? "the service says: " : "", facts->why[0] ? facts->why : "not connected yet");
}

typedef struct {
    const char *came, *missing, *refused, *advice;
} EchoWords;

static const EchoWords of_audience = {
    "the broker lets alerts for it through",
    "the broker takes a message for it and gives it to nobody: alerts vanish there",
    "the broker refuses messages for it",
    "the broker's access list: our account needs to write and read this audience's topics, see deploy/",
};
static const EchoWords of_commands = {
    "the broker gives us what people send",
    "the broker gives us no commands: nobody can acknowledge over it",
    "the broker refuses our own echo of commands: nobody knows whether it gives us any",
    "the broker's access list: our account needs to read cmd/# of the site, and to write there, see deploy/",
};

void sky_judge_echo(const char *audience, SkyEcho echo, SkySheet *sheet) {
    const EchoWords *words = audience ? &of_audience : &of_commands;
    const char *check = audience ? "audience" : "commands", *subject = audience ? audience : "";
    switch (echo) {
    case SKY_ECHO_CAME:
        sky_sheet_add(sheet, check, subject, SKY_DOCTOR_OK, NULL, "%s", words->came);
        break;
    case SKY_ECHO_MISSING:
        sky_sheet_add(sheet, check, subject, SKY_DOCTOR_TROUBLE, words->advice, "%s", words->missing);
        break;
    case SKY_ECHO_REFUSED:
        sky_sheet_add(sheet, check, subject, SKY_DOCTOR_TROUBLE, words->advice, "%s", words->refused);
        break;
    case SKY_ECHO_EARLY:
        sky_sheet_add(sheet, check, subject, SKY_DOCTOR_UNCHECKED, "ask again in some seconds",
                      "the service has just connected and waits for its own echo");
        break;
    case SKY_ECHO_UNKNOWN:
        sky_sheet_add(sheet, check, subject, SKY_DOCTOR_UNCHECKED, NULL, "there is no connection to try it on");
        break;
    }
}

/* ---- cameras ---- */

static const char *camera_advice(const char *why, SkyErrorCode code) {
    if (strstr(why, "authentication:"))
        return "user and password_file of the camera; do not try again and again: many cameras lock the account after five tries";
    if (strstr(why, "(404)"))
        return "the path of the stream: the camera's handbook or its own pages say it; skynetctl probe URL tries one";
    if (strstr(why, "no key frame"))
        return "among the camera's video settings";
    if (strstr(why, "codec"))
        return "set the camera to H.264";
    return code == SKY_ERR_CONFIG ? "mend it in the configuration, or at the camera" : "restart the camera; power, cable, switch";
}

static void judge_key_frames(const SkyCameraFacts *facts, const char *text, SkySheet *sheet) {
    const SkyLook *look = facts->look;
    static const char shorter[] = "set the camera's I-frame interval to 1 to 2 s: clips begin, and events are seen, sooner";
    if (look->keys > 1 && look->gop_most_ns <= KEY_FRAMES_NS)
        sky_sheet_add(sheet, "camera", facts->camera, SKY_DOCTOR_OK, NULL, "%s, a key frame every %.1f s", text,
                      (double)look->gop_most_ns / SKY_NS_PER_S);
    else if (look->keys > 1)
        sky_sheet_add(sheet, "camera", facts->camera, SKY_DOCTOR_WARNING, shorter, "%s, but a key frame only every %.1f s", text,
                      (double)look->gop_most_ns / SKY_NS_PER_S);
    else
        sky_sheet_add(sheet, "camera", facts->camera, SKY_DOCTOR_WARNING, shorter, "%s, but no second key frame within %.0f s",
                      text, look->seconds);
}

static void judge_stream(const SkyCameraFacts *facts, SkySheet *sheet) {
    const SkyLook *look = facts->look;
    g_autofree char *text = g_strdup_printf("%s stream %s %ux%u, %.0f pictures a second, %.0f kbit/s", facts->stream,
                                            sky_codec_name(look->codec), look->width_px, look->height_px, look->fps,
                                            look->bit_rate / 1000);
    if (look->fps > 0 && look->fps < 3)
        sky_sheet_add(sheet, "camera", facts->camera, SKY_DOCTOR_WARNING, "set it to 10 to 15 pictures a second at the camera",
                      "%s: too few to follow a person", text);
    else if (facts->analysed && look->width_px > 1280)
        sky_sheet_add(sheet, "camera", facts->camera, SKY_DOCTOR_WARNING,
                      "give `sub` a small stream of about 640x360: twelve large ones are too much for a box",
                      "%s: motion is looked for in a large stream", text);
    else
        judge_key_frames(facts, text, sheet);
}

gboolean sky_judge_camera(const SkyCameraFacts *facts, SkySheet *sheet) {
    const SkyLook *look = facts->look;
    if (facts->disabled)
        sky_sheet_add(sheet, "camera", facts->camera, SKY_DOCTOR_UNCHECKED, NULL, "it is disabled in the configuration");
    else if (facts->refused)
        sky_sheet_add(sheet, "camera", facts->camera, SKY_DOCTOR_TROUBLE,
                      "mend it in the configuration and reload; it was not tried once more, for many cameras lock the account "
                      "after five tries",
                      "%s", facts->refused);
    else if (facts->misconfigured)
        sky_sheet_add(sheet, "camera", facts->camera, SKY_DOCTOR_TROUBLE, camera_advice(facts->misconfigured, SKY_ERR_CONFIG), "%s",
                      facts->misconfigured);
    else if (facts->unresolved)
        sky_sheet_add(sheet, "camera", facts->camera, SKY_DOCTOR_TROUBLE, "write the camera's address instead of a name", "%s",
                      facts->unresolved);
    else if (facts->failed)
        sky_sheet_add(sheet, "camera", facts->camera, SKY_DOCTOR_TROUBLE,
                      facts->failed == ECONNREFUSED
                          ? "somebody is there, but not on this port: is RTSP switched on, is it the right box? `skynetctl discover` shows "
                            "where cameras are"
                          : "power, cable, switch; has it got another address? `skynetctl discover` shows where cameras are",
                      "%s can not be reached: %s", facts->place, g_strerror(facts->failed));
    else if (look->packets > 0)
        judge_stream(facts, sheet);
    else if (facts->running)
        sky_sheet_add(sheet, "camera", facts->camera, SKY_DOCTOR_UNCHECKED, NULL,
                      "the service gets pictures of it; a second look at its %s stream was not given: %s", facts->stream,
                      look->why ? look->why : "no picture came");
    else
        sky_sheet_add(sheet, "camera", facts->camera, SKY_DOCTOR_TROUBLE,
                      look->why ? camera_advice(look->why, look->code) : "restart the camera; look at its video settings", "%s stream: %s",
                      facts->stream, look->why ? look->why : "it answers, but sends no picture that decoding can begin with");
    return look && look->packets > 0;
}
