/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* When a picture was there to be seen, by the gateway's clock: its media time, laid on the arrival of packets. Arrival alone would
 * not do for what measures speed: packets of reordered pictures come before those that are shown first, and TCP over a bad radio
 * link brings a second of pictures at once. The packet that was delayed least says where media time lies; that is followed at once
 * when one comes sooner, and slowly when all come later (a playout clock as in RFC 3550, appendix A.8, and NetEQ's; without the
 * buffer). A camera that comes back begins at media time 0 again, and that is laid anew. Decides only. */
typedef struct {
    gboolean begun;
    int64_t offset_ns; /* arrival of the least delayed - media time */
    int64_t newest_ns; /* arrival of the newest packet */
    int64_t pts_ns, shown_ns; /* of the last picture */
} SkyShowClock;

void sky_show_clock_init(SkyShowClock *clock);
/* Each packet, in the order of arrival. */
void sky_show_clock_arrived(SkyShowClock *clock, int64_t arrival_ns);
/* Each picture, in the order of showing: pts_ns of its own, arrival_ns of its packet. Ascending, and never later than the newest
 * packet came, but for the smallest of steps. */
int64_t sky_show_clock_shown(SkyShowClock *clock, int64_t pts_ns, int64_t arrival_ns);
