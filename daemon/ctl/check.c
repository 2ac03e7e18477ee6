/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/uri.h"
#include "daemon/ctl/ctl.h"
#include "source/pipeline_text.h"

/* What the daemon will connect to, whoever wrote the URL. */
static void print_camera(const SkyCameraConfig *camera) {
    g_autofree char *main_url = sky_uri_redact(camera->main_url), *sub_url = sky_uri_redact(camera->sub_url ? camera->sub_url : "");
    printf("%s%s\n  main     %s\n", camera->id, camera->enabled ? "" : " (not enabled)", main_url);
    if (camera->sub_url)
        printf("  sub      %s\n", sub_url);
    printf("  account  %s\n", camera->user ? camera->user : "none");
}

/* Their texts, as far as one sees without opening anything. */
static gboolean check_pipelines(const SkyConfigValues *values) {
    gboolean right = TRUE;
    for (uint32_t i = 0; i < values->camera_count; i++) {
        const SkyCameraConfig *camera = &values->cameras[i];
        g_autoptr(GError) error = NULL;
        if (!camera->pipeline_text || sky_pipeline_text_check(camera->pipeline_text, &error))
            continue;
        fprintf(stderr, "%s: cameras[%s].pipeline: %s\n", camera->pipeline_place, camera->id, error->message);
        right = FALSE;
    }
    return right;
}

int sky_ctl_check(SkyCtl *ctl, int argc, char **argv) {
    gboolean verbose = FALSE;
    const GOptionEntry entries[] = {
        {"verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose, "also the URLs of each camera, as the daemon will use them", NULL},
        G_OPTION_ENTRY_NULL,
    };
    if (!sky_ctl_options(ctl, &argc, &argv, entries, "[FILE]",
                         "Checks a configuration, with the files of cameras.d beside it, and tells every error in it at once, as\n"
                         "file:line:column: key: what is wrong, what is allowed; and what is wrong with the pipelines that it\n"
                         "names. Exit codes: 0 it is right, 1 it is not, 2 wrong usage.",
                         0, 1))
        return SKY_CTL_USAGE;
    if (argc == 2) {
        g_free(ctl->config_path);
        ctl->config_path = g_strdup(argv[1]);
    }
    g_autoptr(SkyConfig) config = sky_ctl_config(ctl);
    if (!config && !g_file_test(ctl->config_path, G_FILE_TEST_EXISTS))
        fprintf(stderr, "skynetctl check: `skynetctl print-config >%s` writes one to begin with\n", ctl->config_path);
    if (!config)
        return SKY_CTL_NO;
    const SkyConfigValues *values = sky_config_values(config);
    if (!check_pipelines(values))
        return SKY_CTL_NO;
    guint drop_ins = sky_config_drop_ins(config)->len;
    g_autofree char *beside = drop_ins ? g_strdup_printf(" (with %u files of cameras.d)", drop_ins) : g_strdup("");
    printf("%s: ok, %u cameras%s, %u audiences\n", ctl->config_path, values->camera_count, beside, values->audience_count);
    for (uint32_t i = 0; verbose && i < values->camera_count; i++)
        print_camera(&values->cameras[i]);
    return SKY_CTL_OK;
}

int sky_ctl_print_config(SkyCtl *ctl, int argc, char **argv) {
    const GOptionEntry entries[] = {G_OPTION_ENTRY_NULL};
    if (!sky_ctl_options(ctl, &argc, &argv, entries, "",
                         "Prints the default configuration: every key with its range, default and meaning. Exit codes: 0 printed, "
                         "1 not, 2 wrong\n"
                         "usage.",
                         0, 0))
        return SKY_CTL_USAGE;
    g_autofree char *text = sky_config_print_default();
    fputs(text, stdout);
    return SKY_CTL_OK;
}

int sky_ctl_print_schema(SkyCtl *ctl, int argc, char **argv) {
    gboolean cameras = FALSE;
    const GOptionEntry entries[] = {
        {"cameras", 0, 0, G_OPTION_ARG_NONE, &cameras, "of a file in cameras.d in its place", NULL},
        G_OPTION_ENTRY_NULL,
    };
    if (!sky_ctl_options(ctl, &argc, &argv, entries, "",
                         "Prints a JSON Schema (draft 7) of the configuration. For an editor with yaml-language-server: save it as\n"
                         "FILE.json, and begin the configuration with the line\n"
                         "    # yaml-language-server: $schema=FILE.json\n"
                         "Exit codes: 0 printed, 1 not, 2 wrong usage.",
                         0, 0))
        return SKY_CTL_USAGE;
    g_autofree char *text = cameras ? sky_config_print_schema_of_cameras() : sky_config_print_schema();
    fputs(text, stdout);
    return SKY_CTL_OK;
}
