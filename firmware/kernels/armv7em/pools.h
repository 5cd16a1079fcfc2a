/* AVERAGE_POOL_2D and MAX_POOL_2D of int8 for Armv7E-M: four channels at a time. */
#ifndef TML_ARMV7EM_POOLS_H
#define TML_ARMV7EM_POOLS_H

#include "pool_2d.h"

/* For channels that are a multiple of four; the mean of windows of at most 255 taps. */
void tml_armv7em_average_pool_2d(const tml_pool_2d_t *params, const int8_t *input, int8_t *output);
void tml_armv7em_max_pool_2d(const tml_pool_2d_t *params, const int8_t *input, int8_t *output);

#endif
