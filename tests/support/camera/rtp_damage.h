/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gst/gst.h>
#include "support/camera/channel.h"

/* Does to the RTP packets that leave a payloader what the channel's damage says. */
void rtp_damage_attach(GstElement *payloader, ChannelDamage *damage);
/* Adds so much to the wall clock of the sender reports that leave this pad of an rtpbin. */
void rtcp_clock_attach(GstPad *pad, int offset_s);
