/* DEPTHWISE_CONV_2D of int8 for Armv6-M: one channel at a time becomes a plane (plane.h). */
#ifndef TML_ARMV6M_DEPTHWISE_CONV_2D_H
#define TML_ARMV6M_DEPTHWISE_CONV_2D_H

#include "armv6m/plane.h"

/* Rows or columns of the plane, which are either axis of the image. */
typedef struct {
    int32_t inputs;
    int32_t outputs; /* of a half, where this is the axis that is cut in two */
    int32_t before;  /* padding */
    int32_t stride;
    int32_t shift; /* outputs from one half to the other; 0 for the other axis */
    int32_t taps;
    int32_t words;        /* of the plane */
    int32_t input_bytes;  /* from an input to the next */
    int32_t output_bytes; /* from an output to the next */
} tml_armv6m_axis_t;

typedef struct {
    tml_armv6m_axis_t rows;
    tml_armv6m_axis_t columns;
    int32_t batches;
    int32_t channels;     /* of the input */
    int32_t multiplier;   /* outputs of a channel */
    int32_t input_bytes;  /* of an image */
    int32_t output_bytes; /* of its output */
    int32_t input_zero_point;
    tml_armv6m_plane_kernel_t kernels[2];
    const uint8_t *choice; /* for each output channel, which of them */
    const int8_t *weights; /* [output channels][rows][columns] of taps */
    const int32_t *ends;
    int32_t end_words; /* of a channel in ends */
    int32_t lowest;
    int32_t highest;
} tml_armv6m_depthwise_conv_2d_t;

/* Scratch: a plane, and a word for each weight of a channel. */
void tml_armv6m_depthwise_conv_2d(const tml_armv6m_depthwise_conv_2d_t *params, const int8_t *input,
                                  int8_t *output, uint8_t *scratch);

#endif
