/* DEPTHWISE_CONV_2D of int8 for Armv8.1-M, any window: sixteen channels at a time become blocks of
 * words (quads.h), for a strip of output rows. */
#ifndef TML_ARMV81MM_DEPTHWISE_QUADS_H
#define TML_ARMV81MM_DEPTHWISE_QUADS_H

#include "armv81mm/quads.h"
#include "window.h"

typedef struct {
    tml_window_t window;
    int32_t batches;
    int32_t channels;
    int32_t multiplier; /* output channels a channel */
    int32_t input_zero_point;
    uint8_t along_columns; /* 1: a word is four elements beside each other; one kernel row */
    int32_t rows_together; /* of output: 2 where the kernel has two rows, or 1 */
    int32_t strip;         /* at most so many times these rows */
    int32_t quads;         /* words that cover the rows of a window */
    int32_t columns;       /* of blocks, that a row of outputs needs */
    tml_armv81mm_quads_kernel_t kernel;
    const int8_t *packed; /* see tml_armv81mm_quads_t */
    int32_t channel_bytes;
    const int32_t *offsets;
    int32_t words;
    int32_t steps;
    tml_armv81mm_range_t range;
} tml_armv81mm_depthwise_quads_t;

/* Scratch: strip * quads * columns blocks; a tml_armv81mm_columns_t for four outputs of a row, as
 * many as a strip has; 16 bytes. */
void tml_armv81mm_depthwise_quads(const tml_armv81mm_depthwise_quads_t *params, const int8_t *input,
                                  int8_t *output, uint8_t *scratch);

#endif
