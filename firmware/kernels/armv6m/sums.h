/* One row of int8 times a matrix for Armv6-M, for sums of 32 bits: four MACs in six instructions.
 *
 * As in gemm.h, a word holds two products in its halves. Here weights lie ready in such words, a +
 * (b << 16), two words for the four outputs of an input: twice the flash of gemv.h, less than three
 * quarters of its instructions, for matrices that are used again and again, as an LSTM's. The
 * compiler cuts the inputs into chunks in which a sum of a fits 16 bits. */
#ifndef TML_ARMV6M_SUMS_H
#define TML_ARMV6M_SUMS_H

#include <stdint.h>

/* Inputs of a chunk at most: the kernel unrolls all but the first, and jumps to the rest. */
#define TML_ARMV6M_LONGEST_SUMS_CHUNK 24

/* The kernel reads this struct by position. */
typedef struct {
    const int8_t *input; /* spread out, one in eight bytes */
    /* A quadruple: a + (b << 16), b, c + (d << 16), d of its biases; then chunks: half the bytes of
     * instructions to jump over, and two words an input; then a word with the highest bit set. */
    const int32_t *packed;
    int32_t *output;
    const int32_t *output_end; /* output + a multiple of four */
} tml_armv6m_sums_t;

void tml_armv6m_sums(const tml_armv6m_sums_t *row);

#endif
