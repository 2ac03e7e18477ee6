/* SPDX-License-Identifier: Apache-2.0 */
#include "av/av_error.h"

#include <errno.h>
#include <libavutil/error.h>

#include "base/error.h"

typedef struct {
    int av_error;
    SkyErrorCode code;
    const char *text; /* NULL: libav's own words */
} Row;

static const Row rows[] = {
    {AVERROR_HTTP_NOT_FOUND, SKY_ERR_CONFIG, "the camera knows no such path (404)"},
    {AVERROR_HTTP_BAD_REQUEST, SKY_ERR_CONFIG, "the camera calls the request bad (400)"},
    {AVERROR_HTTP_OTHER_4XX, SKY_ERR_RETRY, "the camera refuses (4xx)"},
    {AVERROR_HTTP_SERVER_ERROR, SKY_ERR_RETRY, "the camera reports an error of its own (5xx)"},
    {AVERROR(EPROTONOSUPPORT), SKY_ERR_CONFIG, "the camera refuses this transport"},
    {AVERROR_PROTOCOL_NOT_FOUND, SKY_ERR_CONFIG, NULL},
    {AVERROR_DEMUXER_NOT_FOUND, SKY_ERR_CONFIG, NULL},
    {AVERROR_DECODER_NOT_FOUND, SKY_ERR_CONFIG, NULL},
    {AVERROR_BSF_NOT_FOUND, SKY_ERR_CONFIG, NULL},
    {AVERROR_INVALIDDATA, SKY_ERR_DATA, "not what it should be"},
    {AVERROR_EOF, SKY_ERR_RETRY, "it ended"},
    {AVERROR_EXIT, SKY_ERR_RETRY, "it was broken off"},
    {AVERROR(ENOENT), SKY_ERR_CONFIG, NULL},
    {AVERROR(EACCES), SKY_ERR_CONFIG, NULL},
    {AVERROR(EISDIR), SKY_ERR_CONFIG, NULL},
    {AVERROR(ENOTDIR), SKY_ERR_CONFIG, NULL},
    {AVERROR(ENOMEM), SKY_ERR_RESOURCE, NULL},
    {AVERROR(EMFILE), SKY_ERR_RESOURCE, NULL},
    {AVERROR(ENFILE), SKY_ERR_RESOURCE, NULL},
    {AVERROR(ENOSPC), SKY_ERR_RESOURCE, NULL},
};

void sky_av_error_set(GError **error, int av_error, const char *what) {
    if (av_error == AVERROR_HTTP_UNAUTHORIZED || av_error == AVERROR_HTTP_FORBIDDEN) {
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "authentication: %s: user or password refused (%d)", what,
                    av_error == AVERROR_HTTP_FORBIDDEN ? 403 : 401);
        return;
    }
    SkyErrorCode code = SKY_ERR_RETRY;
    const char *text = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].av_error == av_error) {
            code = rows[i].code;
            text = rows[i].text;
        }
    char own[AV_ERROR_MAX_STRING_SIZE];
    if (text == NULL) {
        av_strerror(av_error, own, sizeof own);
        text = own;
    }
    g_set_error(error, SKY_ERROR, code, "%s: %s", what, text);
}
