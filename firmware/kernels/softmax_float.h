/* SOFTMAX of float32 over the last dimension. */
#ifndef TML_SOFTMAX_FLOAT_H
#define TML_SOFTMAX_FLOAT_H

#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t depth;
    float beta;
} tml_softmax_float_t;

void tml_softmax_float(const tml_softmax_float_t *params, const float *input, float *output);

#endif
