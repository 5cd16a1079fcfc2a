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
    int32_t groups; /* of four products an output */
    /* A row of a window is so many words, and so many bytes that are left. Of the groups, those of
     * the words come first, row by row; then the bytes that are left, of all rows together. */
    int32_t row_words;
    int32_t row_rest;
    /* Outputs from first to end, on both axes, read windows inside the image, as they lie there.
     * Windows of the others are gathered. */
    int32_t first_row, end_row;
    int32_t first_column, end_column;
    tml_armv7em_ends_t ends;
    int32_t addend;
    const int32_t *packed;      /* pairs of channels, see tml_armv7em_tile_t */
    const int32_t *last_packed; /* the pair of the last two channels, where they are odd; or NULL */
    tml_armv7em_clamp_t clamp;
} tml_armv7em_conv_2d_t;

/* Scratch: a tile of 24 bytes a group; what is left of rows, 12 bytes for four of all rows'; and
 * three windows, each filled up to words, where some are gathered. */
void tml_armv7em_conv_2d(const tml_armv7em_conv_2d_t *params, const int8_t *input, int8_t *output,
                         uint8_t *scratch);

#endif
