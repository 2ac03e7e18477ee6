/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "config/config.h"
#include "message/message.h"

/* The names behind the ids of one message, looked up in the configuration. Borrowed from it. camera, zone: may be NULL or unknown.
 */
SkyMessageContext sky_names_of(const SkyConfig *config, const char *camera, const char *zone);
