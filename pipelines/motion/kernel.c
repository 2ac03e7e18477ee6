/* SPDX-License-Identifier: Apache-2.0 */
#include "motion/kernel.h"

const SkyMotionKernel *sky_motion_kernel_choose(unsigned allowed) {
#ifdef SKY_HAVE_AVX2
    if ((allowed & SKY_MOTION_KERNEL_AVX2) && __builtin_cpu_supports("avx2"))
        return sky_motion_kernel_avx2();
#endif
#ifdef SKY_HAVE_NEON /* every arm64 has it */
    if (allowed & SKY_MOTION_KERNEL_NEON)
        return sky_motion_kernel_neon();
#endif
    (void)allowed;
    return sky_motion_kernel_c();
}
