#include "armv81mm/add.h"

#include <arm_mve.h>

void tml_armv81mm_add(const tml_armv81mm_add_t *params, const int8_t *a, const int8_t *b,
                      int8_t *out) {
    const int32x4_t first = vdupq_n_s32(params->factors[0]);
    const int32x4_t lowest = vdupq_n_s32(params->lowest);
    const int32x4_t highest = vdupq_n_s32(params->highest);
    __asm__ volatile("dlstp.32 lr, %[elements]\n"
                     "1:\n\t"
                     "vldrb.s32 q0, [%[a]], #4\n\t"
                     "vldrb.s32 q1, [%[b]], #4\n\t"
                     "vmlas.s32 q0, %q[first], %[constant]\n\t"
                     "vmla.s32 q0, q1, %[second]\n\t"
                     "vshl.s32 q0, %[shift]\n\t"
                     "vmax.s32 q0, q0, %q[lowest]\n\t"
                     "vmin.s32 q0, q0, %q[highest]\n\t"
                     "vstrb.32 q0, [%[out]], #4\n\t"
                     "letp lr, 1b"
                     : [a] "+r"(a), [b] "+r"(b), [out] "+r"(out)
                     : [elements] "r"(params->elements), [first] "w"(first),
                       [second] "r"(params->factors[1]), [constant] "r"(params->constant),
                       [shift] "r"(-params->shift), [lowest] "w"(lowest), [highest] "w"(highest)
                     : "lr", "q0", "q1", "memory");
}
