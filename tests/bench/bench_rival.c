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

static void show_end(Rival *rival) {
    rival->failed = fclose(rival->in) != 0 || rival->failed;
}

/* After what it had to say. */
static gboolean wait_end(Rival *rival) {
    int status = 0;
    fclose(rival->out);
    gboolean ok = waitpid(rival->child, &status, 0) == rival->child && status == 0 && !rival->failed;
    g_free(rival);
    return ok;
}

gboolean rival_finish(Rival *rival, GArray *heard) {
    Heard event;
    show_end(rival);
    while (fscanf(rival->out, "%lf %lf %lf", &event.begin_s, &event.end_s, &event.detected_s) == 3)
        g_array_append_val(heard, event);
    return wait_end(rival);
}

gboolean rival_finish_timed(Rival *rival, double *ret_ms) {
    double ms;
    show_end(rival);
    gboolean told = fscanf(rival->out, "%lf", &ms) == 1;
    if (!wait_end(rival) || !told)
        return FALSE;
    *ret_ms = ms;
    return TRUE;
}

static gboolean runs_here(const char *command) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) heard = g_array_new(FALSE, FALSE, sizeof(Heard));
    Rival *rival = rival_start(command, &error);
    if (rival && rival_finish(rival, heard))
        return TRUE;
    fprintf(stderr, "goes on without '%s': %s\n", command, error ? error->message : "it does not run here");
    return FALSE;
}

void rivals_leave_out_absent(char **commands) {
    unsigned kept = 0;
    for (unsigned i = 0; commands[i]; i++)
        if (runs_here(commands[i]))
            commands[kept++] = commands[i];
        else
            g_free(commands[i]);
    commands[kept] = NULL;
}
