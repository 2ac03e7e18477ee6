/* SPDX-License-Identifier: Apache-2.0 */
#include "support/clip_fixture.h"

#include "base/lock.h"

ClipFixture *clip_fixture_new(void) {
    ClipFixture *fixture = g_new0(ClipFixture, 1);
    fixture->directory = g_dir_make_tmp("skynet-clips-XXXXXX", NULL);
    g_assert_nonnull(fixture->directory);
    return fixture;
}

void clip_fixture_free(ClipFixture *fixture) {
    if (fixture == NULL)
        return;
    const char *const remove[] = {"rm", "-r", fixture->directory, NULL};
    g_spawn_sync(NULL, (char **)remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
    g_free(fixture->directory);
    g_free(fixture);
}

char *clip_fixture_make(ClipFixture *fixture, const char *name, const char *picture, const char *encoder) {
    g_autofree char *path = g_build_filename(fixture->directory, name, NULL);
    g_autofree char *command = g_strdup_printf("ffmpeg -v error -nostdin -y -f lavfi -i %s %s %s", picture, encoder, path);
    int status = -1;
    g_autofree char *complaint = NULL;
    if (!g_spawn_command_line_sync(command, NULL, &complaint, &status, NULL) || status != 0)
        return NULL;
    return g_steal_pointer(&path);
}

typedef struct {
    ClipCatch *caught;
    SkySource *source;
    guint stop_after;
    SkyLock lock;
    gboolean ended;
} Play;

static void on_packet(SkyPacket *packet, gpointer user) {
    Play *play = user;
    g_ptr_array_add(play->caught->packets, packet);
    if (play->caught->packets->len == play->stop_after)
        sky_source_request_stop(play->source);
}

static void on_ended(const GError *error, gpointer user) {
    Play *play = user;
    sky_lock_enter(&play->lock);
    play->caught->error = error != NULL ? g_error_copy(error) : NULL;
    play->ended = TRUE;
    sky_lock_wake(&play->lock);
    sky_lock_leave(&play->lock);
}

static void unref_packet(gpointer packet) {
    sky_packet_unref(packet);
}

typedef SkySource *(*NewSource)(const SkySourceParams *params, const SkySourceSink *sink);

static ClipCatch *catch_all(NewSource new_source, const SkySourceParams *params, guint stop_after) {
    ClipCatch *caught = g_new0(ClipCatch, 1);
    caught->packets = g_ptr_array_new_with_free_func(unref_packet);
    Play play = {.caught = caught, .stop_after = stop_after};
    sky_lock_init(&play.lock);
    play.source = new_source(params, &(SkySourceSink){on_packet, on_ended, &play});
    g_assert_true(sky_source_start(play.source, NULL));
    sky_lock_enter(&play.lock);
    while (!play.ended)
        sky_lock_wait_until(&play.lock, INT64_MAX);
    sky_lock_leave(&play.lock);
    const SkySourceNumbers *numbers = sky_source_numbers(play.source);
    g_assert_cmpuint(sky_counter_get(&numbers->packets), ==, caught->packets->len);
    caught->bad_packets = sky_counter_get(&numbers->bad_packets);
    caught->untimed = sky_counter_get(&numbers->untimed);
    caught->mended_times = sky_counter_get(&numbers->mended_times);
    caught->plain_keys = sky_counter_get(&numbers->plain_keys);
    sky_source_free(play.source);
    sky_lock_clear(&play.lock);
    return caught;
}

ClipCatch *clip_catch_replay(const SkySourceParams *params, guint stop_after) {
    return catch_all(sky_replay_source_new, params, stop_after);
}

ClipCatch *clip_catch_rtsp(const SkySourceParams *params, guint stop_after) {
    return catch_all(sky_rtsp_source_new, params, stop_after);
}

void clip_catch_free(ClipCatch *caught) {
    if (caught == NULL)
        return;
    g_ptr_array_unref(caught->packets);
    g_clear_error(&caught->error);
    g_free(caught);
}

SkyPacket *clip_catch_at(const ClipCatch *caught, guint i) {
    g_assert_cmpuint(i, <, caught->packets->len);
    return g_ptr_array_index(caught->packets, i);
}

const SkyPacketTimes *clip_catch_times(const ClipCatch *caught, guint i) {
    return sky_packet_times(clip_catch_at(caught, i));
}
