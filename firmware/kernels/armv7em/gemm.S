/* The inner loops of gemm.h, where the technique is explained. */
#include "armv7em/requantize.inc"

    .syntax unified
    .thumb

#define TILE_UNROLLED 8
#define ROW_UNROLLED 8
/* Bytes of two groups of four products of a tile, of their part before weights are unpacked, and of
 * one group of a row: only instructions of four bytes. */
#define TILE_GROUPS_BYTES 132
#define TILE_HEAD_BYTES 32
#define ROW_GROUP_BYTES 56

/* Stack of a tile: its struct up to the tile's end, then where a pair goes after its first
 * products, and after those of a single group. */
#define OFFSETS_AND_OUTPUT 0
#define OUTPUT 8
#define OUTPUT_END 12
#define TILE 16
#define TILE_END 20
#define ENTRY 24
#define ENTRY_AFTER_ODD 28
#define FRAME 36

/* Two groups of three pixels and two channels: 48 MACs in 33 instructions, whose first part is up
 * to TILE_HEAD_BYTES. */
.macro tile_groups
    ldm r12!, {r9, r10}
    ldm r11!, {r6, r7, r8, lr}
    smlad r0, r6, r9, r0
    smlad r1, r7, r9, r1
    smlad r2, r8, r9, r2
    smlad r3, r6, r10, r3
    smlad r4, r7, r10, r4
    smlad r5, r8, r10, r5
    sxtb16 r9, r9
    sxtb16 r10, r10
    smlad r0, lr, r9, r0
    smlad r3, lr, r10, r3
    ldm r11!, {r6, r7, r8, lr}
    smlad r1, r6, r9, r1
    smlad r2, r7, r9, r2
    smlad r4, r6, r10, r4
    smlad r5, r7, r10, r5
    ldm r12!, {r9, r10}
    smlad r0, r8, r9, r0
    smlad r1, lr, r9, r1
    smlad r3, r8, r10, r3
    smlad r4, lr, r10, r4
    ldm r11!, {r6, r7, r8, lr}
    smlad r2, r6, r9, r2
    smlad r5, r6, r10, r5
    sxtb16 r9, r9
    sxtb16 r10, r10
    smlad r0, r7, r9, r0
    smlad r1, r8, r9, r1
    smlad r2, lr, r9, r2
    smlad r3, r7, r10, r3
    smlad r4, r8, r10, r4
    smlad r5, lr, r10, r5
.endm

/* Elements of six sums, from multipliers in the stream. */
.macro tile_ends_folded shift
    ldm r12!, {r6, r7}
    .irp sum, r0, r1, r2
    requantize_folded \sum, r6, \shift
    .endr
    .irp sum, r3, r4, r5
    requantize_folded \sum, r7, \shift
    .endr
.endm

/* From m, constants, S in the stream. */
.macro tile_ends_full requantize
    ldm r12!, {r6, r7, r8}
    \requantize r0
    \requantize r1
    \requantize r2
    ldm r12!, {r6, r7, r8}
    \requantize r3
    \requantize r4
    \requantize r5
.endm

/* Three pixels, two channels.
 *   r0-r2     accumulators of the first channel, one a pixel
 *   r3-r5     of the second channel
 *   r6-r8, lr activations: of a group A of three pixels, then Y of three; requantisation
 *   r9, r10   weights of both channels; offsets of the outputs
 *   r11       walks over the tile; output
 *   r12       walks over the stream
 * The first products stand by themselves: they spread the biases over the pixels. Then an even
 * number of groups goes on inside the loop; an odd number completes a group by itself.
 */
.macro gemm name, ends, how
    function \name
    push {r4-r11, lr}
    sub sp, sp, #FRAME
    ldm r0, {r1, r2, r3, r4, r5, r6, r7, r8, r9}
    mov r12, r7
    adr r7, 2f
    mov r10, #TILE_GROUPS_BYTES
    mla r8, r8, r10, r7
    orr r8, r8, #1
    add r7, r8, #TILE_HEAD_BYTES
    cmp r9, #0
    it ne
    adrne r7, 3f
    orr r7, r7, #1
    stm sp, {r1, r2, r3, r4, r5, r6, r7, r8}
