/* SPDX-License-Identifier: Apache-2.0 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl.h"

typedef struct {
    const char *name, *arguments, *about;
    SkyCtlRun run;
} Command;

static const Command commands[] = {
    {"check", "[FILE]", "check the configuration; all errors at once", sky_ctl_check},
    {"print-config", "", "print the default configuration with its documentation", sky_ctl_print_config},
    {"status", "[--json]", "cameras, alerts, queue, disk and broker, from the daemon (also with the broker down)", sky_ctl_status},
    {"watch", "[--json] [--audience A]", "statuses and alerts live from the broker", sky_ctl_watch},
    {"test-alert", "AUDIENCE", "send a test alert and wait until the broker has it", sky_ctl_test_alert},
    {"ack", "ALERT [--note TEXT]", "acknowledge an alert", sky_ctl_alert},
    {"assign", "ALERT WHO [--note TEXT]", "assign an alert", sky_ctl_alert},
    {"resolve", "ALERT [--note TEXT]", "close an acknowledged or assigned alert", sky_ctl_alert},
    {"dismiss", "ALERT [--note TEXT]", "close an alert as a false alarm", sky_ctl_alert},
    {"comment", "ALERT --note TEXT", "add words to an alert", sky_ctl_alert},
    {"probe", "URL", "connect to a camera as the daemon would, and say what it sends", sky_ctl_probe},
    {"analyze", "VIDEO...", "look for motion events in files, as the daemon would", sky_ctl_analyze},
};

static void print_help(void) {
    printf("Usage: skynetctl [--config FILE] [--socket PATH] COMMAND ...\n\nCommands (each has --help):\n");
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        g_autofree char *left = g_strconcat(commands[i].name, " ", commands[i].arguments, NULL);
        printf("  %-32s %s\n", left, commands[i].about);
    }
    printf("\nOptions before the command:\n"
           "  -c, --config FILE                the configuration (" SKY_CTL_CONFIG ")\n"
           "  -s, --socket PATH                the daemon's local socket (as the configuration says)\n"
           "  -V, --version                    say the version and end\n"
           "\nExit codes: 0 ok, 1 the answer is no or there are problems, 2 wrong usage, 3 can not reach the daemon, the\n"
           "broker or the camera.\n");
}

static int wrong(const char *what, const char *name) {
    fprintf(stderr, "skynetctl: %s%s%s: see skynetctl --help\n", what, name[0] ? ": " : "", name);
    return SKY_CTL_USAGE;
}

static int run_command(const SkyCtl *ctl, int argc, char **argv) {
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
        if (strcmp(argv[0], commands[i].name) == 0)
            return commands[i].run(ctl, argc, argv);
    return wrong("there is no such command", argv[0]);
}

static gboolean takes_value(const char *argument, const char *brief, const char *name) {
    return strcmp(argument, brief) == 0 || strcmp(argument, name) == 0;
}

int main(int argc, char **argv) {
    SkyCtl ctl = {.config_path = SKY_CTL_CONFIG};
    setlocale(LC_ALL, "");
    signal(SIGPIPE, SIG_DFL);
    int at = 1;
    for (; at < argc && argv[at][0] == '-'; at++) {
        const char *argument = argv[at];
        if (takes_value(argument, "-h", "--help")) {
            print_help();
            return SKY_CTL_OK;
        }
        if (takes_value(argument, "-V", "--version")) {
            printf("skynetctl %s\n", SKY_VERSION);
            return SKY_CTL_OK;
        }
        gboolean config = takes_value(argument, "-c", "--config");
        if (!config && !takes_value(argument, "-s", "--socket"))
            return wrong("there is no such option", argument);
        if (++at == argc)
            return wrong("this option needs a value", argument);
        if (config) {
            ctl.config_path = argv[at];
            ctl.config_given = TRUE;
        } else {
            ctl.socket_path = argv[at];
        }
    }
    if (at == argc)
        return wrong("a command is missing", "");
    return run_command(&ctl, argc - at, argv + at);
}
