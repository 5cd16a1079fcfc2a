/* CONV_2D of int8 for Armv8.1-M: four pixels at a time become a patch (gemm.h). */
#ifndef TML_ARMV81MM_CONV_2D_H
#define TML_ARMV81MM_CONV_2D_H

#include "armv81mm/gemm.h"
#include "window.h"

/* How four windows come into a patch. */
enum {
    TML_ARMV81MM_IN_ORDER, /* outputs read one pixel each, as they lie */
    TML_ARMV81MM_SPREAD,   /* rows of windows are whole vectors: vector by vector */
    TML_ARMV81MM_GATHERED, /* window by window first */
};

typedef struct {
    tml_window_t window;
    int32_t batches;
    int32_t input_channels;
    int32_t output_channels;
    int32_t input_zero_point;
    int32_t depth;  /* products a sum */
    int32_t blocks; /* of 16 products, rounded up */
    uint8_t order;
    tml_armv81mm_gemm_t gemm;
    const int32_t *packed;      /* pairs of channels, see tml_armv81mm_tile_t */
    const int32_t *last_packed; /* twice the last channel, where they are odd; or NULL */
    tml_armv81mm_range_t range;
} tml_armv81mm_conv_2d_t;

/* Scratch: a patch of 64 bytes a block; as much again where windows are gathered. */
void tml_armv81mm_conv_2d(const tml_armv81mm_conv_2d_t *params, const int8_t *input, int8_t *output,
                          uint8_t *scratch);

#endif
