/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/ctl/doctor_judge.h"
#include "daemon/ctl/queue_view.h"

#define DAY_NS (24 * 3600 * SKY_NS_PER_S)
#define NOW_NS (INT64_C(1795000000) * SKY_NS_PER_S) /* in November 2026 */

/* The sheet's only finding. */
static const SkyFinding *only(const SkySheet *sheet) {
    g_assert_cmpuint(sheet->findings->len, ==, 1);
    return sheet->findings->pdata[0];
}

/* Of one judgement: its mark, and that words stand in what was found. Trouble and warnings say what to do. */
static void expect(SkySheet *sheet, SkyDoctorMark mark, const char *words) {
    const SkyFinding *finding = only(sheet);
    if (finding->mark != mark || !strstr(finding->found, words))
        g_error("%s: %s, not %s with \"%s\"", sky_doctor_mark_name(finding->mark), finding->found, sky_doctor_mark_name(mark),
                words);
    if (mark == SKY_DOCTOR_TROUBLE || mark == SKY_DOCTOR_WARNING)
        g_assert_cmpuint(strlen(finding->advice), >, 10);
    g_ptr_array_set_size(sheet->findings, 0);
}

static void clock_case(SkySheet *sheet, gboolean synced, int64_t utc_ns, int64_t last_utc_ns, SkyDoctorMark mark,
                       const char *words) {
    sky_judge_clock(&(SkyClockFacts){.synced = synced, .utc_ns = utc_ns, .last_utc_ns = last_utc_ns}, sheet);
    expect(sheet, mark, words);
}

static void test_clock(void) {
    g_auto(SkySheet) sheet;
    sky_sheet_init(&sheet);
    const int64_t first_ns = INT64_C(1735689600) * SKY_NS_PER_S;
    clock_case(&sheet, TRUE, NOW_NS, SKY_TIME_NONE, SKY_DOCTOR_OK, "set by the network");
    clock_case(&sheet, FALSE, NOW_NS, SKY_TIME_NONE, SKY_DOCTOR_WARNING, "nobody sets it");
    clock_case(&sheet, TRUE, first_ns, SKY_TIME_NONE, SKY_DOCTOR_OK, "2025-01-01");
    clock_case(&sheet, TRUE, first_ns - 1, SKY_TIME_NONE, SKY_DOCTOR_TROUBLE, "can not be");
    clock_case(&sheet, TRUE, INT64_C(4102444800) * SKY_NS_PER_S + 1, SKY_TIME_NONE, SKY_DOCTOR_TROUBLE, "can not be");
    clock_case(&sheet, TRUE, NOW_NS, NOW_NS + 120 * SKY_NS_PER_S, SKY_DOCTOR_OK, "network"); /* a small step back is no fault */
    clock_case(&sheet, TRUE, NOW_NS, NOW_NS + 120 * SKY_NS_PER_S + 1, SKY_DOCTOR_TROUBLE, "already stored");
    clock_case(&sheet, TRUE, INT64_MAX, SKY_TIME_NONE, SKY_DOCTOR_TROUBLE, "can not be");
}

static SkyDiskFacts good_disk(void) {
    return (SkyDiskFacts){.directory = "/d",
                          .is_directory = TRUE,
                          .free_bytes = UINT64_C(32) << 20,
                          .inodes = 1000,
                          .inodes_free = 100,
                          .trial = {.tried = TRUE},
                          .trouble = ""};
}

static void disk_case(SkySheet *sheet, SkyDiskFacts facts, SkyDoctorMark mark, const char *words) {
    sky_judge_disk(&facts, sheet);
    expect(sheet, mark, words);
}

