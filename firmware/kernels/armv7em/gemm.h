/* Matrix products of int8 for Armv7E-M by the 256 trick, three pixels at a time.
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

#include "armv7em/unrolled.h"

/* What makes elements of accumulators. A label, which no C calls. */
typedef void (*tml_armv7em_ends_t)(void);

/* Three pixels times pairs of channels. The kernel reads this struct by position. */
typedef struct {
    int32_t offset_1_bytes;   /* from the first pixel's outputs to the second's, may be 0 */
    int32_t offset_2_bytes;   /* and to the third's */
    int8_t *output;           /* the first pixel's first channel */
    const int8_t *output_end; /* output + channels; an even number of them */
    const uint32_t *tile;     /* a group: A of three pixels, Y of three pixels */
    const uint32_t *tile_end;
    const int32_t *packed; /* a pair: 2 biases, 2 words a group, then what `ends` reads */
    tml_armv7em_turns_t turns;
    tml_armv7em_ends_t ends;
    int32_t addend; /* of tml_armv7em_ends_signed_* */
} tml_armv7em_tile_t;

void tml_armv7em_gemm(const tml_armv7em_tile_t *tile);

/* Ends, see requantize.inc: folded, with a shift by 12, 16 or 8, by 2 multipliers. */
void tml_armv7em_ends_12(void);
void tml_armv7em_ends_16(void);
void tml_armv7em_ends_8(void);
/* Of both signs, by m and k of both channels. */
void tml_armv7em_ends_signed_12(void);
void tml_armv7em_ends_signed_16(void);
void tml_armv7em_ends_signed_8(void);
/* In full, by 2 times m, constants, S: for a zero point that is the lowest element, and for any. */
void tml_armv7em_ends_full_relu(void);
void tml_armv7em_ends_full_signed(void);

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

#endif
