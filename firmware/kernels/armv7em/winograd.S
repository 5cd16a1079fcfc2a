/* The products of winograd.h, and the ways that make elements of them. */
#include "armv7em/requantize.inc"
#include "armv7em/unrolled.h"

    .syntax unified
    .thumb

#define UNROLLED TML_ARMV7EM_WINOGRAD_UNROLLED
/* Bytes of a group of four channels: only instructions of four bytes. */
#define GROUP_BYTES 40

/* Stack: the struct without its packed weights; where a position goes after its first products, and
 * after a turn of the loop; where its sums go, and where the products of a turn of loops end; the
 * sums. */
#define OFFSETS 0
#define OUTPUT 32
#define OUTPUT_END 36
#define TILES 40
#define TILES_END 44
#define ENTRY 48
#define AFTER_TURN 52
#define POSITION_BYTES 56
#define ENDS 60
#define ADDEND 64
#define SUMS_NOW 68
#define POSITION_END 72
#define SUMS 76
#define FRAME 332

/* Two channels of two tiles; `first` where there is no sum yet. */
.macro products group
    ldm r11!, {r4, r5, r6, r7}
    ldm r12!, {r8, r9, r10, lr}
    .ifc \group, first
    smuad r0, r4, r8
    smuad r1, r4, r10
    smuad r2, r6, r8
    smuad r3, r6, r10
    .else
    smlad r0, r4, r8, r0
    smlad r1, r4, r10, r1
    smlad r2, r6, r8, r2
    smlad r3, r6, r10, r3
    .endif
    smlad r0, r5, r9, r0
    smlad r1, r5, lr, r1
    smlad r2, r7, r9, r2
    smlad r3, r7, lr, r3
.endm

/* Positions of two tiles and two channels: 32 products in 10 instructions.
 *   r0, r1   sums of the first tile, one a channel
 *   r2, r3   of the second
 *   r4-r7    V of both tiles: channels 0 and 2, 1 and 3
 *   r8-r10, lr  U of both channels, alike
 *   r11      walks over V
 *   r12      walks over the packed weights
 */
    function tml_armv7em_winograd_products
    push {r4-r11, lr}
    sub sp, sp, #FRAME
    ldm r0!, {r1, r2, r3, r4, r5, r6, r7, r8}
    stm sp, {r1, r2, r3, r4, r5, r6, r7, r8}
    ldm r0, {r1, r2, r3, r4, r5, r6, r7, r8, r9, r10}
    mov r12, r5
    adr r11, 2f
    mov r5, #GROUP_BYTES
    mla r5, r6, r5, r11
    orr r5, r5, #1
    adr r6, 5f
    cmp r7, #1
    it hi
    adrhi r6, 4f
    orr r6, r6, #1
    add r11, sp, #OUTPUT
    stm r11, {r1, r2, r3, r4, r5, r6, r8, r9, r10}
    .balign 4
tml_armv7em_winograd_pair:
    ldr r11, [sp, #TILES]
    ldr r4, [sp, #POSITION_BYTES]
    add r5, sp, #SUMS
    str r5, [sp, #SUMS_NOW]
    add r4, r4, r11
    str r4, [sp, #POSITION_END]
1:
    products first
    ldr pc, [sp, #ENTRY]
    .balign 4
2:
    .rept UNROLLED
    products next
    .endr
    .if . - 2b - UNROLLED * GROUP_BYTES
    .error "a group of products has another size"
    .endif
    ldr pc, [sp, #AFTER_TURN]
    .balign 4
4:
    ldr r4, [sp, #POSITION_END]
    ldr r5, [sp, #POSITION_BYTES]
    cmp r11, r4
    bne 2b
    add r4, r4, r5
    str r4, [sp, #POSITION_END]
    .balign 4
5:
    ldr r4, [sp, #SUMS_NOW]
    ldr r5, [sp, #TILES_END]
    stm r4!, {r0, r1, r2, r3}
    str r4, [sp, #SUMS_NOW]
    cmp r11, r5
    bne 1b
    ldr pc, [sp, #ENDS]
    .size tml_armv7em_winograd_products, . - tml_armv7em_winograd_products
    .global tml_armv7em_winograd_pair
    .thumb_func
    .type tml_armv7em_winograd_pair, %function

/* A column of sums at r10 + `first`: A' of it to `upper` and `lower`. */
.macro column first, upper, lower
    ldr r4, [r10, #\first]
    ldr r5, [r10, #\first + 64]
    ldr r6, [r10, #\first + 128]
    ldr r7, [r10, #\first + 192]
    add \upper, r5, r6
    sub \lower, r5, r6
    add \upper, \upper, r4
    sub \lower, \lower, r7
.endm

/* 4 * outputs of one channel of a tile, whose sums are at r10 + `first`: r0 and r1, r2 and r3. */
.macro outputs first
    column \first, r0, r2
    column \first + 16, r1, r3
    add r0, r0, r1
    add r2, r2, r3
    column \first + 32, r8, r9
    add r0, r0, r8
    sub r1, r1, r8
    add r2, r2, r9
    sub r3, r3, r9
    column \first + 48, r8, r9
    sub r1, r1, r8
    sub r3, r3, r9
.endm

/* Elements r0-r3 to where those of a tile go. */
.macro store_tile tile
    ldrd r4, r5, [sp, #OFFSETS + 16 * \tile]
    ldrd r6, r7, [sp, #OFFSETS + 16 * \tile + 8]
    strb r0, [r11, r4]
    strb r1, [r11, r5]
    strb r2, [r11, r6]
    strb r3, [r11, r7]
.endm

/* 256 times the accumulators, with the bias r4. */
.macro add_bias
    .irp sum, r0, r1, r2, r3
    add \sum, r4, \sum, lsl #6
    .endr
.endm

.macro elements_folded shift
    ldm r12, {r4, r5}
    add_bias
    .irp sum, r0, r1, r2, r3
    requantize_folded \sum, r5, \shift
    .endr
.endm

.macro elements_signed shift
    ldm r12, {r4, r5, r6}
    ldr r7, [sp, #ADDEND]
    add_bias
    .irp sum, r0, r1, r2, r3
    requantize_folded_signed \sum, r5, r6, r7, \shift, r8
    .endr
.endm

/* Two channels of two tiles, then the next pair or back to the caller.
 *   r0-r3    sums, elements
 *   r4-r9    a column; what requantises; offsets
 *   r10      where the sums of a channel are
 *   r11, r12 output; packed weights
 */
.macro ends name, elements, shift, channel_bytes
    function \name
    ldr r11, [sp, #OUTPUT]
    add r10, sp, #SUMS
1:
    outputs 0
    \elements \shift
    store_tile 0
    outputs 8
    \elements \shift
    store_tile 1
    add r10, r10, #4
    add r11, r11, #1
    add r4, sp, #SUMS + 8
    add r12, r12, #\channel_bytes
    cmp r10, r4
    bne 1b
    ldr r4, [sp, #OUTPUT_END]
    str r11, [sp, #OUTPUT]
    cmp r11, r4
    bne.w tml_armv7em_winograd_pair
    add sp, sp, #FRAME
    pop {r4-r11, pc}
    .size \name, . - \name
.endm

    .irp shift, 12, 16, 8
    ends tml_armv7em_winograd_\shift, elements_folded, \shift, 8
    ends tml_armv7em_winograd_signed_\shift, elements_signed, \shift, 12
    .endr