static void test_disk(void) {
    g_auto(SkySheet) sheet;
    sky_sheet_init(&sheet);
    SkyDiskFacts facts = good_disk();
    disk_case(&sheet, facts, SKY_DOCTOR_OK, "free");
    facts.free_bytes--;
    disk_case(&sheet, facts, SKY_DOCTOR_TROUBLE, "it is full");
    facts = good_disk();
    facts.inodes_free--;
    disk_case(&sheet, facts, SKY_DOCTOR_TROUBLE, "no room for more files");
    facts.trial.failed = ENOSPC; /* for that very reason */
    disk_case(&sheet, facts, SKY_DOCTOR_TROUBLE, "no room for more files");
    facts.trial.failed = 0;
    facts.inodes = facts.inodes_free = 0; /* btrfs counts none */
    disk_case(&sheet, facts, SKY_DOCTOR_OK, "free");
    facts.free_bytes_min = facts.free_bytes + 1;
    disk_case(&sheet, facts, SKY_DOCTOR_WARNING, "storage.free_min");
    facts = good_disk();
    facts.trial.took_ns = SKY_NS_PER_S + 1;
    disk_case(&sheet, facts, SKY_DOCTOR_WARNING, "took 1.0 s");
    facts.read_only = TRUE;
    disk_case(&sheet, facts, SKY_DOCTOR_TROUBLE, "read-only");
    static const struct {
        int failed;
        const char *words;
    } writes[] = {{EROFS, "read-only"}, {ENOSPC, "it is full"}, {EDQUOT, "it is full"}, {EIO, "can not be written"}};
    for (guint i = 0; i < G_N_ELEMENTS(writes); i++) {
        facts = good_disk();
        facts.trial.failed = writes[i].failed;
        disk_case(&sheet, facts, SKY_DOCTOR_TROUBLE, writes[i].words);
    }
    facts = good_disk();
    facts.trial.stuck = TRUE;
    facts.trial.took_ns = 5 * SKY_NS_PER_S;
    disk_case(&sheet, facts, SKY_DOCTOR_TROUBLE, "has not come back for 5 s");
    facts = good_disk();
    facts.is_directory = FALSE;
    disk_case(&sheet, facts, SKY_DOCTOR_TROUBLE, "no folder");
    facts.failed = ENOENT;
    disk_case(&sheet, facts, SKY_DOCTOR_TROUBLE, "does not exist");
    facts.failed = EACCES;
    disk_case(&sheet, facts, SKY_DOCTOR_UNCHECKED, "may not look");
    facts.failed = EIO;
    disk_case(&sheet, facts, SKY_DOCTOR_TROUBLE, g_strerror(EIO));
    facts = good_disk();
    facts.trouble = "kept in memory: no space";
    facts.in_memory = TRUE;
    sky_judge_disk(&facts, &sheet); /* the service's word, and what is seen now */
    g_assert_cmpuint(sheet.findings->len, ==, 2);
    g_assert_cmpuint(sky_sheet_count(&sheet, SKY_DOCTOR_TROUBLE), ==, 1);
    facts.trouble = "the disk is stuck";
    facts.in_memory = FALSE; /* alerts are safe */
    sky_judge_disk(&facts, &sheet);
    g_assert_cmpuint(sheet.findings->len, ==, 4);
    g_assert_cmpuint(sky_sheet_count(&sheet, SKY_DOCTOR_WARNING), ==, 1);
}

static void test_may(void) {
    const guint gids[] = {7, 8};
    g_assert_true(sky_judge_may(0000, 1, 1, 0, gids, 2, 7)); /* root */
    g_assert_true(sky_judge_may(0400, 5, 1, 5, gids, 2, 4));
    g_assert_false(sky_judge_may(0044, 5, 8, 5, gids, 2, 4)); /* the owner's own bits count, and no others */
    g_assert_true(sky_judge_may(0040, 1, 8, 5, gids, 2, 4));
    g_assert_false(sky_judge_may(0404, 1, 8, 5, gids, 2, 4));
    g_assert_true(sky_judge_may(0004, 1, 9, 5, gids, 2, 4));
    g_assert_false(sky_judge_may(0770, 1, 9, 5, gids, 2, 1));
    g_assert_false(sky_judge_may(0500, 5, 9, 5, gids, 2, 7));
}

static void file_case(SkySheet *sheet, SkyFileFacts facts, SkyDoctorMark mark, const char *words) {
    facts.path = "/etc/f";
    facts.user = "skynetd";
    sky_judge_file(&facts, sheet);
    expect(sheet, mark, words);
}

static void test_file(void) {
    g_auto(SkySheet) sheet;
    sky_sheet_init(&sheet);
    file_case(&sheet, (SkyFileFacts){.may = TRUE}, SKY_DOCTOR_OK, "skynetd can read it");
    file_case(&sheet, (SkyFileFacts){.may = TRUE, .write = TRUE}, SKY_DOCTOR_OK, "skynetd can write there");
    file_case(&sheet, (SkyFileFacts){.may = FALSE}, SKY_DOCTOR_TROUBLE, "can not read it");
    file_case(&sheet, (SkyFileFacts){.may = TRUE, .blocked = "/etc"}, SKY_DOCTOR_TROUBLE, "may not pass through /etc");
    file_case(&sheet, (SkyFileFacts){.failed = ENOENT}, SKY_DOCTOR_TROUBLE, "No such file");
    file_case(&sheet, (SkyFileFacts){.failed = EACCES}, SKY_DOCTOR_UNCHECKED, "may not look at it");
    file_case(&sheet, (SkyFileFacts){.may = TRUE, .others_read = TRUE}, SKY_DOCTOR_OK, "can read");
    file_case(&sheet, (SkyFileFacts){.may = TRUE, .others_read = TRUE, .secret = TRUE}, SKY_DOCTOR_WARNING, "everybody");
}

