/* Matrix products of int8 for Armv8.1-M: four pixels times pairs of channels, sixteen products an
 * instruction.
 *
 * VMLADAV sums into the eight even registers, so that a block of sixteen products of each of the
 * eight sums takes six loads and eight products. Sums of one channel become a vector, whose
 * requantisation has scalar factors, exactly as tml_requantize (fixed_point.h): VQRDMULH is its
 * first rounding, VRSHL its second. VRSHL takes halves up; where negative ones have to go down,
 * VQDMLAH with 1 subtracts 1 from negative values first. */
#ifndef TML_ARMV81MM_GEMM_H
#define TML_ARMV81MM_GEMM_H

#include "armv81mm/range.h"

enum { TML_ARMV81MM_PIXELS = 4, TML_ARMV81MM_LANES = 16 };

/* The patch of four pixels: [blocks][4][16]. What lies beyond the last product is multiplied by
 * weights of 0. */
typedef struct {
    /* A pair of channels: [blocks][2][16] weights, 2 biases, 2 multipliers, 2 shifts, to the right
     * where negative. The input's zero point is folded into the biases. */
    const int32_t *packed;
    const int8_t *patch;
    int8_t *output; /* the first pixel's first channel */
    int32_t turns;  /* of the unrolled loop over blocks, and bytes to jump over in the first */
    int32_t skipped_bytes;
    const int32_t *packed_end;
    const tml_armv81mm_range_t *range;
    uint16_t places[8]; /* of pixel 0, channel 0, pixel 0, channel 1, pixel 1 ..., may be equal */
} tml_armv81mm_tile_t;

typedef void (*tml_armv81mm_gemm_t)(const tml_armv81mm_tile_t *tile);

/* Where negative halves saturate, and where they do not. */
void tml_armv81mm_gemm(const tml_armv81mm_tile_t *tile);
void tml_armv81mm_gemm_signed(const tml_armv81mm_tile_t *tile);

/* Of the packed weights. */
static inline int32_t tml_armv81mm_pair_words(int32_t blocks) {
    return 8 * blocks + 6;
}

/* The first block stands by itself; the others are unrolled by four, of 56 bytes each. */
static inline void tml_armv81mm_set_blocks(tml_armv81mm_tile_t *tile, int32_t blocks) {
    tile->turns = blocks > 1 ? (blocks + 2) / 4 : 1;
    tile->skipped_bytes = 56 * (blocks > 1 ? (1 - blocks) & 3 : 4);
}

#endif
