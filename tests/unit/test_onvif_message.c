/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "source/onvif_message.h"

#define BODY(text) "<?xml version=\"1.0\"?><e:Envelope xmlns:e=\"x\"><e:Body>" text "</e:Body></e:Envelope>"
#define TIME(text) BODY("<d:GetSystemDateAndTimeResponse><d:SystemDateAndTime>" text "</d:SystemDateAndTime></d:GetSystemDateAndTimeResponse>")
#define PROFILE(token, source, width, height)                                                                                          \
    "<m:Profiles token=\"" token "\"><t:VideoSourceConfiguration token=\"x\"><t:SourceToken>" source "</t:SourceToken>"                \
    "</t:VideoSourceConfiguration><t:VideoEncoderConfiguration token=\"y\"><t:Resolution><t:Width>" width "</t:Width><t:Height>"       \
    height "</t:Height></t:Resolution></t:VideoEncoderConfiguration></m:Profiles>"
#define PROFILES(text) BODY("<m:GetProfilesResponse>" text "</m:GetProfilesResponse>")

/* The example of the ONVIF Application Programmer's Guide, "User name token profile". */
static void test_digest(void) {
    gsize bytes;
    g_autofree guchar *nonce = g_base64_decode("LKqI6G/AikKCQrN0zqZFlg==", &bytes);
    g_autofree char *digest = sky_onvif_digest(nonce, bytes, "2010-09-16T07:50:45Z", "userpassword");
    g_assert_cmpstr(digest, ==, "tuOSpGlFlIXsozq4HFNeeGeFLEI=");
}

static void test_questions(void) {
    const SkyOnvifToken token = {.user = "a<b&", .password = "secret", .utc_ns = 0};
    g_autofree char *stream = sky_onvif_ask_stream(&token, "p\"<1");
    g_assert_nonnull(strstr(stream, "<w:Username>a&lt;b&amp;</w:Username>"));
    g_assert_nonnull(strstr(stream, "<ProfileToken>p&quot;&lt;1</ProfileToken>"));
    g_assert_nonnull(strstr(stream, "1970-01-01T00:00:00.000Z"));
    g_assert_null(strstr(stream, "secret"));
    const SkyOnvifToken nobody = {0};
    g_autofree char *profiles = sky_onvif_ask_profiles(&nobody);
    g_assert_null(strstr(profiles, "Header"));
}

static void test_clock(void) {
    static const char right[] = TIME("<t:LocalDateTime><t:Date><t:Year>1999</t:Year></t:Date></t:LocalDateTime><t:UTCDateTime><t:Time>"
                                     "<t:Hour>3</t:Hour><t:Minute>4</t:Minute><t:Second>5</t:Second></t:Time><t:Date><t:Year>2026</t:Year>"
                                     "<t:Month>11</t:Month><t:Day>22</t:Day></t:Date></t:UTCDateTime>");
    static const char none[] = TIME("<t:UTCDateTime/>"), odd[] = TIME("<t:UTCDateTime><t:Date><t:Year>99999</t:Year></t:Date></t:UTCDateTime>");
    g_autoptr(GError) error = NULL;
    int64_t utc_ns = 0, wanted_ns;
    g_assert_true(sky_clock_utc_parse("2026-11-22T03:04:05Z", &wanted_ns));
    g_assert_true(sky_onvif_read_clock(right, strlen(right), &utc_ns, &error));
    g_assert_cmpint(utc_ns, ==, wanted_ns);
    g_assert_false(sky_onvif_read_clock(none, strlen(none), &utc_ns, &error));
    g_assert_error(error, SKY_ERROR, SKY_ERR_RETRY);
    g_clear_error(&error);
    g_assert_false(sky_onvif_read_clock(odd, strlen(odd), &utc_ns, &error));
    g_assert_cmpint(utc_ns, ==, wanted_ns);
}

static void chosen(const char *text, uint32_t channel, gboolean sub, const char *wanted) {
    g_autoptr(GError) error = NULL;
    g_autofree char *profile = sky_onvif_read_profile(text, strlen(text), channel, sub, &error);
    g_assert_cmpstr(profile, ==, wanted);
    if (!wanted)
        g_assert_error(error, SKY_ERROR, SKY_ERR_CONFIG);
}

static void test_profiles(void) {
    static const char recorder[] = PROFILES(PROFILE("s1", "in1", "640", "360") PROFILE("m1", "in1", "1920", "1080")
                                            PROFILE("m2", "in2", "1280", "720") PROFILE("t1", "in1", "704", "576")
                                            "<m:Profiles token=\"audio\"><t:VideoSourceConfiguration><t:SourceToken>in1</t:SourceToken>"
                                            "</t:VideoSourceConfiguration></m:Profiles>");
    chosen(recorder, 1, FALSE, "m1");
    chosen(recorder, 1, TRUE, "s1");
    chosen(recorder, 2, FALSE, "m2");
    chosen(recorder, 2, TRUE, "m2");
    chosen(recorder, 3, FALSE, NULL);
    chosen(PROFILES(PROFILE("gbk", "\xd6\xf7\xc2\xeb\xc1\xf7", "640", "360")), 1, FALSE, "gbk");
    chosen(PROFILES(""), 1, FALSE, NULL);
    chosen(PROFILES(PROFILE("m", "in", "nonsense", "-1")), 1, FALSE, NULL);
}

