/* One row of int8 times a matrix for Armv6-M, two multiply-accumulates a MULS.
 *
 * As in gemm.h, a word holds two int8 in its halves, but here they are weights: four outputs'
 * weights for one input are the bytes of a word, each plus 128, in the order 0, 2, 1, 3. With b the
 * word and o = (b >> 8) & 0x00FF00FF, the bytes of outputs 2 and 3,
 *
 *     sum(b * x) - (sum(o * x) << 8)  and  sum(o * x)
 *
 * are words of two sums each; 0x00800080 * sum(x) makes up for the 128 (modulo 2^32, as long as the
 * sums themselves fit 16 bits). The compiler cuts the inputs into chunks for which they do. */
#ifndef TML_ARMV6M_GEMV_H
#define TML_ARMV6M_GEMV_H

#include <stdint.h>

/* Inputs of a chunk at most: the kernel unrolls all but the first, and jumps to the rest. */
#define TML_ARMV6M_LONGEST_ROW_CHUNK 32

/* Quadruples of outputs. The kernel reads this struct by position.
 *
 * Weights and inputs are walked together, four bytes a step: either inputs have been spread out,
 * one in four bytes, or they are passed over four times, each pass beginning one further. */
typedef struct {
    const int8_t *input;
    const uint32_t *weights; /* a quadruple: a word an input, pass by pass */
    const uint16_t *chunks;  /* a chunk: bytes of instructions to jump over; passes end one */
    const int32_t *biases;   /* less the accumulators at which stairs begin, see requantize.inc */
    const int32_t *ends;     /* what load_end of requantize.inc reads */
    int32_t ends_bytes;      /* from an output's to the next one's; 0 where all have the same */
    int8_t *output;
    const int8_t *output_end; /* output + a multiple of four */
    int32_t pass_bytes;       /* of a pass over a quadruple's weights */
    int32_t passes;           /* 1 or 4 */
    int32_t lowest;           /* see requantize.inc */
    int32_t highest;
} tml_armv6m_row_t;

typedef void (*tml_armv6m_gemv_t)(const tml_armv6m_row_t *row);

/* For elements above zero and on both sides of it, by two digits and by three (requantize.inc). */
void tml_armv6m_gemv_relu_short(const tml_armv6m_row_t *row);
void tml_armv6m_gemv_relu_long(const tml_armv6m_row_t *row);
void tml_armv6m_gemv_signed_short(const tml_armv6m_row_t *row);
void tml_armv6m_gemv_signed_long(const tml_armv6m_row_t *row);

#endif
