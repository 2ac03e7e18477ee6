/* SPDX-License-Identifier: Apache-2.0 */
#include "source/gst_library.h"

#include <gst/gst.h>
#include <pthread.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/uri.h"

static GError *failure; /* of init(), for good */

/* What $GST_DEBUG asks for. Its finer levels say what each property is set to, and GST_PIPELINE quotes the text, both of which may
 * be an account: they are left out. */
static void log_line(GstDebugCategory *category, GstDebugLevel level, const gchar *file, const gchar *function, gint line,
                     GObject *object, GstDebugMessage *message, gpointer user) {
    const char *name = gst_debug_category_get_name(category);
    if (level > GST_LEVEL_INFO || strcmp(name, "GST_PIPELINE") == 0)
        return;
    g_autofree char *words = sky_uri_redact(gst_debug_message_get(message));
    sky_log(SKY_LOG_DEBUG, "gst", NULL, "%s: %s", name, words);
}

static void init(void) {
    gst_debug_remove_log_function(gst_debug_log_default);
    gst_debug_add_log_function(log_line, NULL, NULL);
    if (!gst_init_check(NULL, NULL, &failure) && failure == NULL)
        failure = g_error_new_literal(SKY_ERROR, SKY_ERR_CONFIG, "no reason given");
}

/* gst_is_initialized() is true before the elements are known. */
gboolean sky_gst_library_init(GError **error) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init);
    if (failure != NULL)
        g_set_error(error, SKY_ERROR, SKY_ERR_CONFIG, "pipeline: GStreamer does not start: %s", failure->message);
    return failure == NULL;
}
