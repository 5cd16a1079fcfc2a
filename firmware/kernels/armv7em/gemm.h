/* Matrix products of int8 for Armv7E-M by the 256 trick.
 *
 * Of four weights w0..w3 the compiler makes one word with the lanes 256*w0 + w1 and 256*w2 + w3. Of
 * four activations x0..x3 the kernel makes two words, once for many channels: A with the lanes
 * x0 - 127 and x2 - 127, and Y with 256*x1 + 127 - x0 and 256*x3 + 127 - x2, which is what lies in
 * memory but for seven bits; all fit 16 bits. Then
 *
 *     SMLAD(W, A) + SMLAD(SXTB16(W), Y) = 256 * (w0*(x0 - 127) + w1*x1 + w2*(x2 - 127) + w3*x3),
 *
 * so that int8 weights need no unpacking but one SXTB16. Biases, which come times 256, make up for
 * the 127 and for the input's zero point. The compiler has proven that accumulators stay below
 * 2^23.
 */
#ifndef TML_ARMV7EM_GEMM_H
#define TML_ARMV7EM_GEMM_H

#include <stdint.h>

/* Groups of four products that the inner loops unroll, in a tile two at a time; they jump into the
 * first turn. */
#define TML_ARMV7EM_UNROLLED 8

/* What to jump over in the first turn for so many turns of what is unrolled; all where 0. */
static inline int32_t tml_armv7em_skipped(int32_t turns) {
    return turns > 0 ? -turns & (TML_ARMV7EM_UNROLLED - 1) : TML_ARMV7EM_UNROLLED;
}

/* Three pixels times pairs of channels. The kernels read this struct by position. */
typedef struct {
    int32_t offset_1_bytes;   /* from the first pixel's outputs to the second's, may be 0 */
    int32_t offset_2_bytes;   /* and to the third's */
    int8_t *output;           /* the first pixel's first channel */
    const int8_t *output_end; /* output + channels; an even number of them */
    const uint32_t *tile;     /* a group: A of three pixels, Y of three pixels */
    const uint32_t *tile_end;
    const int32_t
        *stream;     /* a pair: 2 biases, 2 words a group, then what its kernel requantises by */
    int32_t skipped; /* tml_armv7em_skipped() of two groups each */
    int32_t is_odd;  /* whether a group is left, which comes first */
} tml_armv7em_tile_t;

typedef void (*tml_armv7em_gemm_t)(const tml_armv7em_tile_t *tile);

/* Requantise by 2 multipliers and a shift by 12, 16 or 8 (requantize.inc). */
void tml_armv7em_gemm_12(const tml_armv7em_tile_t *tile);
void tml_armv7em_gemm_16(const tml_armv7em_tile_t *tile);
void tml_armv7em_gemm_8(const tml_armv7em_tile_t *tile);
/* By 2 times m, constants, S: for a zero point that is the lowest element, and for any. */
void tml_armv7em_gemm_relu(const tml_armv7em_tile_t *tile);
void tml_armv7em_gemm_signed(const tml_armv7em_tile_t *tile);

/* Where the activations of a tile lie. The kernel reads this struct by position. */
typedef struct {
    const int8_t *pixels[3]; /* need no alignment */
    int32_t steps_bytes[3];  /* from the end of a row of a pixel's window to the next row */
    uint32_t *tile;
    int32_t row_words; /* of four activations, in a row, at least 1 */
    int32_t rows;      /* at least 1 */
} tml_armv7em_pixels_t;

/* Fill a tile of row_words * rows groups; returns its end. */
uint32_t *tml_armv7em_expand(const tml_armv7em_pixels_t *pixels);

/* One pixel times quadruples of channels. The kernels read this struct by position. */
typedef struct {
    int8_t *output;
    const int8_t *output_end; /* output + channels; a multiple of four */
    const uint32_t *pixel;    /* a group: A, Y */
    const uint32_t *pixel_end;
    const int32_t *stream; /* a quadruple: 4 biases, 4 words a group */
    int32_t skipped;
    const int32_t *ends; /* what the first channel is requantised by */
    int32_t ends_bytes;  /* from there to the next channel's; 0 where all have the same */
} tml_armv7em_row_t;

typedef void (*tml_armv7em_gemv_t)(const tml_armv7em_row_t *row);

/* By a multiplier of each channel, or one for all, and a shift by 12, 16 or 8. */
void tml_armv7em_gemv_each_12(const tml_armv7em_row_t *row);
void tml_armv7em_gemv_each_16(const tml_armv7em_row_t *row);
void tml_armv7em_gemv_each_8(const tml_armv7em_row_t *row);
void tml_armv7em_gemv_all_12(const tml_armv7em_row_t *row);
void tml_armv7em_gemv_all_16(const tml_armv7em_row_t *row);
void tml_armv7em_gemv_all_8(const tml_armv7em_row_t *row);
/* By m, constants, S. */
void tml_armv7em_gemv_relu(const tml_armv7em_row_t *row);
void tml_armv7em_gemv_signed(const tml_armv7em_row_t *row);

/* To int16: outputs of two bytes each, all with the same ends. */
void tml_armv7em_gemv_int16(const tml_armv7em_row_t *row);

/* The same for right shifts <= 0, which round once: S = 1 .. 7. */
void tml_armv7em_gemv_int16_once(const tml_armv7em_row_t *row);

#endif
