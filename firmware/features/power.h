/* Energies of 64 bits, also where no instruction multiplies to more than 32: there in parts that
 * fit. */
#ifndef TML_FEATURES_POWER_H
#define TML_FEATURES_POWER_H

#include "tml/multiply.h"

#include <stdint.h>

#if TML_HAS_LONG_MULTIPLY
static inline uint64_t tml_power(int32_t re, int32_t im) {
    return (uint64_t)((int64_t)re * re) + (uint64_t)((int64_t)im * im);
}

static inline uint64_t tml_weighted(uint64_t power, uint8_t weight) {
    return power * weight;
}
#else
#define TML_LOW_BITS 13
#define TML_LOW_MASK ((1u << TML_LOW_BITS) - 1u)

/* Both lie within 27 bits. */
static inline uint64_t tml_power(int32_t re, int32_t im) {
    const uint32_t x = (uint32_t)(re < 0 ? -re : re);
    const uint32_t y = (uint32_t)(im < 0 ? -im : im);
    const uint32_t x_high = x >> TML_LOW_BITS;
    const uint32_t y_high = y >> TML_LOW_BITS;
    const uint32_t x_low = x & TML_LOW_MASK;
    const uint32_t y_low = y & TML_LOW_MASK;
    return ((uint64_t)(x_high * x_high + y_high * y_high) << (2 * TML_LOW_BITS)) +
           ((uint64_t)(x_high * x_low + y_high * y_low) << (TML_LOW_BITS + 1)) +
           (x_low * x_low + y_low * y_low);
}

/* `power` lies within 56 bits. */
static inline uint64_t tml_weighted(uint64_t power, uint8_t weight) {
    const uint32_t low = (uint32_t)power;
    const uint32_t high = (uint32_t)(power >> 32);
    const uint32_t middle = (low >> 16) * weight;
    return ((uint64_t)(high * weight + (middle >> 16)) << 32) +
           ((uint64_t)(middle << 16) + (low & 0xFFFFu) * weight);
}
#endif

#endif
