/* The inner loops of quads.h. */
#include "armv81mm/function.inc"

    .syntax unified
    .thumb

/* Sixteen channels of four elements become a block in 14 instructions. */
    function tml_armv81mm_weave
    push {r4-r11, lr}
    vctp.8 r2
    mov r12, r3
    dls lr, r1
    ldm r0, {r4-r11}
1:
    vpstttt
    vldrbt.u8 q0, [r4]
    vldrbt.u8 q1, [r5]
    vldrbt.u8 q2, [r6]
    vldrbt.u8 q3, [r7]
    add r4, r4, r8
    add r5, r5, r9
    add r6, r6, r10
    add r7, r7, r11
    vst40.8 {q0, q1, q2, q3}, [r12]
    vst41.8 {q0, q1, q2, q3}, [r12]
    vst42.8 {q0, q1, q2, q3}, [r12]
    vst43.8 {q0, q1, q2, q3}, [r12]!
    le lr, 1b
    pop {r4-r11, pc}
    .size tml_armv81mm_weave, . - tml_armv81mm_weave

/* Stack: what outputs need, loaded together; then what channels need. */
#define BIAS 0
#define MULTIPLIER 4
#define SHIFT 8
#define ZERO_POINT 12
#define ONE 16
#define TABLE_END 20
#define PACKED 24
#define PACKED_END 28
#define TABLE 32
#define OFFSETS 36
#define WORDS 40
#define STEPS 44
#define WEIGHTS 48
#define FRAME 56