/* A recorder with 64 inputs, each with two streams and with all that a profile holds: 5 kB each. */
static void test_recorder(void) {
    g_autoptr(GString) rest = g_string_new(NULL);
    for (guint i = 0; i < 20; i++)
        g_string_append_printf(rest, "<t:AnalyticsModule Name=\"CellMotionModule%u\" Type=\"t:CellMotionEngine\"><t:Parameters>"
                               "<t:SimpleItem Name=\"Sensitivity\" Value=\"60\"/><t:ElementItem Name=\"Layout\"><t:Columns>22</t:Columns>"
                               "</t:ElementItem></t:Parameters></t:AnalyticsModule>", i);
    g_autoptr(GString) text = g_string_new("<Body><GetProfilesResponse>");
    for (guint input = 1; input <= 64; input++)
        for (guint stream = 1; stream <= 2; stream++)
            g_string_append_printf(text, "<Profiles token=\"P%u-%u\"><VideoSourceConfiguration><SourceToken>S%u</SourceToken>"
                                   "</VideoSourceConfiguration><VideoEncoderConfiguration><Resolution><Width>%u</Width><Height>%u</Height>"
                                   "</Resolution></VideoEncoderConfiguration>%s</Profiles>", input, stream, input, 1920 / stream,
                                   1080 / stream, rest->str);
    g_string_append(text, "</GetProfilesResponse></Body>");
    g_test_message("%" G_GSIZE_FORMAT " bytes", text->len);
    chosen(text->str, 64, TRUE, "P64-2");
    chosen(text->str, 64, FALSE, "P64-1");
}

static void fails(const char *text, gsize bytes, SkyErrorCode code, const char *words) {
    g_autoptr(GError) error = NULL;
    g_assert_null(sky_onvif_read_stream(text, bytes, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, SKY_ERROR, (int)code);
    g_assert_nonnull(strstr(error->message, words));
}

#define FAULT(value) BODY("<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>" value "</e:Value></e:Subcode></e:Code>"     \
                          "<e:Reason><e:Text>no,\nsir</e:Text></e:Reason></e:Fault>")

/* Long names, one in the other, and thousands of fields in the innermost: each field has its path with it. */
static void test_long_path(void) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < 12; i++)
        g_string_append_printf(text, "<a%0100u>", i);
    for (guint i = 0; i < 8000; i++)
        g_string_append(text, "<b/>");
    for (guint i = 12; i-- > 0;)
        g_string_append_printf(text, "</a%0100u>", i);
    fails(text->str, text->len, SKY_ERR_RETRY, "more than is taken");
}

static void test_failures(void) {
    static const char refused[] = FAULT("ter:NotAuthorized"), failed[] = FAULT("wsse:FailedAuthentication"), busy[] = FAULT("ter:Action");
    static const char other[] = BODY("<d:GetCapabilitiesResponse/>"), empty[] = BODY("<m:GetStreamUriResponse/>");
    fails(refused, strlen(refused), SKY_ERR_CONFIG, "authentication: refused by ONVIF (no, sir)");
    fails(failed, strlen(failed), SKY_ERR_CONFIG, "authentication: ");
    fails(busy, strlen(busy), SKY_ERR_RETRY, "the camera says: no, sir");
    fails(other, strlen(other), SKY_ERR_RETRY, "something else than it was asked");
    fails(empty, strlen(empty), SKY_ERR_RETRY, "does not name the stream");
    fails("", 0, SKY_ERR_RETRY, "no XML");
    fails(NULL, 0, SKY_ERR_RETRY, "no XML"); /* Content-Length: 0 */
    fails("<a", 2, SKY_ERR_RETRY, "no XML");
    g_autofree char *deep = g_strnfill(40 * 3, 'x');
    for (guint i = 0; i < 40; i++)
        memcpy(deep + (gsize)i * 3, "<a>", 3);
    fails(deep, 120, SKY_ERR_RETRY, "more than is taken");
    g_autofree char *path = g_strnfill(2100, 'a');
    g_autofree char *half = g_strconcat("<b><GetStreamUriResponse><MediaUri><Uri>rtsp://h/", path, "</Uri></MediaUri></GetStreamUriResponse></b>",
                                        NULL);
    fails(half, strlen(half), SKY_ERR_RETRY, "does not name the stream"); /* never half a URL */
    g_autofree char *large = g_strnfill(SKY_ONVIF_ANSWER_BYTES_MAX + 1, ' ');
    fails(large, SKY_ONVIF_ANSWER_BYTES_MAX + 1, SKY_ERR_RETRY, "more than is taken");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/onvif_message/digest", test_digest);
    g_test_add_func("/onvif_message/questions", test_questions);
    g_test_add_func("/onvif_message/clock", test_clock);
    g_test_add_func("/onvif_message/profiles", test_profiles);
    g_test_add_func("/onvif_message/recorder", test_recorder);
    g_test_add_func("/onvif_message/failures", test_failures);
    g_test_add_func("/onvif_message/long-path", test_long_path);
    return g_test_run();
}
