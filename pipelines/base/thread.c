/* SPDX-License-Identifier: Apache-2.0 */
#include "base/thread.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "base/error.h"

struct SkyThread {
    pthread_t id;
    char name[16];
    SkyThreadMain run;
    gpointer user;
};

static void *thread_main(void *data) {
    SkyThread *thread = data;
    pthread_setname_np(pthread_self(), thread->name);
    thread->run(thread->user);
    return NULL;
}

SkyThread *sky_thread_start(const char *name, SkyThreadMain run, gpointer user, GError **error) {
    SkyThread *thread = g_new0(SkyThread, 1);
    g_strlcpy(thread->name, name, sizeof thread->name);
    thread->run = run;
    thread->user = user;

    /* Signals belong to the main thread; the new one inherits this mask. */
    sigset_t all, before;
    sigfillset(&all);
    /* A fault of the thread's own ends the process all the same, but blocked it would end without a word. */
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    for (size_t i = 0; i < G_N_ELEMENTS(faults); i++)
        sigdelset(&all, faults[i]);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&thread->id, NULL, thread_main, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0) {
        g_set_error(error, SKY_ERROR, SKY_ERR_RESOURCE, "thread %s: %s", name, g_strerror(failed));
        g_free(thread);
        return NULL;
    }
    return thread;
}

void sky_thread_join(SkyThread *thread) {
    if (thread == NULL)
        return;
    int failed = pthread_join(thread->id, NULL);
    g_assert(failed == 0);
    g_free(thread);
}
