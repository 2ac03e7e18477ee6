/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/status.h"

#include <string.h>

static void expect(const char *why, const char *next, const char *until, const char *flooded, const char *slow, const char *note) {
    const struct {
        const char *name, *text;
    } texts[] = {{"camera.gate.why", why},         {"camera.gate.next_try_s", next},     {"camera.gate.disarmed_until", until},
                 {"camera.gate.flooded", flooded}, {"camera.gate.overloaded", slow}};
    g_autoptr(GHashTable) answer = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        if (texts[i].text)
            g_hash_table_insert(answer, (gpointer)texts[i].name, (gpointer)texts[i].text);
    g_autofree char *said = sky_status_camera_note(answer, "gate");
    g_assert_cmpstr(said, ==, note);
}

/* A text that is no time stands as it is. */
static void test_time_zone(void) {
    g_autoptr(GTimeZone) known = g_time_zone_new_identifier("Asia/Shanghai");
    if (!known) {
        g_test_skip("no time zone database here");
        return;
    }
    g_autoptr(GHashTable) answer = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(answer, (gpointer)"camera.gate.disarmed_until", (gpointer)"2026-11-27T20:30:00.500Z");
    g_autofree char *utc = sky_status_camera_note(answer, "gate");
    g_hash_table_insert(answer, (gpointer)"time_zone", (gpointer)"Asia/Shanghai");
    g_autofree char *there = sky_status_camera_note(answer, "gate");
    g_assert_cmpstr(utc, ==, "DISARMED until 2026-11-27T20:30:00.500Z");
    g_assert_cmpstr(there, ==, "DISARMED until 2026-11-28 04:30:00");
}

static void test_plain_keys(void) {
    g_autoptr(GHashTable) answer = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(answer, (gpointer)"camera.gate.plain_keys", (gpointer)"no");
    g_autofree char *fine = sky_status_camera_note(answer, "gate");
    g_hash_table_insert(answer, (gpointer)"camera.gate.plain_keys", (gpointer)"yes");
    g_autofree char *plain = sky_status_camera_note(answer, "gate");
    g_assert_cmpstr(fine, ==, "");
    g_assert_nonnull(strstr(plain, "I-frame interval"));
}

/* Any of them may come with any other. */
static void test_note(void) {
    expect("", NULL, NULL, NULL, NULL, "");
    expect("connect: refused", "7", NULL, NULL, NULL, "connect: refused, next try in 7 s");
    expect("", NULL, "10:00", "many", "slow", "DISARMED until 10:00, many, slow");
    expect("waits", NULL, NULL, NULL, "slow", "waits, slow");
    expect("waits", NULL, NULL, "many", NULL, "waits, many");
    expect("connect: refused", "7", "10:00", NULL, NULL, "connect: refused, next try in 7 s, DISARMED until 10:00");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ctl_status/note", test_note);
    g_test_add_func("/ctl_status/time-zone", test_time_zone);
    g_test_add_func("/ctl_status/plain-keys", test_plain_keys);
    return g_test_run();
}
