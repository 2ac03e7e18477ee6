/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "config/report.h"
#include "config/sources.h"
#include "config/yaml_tree.h"

/* cameras.d/: files beside the main file, each a camera or a list of cameras, as if they stood at the end of its `cameras`. Names that
 * end in .yaml and begin with no dot, in the order of their bytes; other files are left alone (passwords may lie there). */
#define SKY_DROP_INS_FOLDER "cameras.d"
#define SKY_DROP_INS_MAX 64

/* Adds them behind the main file, which lies in directory. FALSE: errors, "file: what is wrong". No such folder is none. */
gboolean sky_drop_ins_add(const char *directory, SkySources *sources, GPtrArray *ret_errors);
/* Moves the cameras of a drop-in to those of the root; takes the tree. */
void sky_drop_ins_merge(SkyYamlNode *root, SkyYamlNode *drop_in, SkyReport *report);
/* A file whole. The bytes are one more than the text where it holds a NUL: what lies behind must not be overlooked. NULL: an error. */
char *sky_drop_ins_read(const char *path, gsize *ret_bytes, GPtrArray *ret_errors);
