/* MEAN and SUM of float32 over some dimensions. */
#ifndef TML_MEAN_FLOAT_H
#define TML_MEAN_FLOAT_H

#include "extents.h"

typedef struct {
    tml_extents_t extents;
    float divisor; /* 1 for a sum */
} tml_mean_float_t;

void tml_mean_or_sum_float(const tml_mean_float_t *params, const float *input, float *output);

#endif
