/* SPDX-License-Identifier: Apache-2.0 */
#include "source/source.h"

#include "base/text_file.h"
#include "source/source_engine.h"

SkySource *sky_source_new(const SkySourceEngine *engine, const SkySourceParams *params, const SkySourceSink *sink) {
    SkySource *source = g_new0(SkySource, 1);
    source->engine = engine;
    source->params = *params;
    source->params.camera = g_strdup(params->camera);
    source->params.url = g_strdup(params->url);
    source->params.user = g_strdup(params->user);
    source->params.password = g_strdup(params->password);
    source->params.pipeline_text = g_strdup(params->pipeline_text);
    source->params.ca_file = g_strdup(params->ca_file);
    source->sink = *sink;
    sky_lock_init(&source->lock);
    atomic_init(&source->stop, FALSE);
    return source;
}

static void run(gpointer user) {
    SkySource *source = user;
    g_autoptr(GError) error = NULL;
    gboolean ok = source->engine->run(source, &error);
    g_assert(ok == (error == NULL));
    source->sink.ended(error, source->sink.user);
}

gboolean sky_source_start(SkySource *source, GError **error) {
    g_assert(source->thread == NULL);
    g_autofree char *name = g_strdup_printf("%s:%s", source->engine->name,
                                            source->params.camera != NULL ? source->params.camera : "");
    source->thread = sky_thread_start(name, run, source, error);
    return source->thread != NULL;
}

void sky_source_request_stop(SkySource *source) {
    sky_lock_enter(&source->lock);
    atomic_store(&source->stop, TRUE);
    sky_lock_wake(&source->lock);
    sky_lock_leave(&source->lock);
}

gboolean sky_source_wait_until(SkySource *source, int64_t due_ns) {
    sky_lock_enter(&source->lock);
    while (!sky_source_must_stop(source) && sky_lock_wait_until(&source->lock, due_ns))
        ;
    sky_lock_leave(&source->lock);
    return !sky_source_must_stop(source);
}

void sky_source_free(SkySource *source) {
    if (source == NULL)
        return;
    sky_source_request_stop(source);
    sky_thread_join(source->thread);
    sky_lock_clear(&source->lock);
    g_free((char *)source->params.camera);
    sky_text_wipe((char *)source->params.url); /* it may bear a password */
    g_free((char *)source->params.url);
    g_free((char *)source->params.user);
    sky_text_wipe((char *)source->params.password);
    g_free((char *)source->params.password);
    g_free((char *)source->params.pipeline_text);
    g_free((char *)source->params.ca_file);
    g_free(source);
}

const SkySourceNumbers *sky_source_numbers(const SkySource *source) {
    return &source->numbers;
}
