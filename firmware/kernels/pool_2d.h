/* AVERAGE_POOL_2D and MAX_POOL_2D over [batches][rows][columns][channels]. */
#ifndef TML_POOL_2D_H
#define TML_POOL_2D_H

#include "fixed_point.h"
#include "window.h"

typedef struct {
    tml_window_t window;
    int32_t batches;
    int32_t channels;
    int32_t lowest; /* clamp of the fused activation */
    int32_t highest;
} tml_pool_2d_t;

void tml_average_pool_2d_int8(const tml_pool_2d_t *params, const int8_t *input, int8_t *output);
void tml_average_pool_2d_int16(const tml_pool_2d_t *params, const int16_t *input, int16_t *output);
void tml_max_pool_2d_int8(const tml_pool_2d_t *params, const int8_t *input, int8_t *output);
void tml_max_pool_2d_int16(const tml_pool_2d_t *params, const int16_t *input, int16_t *output);

#endif
