/* CONV_2D of int8, 3x3 with stride 1, for Armv7E-M by Winograd's F(2x2, 3x3), exact in integers.
 *
 * Four outputs of a channel need 4x4 inputs d and 3x3 weights g; instead of 36 products,
 *
 *     4 * outputs = A' (U . V) A,   U = (2G) g (2G)',   V = B' d B
 *
 * needs 16, of which the compiler has made U. The sums over input channels are made of U . V, 16
 * positions each. All is int16 but the sums: |U| <= 9 * 128, |V| <= 512; that sums may wrap on the
 * way makes no difference. Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural
 * Networks", 2015, with G doubled so that it holds no fraction.
 */
#ifndef TML_ARMV7EM_WINOGRAD_H
#define TML_ARMV7EM_WINOGRAD_H

#include "armv7em/clamp.h"
#include "armv7em/gemm.h"
#include "armv7em/unrolled.h"
#include "window.h"

/* Two tiles beside each other, 2x4 outputs, times pairs of channels. The kernel reads this struct
 * by position. */
typedef struct {
    int32_t offsets_bytes[8]; /* from `output` to those of the tiles: a row of two, the next row */
    int8_t *output;           /* a place's first channel */
    const int8_t *output_end; /* output + channels; an even number of them */
    const uint32_t *tiles;    /* V: of 16 positions, of each four channels, of two tiles, 2 words */
    const uint32_t *tiles_end;
    const int32_t *packed; /* a pair: U as V but of two channels, then what `ends` reads of each */
    int32_t skipped;       /* groups of four channels to jump over in the first turn */
    int32_t turns;
    int32_t position_bytes; /* of V */
    tml_armv7em_ends_t ends;
    int32_t addend; /* of tml_armv7em_winograd_signed_* */
} tml_armv7em_winograd_tiles_t;

void tml_armv7em_winograd_products(const tml_armv7em_winograd_tiles_t *tiles);

/* Ends, see requantize.inc: folded, by bias and m; of both signs, by bias, m and k. */
void tml_armv7em_winograd_12(void);
void tml_armv7em_winograd_16(void);
void tml_armv7em_winograd_8(void);
void tml_armv7em_winograd_signed_12(void);
void tml_armv7em_winograd_signed_16(void);
void tml_armv7em_winograd_signed_8(void);

typedef struct {
    tml_window_t window; /* 3x3, stride 1, no dilation */
    int32_t batches;
    int32_t input_channels;  /* a multiple of 4 */
    int32_t output_channels; /* an even number */
    int32_t input_zero_point;
    tml_armv7em_ends_t ends;
    int32_t addend;
    const int32_t *packed;
    tml_armv7em_clamp_t clamp;
} tml_armv7em_winograd_t;

/* Scratch: for each input channel, 64 bytes of V and 24 of gathered inputs; and a byte for each
 * output channel. */
void tml_armv7em_winograd(const tml_armv7em_winograd_t *params, const int8_t *input, int8_t *output,
                          uint8_t *scratch);

#endif
