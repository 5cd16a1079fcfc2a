/* The inner loops of plane.h, where the layout is explained. */
#include "armv7em/requantize.inc"

    .syntax unified
    .thumb

#define UNROLLED 4

/* Stack: the fields of tml_armv7em_plane_t up to the weights, and where a column ends. */
#define BIAS 12
#define STEP 16
#define ADVANCE 20
#define WALK 24
#define PLANE 28
#define OUTPUT 32
#define COLUMN 36
#define PAIRS 44
#define SINGLES 48
#define SKIPPED 52
#define END 56
#define FRAME 64

/* Registers of all kernels:
 *   r0-r2  weights w0 | w1 << 16, by tap across
 *   r3-r5  weights w1 | w2 << 16
 *   r6-r8  three words of a column; requantisation
 *   r9     accumulator of the first output
 *   r10    of the second
 *   r11    walks over a column
 *   r12    walks over the next one
 *   lr     output
 */
.macro enter
    push {r4-r11, lr}
    sub sp, sp, #FRAME
    ldm r0!, {r1, r2, r3, r4, r5, r6, r7}
    stm sp, {r1, r2, r3, r4, r5, r6, r7}
    ldm r0!, {r1, r2, r3, r4, r5, r6, r7}
    add r8, sp, #PLANE
    stm r8, {r1, r2, r3, r4, r5, r6, r7}
    ldm r0, {r0, r1, r2, r3, r4, r5}
.endm

/* To `done` where none are left; else pointers of the next column, and those on the stack one
 * further. */
.macro start_column left, done
    ldr r6, [sp, #\left]
    subs r6, r6, #1
    bmi \done
    str r6, [sp, #\left]
    ldrd r11, lr, [sp, #PLANE]
    ldrd r6, r7, [sp, #COLUMN]
    add r12, r11, r6
    add r7, lr, r7
    strd r12, r7, [sp, #PLANE]
    ldr r6, [sp, #WALK]
    add r6, r11, r6
    str r6, [sp, #END]
.endm

/* Back to `loop` until the column ends, then to `column`. */
.macro end_column loop, column
    ldr r8, [sp, #END]
    cmp r11, r8
    bne \loop
    b \column
.endm

/* Two outputs along from words (x0, x1) and (x2, x3): 18 MACs in 12 instructions. */
.macro pair requantize
    ldr r10, [sp, #BIAS]
    ldm r11, {r6, r7, r8}
    adds r11, r11, #4
    smlad r9, r6, r0, r10
    smlatb r10, r6, r0, r10
    smlad r9, r7, r1, r9
    smlatb r10, r7, r1, r10
    smlad r9, r8, r2, r9
    smlatb r10, r8, r2, r10
    ldm r12, {r6, r7, r8}
    adds r12, r12, #4
    smlabt r9, r6, r3, r9
    smlad r10, r6, r3, r10
    smlabt r9, r7, r4, r9
    smlad r10, r7, r4, r10
    smlabt r9, r8, r5, r9
    smlad r10, r8, r5, r10
    ldm sp, {r6, r7, r8}
    \requantize r9
    \requantize r10
    ldrd r6, r7, [sp, #STEP]
    strb r10, [lr, r6]
    strb r9, [lr]
    add lr, lr, r7
.endm

/* One output along from (x0, x1) and (x2, -); `words` across to the next. */
.macro single words, requantize
    ldr r9, [sp, #BIAS]
    ldm r11, {r6, r7, r8}
    adds r11, r11, #4 * \words
    smlad r9, r6, r0, r9
    smlad r9, r7, r1, r9
    smlad r9, r8, r2, r9
    ldm r12, {r6, r7, r8}
    adds r12, r12, #4 * \words
    smlabt r9, r6, r3, r9
    smlabt r9, r7, r4, r9
    smlabt r9, r8, r5, r9
    ldm sp, {r6, r7, r8}
    \requantize r9
    ldr r7, [sp, #ADVANCE]
    strb r9, [lr]
    add lr, lr, r7
.endm

.macro stride_1 name, requantize
    function \name
    enter
1:
    start_column PAIRS, 5f
    ldr r6, [sp, #SKIPPED]
    mov r7, #(4f - 3f) / UNROLLED
    adr r8, 3f
    mla r6, r6, r7, r8
    orr r6, r6, #1
    bx r6
    .balign 4
3:
    .rept UNROLLED
    pair \requantize
    .endr
4:
    end_column 3b, 1b
5:
    start_column SINGLES, 7f
6:
    single 1, \requantize
    end_column 6b, 5b
7:
    add sp, sp, #FRAME
    pop {r4-r11, pc}
    .size \name, . - \name
.endm

.macro stride_2 name, requantize
    function \name
    enter
5:
    start_column SINGLES, 7f
6:
    single 2, \requantize
    end_column 6b, 5b
7:
    add sp, sp, #FRAME
    pop {r4-r11, pc}
    .size \name, . - \name
.endm

    stride_1 tml_armv7em_plane_1_relu, requantize_relu
    stride_1 tml_armv7em_plane_1_signed, requantize_signed
    stride_2 tml_armv7em_plane_2_relu, requantize_relu
    stride_2 tml_armv7em_plane_2_signed, requantize_signed

/* Four channels of two neighbours into a word of each of four planes: 8 elements in 17 instructions.
 *   r0       input
 *   r1-r4    words of the planes
 *   r5       to the neighbour
 *   r6       to the next input
 *   r7       end of the walk in the first plane
 *   r8, r9   pixels; then their channels 1 and 3
 *   r10, r11 their channels 0 and 2
 *   r12      a word
 *   lr       arguments
 */
    function tml_armv7em_spread
    push {r3-r11, lr}
    mov lr, r0
    ldrd r0, r1, [lr]
    ldrd r8, r5, [lr, #8]
    ldr r6, [lr, #16]
    ldr r9, [lr, #24]
    add r2, r1, r8
    add r3, r2, r8
    add r4, r3, r8
    str r9, [sp]
1:
    ldr r7, [lr, #20]
    add r7, r1, r7
2:
    ldr r8, [r0]
    ldr r9, [r0, r5]
    add r0, r0, r6
    sxtb16 r10, r8
    sxtb16 r11, r9
    sxtb16 r8, r8, ror #8
    sxtb16 r9, r9, ror #8
    pkhbt r12, r10, r11, lsl #16
    str r12, [r1], #4
    pkhbt r12, r8, r9, lsl #16
    str r12, [r2], #4
    pkhtb r12, r11, r10, asr #16
    str r12, [r3], #4
    pkhtb r12, r9, r8, asr #16
    str r12, [r4], #4
    cmp r1, r7
    bne 2b
    ldrd r8, r9, [lr, #28]
    add r0, r0, r8
    add r1, r1, r9
    add r2, r2, r9
    add r3, r3, r9
    add r4, r4, r9
    ldr r8, [sp]
    subs r8, r8, #1
    str r8, [sp]
    bne 1b
    pop {r3-r11, pc}
    .size tml_armv7em_spread, . - tml_armv7em_spread
