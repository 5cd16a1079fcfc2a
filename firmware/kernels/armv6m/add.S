/* The loops of add.h, where the arithmetic is explained. */
#include "armv6m/function.inc"

    .syntax unified
    .thumb

#define RANGE 0
#define LOWEST 4
#define HALF 8
#define FRAME 12

/* An element in 25 instructions, or 29.
 *   r0, r1    elements, products
 *   r2, r3    products with low halves; multipliers
 *   r4        walks up to 0
 *   r5-r7     ends of the inputs and of the output
 *   r8, r9    multipliers of a and b
 *   r10, r11  their low halves
 *   r12       constant
 *   lr        its low half
 */
.macro add_elements name, away
    function \name
    enter FRAME
    movs r7, r3
    movs r5, r1
    movs r6, r2
    ldm r0!, {r1, r2, r3, r4}
    adds r5, r5, r1
    adds r6, r6, r1
    adds r7, r7, r1
    mov r8, r2
    mov r9, r3
    mov r10, r4
    negs r4, r1
    ldm r0!, {r1, r2, r3}
    mov r11, r1
    mov r12, r2
    mov lr, r3
    ldm r0!, {r1, r2, r3}
    str r1, [sp, #RANGE]
    str r2, [sp, #LOWEST]
    str r3, [sp, #HALF]
1:
    ldrsb r0, [r5, r4]
    ldrsb r1, [r6, r4]
    mov r2, r10
    muls r2, r0
    mov r3, r11
    muls r3, r1
    adds r2, r2, r3
    add r2, lr
    asrs r2, r2, #16
    mov r3, r8
    muls r0, r3
    mov r3, r9
    muls r1, r3
    adds r0, r0, r1
    adds r0, r0, r2
    add r0, r12
    .if \away
    asrs r1, r0, #31
    adds r0, r0, r1
    ldr r1, [sp, #HALF]
    adds r0, r0, r1
    .endif
    asrs r0, r0, #18
    ldr r1, [sp, #RANGE]
    cmp r0, r1
    bhi 4f
2:
    ldr r1, [sp, #LOWEST]
    adds r0, r0, r1
    strb r0, [r7, r4]
    adds r4, r4, #1
    bne 1b
    leave FRAME
4:
    /* Below the range, all bits of the sign; above it, the range. */
    asrs r0, r0, #31
    bics r1, r0
    movs r0, r1
    b 2b
    .size \name, . - \name
.endm

    add_elements tml_armv6m_add, 0
    add_elements tml_armv6m_add_away, 1
