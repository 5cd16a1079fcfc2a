/* A complex number times a twiddle factor, (re + i im) * (cosine - i sine), halved: a factor of 15
 * bits is divided out by 2^16, which one instruction of cores with the DSP extension does. Each
 * product is rounded down, here as there. */
#ifndef TML_FEATURES_TURN_H
#define TML_FEATURES_TURN_H

#include <stdint.h>
#include <string.h>

#define TML_ROOT_HALF 23170 /* 2^15 / sqrt(2) */

typedef struct {
    int32_t re;
    int32_t im;
} tml_half_turned_t;

#ifdef __ARM_FEATURE_DSP
/* The compiler has no intrinsics for these. `factors` has the cosine below, the sine above. */
static inline int32_t tml_by_cosine(int32_t value, int32_t factors) {
    int32_t product;
    __asm__("smulwb %0, %1, %2" : "=r"(product) : "r"(value), "r"(factors));
    return product;
}

static inline int32_t tml_by_sine(int32_t value, int32_t factors) {
    int32_t product;
    __asm__("smulwt %0, %1, %2" : "=r"(product) : "r"(value), "r"(factors));
    return product;
}

static inline int32_t tml_add_by_sine(int32_t sum, int32_t value, int32_t factors) {
    __asm__("smlawt %0, %1, %2, %0" : "+r"(sum) : "r"(value), "r"(factors));
    return sum;
}

static inline tml_half_turned_t tml_half_turn(int32_t re, int32_t im, const int16_t *twiddle) {
    int32_t factors;
    memcpy(&factors, twiddle, sizeof factors);
    return (tml_half_turned_t){tml_add_by_sine(tml_by_cosine(re, factors), im, factors),
                               tml_by_cosine(im, factors) - tml_by_sine(re, factors)};
}
#else
/* `value` by a factor from 0 to 2^15 - 1, by 2^16: all products fit 32 bits, for cores without a
 * long multiplication. */
static inline int32_t tml_scaled(int32_t value, int32_t factor) {
    const uint32_t low = ((uint32_t)value & 0xFFFFu) * (uint32_t)factor;
    return (value >> 16) * factor + (int32_t)(low >> 16);
}

static inline tml_half_turned_t tml_half_turn(int32_t re, int32_t im, const int16_t *twiddle) {
    const int32_t cosine = twiddle[0];
    const int32_t sine = twiddle[1];
    return (tml_half_turned_t){tml_scaled(re, cosine) + tml_scaled(im, sine),
                               tml_scaled(im, cosine) - tml_scaled(re, sine)};
}
#endif

#endif
