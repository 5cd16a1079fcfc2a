/* The inner loops of gemm.h, where the technique is explained. */
#include "armv7em/requantize.inc"

    .syntax unified
    .thumb

#define UNROLLED 8
/* Bytes of one group of four products: only instructions of four bytes. */
#define TILE_GROUP_BYTES 68
#define ROW_GROUP_BYTES 56

/* Stack of a tile: the arguments, with the entry into the unrolled loop. */
#define OUTPUT 0
#define OFFSETS 4
#define TILE 12
#define ENTRY 20
#define OUTPUT_END 24
#define FRAME 32

.macro tile_second_half
    sxtb16 r9, r9
    sxtb16 r10, r10
    ldm r11!, {r6, r7, r8}
    smlad r0, r6, r9, r0
    smlad r1, r7, r9, r1
    smlad r2, r8, r9, r2
    smlad r3, r6, r10, r3
    smlad r4, r7, r10, r4
    smlad r5, r8, r10, r5
.endm

/* Three pixels, two channels: 24 MACs in 17 instructions.
 *   r0-r2    accumulators of the first channel, one a pixel
 *   r3-r5    of the second channel
 *   r6-r8    activations of three pixels; requantisation
 *   r9, r10  weights of both channels; offsets of the outputs
 *   r11      walks over the tile; output
 *   r12      walks over the stream
 *   lr       end of the tile
 * The first group stands by itself: it spreads the biases over the pixels.
 */
.macro gemm name, requantize
    function \name
    push {r4-r11, lr}
    sub sp, sp, #FRAME
    ldm r0, {r1, r2, r3, r4, r5, r7, r8, r9}
    mov r12, r7
    adr r6, 2f
    mov r7, #TILE_GROUP_BYTES
    mla r6, r9, r7, r6
    orr r6, r6, #1
    stm sp, {r1, r2, r3, r4, r5, r6, r8}
1:
    ldrd r11, lr, [sp, #TILE]
    ldm r12!, {r0, r3, r9, r10}
    ldm r11!, {r6, r7, r8}
    smlad r1, r7, r9, r0
    smlad r2, r8, r9, r0
    smlad r0, r6, r9, r0
    smlad r4, r7, r10, r3
    smlad r5, r8, r10, r3
    smlad r3, r6, r10, r3
    tile_second_half
    ldr pc, [sp, #ENTRY]
    .balign 4
2:
    .rept UNROLLED
    ldm r12!, {r9, r10}
    ldm r11!, {r6, r7, r8}
    smlad r0, r6, r9, r0
    smlad r1, r7, r9, r1
    smlad r2, r8, r9, r2
    smlad r3, r6, r10, r3
    smlad r4, r7, r10, r4
    smlad r5, r8, r10, r5
    tile_second_half
    .endr
    .if . - 2b - UNROLLED * TILE_GROUP_BYTES
    .error "a group of a tile has another size"
    .endif
    cmp r11, lr
    bne 2b

    ldr r11, [sp, #OUTPUT]
    ldrd r9, r10, [sp, #OFFSETS]
    ldm r12!, {r6, r7, r8}
    \requantize r0
    \requantize r1
    \requantize r2
    strb r2, [r11, r10]
    strb r1, [r11, r9]
    strb r0, [r11], #1
    ldm r12!, {r6, r7, r8}
    \requantize r3
    \requantize r4
    \requantize r5
    strb r5, [r11, r10]
    strb r4, [r11, r9]
    strb r3, [r11], #1
    str r11, [sp, #OUTPUT]
    ldr r6, [sp, #OUTPUT_END]
    cmp r11, r6
    bne 1b
    add sp, sp, #FRAME
    pop {r4-r11, pc}
    .size \name, . - \name
.endm

    gemm tml_armv7em_gemm_relu, requantize_relu
    gemm tml_armv7em_gemm_signed, requantize_signed

/* One pixel, four channels: 16 MACs in 14 instructions.
 *   r0-r3  accumulators
 *   r4, r5 activations: A, Y; what requantisation reads
 *   r6-r9  weights; requantisation
 *   r10    output
 *   r11    walks over the pixel
 *   r12    walks over the stream
 *   lr     end of the pixel
 */
/* Elements of four sums by ends that differ, and by the same for all. */
.macro finish_int8 requantize
    ldrd r4, r5, [sp, #16]
    .irp sum, r0, r1, r2, r3
    ldm r4, {r6, r7, r8}
    add r4, r4, r5
    \requantize \sum
    strb \sum, [r10], #1
    .endr
    str r4, [sp, #16]
.endm

.macro finish_int16 requantize
    ldr r4, [sp, #16]
    ldm r4, {r6, r7, r8}
    .irp sum, r0, r1, r2, r3
    \requantize \sum
    strh \sum, [r10], #2
    .endr
.endm

.macro gemv name, requantize, finish
    function \name
    push {r4-r11, lr}
    sub sp, sp, #24
    ldm r0, {r1, r2, r3, r4, r5, r6, r7, r8}
    mov r10, r1
    mov r12, r5
    adr r5, 2f
    mov r9, #ROW_GROUP_BYTES
    mla r5, r6, r9, r5
    orr r5, r5, #1
    /* End of the output, pixel, its end, entry into the loop, ends, bytes to the next. */
    stm sp, {r2, r3, r4, r5, r7, r8}
1:
    ldrd r11, lr, [sp, #4]
    ldm r12!, {r0, r1, r2, r3}
    ldr pc, [sp, #12]
    .balign 4
2:
    .rept UNROLLED
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
    .if . - 2b - UNROLLED * ROW_GROUP_BYTES
    .error "a group of a row has another size"
    .endif
    cmp r11, lr
    bne 2b
    \finish \requantize
    ldr r6, [sp]
    cmp r10, r6
    bne 1b
    add sp, sp, #24
    pop {r4-r11, pc}
    .size \name, . - \name
.endm

    gemv tml_armv7em_gemv_relu, requantize_relu, finish_int8
    gemv tml_armv7em_gemv_signed, requantize_signed, finish_int8
    gemv tml_armv7em_gemv_int16, requantize_int16, finish_int16
    gemv tml_armv7em_gemv_int16_once, requantize_int16_once, finish_int16

/* Three pixels' activations into a tile.
 *   r0-r2  pixels
 *   r3     tile
 *   r4-r6  four activations of each, then Y
 *   r7-r9  A
 *   r10    -127 in both lanes
 *   r11    flips x1 to 127 - x1
 *   r12    groups left
 */
    function tml_armv7em_expand
    push {r4-r11, lr}
    ldr r12, [sp, #36]
    mov r11, #0x007F007F
    mvn r10, #0x007E007E
1:
    ldr r4, [r0], #4
    ldr r5, [r1], #4
    ldr r6, [r2], #4
    sxtab16 r7, r10, r4, ror #8
    sxtab16 r8, r10, r5, ror #8
    sxtab16 r9, r10, r6, ror #8
    stm r3!, {r7, r8, r9}
    rev16 r4, r4
    rev16 r5, r5
    rev16 r6, r6
    eor r4, r4, r11
    eor r5, r5, r11
    eor r6, r6, r11
    stm r3!, {r4, r5, r6}
    subs r12, r12, #1
    bne 1b
    pop {r4-r11, pc}
    .size tml_armv7em_expand, . - tml_armv7em_expand
