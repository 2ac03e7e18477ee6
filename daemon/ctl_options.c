/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "daemon/ctl.h"

gboolean sky_ctl_options(int *argc, char ***argv, const GOptionEntry *entries, const char *usage, const char *about, int least, int most) {
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_strdup((*argv)[0]);
    g_autofree char *program = g_strconcat("skynetctl ", name, NULL);
    g_set_prgname(program);
    g_autoptr(GOptionContext) context = g_option_context_new(usage);
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_description(context, about);
    if (!g_option_context_parse(context, argc, argv, &error)) {
        fprintf(stderr, "%s: %s: see %s --help\n", program, error->message, program);
        return FALSE;
    }
    int count = *argc - 1;
    if (count < least || count > most) {
        fprintf(stderr, "%s: %s: see %s --help\n", program, count < least ? "something is missing" : "there are too many arguments", program);
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
