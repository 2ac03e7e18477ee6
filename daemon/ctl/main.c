/* SPDX-License-Identifier: Apache-2.0 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "daemon/ctl/ctl.h"

#define CREDENTIALS "/run/credentials/skynetd.service"

typedef struct {
    const char *name, *arguments, *about;
    SkyCtlRun run;
} Command;

static const Command commands[] = {
    {"check", "[-v] [FILE]", "check the configuration; all errors at once", sky_ctl_check},
    {"print-config", "", "print the default configuration with its documentation", sky_ctl_print_config},
    {"print-schema", "", "print a JSON Schema of the configuration, for editors", sky_ctl_print_schema},
    {"status", "[--json]", "cameras, alerts, queue, disk and broker, from the daemon (also with the broker down)", sky_ctl_status},
    {"doctor", "[--json] [--camera ID]", "what keeps alerts from arriving, from the clock to each camera, and what to do",
     sky_ctl_doctor},
    {"queue", "[resend|drop ROW]", "what waits for the broker and what it refused; sends that again, or drops it", sky_ctl_queue},
    {"watch", "[--json] [--audience A]", "statuses, events and alerts live from the broker", sky_ctl_watch},
    {"test-alert", "AUDIENCE", "send a test alert and wait until the broker has it", sky_ctl_test_alert},
    {"ack", "ALERT [--note TEXT]", "acknowledge an alert", sky_ctl_alert},
    {"assign", "ALERT WHO [--note TEXT]", "assign an alert", sky_ctl_alert},
    {"resolve", "ALERT [--note TEXT]", "close an acknowledged or assigned alert", sky_ctl_alert},
    {"dismiss", "ALERT [--note TEXT]", "close an alert as a false alarm", sky_ctl_alert},
    {"comment", "ALERT --note TEXT", "add words to an alert", sky_ctl_alert},
    {"discover", "[--interface IF]", "find ONVIF cameras on the network, and print configuration to paste", sky_ctl_discover},
    {"probe", "URL | --camera ID", "connect to a camera as the daemon would, and say what it sends", sky_ctl_probe},
    {"analyze", "VIDEO...", "look for motion events in files, as the daemon would", sky_ctl_analyze},
};

static char *list_of_commands(void) {
    g_autoptr(GString) list = g_string_new("Commands (each has --help):\n");
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        g_autofree char *left = g_strconcat(commands[i].name, " ", commands[i].arguments, NULL);
        g_string_append_printf(list, "  %-32s %s\n", left, commands[i].about);
    }
    g_string_truncate(list, list->len - 1);
    return g_string_free(g_steal_pointer(&list), FALSE);
}

static int run_command(SkyCtl *ctl, int argc, char **argv) {
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
        if (strcmp(argv[0], commands[i].name) == 0)
            return commands[i].run(ctl, argc, argv);
    fprintf(stderr, "skynetctl: there is no command %s: see skynetctl --help\n", argv[0]);
    return SKY_CTL_USAGE;
}

static int run(SkyCtl *ctl, int argc, char **argv) {
    gboolean version = FALSE;
    const GOptionEntry entries[] = {
        {"version", 'V', 0, G_OPTION_ARG_NONE, &version, "say the version and end", NULL},
        G_OPTION_ENTRY_NULL,
    };
    g_autofree char *list = list_of_commands();
    g_autoptr(GOptionContext) context = g_option_context_new("COMMAND ...");
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_strict_posix(context, TRUE); /* what stands behind the command is the command's */
    g_option_context_set_summary(context, list);
    g_option_context_set_description(
        context, "Exit codes: 0 ok, 1 the answer is no or there are problems, 2 wrong usage, 3 can not reach the\n"
                 "daemon, the broker or the camera.");
    if (!sky_ctl_parse(ctl, context, &argc, &argv))
        return SKY_CTL_USAGE;
    if (version) {
        printf("skynetctl %s\n", SKY_VERSION);
        return SKY_CTL_OK;
    }
    if (argc < 2) {
        fprintf(stderr, "skynetctl: a command is missing: see skynetctl --help\n");
        return SKY_CTL_USAGE;
    }
    return run_command(ctl, argc - 1, argv + 1);
}

/* Passwords that the service manager hands to the service alone lie there for root while it runs. */
static void find_credentials(void) {
    if (!g_getenv("CREDENTIALS_DIRECTORY") && g_file_test(CREDENTIALS, G_FILE_TEST_IS_DIR))
        g_setenv("CREDENTIALS_DIRECTORY", CREDENTIALS, TRUE);
}

int main(int argc, char **argv) {
    SkyCtl ctl = {.config_path = g_strdup(SKY_CTL_CONFIG)};
    setlocale(LC_ALL, "");
    signal(SIGPIPE, SIG_DFL);
    g_set_prgname("skynetctl");
    find_credentials();
    int code = run(&ctl, argc, argv);
    gboolean lost = ferror(stdout) || fflush(stdout) != 0; /* what nobody got is no success */
    if (lost)
        fprintf(stderr, "skynetctl: standard output: not all of it could be written\n");
    g_free(ctl.config_path);
    g_free(ctl.socket_path);
    return lost && code == SKY_CTL_OK ? SKY_CTL_NO : code;
}
