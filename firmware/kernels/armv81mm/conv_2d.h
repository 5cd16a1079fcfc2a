/* CONV_2D of int8 for Armv8.1-M: four pixels and a channel at a time, sixteen products an
 * instruction. */
#ifndef TML_ARMV81MM_CONV_2D_H
#define TML_ARMV81MM_CONV_2D_H

#include "armv81mm/requantize.h"
#include "window.h"

/* A channel; the input's zero point is folded into the bias. */
typedef struct {
    int32_t bias;
    int32_t multiplier;
    int32_t shift; /* to the right where negative */
} tml_armv81mm_channel_t;

typedef struct {
    tml_window_t window;
    int32_t batches;
    int32_t input_channels;
    int32_t output_channels;
    int32_t input_zero_point;
    int32_t depth;         /* products a sum */
    int32_t blocks;        /* of 16 products, rounded up */
    const int8_t *weights; /* [output_channels][16 * blocks], filled up with zeros */
    const tml_armv81mm_channel_t *channels;
    tml_armv81mm_range_t range;
} tml_armv81mm_conv_2d_t;

/* Scratch: four patches of blocks. */
void tml_armv81mm_conv_2d(const tml_armv81mm_conv_2d_t *params, const int8_t *input, int8_t *output,
                          uint8_t *scratch);

/* Where outputs read one pixel each, of whole blocks, in order: needs no patches. */
void tml_armv81mm_pointwise(const tml_armv81mm_conv_2d_t *params, const int8_t *input,
                            int8_t *output);

#endif
