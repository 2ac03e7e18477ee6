/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/transport_choice.h"

static void expect(SkyTransportChoice *choice, SkyRtspTransport first) {
    g_assert_cmpint(choice->first, ==, first);
}

static void test_swallowed(void) {
    SkyTransportChoice choice;
    sky_transport_choice_init(&choice, SKY_RTSP_TCP);
    expect(&choice, SKY_RTSP_TCP);
    sky_transport_choice_was_silent(&choice, SKY_RTSP_TCP);
    expect(&choice, SKY_RTSP_UDP);
    sky_transport_choice_was_silent(&choice, SKY_RTSP_UDP); /* neither: in turn, for ever */
    expect(&choice, SKY_RTSP_TCP);
    sky_transport_choice_was_silent(&choice, SKY_RTSP_TCP);
    sky_transport_choice_worked(&choice, SKY_RTSP_UDP);
    expect(&choice, SKY_RTSP_UDP);
}

/* A camera that is ill for a night keeps what it is good at. */
static void test_proven(void) {
    SkyTransportChoice choice;
    sky_transport_choice_init(&choice, SKY_RTSP_TCP);
    sky_transport_choice_worked(&choice, SKY_RTSP_TCP);
    for (int night = 0; night < 5; night++) {
        for (int i = 1; i < SKY_TRANSPORT_SILENT_MAX; i++)
            sky_transport_choice_was_silent(&choice, SKY_RTSP_TCP);
        expect(&choice, SKY_RTSP_TCP);
        sky_transport_choice_worked(&choice, SKY_RTSP_TCP);
    }
    for (int i = 0; i < SKY_TRANSPORT_SILENT_MAX; i++)
        sky_transport_choice_was_silent(&choice, SKY_RTSP_TCP);
    expect(&choice, SKY_RTSP_UDP);
}

/* The source took the other one, because the first was refused: that is what is remembered, and given up when it brings nothing. */
static void test_refused(void) {
    SkyTransportChoice choice;
    sky_transport_choice_init(&choice, SKY_RTSP_TCP);
    sky_transport_choice_worked(&choice, SKY_RTSP_TCP);
    sky_transport_choice_worked(&choice, SKY_RTSP_UDP);
    expect(&choice, SKY_RTSP_UDP);
    sky_transport_choice_was_silent(&choice, SKY_RTSP_TCP);
    expect(&choice, SKY_RTSP_UDP);
}

/* What an earlier run found is no more than where to begin. */
static void test_recalled(void) {
    SkyTransportChoice choice;
    sky_transport_choice_init(&choice, SKY_RTSP_UDP);
    expect(&choice, SKY_RTSP_UDP);
    sky_transport_choice_was_silent(&choice, SKY_RTSP_UDP);
    expect(&choice, SKY_RTSP_TCP);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/transport-choice/swallowed", test_swallowed);
    g_test_add_func("/transport-choice/proven", test_proven);
    g_test_add_func("/transport-choice/refused", test_refused);
    g_test_add_func("/transport-choice/recalled", test_recalled);
    return g_test_run();
}
