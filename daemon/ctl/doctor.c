/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/ctl/queue_view.h"

#define ANSWER_NS (10 * SKY_NS_PER_S)
#define CLEAR_LINE "\r\033[K"

typedef struct {
    gboolean json;
    char *camera;
} Options;

/* On a terminal, in one line that goes away again. */
static void show_progress(const char *what, guint done, guint of) {
    if (!isatty(STDERR_FILENO))
        return;
    if (of > 0)
        fprintf(stderr, CLEAR_LINE "looking at %s, %u of %u done", what, done, of);
    else
        fprintf(stderr, CLEAR_LINE "looking at %s", what);
}

static void end_progress(void) {
    if (isatty(STDERR_FILENO))
        fputs(CLEAR_LINE, stderr);
}

/* ---- the service ---- */

static void judge_running(GHashTable *status, SkySheet *sheet) {
    const char *version = sky_ctl_text(status, "version"), *refused = sky_ctl_text(status, "config_error");
    g_autofree char *up = sky_queue_span(g_ascii_strtoll(sky_ctl_text(status, "uptime_s"), NULL, 10));
    if (refused[0])
        sky_sheet_add(sheet, "service", "", SKY_DOCTOR_TROUBLE, "skynetctl check, mend it, systemctl reload skynetd",
                      "it runs with the configuration of before: the last reload was refused: %s", refused);
    else if (strcmp(version, SKY_VERSION) != 0)
        sky_sheet_add(sheet, "service", "", SKY_DOCTOR_WARNING, "systemctl restart skynetd",
                      "it runs for %s as version %s, installed is %s", up, version, SKY_VERSION);
    else
        sky_sheet_add(sheet, "service", "", SKY_DOCTOR_OK, NULL, "skynetd runs for %s", up);
}

static void ask_daemon(SkyDoctor *doctor, SkySheet *sheet) {
    g_autofree char *why = NULL;
    int failed = 0;
    doctor->status = sky_ctl_ask_quietly(doctor->ctl, ANSWER_NS, &why, &failed, "verb", "status", NULL);
    if (doctor->status && g_hash_table_lookup(doctor->status, "error"))
        g_clear_pointer(&doctor->status, g_hash_table_unref);
    doctor->stopped = failed == ECONNREFUSED || failed == ENOENT || failed == ENOTDIR;
    if (doctor->status)
        judge_running(doctor->status, sheet);
    else if (doctor->stopped)
        sky_sheet_add(sheet, "service", "", SKY_DOCTOR_TROUBLE,
                      "systemctl start skynetd; journalctl -u skynetd -b says why it ended",
                      "skynetd does not run: no alert will come");
    else if (failed == EACCES || failed == EPERM)
        sky_sheet_add(sheet, "service", "", SKY_DOCTOR_UNCHECKED, NULL, "%s", why);
    else
        sky_sheet_add(sheet, "service", "", SKY_DOCTOR_TROUBLE, "journalctl -u skynetd -b; systemctl restart skynetd", "%s",
                      why ? why : "it answers, but not with its status");
}

/* ---- the configuration ---- */

static SkyConfig *load(const SkyCtl *ctl, SkySheet *sheet) {
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    SkyConfig *config = sky_config_load(ctl->config_path, errors);
    if (config) {
        sky_sheet_add(sheet, "configuration", ctl->config_path, SKY_DOCTOR_OK, NULL, "%u cameras, %u audiences",
                      sky_config_values(config)->camera_count, sky_config_values(config)->audience_count);
        return config;
    }
    for (guint i = 0; i < errors->len; i++) {
        g_auto(GStrv) lines = g_strsplit(errors->pdata[i], "\n", 2); /* without the picture of the line */
        sky_sheet_add(sheet, "configuration", ctl->config_path, SKY_DOCTOR_TROUBLE,
                      i == 0 ? "mend it (skynetctl check shows the places); where permission is denied, run this as root" : NULL,
                      "%s", lines[0]);
    }
    return NULL;
}

/* ---- the command ---- */

static int report(const SkySheet *sheet, gboolean json) {
    guint troubles = sky_sheet_count(sheet, SKY_DOCTOR_TROUBLE), warnings = sky_sheet_count(sheet, SKY_DOCTOR_WARNING);
    g_autofree char *text = json ? sky_sheet_json(sheet) : sky_sheet_text(sheet);
    end_progress();
    fputs(text, stdout);
    if (!json)
        printf("%u in trouble, %u warnings\n", troubles, warnings);
    return troubles > 0 ? SKY_CTL_NO : SKY_CTL_OK;
}

static int examine(const SkyCtl *ctl, const Options *options) {
    g_auto(SkySheet) sheet;
    sky_sheet_init(&sheet);
    SkyDoctor doctor = {.ctl = ctl, .progress = show_progress};
    g_autoptr(SkyConfig) config = load(ctl, &sheet);
    doctor.config = config;
    if (config && options->camera && !sky_config_camera(config, options->camera)) {
        fprintf(stderr, "skynetctl doctor: there is no camera '%s' in the configuration\n", options->camera);
        return SKY_CTL_USAGE;
    }
    ask_daemon(&doctor, &sheet);
    if (config && !options->camera) {
        sky_doctor_look_at_box(&doctor, &sheet);
        sky_doctor_look_at_broker(&doctor, &sheet);
    }
    if (config)
        sky_doctor_look_at_cameras(&doctor, options->camera, &sheet);
    g_clear_pointer(&doctor.status, g_hash_table_unref);
    return report(&sheet, options->json);
}

int sky_ctl_doctor(SkyCtl *ctl, int argc, char **argv) {
    Options options = {0};
    const GOptionEntry entries[] = {
        {"json", 'j', 0, G_OPTION_ARG_NONE, &options.json, "one line of JSON a check: check, subject, verdict, found, do", NULL},
        {"camera", 0, 0, G_OPTION_ARG_STRING, &options.camera, "only the service and this camera", "ID"},
        G_OPTION_ENTRY_NULL,
    };
    static const char about[] =
        "Looks at everything that keeps alerts from arriving: configuration, service, clock, disk, database, files, broker (name,\n"
        "port, certificate, account, access list) and cameras (address, port, account, codec, key frames), and says what to do.\n"
        "What the running service knows is asked of it; without it, this connects itself, with the service's account. A camera\n"
        "is given its password once; one that refused it already is not asked again. Takes some seconds a camera. No password is\n"
        "printed. Exit codes: 0 nothing is in trouble (there may be warnings), 1 something is, 2 wrong usage.";
    gboolean parsed = sky_ctl_options(ctl, &argc, &argv, entries, "", about, 0, 0);
    int code = parsed ? examine(ctl, &options) : SKY_CTL_USAGE;
    g_free(options.camera);
    return code;
}
