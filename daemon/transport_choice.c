/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/transport_choice.h"

void sky_transport_choice_init(SkyTransportChoice *choice, SkyRtspTransport first) {
    *choice = (SkyTransportChoice){.first = first};
}

void sky_transport_choice_worked(SkyTransportChoice *choice, SkyRtspTransport transport) {
    *choice = (SkyTransportChoice){.first = transport, .proven = TRUE};
}

void sky_transport_choice_was_silent(SkyTransportChoice *choice, SkyRtspTransport transport) {
    gboolean proven = choice->proven && choice->first == transport;
    if (++choice->silent < (proven ? SKY_TRANSPORT_SILENT_MAX : 1))
        return;
    *choice = (SkyTransportChoice){.first = transport == SKY_RTSP_TCP ? SKY_RTSP_UDP : SKY_RTSP_TCP};
}
