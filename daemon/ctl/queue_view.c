/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/ctl/queue_view.h"

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/columns.h"
#include "message/reader_text.h"

const char *sky_queue_reason(uint32_t code) {
    switch (code) {
    case 0x80:
        return "the broker refused it without a reason, or hung up on it three times (too large for it?)";
    case 0x83:
        return "the broker refused it for a reason of its own";
    case 0x87:
        return "the broker's access list does not let our account write this topic";
    case 0x90:
        return "the broker does not take this topic's name";
    case 0x95:
        return "it is larger than the broker takes";
    case 0x97:
        return "the broker's quota for our account is used up";
    case 0x99:
        return "the broker does not take what is in it";
    default:
        return "the broker refused it";
    }
}

char *sky_queue_span(int64_t seconds) {
    if (seconds >= 2 * 86400)
        return g_strdup_printf("%d d %d h", (int)(seconds / 86400), (int)(seconds % 86400 / 3600));
    if (seconds >= 2 * 3600)
        return g_strdup_printf("%d h %d min", (int)(seconds / 3600), (int)(seconds % 3600 / 60));
    if (seconds >= 120)
        return g_strdup_printf("%d min", (int)(seconds / 60));
    return g_strdup_printf("%d s", (int)MAX(seconds, 0));
}

static int64_t number_of(GHashTable *answer, const char *kind, const char *id, const char *name) {
    g_autofree char *key = g_strjoin(".", kind, id, name, NULL);
    return g_ascii_strtoll(sky_ctl_text(answer, key), NULL, 10);
}

static char *text_of(GHashTable *answer, const char *row, const char *name) {
    g_autofree char *key = g_strjoin(".", "dead", row, name, NULL);
    return sky_reader_text(sky_ctl_text(answer, key), 512);
}

static void add_waiting(GString *text, GHashTable *answer) {
    static const struct {
        const char *name, *shown;
    } classes[] = {{"state", "open alerts"}, {"log", "alert log"}, {"event", "events"}, {"image", "pictures"}};
    g_auto(SkyColumns) table;
    sky_columns_init(&table, 3);
    for (guint i = 0; i < G_N_ELEMENTS(classes); i++) {
        int64_t rows = number_of(answer, "waiting", classes[i].name, "rows");
        g_autofree char *count = g_strdup_printf("%" G_GINT64_FORMAT, rows);
        g_autofree char *span = sky_queue_span(number_of(answer, "waiting", classes[i].name, "oldest_s"));
        g_autofree char *oldest = rows > 0 ? g_strconcat("the oldest for ", span, NULL) : NULL;
        sky_columns_add(&table, classes[i].shown);
        sky_columns_add(&table, count);
        sky_columns_add(&table, oldest);
    }
    g_autofree char *lines = sky_columns_text(&table, "  ");
    g_string_append_printf(text, "waiting for the broker\n%s", lines);
}

static void add_letter(SkyColumns *table, GHashTable *answer, const char *row) {
    g_autofree char *topic = text_of(answer, row, "topic");
    g_autofree char *age = sky_queue_span(number_of(answer, "dead", row, "age_s"));
    uint32_t code = (uint32_t)number_of(answer, "dead", row, "reason");
    g_autofree char *reason = g_strdup_printf("%s (0x%02x)", sky_queue_reason(code), code);
    sky_columns_add(table, row);
    sky_columns_add(table, age);
    sky_columns_add(table, topic);
    sky_columns_add(table, reason);
}

char *sky_queue_view_text(GHashTable *answer) {
    g_autoptr(GString) text = g_string_new(NULL);
    g_auto(GStrv) rows = g_strsplit(sky_ctl_text(answer, "dead.rows"), ",", -1);
    guint64 dead = g_ascii_strtoull(sky_ctl_text(answer, "dead.count"), NULL, 10), shown = 0;
    g_auto(SkyColumns) table;
    add_waiting(text, answer);
    sky_columns_init(&table, 4);
    static const char *const heads[] = {"ROW", "AGE", "TOPIC", "WHY"};
    for (guint i = 0; i < G_N_ELEMENTS(heads); i++)
        sky_columns_add(&table, heads[i]);
    for (char **row = rows; *row && **row; row++, shown++) {
        g_autofree char *clean = sky_reader_text(*row, 24);
        add_letter(&table, answer, clean);
    }
    g_autofree char *lines = sky_columns_text(&table, "  ");
    g_string_append_printf(text, "refused for good: %" G_GUINT64_FORMAT "\n%s", dead, shown > 0 ? lines : "");
    if (dead > shown)
        g_string_append_printf(text, "  %" G_GUINT64_FORMAT " more\n", dead - shown);
    if (dead > 0)
        g_string_append(
            text,
            "Mend what the reason says, then: skynetctl queue resend ROW (or --all). skynetctl queue drop ROW: it is gone.\n");
    return g_string_free(g_steal_pointer(&text), FALSE);
}
