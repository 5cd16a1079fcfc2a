/* ADD and SUB of int8 for Armv8.1-M, where both inputs have the output's shape.
 *
 * The compiler has found factors and a constant with which one sum, rounded down, gives what TFLite
 * Micro's three roundings give, for all 65536 pairs of elements. */
#ifndef TML_ARMV81MM_ADD_H
#define TML_ARMV81MM_ADD_H

#include <stdint.h>

/* output = clamp((factors[0] * a + factors[1] * b + constant) >> shift) */
typedef struct {
    int32_t elements;
    int32_t factors[2];
    int32_t constant;
    int32_t shift;
    int32_t lowest;
    int32_t highest;
} tml_armv81mm_add_t;

void tml_armv81mm_add(const tml_armv81mm_add_t *params, const int8_t *a, const int8_t *b,
                      int8_t *out);

#endif
