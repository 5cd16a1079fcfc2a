/* CONV_2D of int8 for Armv7E-M: three pixels at a time become a tile (gemm.h). */
#ifndef TML_ARMV7EM_CONV_2D_H
#define TML_ARMV7EM_CONV_2D_H

#include "armv7em/clamp.h"
#include "armv7em/gemm.h"
#include "window.h"

typedef struct {
    tml_window_t window;
    int32_t batches;
    int32_t input_channels;
    int32_t output_channels; /* at least 2 */
    int32_t input_zero_point;
    int32_t groups;   /* of four products an output: taps, rounded up */
    int32_t in_order; /* 1: pixels are read as they lie; 0: their windows are gathered first */
    tml_armv7em_gemm_t gemm;
    const int32_t *stream;      /* pairs of channels, see tml_armv7em_tile_t */
    const int32_t *last_stream; /* the pair of the last two channels, where they are odd; or NULL */
    tml_armv7em_clamp_t clamp;
} tml_armv7em_conv_2d_t;

/* Scratch: a tile of 24 bytes a group; and 12 bytes a group more, where windows are gathered. */
void tml_armv7em_conv_2d(const tml_armv7em_conv_2d_t *params, const int8_t *input, int8_t *output,
                         uint8_t *scratch);

#endif
