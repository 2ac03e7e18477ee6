/* SPDX-License-Identifier: Apache-2.0 */
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/log.h"
#include "daemon/app.h"
#include "daemon/journal.h"

#define DEFAULT_CONFIG "/etc/skynetd/skynetd.yaml"

/* Exit codes; the help says them too. */
enum { OK = 0, WRONG_CONFIG = 1, WRONG_USAGE = 2, CAN_NOT_RUN = 3 };

typedef struct {
    char *config, *level;
    gboolean check, version;
} Options;

static gboolean parse(int *argc, char ***argv, Options *options, GError **error) {
    gboolean foreground = FALSE; /* it always is: taken so that habits do no harm */
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config, "the configuration (" DEFAULT_CONFIG ")", "FILE"},
        {"check", 0, 0, G_OPTION_ARG_NONE, &options->check, "check the configuration and end", NULL},
        {"foreground", 'f', 0, G_OPTION_ARG_NONE, &foreground, "stay in the foreground, as it always does", NULL},
        {"log-level", 'l', 0, G_OPTION_ARG_STRING, &options->level, "error, warning, notice, info or debug (info)", "LEVEL"},
        {"version", 'V', 0, G_OPTION_ARG_NONE, &options->version, "say the version and end", NULL},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new("- motion alerts of RTSP cameras, to MQTT");
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_description(context,
                                     "Signals: HUP reads the configuration again, TERM and INT stop cleanly within 10 s.\n"
                                     "Exit codes: 0 stopped cleanly, 1 the configuration is wrong, 2 wrong usage, 3 can not run\n"
                                     "(state directory, local socket, memory).\n"
                                     "See also: skynetctl --help.");
    if (!g_option_context_parse(context, argc, argv, error))
        return FALSE;
    if (*argc > 1) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "there is no argument '%s': see --help", (*argv)[1]);
        return FALSE;
    }
    return TRUE;
}

static gboolean set_level(const char *name) {
    static const char *const names[] = {"error", "warning", "notice", "info", "debug"};
    for (guint i = 0; name && i < G_N_ELEMENTS(names); i++) {
        if (strcmp(name, names[i]) == 0) {
            sky_log_set_level((SkyLogLevel)i);
            return TRUE;
        }
    }
    return name == NULL;
}

static SkyConfig *load(const char *path) {
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    SkyConfig *config = sky_config_load(path, errors);
    for (guint i = 0; i < errors->len; i++)
        fprintf(stderr, "%s\n", (const char *)errors->pdata[i]);
    return config;
}

/* Packets are allocated on one thread and freed on another: with an arena a thread, glibc would keep what each once had at most. Nearly
 * all that is freed is large: each time glibc would go through the small blocks that it had put aside, and give whole blocks back to
 * the system only to fetch them again, a fifth of the daemon's time at rest. What a decoder or a model has lies in large blocks and stays
 * for minutes, or goes for minutes, and a large stream's key frames come every few seconds and go with their GOP: mapped one by one they
 * leave no holes. Below that, where nearly all packets are, it would cost more than it gives. */
static void prepare_memory(void) {
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
    mallopt(M_MXFAST, 0);
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
}

/* Signals are read from a descriptor; a broker that hangs up is an error code, not a death. A core file would hold passwords. */
static void prepare_process(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    umask(0027);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_DUMPABLE, 0);
    /* GStreamer's RTSP goes through GIO: a camera is not behind the desktop's proxy, and there is no desktop to ask. */
    g_setenv("GIO_USE_PROXY_RESOLVER", "dummy", FALSE);
    g_setenv("GSETTINGS_BACKEND", "memory", FALSE);
}

static int run(SkyConfig *config, const char *path) {
    g_autoptr(GError) error = NULL;
    g_autoptr(SkyApp) app = sky_app_new(config, path, &error);
    if (!app || !sky_app_run(app, &error)) {
        sky_log(SKY_LOG_ERROR, "daemon", NULL, "can not run: %s", error->message);
        return CAN_NOT_RUN;
    }
    return OK;
}

static void options_clear(Options *options) {
    g_free(options->config);
    g_free(options->level);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

int main(int argc, char **argv) {
    g_autoptr(GError) error = NULL;
    g_auto(Options) options = {0};
    setlocale(LC_ALL, "");
    if (!parse(&argc, &argv, &options, &error)) {
        fprintf(stderr, "skynetd: %s\n", error->message);
        return WRONG_USAGE;
    }
    if (options.version) {
        printf("skynetd %s\n", SKY_VERSION);
        return OK;
    }
    if (!set_level(options.level)) {
        fprintf(stderr, "skynetd: there is no log level '%s': error, warning, notice, info or debug\n", options.level);
        return WRONG_USAGE;
    }
    const char *path = options.config ? options.config : DEFAULT_CONFIG;
    prepare_memory();
    prepare_process();
    g_autoptr(SkyConfig) config = load(path);
    if (!config)
        return WRONG_CONFIG;
    if (options.check) {
        printf("%s: ok\n", path);
        return OK;
    }
    sky_journal_use();
    return run(config, path);
}
