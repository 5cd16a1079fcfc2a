/* CONV_2D over [batches][rows][columns][channels], with groups and dilation. */
#ifndef TML_CONV_2D_H
#define TML_CONV_2D_H

#include "fixed_point.h"
#include "window.h"

typedef struct {
    tml_window_t window;
    int32_t batches;
    int32_t groups;
    int32_t input_channels;  /* a multiple of groups */
    int32_t output_channels; /* a multiple of groups */
    int32_t input_zero_point;
    const TML_FLASH int8_t
        *weights; /* [output_channels][kernel rows][kernel columns][input / groups] */
    const TML_FLASH int32_t *bias; /* [output_channels] */
    tml_requantization_t requantization;
} tml_conv_2d_t;

void tml_conv_2d_int8(const tml_conv_2d_t *params, const int8_t *input, int8_t *output);
void tml_conv_2d_int16(const tml_conv_2d_t *params, const int16_t *input, int16_t *output);

#endif
