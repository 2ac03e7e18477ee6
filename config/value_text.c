/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "config/value.h"

static gboolean has_control(const char *text) {
    for (; *text; text = g_utf8_next_char(text)) {
        GUnicodeType type = g_unichar_type(g_utf8_get_char(text));
        if (type == G_UNICODE_CONTROL || type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR)
            return TRUE;
    }
    return FALSE;
}

static const char *wrong_name(const char *text) {
    if (strlen(text) > SKY_VALUE_NAME_BYTES_MAX)
        return "is too long";
    if (has_control(text))
        return "holds a line feed or another control character";
    return NULL;
}

static const char *wrong_word(const SkyKey *key, const char *text) {
    if (strlen(text) > (gsize)atoi(key->most))
        return "is too long";
    if (strlen(text) < (gsize)atoi(key->least))
        return "is too short";
    for (; *text; text++)
        if (!g_ascii_isgraph(*text))
            return "is not such a word";
    return NULL;
}

gboolean sky_value_read_text(const SkyValueCall *call, const SkyYamlNode *node, gpointer target) {
    if (call->key->type == SKY_VALUE_ID) {
        if (!sky_id_is_valid(node->text))
            return sky_value_refuse_text(call, node, "is not an id");
        g_strlcpy(target, node->text, SKY_ID_BYTES);
        return TRUE;
    }
    const char *wrong = call->key->type == SKY_VALUE_NAME ? wrong_name(node->text) : wrong_word(call->key, node->text);
    if (wrong)
        return sky_value_refuse_text(call, node, wrong);
    g_free(*(char **)target);
    *(char **)target = g_strdup(node->text);
    return TRUE;
}