1:
    ldr r11, [sp, #TILE]
    ldm r12!, {r0, r3, r9, r10}
    ldm r11!, {r6, r7, r8, lr}
    smlad r1, r7, r9, r0
    smlad r2, r8, r9, r0
    smlad r0, r6, r9, r0
    smlad r4, r7, r10, r3
    smlad r5, r8, r10, r3
    smlad r3, r6, r10, r3
    ldr pc, [sp, #ENTRY]
    .balign 4
3:
    sxtb16 r9, r9
    sxtb16 r10, r10
    ldm r11!, {r6, r7}
    smlad r0, lr, r9, r0
    smlad r1, r6, r9, r1
    smlad r2, r7, r9, r2
    smlad r3, lr, r10, r3
    smlad r4, r6, r10, r4
    smlad r5, r7, r10, r5
    ldr pc, [sp, #ENTRY_AFTER_ODD]
    .balign 4
2:
    .rept TILE_UNROLLED
    tile_groups
    .endr
    .if . - 2b - TILE_UNROLLED * TILE_GROUPS_BYTES
    .error "groups of a tile have another size"
    .endif
    ldr lr, [sp, #TILE_END]
    cmp r11, lr
    bne 2b

    \ends \how
    ldm sp, {r9, r10, r11}
    strb r1, [r11, r9]
    strb r2, [r11, r10]
    strb r0, [r11], #1
    strb r4, [r11, r9]
    strb r5, [r11, r10]
    strb r3, [r11], #1
    str r11, [sp, #OUTPUT]
    ldr r6, [sp, #OUTPUT_END]
    cmp r11, r6
    bne 1b
    add sp, sp, #FRAME
    pop {r4-r11, pc}
    .size \name, . - \name
.endm

    gemm tml_armv7em_gemm_12, tile_ends_folded, 12
    gemm tml_armv7em_gemm_16, tile_ends_folded, 16
    gemm tml_armv7em_gemm_8, tile_ends_folded, 8
    gemm tml_armv7em_gemm_relu, tile_ends_full, requantize_relu
    gemm tml_armv7em_gemm_signed, tile_ends_full, requantize_signed

/* Stack of a row. */
#define ROW_OUTPUT_END 0
#define ROW_PIXEL 4
#define ROW_ENTRY 8
#define ROW_ENDS 12
#define ROW_ENDS_BYTES 16
#define ROW_FRAME 24

.macro store_elements
    strb r0, [r10], #1
    strb r1, [r10], #1
    strb r2, [r10], #1
    strb r3, [r10], #1
.endm

/* Elements of four sums by a multiplier of each. */
.macro row_ends_each shift
    ldr r4, [sp, #ROW_ENDS]
    ldm r4!, {r6, r7, r8, r9}
    str r4, [sp, #ROW_ENDS]
    requantize_folded r0, r6, \shift
    requantize_folded r1, r7, \shift
    requantize_folded r2, r8, \shift
    requantize_folded r3, r9, \shift
    store_elements
.endm

/* By one multiplier for all. */
.macro row_ends_all shift
    ldr r4, [sp, #ROW_ENDS]
    ldr r6, [r4]
    .irp sum, r0, r1, r2, r3
    requantize_folded \sum, r6, \shift
    .endr
    store_elements
.endm

/* By m, constants, S that differ, and by the same for all. */
.macro row_ends_full requantize
    ldrd r4, r5, [sp, #ROW_ENDS]
    .irp sum, r0, r1, r2, r3
    ldm r4, {r6, r7, r8}
    add r4, r4, r5
    \requantize \sum
    strb \sum, [r10], #1
    .endr
    str r4, [sp, #ROW_ENDS]
.endm

.macro row_ends_int16 requantize
    ldr r4, [sp, #ROW_ENDS]
    ldm r4, {r6, r7, r8}
    .irp sum, r0, r1, r2, r3
    \requantize \sum
    strh \sum, [r10], #2
    .endr
.endm

/* One pixel, four channels: 16 MACs in 14 instructions.
 *   r0-r3  accumulators
 *   r4, r5 activations: A, Y; what requantisation reads
 *   r6-r9  weights; requantisation
 *   r10    output
 *   r11    walks over the pixel
 *   r12    walks over the stream
 *   lr     end of the pixel
 */
.macro gemv name, ends, how
    function \name
    push {r4-r11, lr}
    sub sp, sp, #ROW_FRAME
    ldm r0, {r1, r2, r3, r4, r5, r6, r7, r8}
    mov r10, r1
    mov lr, r4
    mov r12, r5
    adr r4, 2f
    mov r9, #ROW_GROUP_BYTES
    mla r4, r6, r9, r4
    orr r4, r4, #1
    stm sp, {r2, r3, r4, r7, r8}
1:
    ldr r11, [sp, #ROW_PIXEL]
    ldm r12!, {r0, r1, r2, r3}
    ldr pc, [sp, #ROW_ENTRY]
    .balign 4
2:
    .rept ROW_UNROLLED
    ldm r11!, {r4, r5}
    ldm r12!, {r6, r7, r8, r9}
    smlad r0, r6, r4, r0
    smlad r1, r7, r4, r1
    smlad r2, r8, r4, r2
    smlad r3, r9, r4, r3
    sxtb16 r6, r6
    sxtb16 r7, r7
    sxtb16 r8, r8
    sxtb16 r9, r9
    smlad r0, r6, r5, r0
    smlad r1, r7, r5, r1
    smlad r2, r8, r5, r2
    smlad r3, r9, r5, r3
    .endr
    .if . - 2b - ROW_UNROLLED * ROW_GROUP_BYTES
    .error "a group of a row has another size"
    .endif
    cmp r11, lr
    bne 2b
    \ends \how
    ldr r6, [sp, #ROW_OUTPUT_END]
    cmp r10, r6
    bne 1b
    add sp, sp, #ROW_FRAME
    pop {r4-r11, pc}
    .size \name, . - \name
.endm

    .irp shift, 12, 16, 8
    gemv tml_armv7em_gemv_each_\shift, row_ends_each, \shift
    gemv tml_armv7em_gemv_all_\shift, row_ends_all, \shift
    .endr
    gemv tml_armv7em_gemv_relu, row_ends_full, requantize_relu
    gemv tml_armv7em_gemv_signed, row_ends_full, requantize_signed
    gemv tml_armv7em_gemv_int16, row_ends_int16, requantize_int16
    gemv tml_armv7em_gemv_int16_once, row_ends_int16, requantize_int16_once

/* Three pixels' activations into a tile: 12 activations in 10 instructions.
 *   r0-r2   pixels
 *   r3      tile
 *   r4-r6   A
 *   r7-r9   four activations of each, then Y
 *   r10     -127 in both lanes
 *   r11     flips x to 127 - x in both
 *   r12     groups left in the row
 *   lr      rows left
 * Stack: steps to the next rows, groups a row.
 */
    function tml_armv7em_expand
    push {r4-r11, lr}
    sub sp, sp, #20
    ldm r0, {r0, r1, r2, r3, r4, r5, r6, r7, r8}
    stm sp, {r3, r4, r5, r7}
    mov r3, r6
    mov lr, r8
    mov r11, #0x007F007F
    mvn r10, #0x007E007E
1:
    ldr r12, [sp, #12]
2:
    ldr r7, [r0], #4
    ldr r8, [r1], #4
    ldr r9, [r2], #4
    sxtab16 r4, r10, r7
    sxtab16 r5, r10, r8
    sxtab16 r6, r10, r9
    eor r7, r7, r11
    eor r8, r8, r11
    eor r9, r9, r11
    stm r3!, {r4, r5, r6, r7, r8, r9}
    subs r12, r12, #1
    bne 2b
    ldm sp, {r4, r5, r6}
    add r0, r0, r4
    add r1, r1, r5
    add r2, r2, r6
    subs lr, lr, #1
    bne 1b
    mov r0, r3
    add sp, sp, #20
    pop {r4-r11, pc}
    .size tml_armv7em_expand, . - tml_armv7em_expand
