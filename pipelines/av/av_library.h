/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Call before anything else of libav, from any thread, as often as you like: silences its log, which quotes URLs with their
 * passwords, and makes its network ready. */
void sky_av_library_init(void);
