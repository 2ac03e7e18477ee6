/* SPDX-License-Identifier: Apache-2.0 */
#include "av/av_library.h"

#include <libavformat/avformat.h>
#include <pthread.h>

static void say_nothing(void *object, int level, const char *format, va_list arguments) {
}

static void init(void) {
    av_log_set_callback(say_nothing);
    avformat_network_init();
}

void sky_av_library_init(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init);
}
