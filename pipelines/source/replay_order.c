/* SPDX-License-Identifier: Apache-2.0 */
#include "source/replay_order.h"

#define WAIT_MAX 16 /* pictures: neither standard lets one wait for more (H.264 A.3.1, H.265 A.4.2: MaxDpbFrames) */

typedef struct {
    AVPacket *packet;
    int count; /* picture order count: ascending as they are shown, from one key frame that begins anew to the next */
    gboolean timed;
} Picture;

struct SkyReplayOrder {
    AVCodecParserContext *parser;
    AVCodecContext *codec;
    GQueue *pictures;           /* Picture *, in decode order */
    int64_t dts[WAIT_MAX + 1];  /* of pictures that came, not given to any yet: as many as wait for theirs */
    guint waiting;
    int highest;                /* count, since counts began anew */
    int64_t step, next_dts;     /* where none are told */
};

static void picture_free(gpointer data) {
    Picture *picture = data;
    av_packet_free(&picture->packet);
    g_free(picture);
}

SkyReplayOrder *sky_replay_order_new(const AVCodecParameters *parameters, int64_t step) {
    SkyReplayOrder *order = g_new0(SkyReplayOrder, 1);
    order->pictures = g_queue_new();
    order->step = MAX(step, 1);
    order->parser = av_parser_init(parameters->codec_id);
    order->codec = avcodec_alloc_context3(NULL);
    g_assert(order->parser != NULL && order->codec != NULL);
    int failed = avcodec_parameters_to_context(order->codec, parameters);
    g_assert(failed >= 0); /* memory alone */
    order->parser->flags |= PARSER_FLAG_COMPLETE_FRAMES;
    return order;
}

void sky_replay_order_free(SkyReplayOrder *order) {
    if (order == NULL)
        return;
    g_queue_free_full(order->pictures, picture_free);
    av_parser_close(order->parser);
    avcodec_free_context(&order->codec);
    g_free(order);
}

/* The first of those that wait for a time, as they are shown, gets the first dts that is not given. */
static void time_first(SkyReplayOrder *order) {
    Picture *first = NULL;
    for (GList *at = order->pictures->head; at != NULL; at = at->next) {
        Picture *picture = at->data;
        if (!picture->timed && (first == NULL || picture->count < first->count))
            first = picture;
    }
    first->timed = TRUE;
    first->packet->pts = order->dts[0];
    order->waiting--;
    for (guint i = 0; i < order->waiting; i++)
        order->dts[i] = order->dts[i + 1];
}

void sky_replay_order_end(SkyReplayOrder *order) {
    while (order->waiting > 0)
        time_first(order);
}

static int count_of(SkyReplayOrder *order, const AVPacket *packet) {
    uint8_t *out = NULL;
    int out_bytes = 0;
    av_parser_parse2(order->parser, order->codec, &out, &out_bytes, packet->data, packet->size, AV_NOPTS_VALUE, AV_NOPTS_VALUE, 0);
    return order->parser->output_picture_number;
}

void sky_replay_order_push(SkyReplayOrder *order, AVPacket *packet) {
    Picture *picture = g_new0(Picture, 1);
    picture->packet = av_packet_alloc();
    g_assert(picture->packet != NULL);
    av_packet_move_ref(picture->packet, packet);
    picture->count = count_of(order, picture->packet);
    /* A key frame of an open GOP is shown after all that came before it; one that is not begins the count anew. */
    gboolean anew = order->parser->key_frame == 1 && picture->count <= order->highest;
    if (anew)
        sky_replay_order_end(order);
    order->highest = anew ? picture->count : MAX(order->highest, picture->count);
    int64_t dts = picture->packet->dts != AV_NOPTS_VALUE ? picture->packet->dts : order->next_dts;
    order->next_dts = dts + order->step;
    picture->packet->dts = AV_NOPTS_VALUE;
    g_queue_push_tail(order->pictures, picture);
    order->dts[order->waiting++] = dts;
    if (order->waiting > WAIT_MAX)
        time_first(order);
}

gboolean sky_replay_order_pop(SkyReplayOrder *order, AVPacket *ret_packet) {
    const Picture *head = g_queue_peek_head(order->pictures);
    if (head == NULL || !head->timed)
        return FALSE;
    Picture *picture = g_queue_pop_head(order->pictures);
    av_packet_move_ref(ret_packet, picture->packet);
    picture_free(picture);
    return TRUE;
}
