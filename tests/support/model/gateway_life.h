/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "support/model/gateway.h"

/* Starts and ends of the gateway, shared by gateway*.c. */
SkyConfig *gateway_config(guint variant);
/* In a directory of its own that holds the files of `from` (NULL: none), all of them synced. cut: the commit that the kill cut. */
void gateway_start(Gateway *gateway, const char *from, const SkyStoreCommit *cut);
void gateway_end_life(Gateway *gateway); /* the objects go, without a word */
void gateway_remove_directory(Gateway *gateway);
void gateway_ask_replay(Gateway *gateway, guint audience, guint64 from_seq);
