/* AVERAGE_POOL_2D and MAX_POOL_2D of float32. */
#ifndef TML_POOL_2D_FLOAT_H
#define TML_POOL_2D_FLOAT_H

#include "window.h"

typedef struct {
    tml_window_t window;
    int32_t batches;
    int32_t channels;
    uint8_t average; /* 1: the mean, 0: the maximum */
    float lowest;    /* clamp of the fused activation */
    float highest;
} tml_pool_2d_float_t;

void tml_pool_2d_float(const tml_pool_2d_float_t *params, const float *input, float *output);

#endif
