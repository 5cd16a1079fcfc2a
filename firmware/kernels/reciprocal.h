/* gemmlowp's reciprocal and its parts, bit for bit. */
#ifndef TML_RECIPROCAL_H
#define TML_RECIPROCAL_H

#include <stdint.h>

/* 1 / value as a Q0.31 scale and the bits that value is above one. */
typedef struct {
    int32_t scale;
    int32_t bits_over_unit;
} tml_reciprocal_t;

/* SaturatingRoundingDoublingHighMul for operands of either sign, but not both INT32_MIN. */
int32_t tml_signed_high_multiply(int32_t a, int32_t b);

/* SaturatingRoundingMultiplyByPOT: value * 2^exponent, exponent 0 .. 31. */
int32_t tml_saturating_shift_left(int32_t value, int32_t exponent);

/* CountLeadingZeros; 32 for 0. */
int32_t tml_leading_zeros(uint32_t value);

/* 1 / (1 + x) for x in [0, 1), both Q0.31: Newton and Raphson's method in Q2.29. */
int32_t tml_one_over_one_plus(int32_t x);

/* GetReciprocal of a value > 0 with this many integer bits. */
tml_reciprocal_t tml_reciprocal(int32_t value, int32_t integer_bits);

#endif
