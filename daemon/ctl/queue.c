/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/queue_view.h"
#include "message/reader_text.h"

#define ANSWER_NS (20 * SKY_NS_PER_S) /* a slow card syncs a thousand rows */

typedef struct {
    gboolean all, json;
} Options;

static int list(const SkyCtl *ctl, gboolean json) {
    g_autoptr(GHashTable) answer = sky_ctl_ask(ctl, ANSWER_NS, "verb", "queue", "action", "list", NULL);
    if (!answer)
        return SKY_CTL_UNREACHABLE;
    if (sky_ctl_refused(answer))
        return SKY_CTL_NO;
    g_autofree char *text = json ? sky_ctl_json(answer) : sky_queue_view_text(answer);
    fputs(text, stdout);
    return strcmp(sky_ctl_text(answer, "dead.count"), "0") == 0 ? SKY_CTL_OK : SKY_CTL_NO;
}

typedef struct {
    guint64 count, kept;
    char *topic; /* of the first */
} Done;

/* All that was there when it began, a page at a time. */
static int settle_all(const SkyCtl *ctl, const char *action, const char *first_after, const char *first_before, Done *done) {
    g_autofree char *after = g_strdup(first_after), *before = g_strdup(first_before);
    for (gboolean more = TRUE; more;) {
        g_autoptr(GHashTable) answer =
            sky_ctl_ask(ctl, ANSWER_NS, "verb", "queue", "action", action, "after", after, "before", before, NULL);
        if (!answer)
            return SKY_CTL_UNREACHABLE;
        if (sky_ctl_refused(answer))
            return SKY_CTL_NO;
        done->count += g_ascii_strtoull(sky_ctl_text(answer, "count"), NULL, 10);
        done->kept += g_ascii_strtoull(sky_ctl_text(answer, "kept"), NULL, 10);
        if (!done->topic)
            done->topic = sky_reader_text(sky_ctl_text(answer, "topic"), 512);
        const char *reached = sky_ctl_text(answer, "after");
        more = strcmp(sky_ctl_text(answer, "more"), "yes") == 0 && strcmp(reached, after) != 0;
        g_free(after);
        after = g_strdup(reached);
        g_free(before);
        before = g_strdup(sky_ctl_text(answer, "before"));
    }
    return SKY_CTL_OK;
}

static void say_done(const char *action, gboolean json, const Done *done) {
    if (json) {
        printf("{\"count\":\"%" G_GUINT64_FORMAT "\",\"kept\":\"%" G_GUINT64_FORMAT "\"}\n", done->count, done->kept);
        return;
    }
    const char *did = strcmp(action, "drop") == 0 ? "gone for good" : "back in the queue";
    if (done->count == 1 && done->topic && done->topic[0])
        printf("%s: %s\n", done->topic, did);
    else if (done->count > 0)
        printf("%" G_GUINT64_FORMAT " messages: %s\n", done->count, did);
    if (done->kept > 0)
        printf("kept: %" G_GUINT64_FORMAT ", the newest state of an open alert is not dropped: resolve the alert, or resend it\n",
               done->kept);
    if (done->count + done->kept == 0)
        printf("there is no such dead letter: skynetctl queue lists them\n");
}

static int settle(const SkyCtl *ctl, const char *action, const char *row_text, gboolean json) {
    guint64 row = 0;
    if (row_text && (!g_ascii_string_to_unsigned(row_text, 10, 1, G_MAXINT64 - 2, &row, NULL))) {
        fprintf(stderr, "skynetctl queue: '%s' is not the number of a row: skynetctl queue lists them\n", row_text);
        return SKY_CTL_USAGE;
    }
    g_autofree char *after = row_text ? g_strdup_printf("%" G_GUINT64_FORMAT, row - 1) : g_strdup("");
    g_autofree char *before = row_text ? g_strdup_printf("%" G_GUINT64_FORMAT, row + 1) : g_strdup("");
    Done done = {0};
    int code = settle_all(ctl, action, after, before, &done);
    if (code == SKY_CTL_OK || done.count > 0)
        say_done(action, json, &done);
    g_free(done.topic);
    gboolean missed = row_text ? done.count == 0 : done.kept > 0;
    return code == SKY_CTL_OK && missed ? SKY_CTL_NO : code;
}

static int run(const SkyCtl *ctl, const Options *options, int argc, char **argv) {
    const char *action = argc > 1 ? argv[1] : "list", *row = argc > 2 ? argv[2] : NULL;
    if (strcmp(action, "list") == 0 && !row && !options->all)
        return list(ctl, options->json);
    gboolean settles = strcmp(action, "resend") == 0 || strcmp(action, "drop") == 0;
    if (settles && (row != NULL) != options->all)
        return settle(ctl, action, row, options->json);
    fprintf(stderr, "skynetctl queue: %s: see skynetctl queue --help\n",
            settles ? "the ROW, or --all" : "list, resend ROW or --all, drop ROW or --all");
    return SKY_CTL_USAGE;
}

int sky_ctl_queue(SkyCtl *ctl, int argc, char **argv) {
    Options options = {0};
    const GOptionEntry entries[] = {
        {"all", 'a', 0, G_OPTION_ARG_NONE, &options.all, "all that are there now, instead of one ROW", NULL},
        {"json", 'j', 0, G_OPTION_ARG_NONE, &options.json, "one line: a JSON object of texts", NULL},
        G_OPTION_ENTRY_NULL,
    };
    if (!sky_ctl_options(
            ctl, &argc, &argv, entries, "[list | resend ROW | drop ROW]",
            "Without more, or with list: what waits for the broker, and what the broker refused for good (dead letters: topic,\n"
            "reason, age; the first 50). resend puts a dead letter back behind what waits, once the reason is mended: a reader\n"
            "sorts it in by its seq. drop deletes it for good; what it was stands in the daemon's log. The newest state of an\n"
            "open alert is not dropped. Exit codes: 0 done, or nothing is refused; 1 there are dead letters, no such one, or it\n"
            "was not done; 2 wrong usage; 3 the daemon can not be reached.",
            0, 2))
        return SKY_CTL_USAGE;
    return run(ctl, &options, argc, argv);
}
