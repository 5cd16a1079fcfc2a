/* The inner loop of gemv.h and the ways that end it. */
#include "armv7em/requantize.inc"
#include "armv7em/unrolled.h"

    .syntax unified
    .thumb

#define UNROLLED TML_ARMV7EM_ROW_UNROLLED
/* Bytes of two groups of four products: only instructions of four bytes. */
#define GROUPS_BYTES 108

/* Stack: the struct up to the pixel's end; then where a quadruple goes first, after a single group,
 * after a turn of the loop, and in the end; what its ends read. */
#define OUTPUT 0
#define OUTPUT_END 4
#define PIXEL 8
#define PIXEL_END 12
#define FIRST 16
#define ENTRY 20
#define AFTER_TURN 24
#define ENDS 28
#define WORDS 32
#define WORDS_BYTES 36
#define ADDEND 40
#define FRAME 44

/* 16 MACs. */
.macro row_group a, y
    ldm r12!, {r6, r7, r8, r9}
    smlad r0, r6, \a, r0
    smlad r1, r7, \a, r1
    smlad r2, r8, \a, r2
    smlad r3, r9, \a, r3
    sxtb16 r6, r6
    sxtb16 r7, r7
    sxtb16 r8, r8
    sxtb16 r9, r9
    smlad r0, r6, \y, r0
    smlad r1, r7, \y, r1
    smlad r2, r8, \y, r2
    smlad r3, r9, \y, r3
.endm

/* One pixel, four channels: 32 MACs in 27 instructions.
 *   r0-r3   accumulators
 *   r4, r5  activations: A, Y of a group; requantisation
 *   r10, lr of the next group; output
 *   r6-r9   weights; requantisation
 *   r11     walks over the pixel
 *   r12     walks over the packed weights
 * Where the number of groups is odd, one stands by itself and comes first. The loop is left without
 * a look at its end where there is one turn only.
 */
    function tml_armv7em_gemv
    push {r4-r11, lr}
    sub sp, sp, #FRAME
    ldm r0, {r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, lr}
    mov r12, r5
    adr r5, 2f
    mov r0, #GROUPS_BYTES
    mla r6, r6, r0, r5
    orr r6, r6, #1
    mov r5, r6
    cmp r7, #0
    it ne
    adrne r5, 3f
    orr r5, r5, #1
    mov r7, r9
    cmp r8, #1
    it hi
    adrhi r7, 4f
    orr r7, r7, #1
    stm sp, {r1, r2, r3, r4, r5, r6, r7, r9, r10, r11, lr}
    .balign 4
tml_armv7em_gemv_quadruple:
    ldm r12!, {r0, r1, r2, r3}
    ldr r11, [sp, #PIXEL]
    ldr pc, [sp, #FIRST]
    .balign 4
3:
    ldm r11!, {r4, r5}
    row_group r4, r5
    ldr pc, [sp, #ENTRY]
    .balign 4
2:
    .rept UNROLLED
    ldm r11!, {r4, r5, r10, lr}
    row_group r4, r5
    row_group r10, lr
    .endr
    .if . - 2b - UNROLLED * GROUPS_BYTES
    .error "groups of a row have another size"
    .endif
    ldr pc, [sp, #AFTER_TURN]
    .balign 4
4:
    ldr lr, [sp, #PIXEL_END]
    cmp r11, lr
    bne 2b
    ldr pc, [sp, #ENDS]
    .size tml_armv7em_gemv, . - tml_armv7em_gemv
    .global tml_armv7em_gemv_quadruple
    .thumb_func
    .type tml_armv7em_gemv_quadruple, %function

/* The next quadruple or back to the caller. */
.macro next_quadruple output, output_end
    cmp \output, \output_end
    str \output, [sp, #OUTPUT]
    bne.w tml_armv7em_gemv_quadruple
    add sp, sp, #FRAME
    pop {r4-r11, pc}
.endm

.macro store_elements
    strb r0, [r10], #1
    strb r1, [r10], #1
    strb r2, [r10], #1
    strb r3, [r10], #1
    next_quadruple r10, r11
.endm

/* Output, its end, and what the next sums are requantised by. */
.macro load_ends
    ldr r10, [sp, #OUTPUT]
    ldr r11, [sp, #OUTPUT_END]
    ldr r4, [sp, #WORDS]
.endm

.macro ends_all shift
    function tml_armv7em_row_ends_all_\shift
    load_ends
    ldr r6, [r4]
    .irp sum, r0, r1, r2, r3
    requantize_folded \sum, r6, \shift
    .endr
    store_elements
    .size tml_armv7em_row_ends_all_\shift, . - tml_armv7em_row_ends_all_\shift
.endm

.macro ends_all_signed shift
    function tml_armv7em_row_ends_all_signed_\shift
    load_ends
    ldr lr, [sp, #ADDEND]
    ldr r6, [r4]
    ldr r7, [r4, #4]
    .irp sum, r0, r1, r2, r3
    requantize_folded_signed \sum, r6, r7, lr, \shift, r5
    .endr
    store_elements
    .size tml_armv7em_row_ends_all_signed_\shift, . - tml_armv7em_row_ends_all_signed_\shift
.endm

.macro ends_each shift
    function tml_armv7em_row_ends_each_\shift
    load_ends
    ldm r4!, {r6, r7, r8, r9}
    requantize_folded r0, r6, \shift
    requantize_folded r1, r7, \shift
    requantize_folded r2, r8, \shift
    requantize_folded r3, r9, \shift
    str r4, [sp, #WORDS]
    store_elements
    .size tml_armv7em_row_ends_each_\shift, . - tml_armv7em_row_ends_each_\shift
.endm

.macro ends_each_signed shift
    function tml_armv7em_row_ends_each_signed_\shift
    load_ends
    ldr lr, [sp, #ADDEND]
    .irp sum, r0, r1, r2, r3
    ldm r4!, {r6, r7}
    requantize_folded_signed \sum, r6, r7, lr, \shift, r5
    .endr
    str r4, [sp, #WORDS]
    store_elements
    .size tml_armv7em_row_ends_each_signed_\shift, . - tml_armv7em_row_ends_each_signed_\shift
.endm

.macro ends_full name
    function tml_armv7em_row_ends_full_\name
    load_ends
    ldr r5, [sp, #WORDS_BYTES]
    .irp sum, r0, r1, r2, r3
    ldm r4, {r6, r7, r8}
    add r4, r4, r5
    requantize_\name \sum
    .endr
    str r4, [sp, #WORDS]
    store_elements
    .size tml_armv7em_row_ends_full_\name, . - tml_armv7em_row_ends_full_\name
.endm

.macro ends_int16 name
    function tml_armv7em_row_ends_\name
    load_ends
    ldm r4, {r6, r7, r8}
    .irp sum, r0, r1, r2, r3
    requantize_\name \sum, lr
    strh \sum, [r10], #2
    .endr
    next_quadruple r10, r11
    .size tml_armv7em_row_ends_\name, . - tml_armv7em_row_ends_\name
.endm

    .irp shift, 12, 16, 8
    ends_all \shift
    ends_all_signed \shift
    ends_each \shift
    ends_each_signed \shift
    .endr
    ends_full relu
    ends_full signed
    ends_int16 int16
    ends_int16 int16_once