static void test_buffers(void) {
    g_auto(SkySheet) sheet;
    sky_sheet_init(&sheet);
    static const struct {
        gboolean udp;
        uint64_t bytes;
        SkyDoctorMark mark;
    } cases[] = {{FALSE, 1, SKY_DOCTOR_OK},
                 {TRUE, 0, SKY_DOCTOR_UNCHECKED},
                 {TRUE, 393215, SKY_DOCTOR_WARNING},
                 {TRUE, 393216, SKY_DOCTOR_OK}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        sky_judge_buffers(&(SkyBufferFacts){.udp = cases[i].udp, .receive_bytes_max = cases[i].bytes}, &sheet);
        expect(&sheet, cases[i].mark, "");
    }
}

static void test_reach(void) {
    g_auto(SkySheet) sheet;
    sky_sheet_init(&sheet);
    g_assert_true(sky_judge_broker_reach(&(SkyReachFacts){.place = "b:1883"}, &sheet));
    expect(&sheet, SKY_DOCTOR_OK, "answers");
    g_assert_false(sky_judge_broker_reach(&(SkyReachFacts){.place = "b:1883", .unresolved = "b: no such name"}, &sheet));
    expect(&sheet, SKY_DOCTOR_TROUBLE, "no such name");
    static const int errors[] = {ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENOENT, EACCES, EIO};
    for (guint i = 0; i < G_N_ELEMENTS(errors); i++) {
        g_assert_false(sky_judge_broker_reach(&(SkyReachFacts){.place = "s", .failed = errors[i], .socket = i % 2}, &sheet));
        expect(&sheet, SKY_DOCTOR_TROUBLE, g_strerror(errors[i]));
    }
}

static void certificate_case(SkySheet *sheet, SkyCertificate certificate, gboolean synced, SkyDoctorMark mark, const char *words) {
    SkyCertificateFacts facts = {
        .certificate = &certificate, .host = "mqtt.example", .verify = TRUE, .clock_synced = synced, .utc_ns = NOW_NS};
    gboolean good = sky_judge_certificate(&facts, sheet);
    g_assert_cmpint(good, ==, certificate.verdict == SKY_CERTIFICATE_GOOD);
    expect(sheet, mark, words);
    facts.verify = FALSE; /* a person has turned it off: no trouble then */
    g_assert_true(sky_judge_certificate(&facts, sheet));
    expect(sheet, mark == SKY_DOCTOR_TROUBLE ? SKY_DOCTOR_WARNING : mark, words);
}

static void test_certificate(void) {
    g_auto(SkySheet) sheet;
    sky_sheet_init(&sheet);
    SkyCertificate good = {
        .begin_utc_ns = NOW_NS - DAY_NS, .end_utc_ns = NOW_NS + 14 * DAY_NS, .issuer = "Town CA", .names = "a, b"};
    certificate_case(&sheet, good, TRUE, SKY_DOCTOR_OK, "good until");
    good.end_utc_ns--;
    certificate_case(&sheet, good, TRUE, SKY_DOCTOR_WARNING, "but it ends on");
    good.verdict = SKY_CERTIFICATE_EXPIRED;
    certificate_case(&sheet, good, TRUE, SKY_DOCTOR_TROUBLE, "expired");
    certificate_case(&sheet, good, FALSE, SKY_DOCTOR_TROUBLE, "this clock is not set");
    good.verdict = SKY_CERTIFICATE_EARLY;
    certificate_case(&sheet, good, FALSE, SKY_DOCTOR_TROUBLE, "not yet valid");
    good.verdict = SKY_CERTIFICATE_WRONG_NAME;
    certificate_case(&sheet, good, TRUE, SKY_DOCTOR_TROUBLE, "made out for a, b, not for mqtt.example");
    good.verdict = SKY_CERTIFICATE_UNKNOWN_CA;
    certificate_case(&sheet, good, TRUE, SKY_DOCTOR_TROUBLE, "signed by 'Town CA'");
    g_assert_false(sky_judge_certificate(&(SkyCertificateFacts){.why = "TLS: no answer", .host = "h"}, &sheet));
    expect(&sheet, SKY_DOCTOR_TROUBLE, "no answer");
}

