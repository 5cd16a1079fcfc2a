/* TFLite Micro's fixed-point arithmetic, bit for bit: a multiplier is (multiplier, shift) with
 * real = multiplier * 2^(shift - 31), rounded twice as gemmlowp does it.
 *
 * Kernels take parameters that the compiler has verified: multipliers are 0 or 2^30 .. 2^31 - 1,
 * shifts -31 .. 31, and no product leaves 64 bits. */
#ifndef TML_FIXED_POINT_H
#define TML_FIXED_POINT_H

#include "tml/flash.h"
#include "tml/multiply.h"

#include <stdint.h>

/* A real factor: multiplier * 2^(shift - 31). */
typedef struct {
    int32_t multiplier; /* 0 or 2^30 .. 2^31 - 1 */
    int32_t shift;      /* -31 .. 31, to the left where positive */
} tml_multiplier_t;

/* How accumulators become elements, channel by channel. */
typedef struct {
    const TML_FLASH int32_t *multipliers; /* one a channel, or one for all */
    const TML_FLASH int8_t *shifts;       /* as multipliers; to the left where positive */
    int32_t zero_point;                   /* of the output */
    int32_t lowest;                       /* clamp, the fused activation included */
    int32_t highest;
    uint8_t per_channel; /* 1: one multiplier a channel; 0: one for all */
    uint8_t wide;        /* 1: 64-bit accumulators, 16-bit multipliers (16x8 kernels only) */
} tml_requantization_t;

/* SaturatingRoundingDoublingHighMul for a multiplier >= 0, which cannot saturate:
 * round(value * multiplier / 2^31), halves up. */
#if TML_HAS_LONG_MULTIPLY
static inline int32_t tml_high_multiply(int32_t value, int32_t multiplier) {
    return (int32_t)(((int64_t)value * multiplier + (INT64_C(1) << 30)) >> 31);
}
#else
/* Not inline: it takes all registers of such a core away from a loop around it. */
static __attribute__((noinline, unused)) int32_t tml_high_multiply(int32_t value,
                                                                   int32_t multiplier) {
    /* Halves of 16 bits; of the value's, the upper one has the sign. */
    const int32_t a = value >> 16;
    const uint32_t b = (uint32_t)value & 0xFFFFu;
    const uint32_t c = (uint32_t)multiplier >> 16;
    const uint32_t d = (uint32_t)multiplier & 0xFFFFu;
    const int32_t ad = a * (int32_t)d;
    const uint32_t bc = b * c;
    /* Bits 16 to 33 of the product of which the lowest 16 bits have been dropped, with 2^30. */
    const uint32_t middle = ((b * d) >> 16) + ((uint32_t)ad & 0xFFFFu) + (bc & 0xFFFFu) + 0x4000u;
    const int32_t high =
        a * (int32_t)c + (ad >> 16) + (int32_t)(bc >> 16) + (int32_t)(middle >> 16);
    return (int32_t)((uint32_t)high << 1 | (middle >> 15 & 1u));
}
#endif

/* RoundingDivideByPOT: value / 2^exponent, halves away from zero; exponent 0 .. 31. */
static inline int32_t tml_rounding_shift_right(int32_t value, int32_t exponent) {
    const int32_t mask = (int32_t)((UINT32_C(1) << exponent) - 1u);
    const int32_t remainder = value & mask;
    const int32_t threshold = (mask >> 1) + (value < 0 ? 1 : 0);
    return (value >> exponent) + (remainder > threshold ? 1 : 0);
}

/* MultiplyByQuantizedMultiplier for a 32-bit value; left shifts wrap. */
static inline int32_t tml_scale(int32_t value, int32_t multiplier, int32_t shift) {
    if (shift > 0) {
        return tml_high_multiply((int32_t)((uint32_t)value << shift), multiplier);
    }
    return tml_rounding_shift_right(tml_high_multiply(value, multiplier), -shift);
}

/* MultiplyByQuantizedMultiplier for a 64-bit value of at most 48 bits: the multiplier is rounded to
 * 16 bits first. */
static inline int32_t tml_scale_wide(int64_t value, int32_t multiplier, int32_t shift) {
    const int32_t reduced =
        multiplier < 0x7FFF0000 ? (multiplier + (INT32_C(1) << 15)) >> 16 : 0x7FFF;
    const int32_t total = 15 - shift;
    return (int32_t)((value * reduced + (INT64_C(1) << (total - 1))) >> total);
}

static inline int32_t tml_clamp(int32_t value, int32_t lowest, int32_t highest) {
    return value < lowest ? lowest : value > highest ? highest : value;
}

/* An element from a 32-bit accumulator of `channel`. */
static inline int32_t tml_requantize(const tml_requantization_t *requantization, int32_t channel,
                                     int32_t accumulator) {
    const int32_t index = requantization->per_channel ? channel : 0;
    const int32_t scaled =
        tml_scale(accumulator, requantization->multipliers[index], requantization->shifts[index]);
    return tml_clamp(scaled + requantization->zero_point, requantization->lowest,
                     requantization->highest);
}

/* An element from a 64-bit accumulator of `channel`, for the 16x8 kernels. */
static inline int32_t tml_requantize_wide(const tml_requantization_t *requantization,
                                          int32_t channel, int64_t accumulator) {
    if (!requantization->wide) {
        return tml_requantize(requantization, channel, (int32_t)accumulator);
    }
    const int32_t index = requantization->per_channel ? channel : 0;
    const int32_t scaled = tml_scale_wide(accumulator, requantization->multipliers[index],
                                          requantization->shifts[index]);
    return tml_clamp(scaled + requantization->zero_point, requantization->lowest,
                     requantization->highest);
}

#endif
