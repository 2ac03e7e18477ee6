/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "daemon/ctl/ctl.h"

static void take(char **place, char *given) {
    if (!given)
        return;
    g_free(*place);
    *place = given;
}

gboolean sky_ctl_parse(SkyCtl *ctl, GOptionContext *context, int *argc, char ***argv) {
    g_autoptr(GError) error = NULL;
    char *config = NULL, *socket = NULL;
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &config, "the configuration (" SKY_CTL_CONFIG ")", "FILE"},
        {"socket", 's', 0, G_OPTION_ARG_FILENAME, &socket, "the daemon's local socket (as the configuration says)", "PATH"},
        G_OPTION_ENTRY_NULL,
    };
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, &error)) {
        fprintf(stderr, "%s: %s: see %s --help\n", g_get_prgname(), error->message, g_get_prgname());
        return FALSE;
    }
    ctl->config_given |= config != NULL;
    take(&ctl->config_path, config);
    take(&ctl->socket_path, socket);
    return TRUE;
}

gboolean sky_ctl_options(SkyCtl *ctl, int *argc, char ***argv, const GOptionEntry *entries, const char *usage, const char *about,
                         int least, int most) {
    g_autofree char *program = g_strconcat("skynetctl ", (*argv)[0], NULL);
    g_set_prgname(program);
    g_autoptr(GOptionContext) context = g_option_context_new(usage);
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_description(context, about);
    if (!sky_ctl_parse(ctl, context, argc, argv))
        return FALSE;
    int count = *argc - 1;
    if (count < least || count > most) {
        fprintf(stderr, "%s: %s: see %s --help\n", program,
                count < least ? "an argument is missing" : "there are too many arguments", program);
        return FALSE;
    }
    return TRUE;
}

SkyConfig *sky_ctl_config(const SkyCtl *ctl) {
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    SkyConfig *config = sky_config_load(ctl->config_path, errors);
    for (guint i = 0; i < errors->len; i++)
        fprintf(stderr, "%s\n", (const char *)errors->pdata[i]);
    return config;
}