static void test_account(void) {
    g_auto(SkySheet) sheet;
    sky_sheet_init(&sheet);
    sky_judge_account(&(SkyAccountFacts){.connected = TRUE, .mqtt = "5", .account = "gateway"}, &sheet);
    expect(&sheet, SKY_DOCTOR_OK, "MQTT 5");
    sky_judge_account(&(SkyAccountFacts){.connected = TRUE, .mqtt = "5", .silent_s = "45"}, &sheet);
    expect(&sheet, SKY_DOCTOR_TROUBLE, "acknowledged nothing that it was sent for 45 s");
    sky_judge_account(&(SkyAccountFacts){.connected = TRUE, .mqtt = "5", .why = "is another client using the id gateway?"}, &sheet);
    g_assert_nonnull(strstr(only(&sheet)->advice, "client_id"));
    expect(&sheet, SKY_DOCTOR_TROUBLE, "throws it out again: is another client using the id gateway?");
    sky_judge_account(&(SkyAccountFacts){.why = "the broker refuses the account: gateway", .account = "gateway"}, &sheet);
    g_assert_nonnull(strstr(only(&sheet)->advice, "password_file"));
    expect(&sheet, SKY_DOCTOR_TROUBLE, "refuses the account");
    sky_judge_account(&(SkyAccountFacts){.why = "", .daemon = TRUE}, &sheet);
    expect(&sheet, SKY_DOCTOR_TROUBLE, "not connected yet");
    sky_judge_account(&(SkyAccountFacts){.why = "no such host", .daemon = TRUE, .explained = TRUE}, &sheet);
    expect(&sheet, SKY_DOCTOR_UNCHECKED, "not connected either: no such host");
    static const SkyDoctorMark marks[] = {SKY_DOCTOR_OK, SKY_DOCTOR_TROUBLE, SKY_DOCTOR_TROUBLE, SKY_DOCTOR_UNCHECKED};
    for (guint i = 0; i < G_N_ELEMENTS(marks); i++) {
        sky_judge_echo("duty", (SkyEcho)i, &sheet);
        expect(&sheet, marks[i], "");
        sky_judge_echo(NULL, (SkyEcho)i, &sheet);
        expect(&sheet, marks[i], "");
    }
}

static void camera_case(SkySheet *sheet, SkyCameraFacts facts, SkyDoctorMark mark, const char *words) {
    facts.camera = "gate";
    facts.place = "10.0.0.5 port 554";
    facts.stream = "main";
    gboolean sends = sky_judge_camera(&facts, sheet);
    g_assert_cmpint(sends, ==, facts.look && facts.look->packets > 0);
    expect(sheet, mark, words);
}

static void test_camera_reached(void) {
    g_auto(SkySheet) sheet;
    sky_sheet_init(&sheet);
    SkyLook look = {.packets = 75,
                    .codec = SKY_CODEC_H264,
                    .width_px = 640,
                    .height_px = 360,
                    .fps = 15,
                    .seconds = 5,
                    .bit_rate = 5e5,
                    .keys = 2,
                    .gop_most = 37,
                    .gop_most_ns = 5 * SKY_NS_PER_S / 2};
    SkyCameraFacts facts = {.look = &look, .analysed = TRUE};
    camera_case(&sheet, facts, SKY_DOCTOR_OK, "H.264 640x360, 15 pictures a second, 500 kbit/s, a key frame every 2.5 s");
    look.gop_most_ns++;
    camera_case(&sheet, facts, SKY_DOCTOR_WARNING, "only every 2.5 s");
    look.keys = 1;
    camera_case(&sheet, facts, SKY_DOCTOR_WARNING, "no second key frame within 5 s");
    look.width_px = 1280;
    camera_case(&sheet, facts, SKY_DOCTOR_WARNING, "no second key frame");
    look.width_px = 1281;
    camera_case(&sheet, facts, SKY_DOCTOR_WARNING, "in a large stream");
    facts.analysed = FALSE;
    camera_case(&sheet, facts, SKY_DOCTOR_WARNING, "no second key frame");
    look.fps = 2.9;
    camera_case(&sheet, facts, SKY_DOCTOR_WARNING, "too few");
}

