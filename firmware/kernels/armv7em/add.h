/* ADD and SUB of int8 for Armv7E-M, where both inputs have the output's shape.
 *
 * The compiler has found factors and a constant with which one sum, rounded down, gives what TFLite
 * Micro's three roundings give, for all 65536 pairs of elements:
 *
 *     output = saturate((factors[0] * 256 a >> 16) + (factors[1] * 256 b >> 16) + constant >>
 * shift)
 */
#ifndef TML_ARMV7EM_ADD_H
#define TML_ARMV7EM_ADD_H

#include "armv7em/clamp.h"

typedef struct {
    int32_t elements;
    int32_t factors[2];
    int32_t constant;
    int32_t shift; /* 1 .. 22 */
    tml_armv7em_clamp_t clamp;
} tml_armv7em_add_t;

void tml_armv7em_add(const tml_armv7em_add_t *params, const int8_t *a, const int8_t *b,
                     int8_t *out);

#endif
