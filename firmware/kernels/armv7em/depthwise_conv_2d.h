/* DEPTHWISE_CONV_2D of int8, 3x3, for Armv7E-M: four channels at a time become planes (plane.h). */
#ifndef TML_ARMV7EM_DEPTHWISE_CONV_2D_H
#define TML_ARMV7EM_DEPTHWISE_CONV_2D_H

#include "armv7em/clamp.h"
#include "armv7em/plane.h"

/* One dimension of the image, rows or columns. */
typedef struct {
    int32_t inputs;
    int32_t outputs;
    int32_t before;       /* padding, 0 or 1 */
    int32_t input_bytes;  /* from an input to the next */
    int32_t output_bytes; /* from an output to the next */
} tml_armv7em_axis_t;

typedef struct {
    tml_armv7em_axis_t along;
    tml_armv7em_axis_t across;
    int32_t batches;
    int32_t channels;
    int32_t stride;        /* 1 or 2, on both axes */
    uint8_t rows_along;    /* whether the image's rows lie along, or across */
    int32_t strip_outputs; /* rows of the output that planes hold at a time */
    int32_t input_zero_point;
    int32_t plane_across; /* words, from a column to the next */
    int32_t plane_words;  /* from a plane to the next, of what is not common to both */
    int32_t scratch_words;
    tml_armv7em_planes_kernel_t kernel;
    const uint8_t *packed; /* see plane.h */
    int32_t channel_bytes; /* of it */
    tml_armv7em_clamp_t clamp;
} tml_armv7em_depthwise_conv_2d_t;

/* Scratch: four planes of a strip of the image. Where there are zero points on both sides of
 * something, two columns or two planes may have them in common. */
void tml_armv7em_depthwise_conv_2d(const tml_armv7em_depthwise_conv_2d_t *params,
                                   const int8_t *input, int8_t *output, uint8_t *scratch);

#endif
