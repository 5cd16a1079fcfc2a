/* Depthwise sums of int8 for Armv8.1-M, a channel at a time.
 *
 * Sixteen channels of the image are laid out as blocks of 64 bytes: of each channel a word, which
 * is four elements of the image that lie below each other (or beside each other, for windows of one
 * row). Then a load that gathers four words, and one VMLADAV, make up to sixteen products of one
 * sum. Where a window has at most three rows, the same words serve the row below, with weights that
 * lie a byte further on. */
#ifndef TML_ARMV81MM_QUADS_H
#define TML_ARMV81MM_QUADS_H

#include "armv81mm/range.h"

enum { TML_ARMV81MM_BLOCK_BYTES = 64, TML_ARMV81MM_BLOCK_CHANNELS = 16 };

/* What becomes a row of blocks: elements of each word, and how far it is to the next word's. */
typedef struct {
    const int8_t *elements[4];
    int32_t steps[4];
} tml_armv81mm_lines_t;

/* `count` > 0 blocks, of which only `channels` are read. */
void tml_armv81mm_weave(const tml_armv81mm_lines_t *lines, int32_t count, int32_t channels,
                        int8_t *blocks);

/* Four columns. */
typedef struct {
    const int8_t *blocks[4]; /* where each one's window begins */
    union {
        /* Of their outputs, in bytes: column by column, the upper row's and the lower's. */
        uint16_t two_rows[8];
        uint32_t one_row[4];
    } places;
} tml_armv81mm_columns_t;

typedef struct {
    /* A channel: weights of `words` words, or of `steps` vectors where there are several; bias,
     * multiplier, shift, to the right where negative, in the lowest byte, and four times the
     * channel's number within its block above it. */
    const int8_t *packed;
    const int8_t *packed_end;
    const tml_armv81mm_columns_t *table;
    const tml_armv81mm_columns_t *table_end;
    const int32_t *offsets; /* [steps][4]: the words of a window, in bytes from its beginning */
    int32_t words;
    int32_t steps;
    const tml_armv81mm_range_t *range;
    int8_t *output; /* channels lie beside each other */
} tml_armv81mm_quads_t;

typedef void (*tml_armv81mm_quads_kernel_t)(const tml_armv81mm_quads_t *quads);

/* Where negative halves saturate, and where they do not (gemm.h). */
void tml_armv81mm_quads_two_rows(const tml_armv81mm_quads_t *quads);
void tml_armv81mm_quads_two_rows_signed(const tml_armv81mm_quads_t *quads);
void tml_armv81mm_quads_one_row(const tml_armv81mm_quads_t *quads);
void tml_armv81mm_quads_one_row_signed(const tml_armv81mm_quads_t *quads);
void tml_armv81mm_quads_several(const tml_armv81mm_quads_t *quads);
void tml_armv81mm_quads_several_signed(const tml_armv81mm_quads_t *quads);

#endif
