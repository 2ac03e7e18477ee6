/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_rival.h"

#include <stdio.h>
#include <sys/wait.h>

#include "bench_score.h"

struct Rival {
    GPid child;
    FILE *in, *out;
    gboolean failed;
};

Rival *rival_start(const char *command, GError **error) {
    g_auto(GStrv) words = NULL;
    GPid child;
    int in = -1, out = -1;
    GSpawnFlags flags = G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD;
    if (!g_shell_parse_argv(command, NULL, &words, error) ||
        !g_spawn_async_with_pipes(NULL, words, NULL, flags, NULL, NULL, &child, &in, &out, NULL, error))
        return NULL;
    Rival *rival = g_new0(Rival, 1);
    rival->child = child;
    rival->in = fdopen(in, "wb");
    rival->out = fdopen(out, "r");
    return rival;
}

void rival_show(Rival *rival, const uint8_t *luma, size_t bytes) {
    rival->failed = rival->failed || fwrite(luma, 1, bytes, rival->in) != bytes;
}

gboolean rival_finish(Rival *rival, GArray *heard) {
    Heard event;
    gboolean ok = fclose(rival->in) == 0 && !rival->failed;
    while (fscanf(rival->out, "%lf %lf %lf", &event.begin_s, &event.end_s, &event.detected_s) == 3)
        g_array_append_val(heard, event);
    fclose(rival->out);
    int status = 0;
    ok = waitpid(rival->child, &status, 0) == rival->child && status == 0 && ok;
    g_free(rival);
    return ok;
}
