/* DEPTHWISE_CONV_2D over [batches][rows][columns][channels], with multiplier and dilation. */
#ifndef TML_DEPTHWISE_CONV_2D_H
#define TML_DEPTHWISE_CONV_2D_H

#include "fixed_point.h"
#include "window.h"

typedef struct {
    tml_window_t window;
    int32_t batches;
    int32_t input_channels;
    int32_t multiplier; /* output channels an input channel */
    int32_t input_zero_point;
    const TML_FLASH int8_t
        *weights;                  /* [kernel rows][kernel columns][input_channels * multiplier] */
    const TML_FLASH int32_t *bias; /* [input_channels * multiplier] */
    tml_requantization_t requantization;
} tml_depthwise_conv_2d_t;

void tml_depthwise_conv_2d_int8(const tml_depthwise_conv_2d_t *params, const int8_t *input,
                                int8_t *output);
void tml_depthwise_conv_2d_int16(const tml_depthwise_conv_2d_t *params, const int16_t *input,
                                 int16_t *output);

#endif
