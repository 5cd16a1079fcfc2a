/* The inner loops of plane.h, where the layout is explained. */
    .syntax unified
    .thumb

/* Stack: fields of tml_armv6m_plane_t, then what requantisation reads. */
#define WEIGHTS 0
#define WEIGHTS_END 4
#define WEIGHTS_ROW 8
#define LOWEST 12
#define HIGHEST 16
#define STEP 20
#define END 24
#define ROW 28
#define SKIP 32
#define HALF 36
#define OUTPUT_STEP 40
#define OUTPUT_SKIP 44
#define ROWS 48
#define ENDS 52
#define BIAS 72
#define LOW_DIGIT 76
#define DOWN 80
#define FRAME 88

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

.macro window_3x3 grouping
    taps \grouping, 1
    add r6, lr
    taps \grouping, 0
    add r6, lr
    taps \grouping, 0
.endm

/* Two taps at a time: 4 MACs in 11 instructions.
 *   r2  weights of a row, in bytes
 *   r5  end of the row's weights
 */
.macro window_any
    movs r0, #0
    mov r8, r0
    mov r9, r0
    ldr r2, [sp, #WEIGHTS_ROW]
    movs r5, r7
4:
    adds r5, r5, r2
5:
    ldm r7!, {r0, r1}
    ldm r6!, {r3, r4}
    muls r3, r0
    muls r4, r1
    adds r3, r3, r4
    flush r3, 0
    cmp r7, r5
    bne 5b
    add r6, lr
    ldr r0, [sp, #WEIGHTS_END]
    cmp r7, r0
    bne 4b
.endm

/* Two outputs.
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
.macro plane name, sign, digits, window, grouping
    function \name
    enter FRAME
    mov r7, sp
    .rept 2
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
    ldr r7, [sp, #WEIGHTS]
    \window \grouping
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

    plane tml_armv6m_plane_triples_relu_short, relu, short, window_3x3, triples
    plane tml_armv6m_plane_triples_relu_long, relu, long, window_3x3, triples
    plane tml_armv6m_plane_triples_signed_short, signed, short, window_3x3, triples
    plane tml_armv6m_plane_triples_signed_long, signed, long, window_3x3, triples
    plane tml_armv6m_plane_pairs_relu_short, relu, short, window_3x3, pairs
    plane tml_armv6m_plane_pairs_relu_long, relu, long, window_3x3, pairs
    plane tml_armv6m_plane_pairs_signed_short, signed, short, window_3x3, pairs
    plane tml_armv6m_plane_pairs_signed_long, signed, long, window_3x3, pairs
    plane tml_armv6m_plane_any_relu_short, relu, short, window_any
    plane tml_armv6m_plane_any_relu_long, relu, long, window_any
    plane tml_armv6m_plane_any_signed_short, signed, short, window_any
    plane tml_armv6m_plane_any_signed_long, signed, long, window_any

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
