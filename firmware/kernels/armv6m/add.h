/* ADD and SUB of int8 for Armv6-M, where both inputs have the output's shape.
 *
 * All roundings together make the output one rounded sum of two products,
 *
 *     (a * multiplier_a + b * multiplier_b + constant) >> 34,
 *
 * or so the compiler has found by trying all 65,536 pairs of a and b. Multipliers are taken apart:
 * above 16 bits, and below. Some pairs fall between two outputs; where they go away from zero,
 * negative sums are one less before half an output is added. */
#ifndef TML_ARMV6M_ADD_H
#define TML_ARMV6M_ADD_H

#include <stdint.h>

/* The kernels read this struct by position. */
typedef struct {
    int32_t elements; /* at least 1 */
    int32_t high_a;   /* multiplier of a, above its lowest 16 bits */
    int32_t high_b;
    int32_t low_a; /* its lowest 16 bits, 0 .. 65535 */
    int32_t low_b;
    int32_t constant;     /* the sum's constant, above its lowest 16 bits */
    int32_t low_constant; /* its lowest 16 bits */
    int32_t range;        /* highest less lowest output */
    int32_t lowest;
    int32_t half; /* what comes after the sign has been seen to, in bits above 16 */
} tml_armv6m_add_t;

/* The lowest output has been taken off the constant, or off the half. */
void tml_armv6m_add(const tml_armv6m_add_t *params, const int8_t *a, const int8_t *b, int8_t *out);
void tml_armv6m_add_away(const tml_armv6m_add_t *params, const int8_t *a, const int8_t *b,
                         int8_t *out);

#endif
