/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <libavcodec/avcodec.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

/* Preloaded into skynetd: once the file that SKYNET_FREEZE names is there, one call of the decoder never returns. That is what a driver
 * does that waits for its hardware. */
static atomic_flag frozen = ATOMIC_FLAG_INIT;

__attribute__((visibility("default"))) int avcodec_send_packet(AVCodecContext *context, const AVPacket *packet) {
    const char *path = getenv("SKYNET_FREEZE");
    if (path && access(path, F_OK) == 0 && !atomic_flag_test_and_set(&frozen))
        for (;;)
            pause();
    int (*next)(AVCodecContext *, const AVPacket *);
    *(void **)&next = dlsym(RTLD_NEXT, "avcodec_send_packet");
    return next(context, packet);
}
