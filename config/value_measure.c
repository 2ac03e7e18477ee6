/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "config/value.h"

typedef struct {
    const char *name;
    double factor;
} Unit;

static const Unit durations[] = {{"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}, {NULL, 0}};
static const Unit sizes[] = {{"B", 1},           {"KB", 1e3},        {"MB", 1e6},           {"GB", 1e9},           {"TB", 1e12},
                             {"KiB", 1 << 10},   {"MiB", 1 << 20},   {"GiB", 1 << 30},      {"TiB", 1099511627776.0}, {NULL, 0}};
#define UNIT_NONE "is a bare number, it needs a unit"

/* Not strtod's hexadecimal, "inf" and "nan". */
gboolean sky_value_number(const char *text, double *ret_value) {
    if (text[0] == '\0' || strlen(text) > 32 || text[strspn(text, "0123456789.eE+-")] != '\0')
        return FALSE;
    char *end = NULL;
    double value = g_ascii_strtod(text, &end);
    if (*end != '\0' || !isfinite(value))
        return FALSE;
    *ret_value = value;
    return TRUE;
}

static const char *with_unit(const Unit *units, const char *text, const char *no_measure, double *ret_value) {
    gsize digits = strspn(text, "0123456789.");
    g_autofree char *number = g_strndup(text, digits);
    double value;
    if (!sky_value_number(number, &value))
        return no_measure;
    const char *unit = text + digits + strspn(text + digits, " ");
    if (*unit == '\0' && value != 0)
        return UNIT_NONE;
    double factor = *unit == '\0' ? 1 : 0;
    for (guint i = 0; units[i].name; i++)
        if (strcmp(units[i].name, unit) == 0)
            factor = units[i].factor;
    if (factor == 0)
        return "has a unit that is not known";
    *ret_value = round(value * factor);
    return NULL;
}

const char *sky_value_measure(SkyValueType type, const char *text, double *ret_value) {
    if (type == SKY_VALUE_SIZE)
        return with_unit(sizes, text, "is not a size", ret_value);
    if (type == SKY_VALUE_DURATION || type == SKY_VALUE_SECONDS)
        return with_unit(durations, text, "is not a duration", ret_value);
    double value;
    if (!sky_value_number(text, &value))
        return "is not a number";
    if (type == SKY_VALUE_INTEGER && (value != floor(value) || strspn(text, "0123456789-") != strlen(text)))
        return "is not a whole number";
    *ret_value = value;
    return NULL;
}

static double limit(const SkyKey *key, const char *text) {
    double value = 0;
    const char *wrong = sky_value_measure(key->type, text, &value);
    g_assert(!wrong);
    return value;
}

static void store_whole(gpointer target, gsize bytes, double value) {
    if (bytes == sizeof(uint32_t))
        *(uint32_t *)target = (uint32_t)value;
    else
        *(uint64_t *)target = (uint64_t)value;
}

gboolean sky_value_read_measure(const SkyValueCall *call, const SkyYamlNode *node, gpointer target) {
    const SkyKey *key = call->key;
    double value = 0;
    const char *wrong = sky_value_measure(key->type, node->text, &value);
    if (!wrong && value < limit(key, key->least))
        wrong = "is too small";
    if (!wrong && value > limit(key, key->most))
        wrong = "is too large";
    if (!wrong && key->type == SKY_VALUE_SECONDS && fmod(value, 1e9) != 0)
        wrong = "is not a whole number of seconds";
    if (wrong)
        return sky_value_refuse_text(call, node, wrong);
    if (key->type == SKY_VALUE_NUMBER)
        *(double *)target = value;
    else
        store_whole(target, key->bytes, key->type == SKY_VALUE_SECONDS ? value / 1e9 : value);
    return TRUE;
}
