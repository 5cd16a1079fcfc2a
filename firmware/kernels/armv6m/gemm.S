/* The inner loops of gemm.h, where the technique is explained. */
    .syntax unified
    .thumb

#define UNROLLED 18
/* Bytes of the instructions for one tap. */
#define TAP_BYTES 12
#define TAPS_A_GROUP_BYTES 8

/* Stack: the fields of tml_armv6m_tile_t, and channels left in the group of eight. */
#define OFFSET_1 0
#define OFFSET_2 4
#define OFFSET_3 8
#define TILE 12
#define WEIGHTS 16
#define CHUNKS 20
#define ENDS 24
#define OUTPUT 28
#define OUTPUT_END 32
#define LOWEST 36
#define HIGHEST 40
#define COLUMNS 44
#define LOW_DIGIT 48
#define DOWN 52
#define FRAME 64

#include "armv6m/requantize.inc"

.macro flush sum, total, high
    add \total, \sum
    add \sum, r12
    asrs \sum, \sum, #16
    add \high, \sum
.endm

.macro store_element offset
    ldr r1, [sp, #\offset]
    ldr r7, [sp, #OUTPUT]
    strb r0, [r7, r1]
.endm

/* Four pixels: 4 MACs in 6 instructions.
 *   r0, r1    activations, then products
 *   r2, r3    sums of a chunk
 *   r4        weight
 *   r5        walks over chunks
 *   r6        walks over the tile
 *   r7        weights less the tile: eight bytes a tap, as in the tile, so that one register walks
 *   r8, r9    total and high of pixels 0 and 1
 *   r10, r11  of pixels 2 and 3
 *   r12       2^15
 *   lr        end of the tile
 */
.macro gemm name, sign, digits
    function \name
    enter FRAME
    mov r7, sp
    ldm r0!, {r1, r2, r3, r4, r5, r6}
    subs r5, r5, r4
    stm r7!, {r1, r2, r3, r4, r5, r6}
    ldm r0!, {r1, r2, r3, r4, r5, r6}
    mov lr, r6
    movs r6, #8
    stm r7!, {r1, r2, r3, r4, r5, r6}
    movs r1, #128
    lsls r1, r1, #8
    mov r12, r1
1:
    ldr r0, [sp, #ENDS]
    ldm r0!, {r1}
    str r0, [sp, #ENDS]
    mov r9, r1
    mov r11, r1
    lsls r2, r1, #16
    adds r1, r1, r2
    mov r8, r1
    mov r10, r1
    ldr r5, [sp, #CHUNKS]
    ldr r6, [sp, #TILE]
    ldr r7, [sp, #WEIGHTS]
2:
    ldrb r0, [r5]
    adds r5, r5, #1
    ldrsb r4, [r7, r6]
    ldm r6!, {r2, r3}
    muls r2, r4
    muls r3, r4
    add pc, r0
    nop
3:
    .rept UNROLLED
    ldrsb r4, [r7, r6]
    ldm r6!, {r0, r1}
    muls r0, r4
    muls r1, r4
    adds r2, r2, r0
    adds r3, r3, r1
    .endr
    .if . - 3b - UNROLLED * TAP_BYTES
    .error "a tap has another size"
    .endif
    flush r2, r8, r9
    flush r3, r10, r11
    cmp r6, lr
    bne 2b

    str r5, [sp, #CHUNKS]
    adds r7, r7, #1
    ldr r0, [sp, #COLUMNS]
    subs r0, r0, #1
    bne 4f
    /* The next group begins behind this one, which is as long as the tile. */
    ldr r1, [sp, #TILE]
    subs r6, r6, r1
    adds r7, r7, r6
    movs r0, #TAPS_A_GROUP_BYTES
    subs r7, r7, r0
4:
    str r0, [sp, #COLUMNS]
    str r7, [sp, #WEIGHTS]
    ldr r1, [sp, #ENDS]
    load_end \sign, \digits
    str r1, [sp, #ENDS]
    first_of_pair r8, r9
    requantize \sign, \digits
    ldr r7, [sp, #OUTPUT]
    strb r0, [r7]
    mov r0, r9
    requantize \sign, \digits
    store_element OFFSET_1
    first_of_pair r10, r11
    requantize \sign, \digits
    store_element OFFSET_2
    mov r0, r11
    requantize \sign, \digits
    store_element OFFSET_3
    adds r7, r7, #1
    str r7, [sp, #OUTPUT]
    ldr r0, [sp, #OUTPUT_END]
    cmp r7, r0
    beq 5f
    b 1b
5:
    leave FRAME
    .size \name, . - \name
.endm

    gemm tml_armv6m_gemm_relu_short, relu, short
    gemm tml_armv6m_gemm_relu_long, relu, long
    gemm tml_armv6m_gemm_signed_short, signed, short
    gemm tml_armv6m_gemm_signed_long, signed, long

/* Two pixels: four taps in 23 instructions.
 *   r0, r1  pixels
 *   r2      tile
 *   r3      taps left
 *   r4      tap
 *   r5, r6  activations
 */
.macro pack_tap word
    ldrsb r5, [r0, r4]
    ldrsb r6, [r1, r4]
    lsls r6, r6, #16
    adds r5, r5, r6
    str r5, [r2, #8 * \word]
    adds r4, r4, #1
.endm

    function tml_armv6m_pack
    push {r4-r6, lr}
    movs r4, #0
    subs r3, r3, #4
    blo 2f
1:
    pack_tap 0
    pack_tap 1
    pack_tap 2
    pack_tap 3
    adds r2, r2, #32
    subs r3, r3, #4
    bhs 1b
2:
    adds r3, r3, #4
    beq 4f
3:
    pack_tap 0
    adds r2, r2, #8
    subs r3, r3, #1
    bne 3b
4:
    pop {r4-r6, pc}
    .size tml_armv6m_pack, . - tml_armv6m_pack
