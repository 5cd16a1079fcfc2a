/* CONV_2D of int8 for Armv6-M: four pixels at a time become a tile (gemm.h). */
#ifndef TML_ARMV6M_CONV_2D_H
#define TML_ARMV6M_CONV_2D_H

#include "armv6m/gemm.h"
#include "window.h"

typedef struct {
    tml_window_t window;
    int32_t batches;
    int32_t input_channels;
    int32_t output_channels;
    int32_t input_zero_point;
    int32_t in_order; /* 1: an output reads one pixel, in order; 0: windows are gathered */
    int32_t bordered; /* 1: some windows leave the image */
    tml_armv6m_gemm_t gemm;
    const int8_t *weights; /* these three as in tml_armv6m_tile_t */
    const uint8_t *chunks;
    const int32_t *ends;
    int32_t lowest;
    int32_t highest;
} tml_armv6m_conv_2d_t;

/* Scratch: a tile of 8 bytes a tap; and a pixel more, rounded up to words, where `bordered`. */
void tml_armv6m_conv_2d(const tml_armv6m_conv_2d_t *params, const int8_t *input, int8_t *output,
                        uint8_t *scratch);

#endif
