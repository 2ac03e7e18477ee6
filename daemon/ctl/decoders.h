/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* `skynetctl probe --decoders`: what can decode on this box, tried and printed. Returns the exit code. */
int sky_ctl_decoders(void);
