/* The inner loops of plane.h, where the layout is explained. */
    .syntax unified
    .thumb

/* Stack: nine weights and other fields of tml_armv6m_plane_t, then what requantisation reads. */
#define LOWEST 36
#define HIGHEST 40
#define STEP 44
#define END 48
#define ROW 52
#define SKIP 56
#define HALF 60
#define OUTPUT_STEP 64
#define OUTPUT_SKIP 68
#define ROWS 72
#define ENDS 76
#define BIAS 96
#define LOW_DIGIT 100
#define DOWN 104
#define FRAME 112

#include "armv6m/requantize.inc"

/* A sum of taps to both halves' totals; the first one sets them. */
.macro flush sum, first
    .if \first
    mov r8, \sum
    .else
    add r8, \sum
    .endif
    add \sum, r12
    asrs \sum, \sum, #16
    .if \first
    mov r9, \sum
    .else
    add r9, \sum
    .endif
.endm

/* A row of a window. */
.macro taps grouping, first
    ldm r7!, {r0, r1, r2}
    ldm r6!, {r3, r4, r5}
    muls r3, r0
    muls r4, r1
    muls r5, r2
    adds r3, r3, r4
    .ifc \grouping, triples
    adds r3, r3, r5
    flush r3, \first
    .else
    flush r3, \first
    flush r5, 0
    .endif
.endm

/* Two outputs: 18 MACs in 21 instructions, and what keeps them apart.
 *   r0-r2  weights; accumulator
 *   r3-r5  activations, then products
 *   r6     walks over a window
 *   r7     walks over the weights
 *   r8     total, see gemm.h
 *   r9     high
 *   r10    first tap
 *   r11    output
 *   r12    2^15
 *   lr     from behind a row of a window to the next row
 * Requantisation has r0-r7 to itself.
 */
.macro plane name, grouping, sign, digits
    function \name
    enter FRAME
    mov r7, sp
    .rept 3
    ldm r0!, {r1, r2, r3, r4, r5, r6}
    stm r7!, {r1, r2, r3, r4, r5, r6}
    .endr
    ldm r0!, {r1, r2, r3, r4, r5}
    str r1, [sp, #ROWS]
    mov r10, r2
    mov r11, r3
    mov lr, r4
    movs r1, #128
    lsls r1, r1, #8
    mov r12, r1
    movs r1, r5
    ldm r1!, {r7}
    load_end \sign, \digits
    add r1, sp, #ENDS
    stm r1!, {r2, r3, r4, r5, r6, r7}
1:
    mov r6, r10
    mov r7, sp
    taps \grouping, 1
    add r6, lr
    taps \grouping, 0
    add r6, lr
    taps \grouping, 0
    add r1, sp, #ENDS
    ldm r1!, {r2, r3, r4, r5, r6, r7}
    mov r0, r9
    adds r0, r0, r7
    requantize \sign, \digits
    mov r1, r11
    ldr r7, [sp, #HALF]
    strb r0, [r1, r7]
    first_of_pair r8, r9
    ldr r1, [sp, #BIAS]
    adds r0, r0, r1
    requantize \sign, \digits
    mov r1, r11
    strb r0, [r1]
    ldr r0, [sp, #OUTPUT_STEP]
    add r11, r0
    ldr r0, [sp, #STEP]
    add r10, r0
    ldr r0, [sp, #END]
    cmp r10, r0
    beq 2f
    b 1b
2:
    ldr r1, [sp, #ROW]
    adds r0, r0, r1
    str r0, [sp, #END]
    ldr r0, [sp, #SKIP]
    add r10, r0
    ldr r0, [sp, #OUTPUT_SKIP]
    add r11, r0
    ldr r0, [sp, #ROWS]
    subs r0, r0, #1
    str r0, [sp, #ROWS]
    beq 3f
    b 1b
3:
    leave FRAME
    .size \name, . - \name
.endm

    plane tml_armv6m_plane_triples_relu_short, triples, relu, short
    plane tml_armv6m_plane_triples_relu_long, triples, relu, long
    plane tml_armv6m_plane_triples_signed_short, triples, signed, short
    plane tml_armv6m_plane_triples_signed_long, triples, signed, long
    plane tml_armv6m_plane_pairs_relu_short, pairs, relu, short
    plane tml_armv6m_plane_pairs_relu_long, pairs, relu, long
    plane tml_armv6m_plane_pairs_signed_short, pairs, signed, short
    plane tml_armv6m_plane_pairs_signed_long, pairs, signed, long

/* A word in 8 instructions.
 *   r0      walks over the image
 *   r1, r2  second half, first half
 *   r3      walks over the plane
 *   r4, r5  activations
 *   r6      step
 *   r7      end of the row
 *   r8, r9  width, skip of the plane
 *   r10     skip
 *   r11     rows left
 */
    function tml_armv6m_spread
    enter 0
    mov r7, r0
    ldm r7!, {r0, r1, r2, r3, r4, r5, r6}
    mov r8, r4
    mov r11, r5
    ldm r7!, {r4, r5}
    mov r10, r4
    mov r9, r5
1:
    mov r7, r8
    adds r7, r7, r3
2:
    ldrsb r4, [r2, r0]
    ldrsb r5, [r1, r0]
    lsls r5, r5, #16
    adds r4, r4, r5
    stm r3!, {r4}
    adds r0, r0, r6
    cmp r3, r7
    bne 2b
    add r0, r10
    add r3, r9
    mov r4, r11
    subs r4, r4, #1
    mov r11, r4
    bne 1b
    leave 0
    .size tml_armv6m_spread, . - tml_armv6m_spread
