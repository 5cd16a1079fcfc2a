/* ADD and SUB of int8 for Armv7E-M, where both inputs have the output's shape. */
#ifndef TML_ARMV7EM_ADD_H
#define TML_ARMV7EM_ADD_H

#include "binary.h"

/* With shifts <= 0 throughout; the broadcast says no more than the number of elements. */
void tml_armv7em_add(const tml_common_scale_t *params, const int8_t *a, const int8_t *b,
                     int8_t *out);
void tml_armv7em_sub(const tml_common_scale_t *params, const int8_t *a, const int8_t *b,
                     int8_t *out);

#endif
