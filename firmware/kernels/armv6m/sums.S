/* The inner loop of sums.h, where the technique is explained. */
#include "armv6m/function.inc"

    .syntax unified
    .thumb

#define UNROLLED 23
/* Bytes of the instructions for one input. */
#define INPUT_BYTES 12

#define INPUT 0
#define OUTPUT_END 4
#define FRAME 12

/* The lower half of a sum is signed, so that it can have borrowed from the upper one: r5 is 2^15. */
.macro flush sum, total, high
    add \total, \sum
    adds \sum, \sum, r5
    asrs \sum, \sum, #16
    add \high, \sum
.endm

/* Sums a and b from what all words came to, and from b. */
.macro unpack a, b, total, high
    mov \b, \high
    lsls r4, \b, #16
    mov \a, \total
    subs \a, \a, r4
.endm

/*   r0, r1    words of weights, then products
 *   r2, r3    sums of a chunk
 *   r4        input
 *   r5        2^15
 *   r6        inputs less weights
 *   r7        walks over the packed weights
 *   r8, r9    of outputs 0 and 1: all words, and the upper halves alone
 *   r10, r11  of outputs 2 and 3
 *   r12       output
 */
    function tml_armv6m_sums
    enter FRAME
    ldm r0!, {r1, r2, r3, r4}
    str r1, [sp, #INPUT]
    movs r7, r2
    mov r12, r3
    str r4, [sp, #OUTPUT_END]
    movs r5, #128
    lsls r5, r5, #8
    b 1f
4:
    unpack r0, r1, r8, r9
    unpack r2, r3, r10, r11
    mov r6, r12
    stm r6!, {r0, r1, r2, r3}
    mov r12, r6
    ldr r0, [sp, #OUTPUT_END]
    cmp r6, r0
    bne 1f
    leave FRAME
1:
    ldm r7!, {r0, r1, r2, r3}
    mov r8, r0
    mov r9, r1
    mov r10, r2
    mov r11, r3
    ldr r6, [sp, #INPUT]
    subs r6, r6, r7
2:
    ldm r7!, {r1}
    lsls r1, r1, #1
    bcs 4b
    subs r6, r6, #4
    ldrsb r4, [r6, r7]
    ldm r7!, {r2, r3}
    muls r2, r4
    muls r3, r4
    add pc, r1
    nop
3:
    .rept UNROLLED
    ldrsb r4, [r6, r7]
    ldm r7!, {r0, r1}
    muls r0, r4
    muls r1, r4
    adds r2, r2, r0
    adds r3, r3, r1
    .endr
    .if . - 3b - UNROLLED * INPUT_BYTES
    .error "an input has another size"
    .endif
    flush r2, r8, r9
    flush r3, r10, r11
    b 2b
    .size tml_armv6m_sums, . - tml_armv6m_sums
