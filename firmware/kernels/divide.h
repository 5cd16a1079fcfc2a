/* DIV of int8 elements, with broadcasting. */
#ifndef TML_DIVIDE_H
#define TML_DIVIDE_H

#include "binary.h"

typedef struct {
    tml_broadcast_t broadcast;
    int32_t zero_points[2];
    tml_result_t result; /* shift <= 23 */
} tml_divide_t;

void tml_div_int8(const tml_divide_t *params, const int8_t *a, const int8_t *b, int8_t *out);

#endif
