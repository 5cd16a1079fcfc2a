/* CONV_2D of float32; depthwise with one group a channel, fully connected over one pixel. */
#ifndef TML_CONV_2D_FLOAT_H
#define TML_CONV_2D_FLOAT_H

#include "tml/flash.h"
#include "window.h"

typedef struct {
    tml_window_t window;
    int32_t batches;
    int32_t input_channels;
    int32_t output_channels;
    int32_t groups;
    /* [output_channels][kernel_rows][kernel_columns][input_channels / groups] */
    const TML_FLASH float *weights;
    const TML_FLASH float *bias; /* [output_channels] */
    float lowest;                /* clamp of the fused activation */
    float highest;
} tml_conv_2d_float_t;

void tml_conv_2d_float(const tml_conv_2d_float_t *params, const float *input, float *output);

#endif
