/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "daemon/arming.h"

#define T0 (INT64_C(1795500000) * SKY_NS_PER_S)

static void test_limit(void) {
    int64_t until_ns = 0;
    g_assert_true(sky_arming_limit(SKY_TIME_NONE, T0, &until_ns));
    g_assert_cmpint(until_ns, ==, T0 + SKY_DISARM_DEFAULT_NS);
    g_assert_true(sky_arming_limit(T0 + 1, T0, &until_ns));
    g_assert_cmpint(until_ns, ==, T0 + 1);
    g_assert_true(sky_arming_limit(T0 + SKY_DISARM_MAX_NS, T0, &until_ns));
    g_assert_false(sky_arming_limit(T0, T0, &until_ns));
    g_assert_false(sky_arming_limit(T0 + SKY_DISARM_MAX_NS + 1, T0, &until_ns));
    g_assert_cmpint(until_ns, ==, T0 + SKY_DISARM_MAX_NS);
}

static void test_ends_by_itself(void) {
    g_autoptr(SkyArming) arming = sky_arming_new();
    g_autoptr(GPtrArray) armed = g_ptr_array_new_with_free_func(g_free);
    g_assert_cmpint(sky_arming_until(arming, "gate"), ==, SKY_TIME_NONE);
    sky_arming_disarm(arming, "gate", T0 + 5);
    sky_arming_disarm(arming, "square", T0 + 9);
    g_assert_cmpuint(sky_arming_count(arming), ==, 2);
    sky_arming_turn(arming, T0 + 4, armed);
    g_assert_cmpuint(armed->len, ==, 0);
    g_assert_cmpint(sky_arming_until(arming, "gate"), ==, T0 + 5);
    sky_arming_turn(arming, T0 + 5, armed);
    g_assert_cmpuint(armed->len, ==, 1);
    g_assert_cmpstr(armed->pdata[0], ==, "gate");
    g_assert_cmpint(sky_arming_until(arming, "gate"), ==, SKY_TIME_NONE);
    g_assert_true(sky_arming_arm(arming, "square"));
    g_assert_false(sky_arming_arm(arming, "square"));
    g_assert_cmpuint(sky_arming_count(arming), ==, 0);
}

/* Disarmed by a box whose clock ran ahead: nobody can have meant years. */
static void test_clock_set_back(void) {
    g_autoptr(SkyArming) arming = sky_arming_new();
    g_autoptr(GPtrArray) armed = g_ptr_array_new_with_free_func(g_free);
    sky_arming_disarm(arming, "gate", T0 + 3 * SKY_DISARM_MAX_NS);
    sky_arming_turn(arming, T0, armed);
    g_assert_cmpint(sky_arming_until(arming, "gate"), ==, T0 + SKY_DISARM_MAX_NS);
}

static void test_body(void) {
    int64_t until_ns = 0;
    g_autofree char *body = sky_arming_body(T0);
    g_assert_true(sky_arming_body_parse(body, &until_ns));
    g_assert_cmpint(until_ns, ==, T0);
    g_assert_false(sky_arming_body_parse("tomorrow", &until_ns));
    g_assert_false(sky_arming_body_parse("", &until_ns));
    g_assert_false(sky_arming_body_parse("-1", &until_ns));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/arming/limit", test_limit);
    g_test_add_func("/arming/ends-by-itself", test_ends_by_itself);
    g_test_add_func("/arming/clock-set-back", test_clock_set_back);
    g_test_add_func("/arming/body", test_body);
    return g_test_run();
}
