/* L2_NORMALIZATION of int8 elements: rows divided by their length. */
#ifndef TML_L2_NORMALIZATION_H
#define TML_L2_NORMALIZATION_H

#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t depth;
    int32_t zero_point;
} tml_l2_normalization_t;

void tml_l2_normalization_int8(const tml_l2_normalization_t *params, const int8_t *input,
                               int8_t *output);

#endif
