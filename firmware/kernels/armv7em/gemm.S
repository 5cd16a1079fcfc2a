/* The inner loop of gemm.h, where the technique is explained, and the ways that end it. */
#include "armv7em/requantize.inc"
#include "armv7em/unrolled.h"

    .syntax unified
    .thumb

#define UNROLLED TML_ARMV7EM_TILE_UNROLLED
/* Bytes of two groups of four products of a tile, and of their part before weights are unpacked:
 * only instructions of four bytes. */
#define GROUPS_BYTES 132
#define HEAD_BYTES 32

/* Stack: the struct up to the tile's end; then where a pair goes after its first products, after
 * those of a single group, after a turn of the loop, and in the end; what its ends add. */
#define OUTPUT 8
#define OUTPUT_END 12
#define TILE 16
#define TILE_END 20
#define ENTRY 24
#define ENTRY_AFTER_ODD 28
#define AFTER_TURN 32
#define ENDS 36
#define ADDEND 40
#define FRAME 44

/* Two groups of three pixels and two channels: 48 MACs in 33 instructions, whose first part is up
 * to HEAD_BYTES. */
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

/* Three pixels, two channels.
 *   r0-r2     accumulators of the first channel, one a pixel
 *   r3-r5     of the second channel
 *   r6-r8, lr activations: of a group A of three pixels, then Y of three; requantisation
 *   r9, r10   weights of both channels; offsets of the outputs
 *   r11       walks over the tile; output
 *   r12       walks over the packed weights
 * The first products stand by themselves: they spread the biases over the pixels. Then an even
 * number of groups goes on inside the loop; an odd number completes a group by itself. The loop is
 * left without a look at its end where there is one turn only.
 */
    function tml_armv7em_gemm
    push {r4-r11, lr}
    sub sp, sp, #FRAME
    ldm r0, {r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, lr}
    mov r12, r7
    adr r7, 2f
    mov r0, #GROUPS_BYTES
    mla r8, r8, r0, r7
    orr r8, r8, #1
    add r7, r8, #HEAD_BYTES
    cmp r9, #0
    it ne
    adrne r7, 3f
    orr r7, r7, #1
    mov r9, r11
    cmp r10, #1
    it hi
    adrhi r9, 4f
    orr r9, r9, #1
    stm sp, {r1, r2, r3, r4, r5, r6, r7, r8, r9, r11, lr}
    .balign 4
tml_armv7em_gemm_pair:
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
    .rept UNROLLED
    tile_groups
    .endr
    .if . - 2b - UNROLLED * GROUPS_BYTES
    .error "groups of a tile have another size"
    .endif
    ldr pc, [sp, #AFTER_TURN]
    .balign 4
4:
    ldr lr, [sp, #TILE_END]
    cmp r11, lr
    bne 2b
    ldr pc, [sp, #ENDS]
    .size tml_armv7em_gemm, . - tml_armv7em_gemm
    .global tml_armv7em_gemm_pair
    .thumb_func
    .type tml_armv7em_gemm_pair, %function

/* Store the elements r0-r5, then the next pair or back to the caller. */
.macro store_pair
    ldm sp, {r9, r10, r11}
    ldr r6, [sp, #OUTPUT_END]
    strb r1, [r11, r9]
    strb r2, [r11, r10]
    strb r0, [r11], #1
    strb r4, [r11, r9]
    strb r5, [r11, r10]
    strb r3, [r11], #1
    str r11, [sp, #OUTPUT]
    cmp r11, r6
    bne.w tml_armv7em_gemm_pair
    add sp, sp, #FRAME
    pop {r4-r11, pc}
.endm

.macro ends_folded shift
    function tml_armv7em_ends_\shift
    ldm r12!, {r6, r7}
    .irp sum, r0, r1, r2
    requantize_folded \sum, r6, \shift
    .endr
    .irp sum, r3, r4, r5
    requantize_folded \sum, r7, \shift
    .endr
    store_pair
    .size tml_armv7em_ends_\shift, . - tml_armv7em_ends_\shift
.endm

.macro ends_folded_signed shift
    function tml_armv7em_ends_signed_\shift
    ldr lr, [sp, #ADDEND]
    ldm r12!, {r6, r7, r8, r9}
    .irp sum, r0, r1, r2
    requantize_folded_signed \sum, r6, r7, lr, \shift, r10
    .endr
    .irp sum, r3, r4, r5
    requantize_folded_signed \sum, r8, r9, lr, \shift, r10
    .endr
    store_pair
    .size tml_armv7em_ends_signed_\shift, . - tml_armv7em_ends_signed_\shift
.endm

.macro ends_full name
    function tml_armv7em_ends_full_\name
    ldm r12!, {r6, r7, r8}
    .irp sum, r0, r1, r2
    requantize_\name \sum
    .endr
    ldm r12!, {r6, r7, r8}
    .irp sum, r3, r4, r5
    requantize_\name \sum
    .endr
    store_pair
    .size tml_armv7em_ends_full_\name, . - tml_armv7em_ends_full_\name
.endm

    .irp shift, 12, 16, 8
    ends_folded \shift
    ends_folded_signed \shift
    .endr
    ends_full relu
    ends_full signed

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
