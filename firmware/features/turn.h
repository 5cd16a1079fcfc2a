/* A complex number times a twiddle factor, rounded: (re + i im) * (cosine + i sine) / 2^15.
 *
 * Each part is cut at bit 15. What is above is a multiple of the divisor, so that only what is
 * below needs rounding, and all products fit 32 bits, for values within 29 bits: exact on every
 * core without a long multiplication, and two products an instruction where there is a DSP
 * extension. */
#ifndef TML_FEATURES_TURN_H
#define TML_FEATURES_TURN_H

#include "transform.h"

#include <string.h>
#ifdef __ARM_FEATURE_SIMD32
#include <arm_acle.h>
#endif

#define TML_TURN_LOW 0x7FFF
#define TML_TURN_HALF (1 << 14)

static inline tml_complex_t tml_turn(tml_complex_t value, const int16_t *twiddle) {
    const int32_t high_re = value.re >> 15;
    const int32_t high_im = value.im >> 15;
#ifdef __ARM_FEATURE_SIMD32
    uint32_t factors; /* cosine below, sine above */
    memcpy(&factors, twiddle, sizeof factors);
    const uint32_t high = (uint32_t)high_im << 16 | ((uint32_t)high_re & 0xFFFFu);
    const uint32_t low = ((uint32_t)value.im << 16 | ((uint32_t)value.re & 0xFFFFu)) & 0x7FFF7FFFu;
    const int16x2_t w = (int16x2_t)factors;
    const int32_t re = __smlsd((int16x2_t)low, w, TML_TURN_HALF);
    const int32_t im = __smladx((int16x2_t)low, w, TML_TURN_HALF);
    return (tml_complex_t){__smusd((int16x2_t)high, w) + (re >> 15),
                           __smuadx((int16x2_t)high, w) + (im >> 15)};
#else
    const int32_t cosine = twiddle[0];
    const int32_t sine = twiddle[1];
    const int32_t low_re = value.re & TML_TURN_LOW;
    const int32_t low_im = value.im & TML_TURN_LOW;
    const int32_t re = low_re * cosine - low_im * sine + TML_TURN_HALF;
    const int32_t im = low_re * sine + low_im * cosine + TML_TURN_HALF;
    return (tml_complex_t){high_re * cosine - high_im * sine + (re >> 15),
                           high_re * sine + high_im * cosine + (im >> 15)};
#endif
}

/* The same by the first factor of all, whose cosine is the largest 15-bit number and sine 0. */
static inline int32_t tml_turn_real(int32_t value) {
    return value + ((TML_TURN_HALF - value) >> 15);
}

#endif
