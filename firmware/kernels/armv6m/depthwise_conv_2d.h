/* DEPTHWISE_CONV_2D of int8, 3x3, for Armv6-M: one channel at a time becomes a plane (plane.h). */
#ifndef TML_ARMV6M_DEPTHWISE_CONV_2D_H
#define TML_ARMV6M_DEPTHWISE_CONV_2D_H

#include "armv6m/plane.h"

/* One dimension of the image. */
typedef struct {
    int32_t inputs;
    int32_t outputs;
    int32_t before;       /* padding, 0 or 1 */
    int32_t input_bytes;  /* from an input to the next */
    int32_t output_bytes; /* from an output to the next */
} tml_armv6m_axis_t;

typedef struct {
    tml_armv6m_axis_t rows;    /* of the plane: the axis that is cut in two */
    tml_armv6m_axis_t columns; /* the other one */
    int32_t batches;
    int32_t channels;
    int32_t stride; /* 1 or 2, on both axes */
    int32_t input_zero_point;
    int32_t plane_rows;
    int32_t plane_columns;
    tml_armv6m_plane_kernel_t triples; /* for channels whose weights allow it */
    tml_armv6m_plane_kernel_t pairs;
    const int8_t *weights; /* [channels][9], in the plane's order */
    const uint8_t *paired; /* 1 a channel: by pairs */
    const int32_t *ends;
    int32_t end_words; /* of a channel in ends */
    int32_t lowest;
    int32_t highest;
} tml_armv6m_depthwise_conv_2d_t;

/* Scratch: a plane. */
void tml_armv6m_depthwise_conv_2d(const tml_armv6m_depthwise_conv_2d_t *params, const int8_t *input,
                                  int8_t *output, uint8_t *scratch);

#endif
