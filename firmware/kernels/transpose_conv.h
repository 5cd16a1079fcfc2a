/* TRANSPOSE_CONV over [batches][rows][columns][channels]. */
#ifndef TML_TRANSPOSE_CONV_H
#define TML_TRANSPOSE_CONV_H

#include "fixed_point.h"
#include "window.h"

typedef struct {
    tml_window_t window; /* of the convolution forwards: its input is this one's output */
    int32_t batches;
    int32_t input_channels;
    int32_t output_channels;
    int32_t input_zero_point;
    const TML_FLASH int8_t
        *weights; /* [output_channels][kernel rows][kernel columns][input_channels] */
    const TML_FLASH int32_t *bias; /* [output_channels] */
    tml_requantization_t requantization;
} tml_transpose_conv_t;

void tml_transpose_conv_int8(const tml_transpose_conv_t *params, const int8_t *input,
                             int8_t *output);
void tml_transpose_conv_int16(const tml_transpose_conv_t *params, const int16_t *input,
                              int16_t *output);

#endif