static void test_camera_refused(void) {
    g_auto(SkySheet) sheet;
    sky_sheet_init(&sheet);
    camera_case(&sheet, (SkyCameraFacts){.disabled = TRUE}, SKY_DOCTOR_UNCHECKED, "disabled");
    camera_case(&sheet, (SkyCameraFacts){.refused = "authentication: refused"}, SKY_DOCTOR_TROUBLE, "authentication: refused");
    sky_judge_camera(&(SkyCameraFacts){.camera = "gate", .misconfigured = "the service says: no such path (404)"}, &sheet);
    g_assert_nonnull(strstr(only(&sheet)->advice, "the path of the stream"));
    expect(&sheet, SKY_DOCTOR_TROUBLE, "the service says");
    camera_case(&sheet, (SkyCameraFacts){.unresolved = "no such name"}, SKY_DOCTOR_TROUBLE, "no such name");
    camera_case(&sheet, (SkyCameraFacts){.failed = ETIMEDOUT}, SKY_DOCTOR_TROUBLE, "10.0.0.5 port 554 can not be reached");
    SkyLook look = {.why = (char *)"authentication: DESCRIBE: user or password refused (401)", .code = SKY_ERR_CONFIG};
    sky_judge_camera(&(SkyCameraFacts){.camera = "gate", .stream = "main", .look = &look}, &sheet);
    g_assert_nonnull(strstr(only(&sheet)->advice, "five tries"));
    expect(&sheet, SKY_DOCTOR_TROUBLE, "password refused");
    look.why = (char *)"stream: no key frame for 60 s: set the camera's I-frame interval to 1 to 2 s";
    look.code = SKY_ERR_RETRY;
    sky_judge_camera(&(SkyCameraFacts){.camera = "gate", .stream = "main", .look = &look}, &sheet);
    g_assert_nonnull(strstr(only(&sheet)->advice, "video settings")); /* and no power or cable */
    expect(&sheet, SKY_DOCTOR_TROUBLE, "I-frame interval");
    camera_case(&sheet, (SkyCameraFacts){.look = &look, .running = TRUE}, SKY_DOCTOR_UNCHECKED, "gets pictures");
    look.why = NULL;
    camera_case(&sheet, (SkyCameraFacts){.look = &look}, SKY_DOCTOR_TROUBLE, "sends no picture");
}

/* Whatever a camera or a broker says: no password, nothing that moves the cursor. */
static void test_sheet(void) {
    g_auto(SkySheet) sheet;
    sky_sheet_init(&sheet);
    sky_sheet_add(&sheet, "camera", "gate\x1b[2J", SKY_DOCTOR_TROUBLE, "do it", "%s",
                  "rtsp://viewer:s3cret@10.0.0.5/x\x1b]0;\n failed");
    sky_sheet_add(&sheet, "clock", "", SKY_DOCTOR_OK, NULL, "fine");
    g_autofree char *text = sky_sheet_text(&sheet);
    g_autofree char *json = sky_sheet_json(&sheet);
    g_assert_null(strstr(text, "s3cret"));
    g_assert_null(strstr(json, "s3cret"));
    g_assert_null(strchr(text, '\x1b'));
    g_assert_nonnull(strstr(text, "             -> do it\nok           clock: fine\n"));
    g_auto(GStrv) lines = g_strsplit(json, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 3); /* the last is empty */
    g_assert_cmpstr(lines[1], ==, "{\"check\":\"clock\",\"subject\":\"\",\"verdict\":\"ok\",\"found\":\"fine\",\"do\":\"\"}");
}

static void test_span(void) {
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {{-1, "0 s"},         {119, "119 s"},          {120, "2 min"},     {7199, "119 min"},
                 {7200, "2 h 0 min"}, {172799, "47 h 59 min"}, {172800, "2 d 0 h"}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = sky_queue_span(cases[i].seconds);
        g_assert_cmpstr(text, ==, cases[i].text);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ctl_doctor/clock", test_clock);
    g_test_add_func("/ctl_doctor/disk", test_disk);
    g_test_add_func("/ctl_doctor/may", test_may);
    g_test_add_func("/ctl_doctor/file", test_file);
    g_test_add_func("/ctl_doctor/buffers", test_buffers);
    g_test_add_func("/ctl_doctor/reach", test_reach);
    g_test_add_func("/ctl_doctor/certificate", test_certificate);
    g_test_add_func("/ctl_doctor/account", test_account);
    g_test_add_func("/ctl_doctor/camera-reached", test_camera_reached);
    g_test_add_func("/ctl_doctor/camera-refused", test_camera_refused);
    g_test_add_func("/ctl_doctor/sheet", test_sheet);
    g_test_add_func("/ctl_doctor/span", test_span);
    return g_test_run();
}
