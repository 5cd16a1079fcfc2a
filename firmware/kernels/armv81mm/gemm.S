/* The inner loop of gemm.h. */
#include "armv81mm/function.inc"

    .syntax unified
    .thumb

#define UNROLLED 4
/* Of one block of sixteen products: only instructions of four bytes. */
#define BLOCK_BYTES 56

/* tml_armv81mm_tile_t, behind what is loaded together */
#define TILE_OFFSETS 28

/* Stack: what a pair of channels needs anew. */
#define FRAME 16

/* Loads and products in turn, so that they overlap. */
.macro block multiply
    vldrb.u8 q0, [r1], #16
    vldrb.u8 q2, [r3], #16
    \multiply\().s8 r0, q0, q2
    vldrb.u8 q1, [r1], #16
    \multiply\().s8 r8, q1, q2
    vldrb.u8 q3, [r3], #16
    \multiply\().s8 r2, q0, q3
    \multiply\().s8 r10, q1, q3
    vldrb.u8 q2, [r3], #16
    \multiply\().s8 r4, q0, q2
    \multiply\().s8 r12, q1, q2
    vldrb.u8 q3, [r3], #16
    \multiply\().s8 r6, q0, q3
    \multiply\().s8 lr, q1, q3
.endm

/* Four pixels, two channels: 128 MACs in 14 instructions.
 *   r0, r2, r4, r6     accumulators of the first channel, one a pixel; requantisation
 *   r8, r10, r12, lr   of the second channel
 *   r1                 walks over the packed weights
 *   r3, r7             walks over the patch; its start
 *   r5                 output
 *   r9                 turns of the unrolled loop
 *   r11                where it is entered
 *   q0, q1             weights of both channels; outputs
 *   q2, q3             activations
 *   q4, q5, q6, q7     lowest, highest, places of the outputs, zero point
 */
.macro gemm name, is_signed
    function \name
    push {r4-r11, lr}
    vpush {d8-d15}
    sub sp, sp, #FRAME
    vldrh.u16 q6, [r0, #TILE_OFFSETS]
    ldm r0, {r1, r3, r5, r9, r11, r12, lr}
    mov r7, r3
    movs r0, #1
    strd r9, r0, [sp]
    str r12, [sp, #8]
    ldm lr, {r0, r2, r4}
    vdup.16 q7, r0
    vdup.16 q4, r2
    vdup.16 q5, r4
    adr r0, 2f
    add r11, r11, r0
    orr r11, r11, #1
1:
    block vmladav
    bx r11
    .balign 4
2:
    .rept UNROLLED
    block vmladava
    .endr
    .if . - 2b - UNROLLED * BLOCK_BYTES
    .error "a block has another size"
    .endif
    subs r9, r9, #1
    bne 2b

    vmov q0[2], q0[0], r0, r4
    vmov q0[3], q0[1], r2, r6
    vmov q1[2], q1[0], r8, r12
    vmov q1[3], q1[1], r10, lr
    mov r3, r7
    ldm r1!, {r0, r2, r4, r6, r8, r10}
    ldm sp, {r9, r12, lr}
    vadd.i32 q0, q0, r0
    vadd.i32 q1, q1, r2
    vqrdmulh.s32 q0, q0, r4
    vqrdmulh.s32 q1, q1, r6
    .if \is_signed
    vqdmlah.s32 q0, q0, r12
    vqdmlah.s32 q1, q1, r12
    .endif
    vrshl.s32 q0, r8
    vrshl.s32 q1, r10
    /* Saturated to 16 bits, both channels in turn, they take up one vector. */
    vqmovnb.s32 q0, q0
    vqmovnt.s32 q0, q1
    vqadd.s16 q0, q0, q7
    vmax.s16 q0, q0, q4
    vmin.s16 q0, q0, q5
    vstrb.16 q0, [r5, q6]
    adds r5, r5, #2
    cmp r1, lr
    bne.w 1b
    add sp, sp, #FRAME
    vpop {d8-d15}
    pop {r4-r11, pc}
    .size \name, . - \name
.endm

    gemm tml_armv81mm_gemm, 0
    gemm tml_armv81mm_gemm_signed, 1
