/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "daemon/ctl/ctl.h"

#define ANSWER_NS (10 * SKY_NS_PER_S)
#define NOTE_BYTES_MAX 511
#define TEST_NS (38 * SKY_NS_PER_S) /* the daemon gives up after 30 */

int sky_ctl_test_alert(SkyCtl *ctl, int argc, char **argv) {
    const GOptionEntry entries[] = {G_OPTION_ENTRY_NULL};
    if (!sky_ctl_options(
            ctl, &argc, &argv, entries, "AUDIENCE",
            "Raises a test alert that only AUDIENCE gets (it says so and is closed at once) and waits until the broker\n"
            "has acknowledged it, at most 30 s. Exit codes: 0 the broker has it, 1 it has not, 2 wrong usage, 3 the daemon\n"
            "can not be reached.",
            1, 1))
        return SKY_CTL_USAGE;
    g_autoptr(GHashTable) answer = sky_ctl_ask(ctl, TEST_NS, "verb", "test-alert", "audience", argv[1], NULL);
    if (!answer)
        return SKY_CTL_UNREACHABLE;
    if (sky_ctl_refused(answer))
        return SKY_CTL_NO;
    printf("test alert %s for %s: the broker has it after %s ms\n", sky_ctl_text(answer, "alert"), argv[1],
           sky_ctl_text(answer, "ms"));
    return SKY_CTL_OK;
}

/* Who did it: the user's name, made an id. */
static char *actor(void) {
    char *name = g_ascii_strdown(g_get_user_name(), -1);
    for (char *c = name; *c; c++)
        if (!g_ascii_isalnum(*c))
            *c = '-';
    if (sky_id_is_valid(name))
        return name;
    g_free(name);
    return g_strdup("local");
}

static int change(const SkyCtl *ctl, const char *command, const char *alert, const char *assignee, const char *note) {
    const char *verb = strcmp(command, "ack") == 0 ? "acknowledge" : command;
    if (strcmp(command, "comment") == 0 && !note[0]) {
        fprintf(stderr, "skynetctl comment: --note TEXT is missing: see skynetctl comment --help\n");
        return SKY_CTL_USAGE;
    }
    if (!g_utf8_validate(note, -1, NULL) || strlen(note) > NOTE_BYTES_MAX) {
        fprintf(stderr, "skynetctl %s: --note: UTF-8 of at most %d bytes\n", command, NOTE_BYTES_MAX);
        return SKY_CTL_USAGE;
    }
    g_autofree char *who = actor();
    g_autoptr(GHashTable) answer =
        sky_ctl_ask(ctl, ANSWER_NS, "verb", verb, "alert", alert, "actor", who, "note", note, "assignee", assignee, NULL);
    if (!answer)
        return SKY_CTL_UNREACHABLE;
    if (sky_ctl_refused(answer))
        return SKY_CTL_NO;
    printf("%s: %s, revision %s\n", alert, verb, sky_ctl_text(answer, "rev"));
    return SKY_CTL_OK;
}

int sky_ctl_alert(SkyCtl *ctl, int argc, char **argv) {
    char *note = NULL;
    const GOptionEntry entries[] = {
        {"note", 'n', 0, G_OPTION_ARG_FILENAME, &note, "words that go with it, UTF-8 of at most 511 bytes",
         "TEXT"}, /* as it is in any locale */
        G_OPTION_ENTRY_NULL,
    };
    const char *command = argv[0];
    gboolean assigns = strcmp(command, "assign") == 0;
    static const char about[] =
        "ALERT is the id that skynetctl status and watch show. An alert is acknowledged once, resolved after that, dismissed\n"
        "(a false alarm) or commented on while it is open. Exit codes: 0 done and stored, 1 refused, 2 wrong usage,\n"
        "3 the daemon can not be reached.";
    int count = assigns ? 2 : 1;
    gboolean parsed = sky_ctl_options(ctl, &argc, &argv, entries, assigns ? "ALERT WHO" : "ALERT", about, count, count);
    int code = !parsed ? SKY_CTL_USAGE : change(ctl, command, argv[1], assigns ? argv[2] : "", note ? note : "");
    g_free(note);
    return code;
}
