/* The inner loops of gemv.h, where the technique is explained. */
    .syntax unified
    .thumb

#define UNROLLED 31
/* Bytes of the instructions for one input. */
#define INPUT_BYTES 18

/* Stack: the fields of tml_armv6m_row_t, the pass at hand, and what requantisation reads. */
#define INPUT 0
#define WEIGHTS 4
#define CHUNKS 8
#define BIASES 12
#define ENDS 16
#define ENDS_STEP 20
#define OUTPUT 24
#define OUTPUT_END 28
#define PASS 32
#define PASSES 36
#define LOWEST 40
#define HIGHEST 44
#define PASS_END 48
#define PASSES_LEFT 52
#define LOW_DIGIT 56
#define DOWN 60
#define FRAME 68

#include "armv6m/requantize.inc"

/* Two biases, r\first and r\second, as total and high start with them. */
.macro start_pair first, second, total, high
    mov \high, \second
    lsls \second, \second, #16
    adds \first, \first, \second
    mov \total, \first
.endm

/* r0 makes up for the 128, r1 is 2^15. */
.macro flush sum, total, high
    subs \sum, \sum, r0
    add \total, \sum
    adds \sum, \sum, r1
    asrs \sum, \sum, #16
    add \high, \sum
.endm

.macro next_end sign, digits
    ldr r1, [sp, #ENDS]
    adds r0, r0, r1
    str r0, [sp, #ENDS]
    load_end \sign, \digits
.endm

/* Registers for another output of the quadruple, unless all have the same. */
.macro another_end sign, digits
    ldr r0, [sp, #ENDS_STEP]
    cmp r0, #0
    beq 7f
    next_end \sign, \digits
7:
.endm

/* What becomes of four sums; leaves r1 at the next outputs. */
.macro store_elements sign, digits
    ldr r0, [sp, #ENDS_STEP]
    next_end \sign, \digits
    first_of_pair r8, r9
    store_element 0, \sign, \digits
    another_end \sign, \digits
    mov r0, r9
    store_element 1, \sign, \digits
    another_end \sign, \digits
    first_of_pair r10, r11
    store_element 2, \sign, \digits
    another_end \sign, \digits
    mov r0, r11
    store_element 3, \sign, \digits
    adds r1, r1, #4
.endm

.macro store_element place, sign, digits
    requantize \sign, \digits, 1
    ldr r1, [sp, #OUTPUT]
    strb r0, [r1, #\place]
.endm

/* Four outputs: 4 MACs in 9 instructions.
 *   r0, r1    words of weights, then products
 *   r2, r3    sums of a chunk: of words, and of odd bytes
 *   r4        input
 *   r5        0x00FF00FF
 *   r6        inputs less weights
 *   r7        walks over weights
 *   r8, r9    total and high (gemm.h) of outputs 0 and 1
 *   r10, r11  of outputs 2 and 3
 *   r12       sum of a chunk's inputs
 *   lr        walks over chunks
 */
.macro gemv name, sign, digits
    function \name
    enter FRAME
    mov r7, sp
    .rept 2
    ldm r0!, {r1, r2, r3, r4, r5, r6}
    stm r7!, {r1, r2, r3, r4, r5, r6}
    .endr
1:
    ldr r4, [sp, #BIASES]
    ldm r4!, {r0, r1, r2, r3}
    str r4, [sp, #BIASES]
    start_pair r0, r1, r8, r9
    start_pair r2, r3, r10, r11
    ldr r0, [sp, #CHUNKS]
    mov lr, r0
    movs r5, #255
    lsls r0, r5, #16
    adds r5, r5, r0
    ldr r7, [sp, #WEIGHTS]
    ldr r6, [sp, #INPUT]
    subs r6, r6, r7
    ldr r0, [sp, #PASS]
    adds r0, r0, r7
    str r0, [sp, #PASS_END]
    ldr r0, [sp, #PASSES]
    str r0, [sp, #PASSES_LEFT]
2:
    mov r0, lr
    ldrh r1, [r0]
    adds r0, r0, #2
    mov lr, r0
    ldrsb r4, [r6, r7]
    ldm r7!, {r2}
    mov r12, r4
    lsrs r3, r2, #8
    ands r3, r5
    muls r2, r4
    muls r3, r4
    add pc, r1
    nop
3:
    .rept UNROLLED
    ldrsb r4, [r6, r7]
    ldm r7!, {r0}
    add r12, r4
    lsrs r1, r0, #8
    ands r1, r5
    muls r0, r4
    muls r1, r4
    adds r2, r2, r0
    adds r3, r3, r1
    .endr
    .if . - 3b - UNROLLED * INPUT_BYTES
    .error "an input has another size"
    .endif
    lsls r0, r3, #8
    subs r2, r2, r0
    mov r0, r12
    lsls r1, r0, #7
    lsls r0, r0, #23
    adds r0, r0, r1
    movs r1, #128
    lsls r1, r1, #8
    flush r2, r8, r9
    flush r3, r10, r11
    ldr r0, [sp, #PASS_END]
    cmp r7, r0
    beq 4f
    b 2b
4:
    ldr r1, [sp, #PASSES_LEFT]
    subs r1, r1, #1
    beq 5f
    str r1, [sp, #PASSES_LEFT]
    ldr r1, [sp, #PASS]
    adds r0, r0, r1
    str r0, [sp, #PASS_END]
    subs r6, r6, r1
    adds r6, r6, #1
    b 2b
5:
    str r7, [sp, #WEIGHTS]
    mov r0, lr
    str r0, [sp, #CHUNKS]
    store_elements \sign, \digits
    str r1, [sp, #OUTPUT]
    ldr r0, [sp, #OUTPUT_END]
    cmp r1, r0
    beq 8f
    b 1b
8:
    leave FRAME
    .size \name, . - \name
.endm

    gemv tml_armv6m_gemv_relu_short, relu, short
    gemv tml_armv6m_gemv_relu_long, relu, long
    gemv tml_armv6m_gemv_signed_short, signed, short
    gemv tml_armv6m_gemv_signed_long, signed, long
