/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "base/error.h"
#include "base/lock.h"
#include "decode/decoder.h"
#include "source/source.h"

/* A source on its way into a decoder, and what came of it: what every engine must keep to, whatever serves it. */
typedef SkySource *(*TapEngine)(const SkySourceParams *params, const SkySourceSink *sink);
void tap_set_engine(TapEngine engine); /* of all taps from now on */

typedef struct {
    SkyLock lock;
    SkySource *source;
    SkyDecoder *decoder;
    GPtrArray *packets; /* SkyPacket * */
    gboolean ended;
    GError *error;
    guint frames, damaged;
    uint32_t width_px;
    SkyRtspTransport transport; /* of the connection; AUTO before there is one */
} Tap;

typedef struct {
    const char *url;
    SkyRtspTransport transport, first;
    const char *user, *password, *ca_file;
    int64_t stall_ns; /* 0: 20 s, longer than a busy machine keeps a camera from being heard */
} Reach;

Tap *tap_new(const Reach *reach);
void tap_free(Tap *tap);
/* Until so many packets have come in all, or so many more, in at most 90 s, or the test fails. */
void tap_wait(Tap *tap, guint count);
void tap_wait_more(Tap *tap, guint more);
void tap_wait_width(Tap *tap, uint32_t width_px); /* likewise until the camera has that size */
void tap_wait_end(Tap *tap, SkyErrorCode code, const char *says);
/* Ends the source; the promises of source.h. clean: nothing was mended, dropped, or could not be decoded. */
void tap_check(Tap *tap);
void tap_check_clean(Tap *tap);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tap, tap_free)
