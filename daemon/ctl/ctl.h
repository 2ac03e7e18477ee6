/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "config/config.h"

/* skynetctl, the operator's tool: one file a command. */

/* Exit codes; the help says them too. */
enum {
    SKY_CTL_OK = 0,
    SKY_CTL_NO = 1,          /* the answer is no; there are problems */
    SKY_CTL_USAGE = 2,
    SKY_CTL_UNREACHABLE = 3, /* daemon, broker, camera */
};

#define SKY_CTL_CONFIG "/etc/skynetd/skynetd.yaml"

/* What stands before the command or behind it. Owner: main. */
typedef struct {
    char *config_path; /* SKY_CTL_CONFIG where not given */
    char *socket_path; /* NULL: as the configuration says */
    gboolean config_given;
} SkyCtl;

/* argv[0] is the command; returns the exit code. */
typedef int (*SkyCtlRun)(SkyCtl *ctl, int argc, char **argv);

int sky_ctl_check(SkyCtl *ctl, int argc, char **argv);
int sky_ctl_print_config(SkyCtl *ctl, int argc, char **argv);
int sky_ctl_print_schema(SkyCtl *ctl, int argc, char **argv);
int sky_ctl_status(SkyCtl *ctl, int argc, char **argv);
int sky_ctl_watch(SkyCtl *ctl, int argc, char **argv);
int sky_ctl_test_alert(SkyCtl *ctl, int argc, char **argv);
int sky_ctl_alert(SkyCtl *ctl, int argc, char **argv); /* ack, assign, resolve, dismiss, comment */
int sky_ctl_queue(SkyCtl *ctl, int argc, char **argv);
int sky_ctl_doctor(SkyCtl *ctl, int argc, char **argv);
int sky_ctl_discover(SkyCtl *ctl, int argc, char **argv);
int sky_ctl_probe(SkyCtl *ctl, int argc, char **argv);
int sky_ctl_analyze(SkyCtl *ctl, int argc, char **argv);

/* --config and --socket into ctl, and what context knows. FALSE: wrong usage, said on stderr in the program's name. */
gboolean sky_ctl_parse(SkyCtl *ctl, GOptionContext *context, int *argc, char ***argv);
/* Parses a command's options. usage: its arguments; about: what it does, printed by --help (which ends the program). FALSE: wrong
 * usage, said on stderr. The arguments left must be least to most. */
gboolean sky_ctl_options(SkyCtl *ctl, int *argc, char ***argv, const GOptionEntry *entries, const char *usage, const char *about,
                         int least, int most);
/* NULL: all of its errors are on stderr. */
SkyConfig *sky_ctl_config(const SkyCtl *ctl);
/* One request to the daemon; NULL: not reached, said on stderr. name, value, ..., NULL. */
GHashTable *sky_ctl_ask(const SkyCtl *ctl, int64_t limit_ns, const char *name, ...) G_GNUC_NULL_TERMINATED;
/* The same, saying nothing: NULL and why not in *ret_why (new memory); *ret_errno: of the connection, 0 where there was one. */
GHashTable *sky_ctl_ask_quietly(const SkyCtl *ctl, int64_t limit_ns, char **ret_why, int *ret_errno, const char *name, ...)
    G_GNUC_NULL_TERMINATED;
char *sky_ctl_socket_path(const SkyCtl *ctl); /* where the daemon is asked; new memory */
/* The whole answer as one line of JSON, its names sorted. New memory. */
char *sky_ctl_json(GHashTable *answer);
const char *sky_ctl_text(GHashTable *answer, const char *name); /* "" where it is not there */
/* The answer's error on stderr; TRUE where there is one. */
gboolean sky_ctl_refused(GHashTable *answer);
