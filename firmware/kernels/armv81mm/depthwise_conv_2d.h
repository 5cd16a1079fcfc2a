/* DEPTHWISE_CONV_2D of int8 for Armv8.1-M, any window: eight channels at a time.
 *
 * Products of two taps are added in 16 bits, where they fit, before they are added in 32. */
#ifndef TML_ARMV81MM_DEPTHWISE_CONV_2D_H
#define TML_ARMV81MM_DEPTHWISE_CONV_2D_H

#include "armv81mm/requantize.h"
#include "window.h"

typedef struct {
    tml_window_t window;
    int32_t batches;
    int32_t channels;
    int32_t input_zero_point;
    int32_t pairs; /* of taps, rounded up */
    /* [channels / 8, rounded up][2 * pairs][8], none of them -128; 0 beyond the last tap */
    const int8_t *weights;
    /* Eight channels: biases, multipliers, shifts of channels 0, 2, 4, 6, then of 1, 3, 5, 7. */
    const int32_t *ends;
    tml_armv81mm_range_t range;
} tml_armv81mm_depthwise_conv_2d_t;

/* Scratch: 2 * pairs pointers, and a row of channels. */
void tml_armv81mm_depthwise_conv_2d(const tml_armv81mm_depthwise_conv_2d_t *params,
                                    const int8_t *input, int8_t *output, uint8_t *scratch);

#endif
