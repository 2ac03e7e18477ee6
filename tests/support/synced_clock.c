/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/timex.h>

/* Stands before the C library: this program's clock is synced, whatever the machine's is, or nothing would go by its age. */
int adjtimex(struct timex *state) {
    *state = (struct timex){0};
    return TIME_OK;
}
