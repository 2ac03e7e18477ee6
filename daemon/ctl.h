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

/* What stands before the command. */
typedef struct {
    const char *config_path; /* SKY_CTL_CONFIG */
    const char *socket_path; /* NULL: as the configuration says */
    gboolean config_given;
} SkyCtl;

/* argv[0] is the command; returns the exit code. */
typedef int (*SkyCtlRun)(const SkyCtl *ctl, int argc, char **argv);

int sky_ctl_check(const SkyCtl *ctl, int argc, char **argv);
int sky_ctl_print_config(const SkyCtl *ctl, int argc, char **argv);
int sky_ctl_status(const SkyCtl *ctl, int argc, char **argv);
int sky_ctl_watch(const SkyCtl *ctl, int argc, char **argv);
int sky_ctl_test_alert(const SkyCtl *ctl, int argc, char **argv);
int sky_ctl_alert(const SkyCtl *ctl, int argc, char **argv); /* ack, assign, resolve, dismiss, comment */
int sky_ctl_probe(const SkyCtl *ctl, int argc, char **argv);
int sky_ctl_analyze(const SkyCtl *ctl, int argc, char **argv);

/* Parses a command's options. usage: its arguments; about: what it does, printed by --help (which ends the program). FALSE: wrong usage,
 * said on stderr. The arguments left must be least to most. */
gboolean sky_ctl_options(int *argc, char ***argv, const GOptionEntry *entries, const char *usage, const char *about, int least, int most);
/* NULL: all of its errors are on stderr. */
SkyConfig *sky_ctl_config(const SkyCtl *ctl);
/* One request to the daemon; NULL: not reached, said on stderr. pairs: name, value, ..., NULL. */
GHashTable *sky_ctl_ask(const SkyCtl *ctl, int64_t limit_ns, const char *name, ...) G_GNUC_NULL_TERMINATED;
const char *sky_ctl_text(GHashTable *answer, const char *name); /* "" where it is not there */
/* The answer's error on stderr; TRUE where there is one. */
gboolean sky_ctl_refused(GHashTable *answer);