/* From tml_armv81mm_quads_t to the stack; lowest and highest to q4 and q5, lanes of `bits`. */
.macro begin name, bits
    function \name
    push {r4-r11, lr}
    vpush {d8-d15}
    sub sp, sp, #FRAME
    ldm r0, {r1, r2, r3, r4, r5, r6, r7, r8, r11}
    strd r1, r2, [sp, #PACKED]
    str r3, [sp, #TABLE]
    str r4, [sp, #TABLE_END]
    strd r5, r6, [sp, #OFFSETS]
    str r7, [sp, #STEPS]
    ldm r8, {r0, r2, r4}
    movs r1, #1
    strd r0, r1, [sp, #ZERO_POINT]
    vdup.\bits q4, r2
    vdup.\bits q5, r4
.endm

/* Of a channel whose weights are one vector: q1, with places of their words in q3. */
.macro next_channel
    ldr r0, [sp, #PACKED]
    ldrd r2, r4, [sp, #OFFSETS]
    vctp.32 r4
    vldrw.u32 q3, [r2]
    vpst
    vldrwt.u32 q1, [r0]
    add r0, r0, r4, lsl #2
    ldm r0!, {r2, r4, r6}
    strd r2, r4, [sp, #BIAS]
    str r6, [sp, #SHIFT]
    str r0, [sp, #PACKED]
    lsr r6, r6, #8
    vadd.i32 q3, q3, r6
    ldr r1, [sp, #TABLE]
.endm

.macro end name
    add r11, r11, #1
    ldrd r0, r2, [sp, #PACKED]
    cmp r0, r2
    bne.w 1b
    add sp, sp, #FRAME
    vpop {d8-d15}
    pop {r4-r11, pc}
    .size \name, . - \name
.endm

/* Four columns of two rows.
 *   r0, r2, r4, r6     sums of the upper row; requantisation
 *   r8, r10, r12, lr   of the lower row
 *   r1                 walks over the table
 *   r3, r5, r7, r9     where the columns' words begin
 *   r11                output
 *   q0, q6, q7         words; places of outputs; outputs
 *   q1, q2             weights for the upper row and for the lower
 *   q3                 places of words
 *   q4, q5             lowest, highest
 */
.macro two_rows name, is_signed
    begin \name, 16
1:
    next_channel
    vshl.i32 q2, q1, #8
2:
    ldm r1!, {r3, r5, r7, r9}
    vldrw.u32 q0, [r3, q3]
    vmladav.s8 r0, q0, q1
    vldrw.u32 q6, [r5, q3]
    vmladav.s8 r8, q0, q2
    vmladav.s8 r2, q6, q1
    vldrw.u32 q0, [r7, q3]
    vmladav.s8 r10, q6, q2
    vmladav.s8 r4, q0, q1
    vldrw.u32 q6, [r9, q3]
    vmladav.s8 r12, q0, q2
    vmladav.s8 r6, q6, q1
    vldrh.u16 q0, [r1], #16
    vmladav.s8 lr, q6, q2
    vmov q6[2], q6[0], r0, r4
    vmov q6[3], q6[1], r2, r6
    vmov q7[2], q7[0], r8, r12
    vmov q7[3], q7[1], r10, lr
    ldm sp, {r0, r2, r4, r6, r8, r10}
    vadd.i32 q6, q6, r0
    vadd.i32 q7, q7, r0
    vqrdmulh.s32 q6, q6, r2
    vqrdmulh.s32 q7, q7, r2
    .if \is_signed
    vqdmlah.s32 q6, q6, r8
    vqdmlah.s32 q7, q7, r8
    .endif
    vrshl.s32 q6, r4
    vrshl.s32 q7, r4
    /* Saturated to 16 bits, both rows in turn, they take up one vector. */
    vqmovnb.s32 q6, q6
    vqmovnt.s32 q6, q7
    vqadd.s16 q6, q6, r6
    vmax.s16 q6, q6, q4
    vmin.s16 q6, q6, q5
    vstrb.16 q6, [r11, q0]
    cmp r1, r10
    bne 2b
    end \name
.endm

/* What four sums of one row become; q0 are their places. */
.macro finish_row is_signed
    vmov q6[2], q6[0], r0, r4
    vmov q6[3], q6[1], r2, r6
    vldrw.u32 q0, [r1], #16
    ldm sp, {r0, r2, r4, r6, r8, r10}
    vadd.i32 q6, q6, r0
    vqrdmulh.s32 q6, q6, r2
    .if \is_signed
    vqdmlah.s32 q6, q6, r8
    .endif
    vrshl.s32 q6, r4
    vadd.i32 q6, q6, r6
    vmax.s32 q6, q6, q4
    vmin.s32 q6, q6, q5
    vstrb.32 q6, [r11, q0]
    cmp r1, r10
    bne 2b
.endm

/* Four columns of one row; registers as above. */
.macro one_row name, is_signed
    begin \name, 32
1:
    next_channel
2:
    ldm r1!, {r3, r5, r7, r9}
    vldrw.u32 q0, [r3, q3]
    vmladav.s8 r0, q0, q1
    vldrw.u32 q6, [r5, q3]
    vmladav.s8 r2, q6, q1
    vldrw.u32 q0, [r7, q3]
    vmladav.s8 r4, q0, q1
    vldrw.u32 q6, [r9, q3]
    vmladav.s8 r6, q6, q1
    finish_row \is_signed
    end \name
.endm

/* The same for weights of several vectors.
 *   r8, r10  walk over weights and over places of words
 *   r12      the channel's place
 *   lr       counts vectors
 */
.macro several_steps name, is_signed
    begin \name, 32
1:
    ldr r0, [sp, #PACKED]
    ldr r2, [sp, #STEPS]
    str r0, [sp, #WEIGHTS]
    add r0, r0, r2, lsl #4
    ldm r0!, {r2, r4, r6}
    strd r2, r4, [sp, #BIAS]
    str r6, [sp, #SHIFT]
    str r0, [sp, #PACKED]
    ldr r1, [sp, #TABLE]
2:
    ldm r1!, {r3, r5, r7, r9}
    ldr r12, [sp, #SHIFT]
    ldr r8, [sp, #WEIGHTS]
    ldr r10, [sp, #OFFSETS]
    ldr lr, [sp, #STEPS]
    lsr r12, r12, #8
    movs r0, #0
    movs r2, #0
    movs r4, #0
    movs r6, #0
    dls lr, lr
3:
    vldrw.u32 q3, [r10], #16
    vldrb.u8 q1, [r8], #16
    vadd.i32 q3, q3, r12
    vldrw.u32 q0, [r3, q3]
    vmladava.s8 r0, q0, q1
    vldrw.u32 q6, [r5, q3]
    vmladava.s8 r2, q6, q1
    vldrw.u32 q0, [r7, q3]
    vmladava.s8 r4, q0, q1
    vldrw.u32 q6, [r9, q3]
    vmladava.s8 r6, q6, q1
    le lr, 3b
    finish_row \is_signed
    end \name
.endm

    two_rows tml_armv81mm_quads_two_rows, 0
    two_rows tml_armv81mm_quads_two_rows_signed, 1
    one_row tml_armv81mm_quads_one_row, 0
    one_row tml_armv81mm_quads_one_row_signed, 1
    several_steps tml_armv81mm_quads_several, 0
    several_steps tml_armv81mm_quads_several_signed, 1
