/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "config/config.h"
#include "config/report.h"
#include "config/yaml_tree.h"

/* Steps of sky_config_parse(). */

/* Fills the values by the table: what the file says, else the defaults. Problems go to the report, and the values are then good for
 * nothing but the checks and sky_config_values_clear(). List items are in the order of the files, one each, good or bad. files: every
 * file that is named. */
void sky_config_read(const SkyYamlNode *root, SkyReport *report, GPtrArray *files, SkyConfigValues *values);
/* What one key alone can not tell; also fills the defaults that hang on other keys, and takes credentials out of the URLs. */
void sky_config_check(const SkyYamlNode *root, SkyReport *report, SkyConfigValues *values);
/* Frees what is inside, wipes the secrets. */
void sky_config_values_clear(SkyConfigValues *values);
