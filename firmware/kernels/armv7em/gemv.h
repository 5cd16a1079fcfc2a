/* Products of one row of int8 and a matrix for Armv7E-M, by the 256 trick as gemm.h explains it. */
#ifndef TML_ARMV7EM_GEMV_H
#define TML_ARMV7EM_GEMV_H

#include <stdint.h>

#include "armv7em/gemm.h"

/* One pixel times quadruples of channels. The kernel reads this struct by position. */
typedef struct {
    int8_t *output;
    const int8_t *output_end; /* output + channels; a multiple of four */
    const uint32_t *pixel;    /* a group: A, Y */
    const uint32_t *pixel_end;
    const int32_t *packed; /* a quadruple: 4 biases, 4 words a group */
    tml_armv7em_turns_t turns;
    tml_armv7em_ends_t ends;
    const int32_t *words; /* what `ends` reads for the first channel */
    int32_t words_bytes;  /* from there to the next channel's; 0 where all have the same */
    int32_t addend;       /* of tml_armv7em_row_ends_*_signed_* */
} tml_armv7em_row_t;

void tml_armv7em_gemv(const tml_armv7em_row_t *row);

/* Ends, see requantize.inc: folded, by the multiplier of each channel, or one for all. */
void tml_armv7em_row_ends_each_12(void);
void tml_armv7em_row_ends_each_16(void);
void tml_armv7em_row_ends_each_8(void);
void tml_armv7em_row_ends_all_12(void);
void tml_armv7em_row_ends_all_16(void);
void tml_armv7em_row_ends_all_8(void);
/* Of both signs, by m and k. */
void tml_armv7em_row_ends_each_signed_12(void);
void tml_armv7em_row_ends_each_signed_16(void);
void tml_armv7em_row_ends_each_signed_8(void);
void tml_armv7em_row_ends_all_signed_12(void);
void tml_armv7em_row_ends_all_signed_16(void);
void tml_armv7em_row_ends_all_signed_8(void);
/* In full, by m, constants, S. */
void tml_armv7em_row_ends_full_relu(void);
void tml_armv7em_row_ends_full_signed(void);

/* To int16: outputs of two bytes each, all with the same words; the second for right shifts <= 0,
 * which round once: S = 1 .. 7. */
void tml_armv7em_row_ends_int16(void);
void tml_armv7em_row_ends_int16_once(void);

#endif
