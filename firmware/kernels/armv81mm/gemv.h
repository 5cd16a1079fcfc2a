/* One row of int8 times four rows of weights, for Armv8.1-M: sixteen products an instruction. */
#ifndef TML_ARMV81MM_GEMV_H
#define TML_ARMV81MM_GEMV_H

#include <arm_mve.h>

/* Bytes of four rows of weights, [blocks][4][16], for `inputs` products a sum. */
static inline int32_t tml_armv81mm_gemv_bytes(int32_t inputs) {
    return 4 * ((inputs + 15) & ~15);
}

/* Four sums of `inputs` > 0 products; the row needs no alignment, and is not read beyond its end.
 */
static inline int32x4_t tml_armv81mm_gemv(const int8_t *row, const int8_t *weights,
                                          int32_t inputs) {
    int32x4_t sums;
    __asm__ volatile("movs r0, #0\n\t"
                     "movs r2, #0\n\t"
                     "movs r4, #0\n\t"
                     "movs r6, #0\n\t"
                     "dlstp.8 lr, %[inputs]\n"
                     "1:\n\t"
                     "vldrb.u8 q0, [%[row]], #16\n\t"
                     "vldrb.u8 q1, [%[weights]], #16\n\t"
                     "vmladava.s8 r0, q0, q1\n\t"
                     "vldrb.u8 q2, [%[weights]], #16\n\t"
                     "vmladava.s8 r2, q0, q2\n\t"
                     "vldrb.u8 q1, [%[weights]], #16\n\t"
                     "vmladava.s8 r4, q0, q1\n\t"
                     "vldrb.u8 q2, [%[weights]], #16\n\t"
                     "vmladava.s8 r6, q0, q2\n\t"
                     "letp lr, 1b\n\t"
                     "vmov %q[sums][2], %q[sums][0], r0, r4\n\t"
                     "vmov %q[sums][3], %q[sums][1], r2, r6"
                     : [sums] "=w"(sums), [row] "+r"(row), [weights] "+r"(weights)
                     : [inputs] "r"(inputs)
                     : "r0", "r2", "r4", "r6", "lr", "q0", "q1", "q2", "cc", "memory");
    return sums;
}

#endif
