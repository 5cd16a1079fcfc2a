/* The inner loops of plane.h, where the layout is explained. */
#include "armv7em/requantize.inc"

    .syntax unified
    .thumb

/* Stack: what requantises a channel; where it is; then the fields of tml_armv7em_planes_t. */
#define MULTIPLIER 0
#define CONSTANTS 4
#define SHIFT 8
#define BIAS 12
#define COLUMN_PLANE 16
#define COLUMN_OUTPUT 20
#define PAIRS_LEFT 24
#define SINGLES_LEFT 28
#define OUTPUT_NOW 32
#define STEP 36
#define ADVANCE 40
#define COLUMN_END 44
#define PACKED 48
#define PLANE 52
#define PLANE_BYTES 56
#define OUTPUT 60
#define CHANNELS 64
#define COLUMN 68
#define PAIRS 76
#define SINGLES 80
#define WALK 84
#define ODD 88
#define FRAME 92

/* Registers of all kernels:
 *   r0-r2   weights w0 | w1 << 16, by tap across
 *   r3-r5   weights w1 | w2 << 16
 *   r6, r7  words of a column; requantisation; pointers
 *   r8-r10  sums, a word
 *   r11     walks over a column
 *   r12     walks over the next one
 *   lr      a sum; output
 */

/* What requantises a channel, from the packed weights at r12 (not aligned) to the stack. */
.macro take_folded
    ldr r6, [r12], #4
    ldr r7, [r12], #4
    str r6, [sp, #BIAS]
    str r7, [sp, #MULTIPLIER]
.endm

.macro take_full
    ldr r6, [r12], #4
    ldr r7, [r12], #4
    ldr r8, [r12], #4
    ldr r9, [r12], #4
    stm sp, {r7, r8, r9}
    str r6, [sp, #BIAS]
.endm

/* The nine weights that follow. */
.macro take_weights
    ldr r8, [r12], #4
    ldr r9, [r12], #4
    ldrsb r10, [r12], #1
    sxtb16 r0, r8
    sxtb16 r1, r8, ror #8
    sxtb16 r2, r9
    sxtb16 r6, r9, ror #8
    pkhtb r3, r6, r0, asr #16
    lsr r4, r1, #16
    pkhbt r4, r4, r6, lsl #16
    lsr r5, r2, #16
    pkhbt r5, r5, r10, lsl #16
.endm

/* Sums to elements, by r6 and r7. */
.macro elements_folded shift, sums:vararg
    ldr r6, [sp, #MULTIPLIER]
    .irp sum, \sums
    requantize_folded \sum, r6, \shift
    .endr
.endm

.macro elements_full high, sums:vararg
    ldrd r6, r7, [sp, #MULTIPLIER]
    .irp sum, \sums
    \high \sum
    .endr
    ldr r6, [sp, #SHIFT]
    .irp sum, \sums
    saturate_to 8, \sum, r6
    .endr
.endm

/* The kernel's arguments to the stack. */
.macro enter
    push {r4-r11, lr}
    sub sp, sp, #FRAME
    ldm r0!, {r1, r2}
    strd r1, r2, [sp, #STEP]
    ldm r0!, {r1, r2, r3, r4, r5, r6}
    add r7, sp, #PACKED
    stm r7!, {r1, r2, r3, r4, r5, r6}
    ldm r0!, {r1, r2, r3, r4, r5}
    stm r7, {r1, r2, r3, r4, r5}
.endm

/* The next channel: its weights to registers, the rest to the stack. */
.macro start_channel take
    ldr r12, [sp, #PACKED]
    \take
    take_weights
    str r12, [sp, #PACKED]
    ldrd r6, r7, [sp, #PLANE]
    str r6, [sp, #COLUMN_PLANE]
    add r6, r6, r7
    str r6, [sp, #PLANE]
    ldr r6, [sp, #OUTPUT]
    str r6, [sp, #COLUMN_OUTPUT]
    add r6, r6, #1
    str r6, [sp, #OUTPUT]
    ldrd r6, r7, [sp, #PAIRS]
    strd r6, r7, [sp, #PAIRS_LEFT]
.endm

/* Back to `channel` while there is a next one. */
.macro end_channel channel
    ldr r6, [sp, #CHANNELS]
    subs r6, r6, #1
    str r6, [sp, #CHANNELS]
    bne \channel
    add sp, sp, #FRAME
    pop {r4-r11, pc}
.endm

/* To `done` where no column is left; else its pointers to registers, those on the stack one
 * further, and to `odd` where no two outputs are across. */
.macro start_column left, done, odd
    ldr r6, [sp, #\left]
    subs r6, r6, #1
    bmi \done
    str r6, [sp, #\left]
    ldrd r11, lr, [sp, #COLUMN_PLANE]
    ldrd r6, r7, [sp, #COLUMN]
    add r12, r11, r6
    add r7, lr, r7
    strd r12, r7, [sp, #COLUMN_PLANE]
    str lr, [sp, #OUTPUT_NOW]
    ldr r6, [sp, #WALK]
    add r7, r11, r6
    str r7, [sp, #COLUMN_END]
    cmp r6, #0
    beq \odd
.endm

/* To `column` where all outputs across came in pairs. */
.macro start_odd column
    ldr r6, [sp, #ODD]
    cmp r6, #0
    beq \column
.endm

/* Two outputs along, two across: 36 MACs in 24 instructions.
 *   r8, r9   sums of the first across
 *   r10, lr  of the second
 */
.macro pair_twice elements, how
    ldr r8, [sp, #BIAS]
    ldrd r6, r7, [r11], #8
    smlad r10, r7, r0, r8
    smlatb lr, r7, r0, r8
    smlatb r9, r6, r0, r8
    smlad r8, r6, r0, r8
    smlatb r9, r7, r1, r9
    smlad r8, r7, r1, r8
    ldrd r6, r7, [r11]
    smlad r8, r6, r2, r8
    smlatb r9, r6, r2, r9
    smlad r10, r6, r1, r10
    smlatb lr, r6, r1, lr
    smlad r10, r7, r2, r10
    smlatb lr, r7, r2, lr
    ldrd r6, r7, [r12], #8
    smlabt r8, r6, r3, r8
    smlad r9, r6, r3, r9
    smlabt r8, r7, r4, r8
    smlad r9, r7, r4, r9
    smlabt r10, r7, r3, r10
    smlad lr, r7, r3, lr
    ldrd r6, r7, [r12]
    smlabt r8, r6, r5, r8
    smlad r9, r6, r5, r9
    smlabt r10, r6, r4, r10
    smlad lr, r6, r4, lr
    smlabt r10, r7, r5, r10
    smlad lr, r7, r5, lr
    \elements \how, r8, r9, r10, lr
    ldrd r6, r7, [sp, #OUTPUT_NOW]
    strb r8, [r6]
    strb r9, [r6, r7]
    ldrd r8, r9, [sp, #ADVANCE]
    add r6, r6, r8
    strb r10, [r6]
    strb lr, [r6, r7]
    add r6, r6, r8
    str r6, [sp, #OUTPUT_NOW]
    cmp r11, r9
.endm

/* Two outputs along. */
.macro pair elements, how
    ldr r9, [sp, #BIAS]
    ldm r11, {r6, r7, r8}
    smlatb r10, r6, r0, r9
    smlad r9, r6, r0, r9
    smlatb r10, r7, r1, r10
    smlad r9, r7, r1, r9
    smlatb r10, r8, r2, r10
    smlad r9, r8, r2, r9
    ldm r12, {r6, r7, r8}
    smlad r10, r6, r3, r10
    smlabt r9, r6, r3, r9
    smlad r10, r7, r4, r10
    smlabt r9, r7, r4, r9
    smlad r10, r8, r5, r10
    smlabt r9, r8, r5, r9
    \elements \how, r9, r10
    ldrd r6, r7, [sp, #OUTPUT_NOW]
    strb r9, [r6]
    strb r10, [r6, r7]
.endm

/* Where two outputs across go, from r9 and r10. */
.macro store_twice
    ldrd r6, r7, [sp, #ADVANCE]
    strb r9, [lr]
    strb r10, [lr, r6]
    add lr, lr, r6, lsl #1
    cmp r11, r7
.endm

/* Two outputs across, for stride 1. */
.macro single_1_twice elements, how
    ldr r9, [sp, #BIAS]
    ldrd r6, r7, [r11], #8
    smlad r10, r7, r0, r9
    smlad r9, r6, r0, r9
    smlad r9, r7, r1, r9
    ldrd r6, r7, [r11]
    smlad r9, r6, r2, r9
    smlad r10, r6, r1, r10
    smlad r10, r7, r2, r10
    ldrd r6, r7, [r12], #8
    smlabt r9, r6, r3, r9
    smlabt r9, r7, r4, r9
    smlabt r10, r7, r3, r10
    ldrd r6, r7, [r12]
    smlabt r9, r6, r5, r9
    smlabt r10, r6, r4, r10
    smlabt r10, r7, r5, r10
    \elements \how, r9, r10
    store_twice
.endm

/* Two outputs across, for stride 2. */
.macro single_2_twice elements, how
    ldr r9, [sp, #BIAS]
    ldm r11, {r6, r7, r8}
    smlad r10, r8, r0, r9
    smlad r9, r6, r0, r9
    smlad r9, r7, r1, r9
    smlad r9, r8, r2, r9
    ldrd r6, r7, [r11, #12]
    adds r11, r11, #16
    smlad r10, r6, r1, r10
    smlad r10, r7, r2, r10
    ldm r12, {r6, r7, r8}
    smlabt r9, r6, r3, r9
    smlabt r9, r7, r4, r9
    smlabt r9, r8, r5, r9
    smlabt r10, r8, r3, r10
    ldrd r6, r7, [r12, #12]
    add r12, r12, #16
    smlabt r10, r6, r4, r10
    smlabt r10, r7, r5, r10
    \elements \how, r9, r10
    store_twice
.endm

/* One output. */
.macro single elements, how
    ldr r9, [sp, #BIAS]
    ldm r11, {r6, r7, r8}
    smlad r9, r6, r0, r9
    smlad r9, r7, r1, r9
    smlad r9, r8, r2, r9
    ldm r12, {r6, r7, r8}
    smlabt r9, r6, r3, r9
    smlabt r9, r7, r4, r9
    smlabt r9, r8, r5, r9
    \elements \how, r9
    strb r9, [lr]
.endm

.macro stride_1 name, take, elements, how
    function \name
    enter
1:
    start_channel \take
2:
    start_column PAIRS_LEFT, 5f, 4f
3:
    pair_twice \elements, \how
    bne 3b
4:
    start_odd 2b
    pair \elements, \how
    b 2b
5:
    start_column SINGLES_LEFT, 8f, 7f
6:
    single_1_twice \elements, \how
    bne 6b
7:
    start_odd 5b
    single \elements, \how
    b 5b
8:
    end_channel 1b
    .size \name, . - \name
.endm

.macro stride_2 name, take, elements, how
    function \name
    enter
1:
    start_channel \take
5:
    start_column SINGLES_LEFT, 8f, 7f
6:
    single_2_twice \elements, \how
    bne 6b
7:
    start_odd 5b
    single \elements, \how
    b 5b
8:
    end_channel 1b
    .size \name, . - \name
.endm

    .irp stride, 1, 2
    .irp shift, 12, 16, 8
    stride_\stride tml_armv7em_planes_\stride\()_\shift, take_folded, elements_folded, \shift
    .endr
    stride_\stride tml_armv7em_planes_\stride\()_full_relu, take_full, elements_full, high_relu
    stride_\stride tml_armv7em_planes_\stride\()_full_signed, take_full, elements_full, high_signed
    .endr

/* Four channels of two neighbours into a word of each of four planes: 8 elements in 16 instructions.
 *   r0, r2   neighbours
 *   r1, r3   to their next inputs
 *   r4-r7    words of the planes
 *   r8       words left
 *   r9, r10  four channels of each; two words
 *   r11      the upper bytes of lanes
 *   r12, lr  channels 0 and 1, 2 and 3 of both; two words
 */
    function tml_armv7em_spread
    push {r4-r11, lr}
    ldm r0, {r0, r1, r2, r3, r4, r5, r6}
    mov r8, r6
    add r6, r4, r5, lsl #1
    add r7, r6, r5
    add r5, r4, r5
    mov r11, #0xFF00FF00
1:
    ldr r9, [r0]
    ldr r10, [r2]
    add r0, r0, r1
    add r2, r2, r3
    pkhbt r12, r9, r10, lsl #16
    pkhtb lr, r10, r9, asr #16
    and r9, r11, r12, lsl #8
    and r12, r12, r11
    and r10, r11, lr, lsl #8
    and lr, lr, r11
    str r9, [r4], #4
    str r12, [r5], #4
    str r10, [r6], #4
    str lr, [r7], #4
    subs r8, r8, #1
    bne 1b
    pop {r4-r11, pc}
    .size tml_armv7em_spread, . - tml_armv7em_spread
