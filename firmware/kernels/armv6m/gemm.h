/* Matrix products of int8 for Armv6-M, two multiply-accumulates a MULS.
 *
 * A word holds the activations of two pixels, x0 + x1 * 2^16. Times a weight, it is two products;
 * a sum of such words is two sums, as long as both fit 16 bits. The compiler cuts a channel's taps
 * into chunks whose weights' magnitudes sum up to at most 255, for which that holds whatever the
 * activations. After each chunk, of which s = lo + hi * 2^16 is the sum,
 *
 *     total += s,  high += (s + 2^15) >> 16,
 *
 * the second of which is the exact sum of hi. In the end that of lo is total - (high << 16): both
 * are exact in 32 bits. */
#ifndef TML_ARMV6M_GEMM_H
#define TML_ARMV6M_GEMM_H

#include <stdint.h>

/* Taps of a chunk at most: the kernel unrolls all but the first, and jumps to the rest. */
#define TML_ARMV6M_LONGEST_CHUNK 19

/* Four pixels times all channels. The kernel reads this struct by position. */
typedef struct {
    int32_t offset_1_bytes; /* from the first pixel's outputs to the second's, may be 0 */
    int32_t offset_2_bytes;
    int32_t offset_3_bytes;
    const uint32_t *tile;  /* a tap: pixels 0 and 1, pixels 2 and 3 */
    const int8_t *weights; /* groups of eight channels: a tap's eight weights side by side */
    const uint8_t *chunks; /* a chunk: TML_ARMV6M_CHUNK of its taps */
    const int32_t *ends;   /* a channel: bias, then what load_end reads, see requantize.inc */
    int8_t *output;        /* the first pixel's first channel */
    int8_t *output_end;    /* output + channels */
    int32_t lowest;        /* see requantize.inc */
    int32_t highest;
    const uint32_t *tile_end;
} tml_armv6m_tile_t;

typedef void (*tml_armv6m_gemm_t)(const tml_armv6m_tile_t *tile);

/* For elements above zero and on both sides of it, by two digits and by three (requantize.inc). */
void tml_armv6m_gemm_relu_short(const tml_armv6m_tile_t *tile);
void tml_armv6m_gemm_relu_long(const tml_armv6m_tile_t *tile);
void tml_armv6m_gemm_signed_short(const tml_armv6m_tile_t *tile);
void tml_armv6m_gemm_signed_long(const tml_armv6m_tile_t *tile);

/* Two pixels into every other word of a tile. */
void tml_armv6m_pack(const int8_t *first, const int8_t *second, uint32_t *tile, int32_t taps);

#endif
