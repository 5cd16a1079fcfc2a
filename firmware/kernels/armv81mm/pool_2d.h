/* AVERAGE_POOL_2D and MAX_POOL_2D of int8 for Armv8.1-M: eight and sixteen channels at a time. */
#ifndef TML_ARMV81MM_POOL_2D_H
#define TML_ARMV81MM_POOL_2D_H

/* By folder, for this header has the same name. */
#include "kernels/pool_2d.h"

/* For windows of at most 255 taps, whose sums fit 16 bits. */
void tml_armv81mm_average_pool_2d(const tml_pool_2d_t *params, const int8_t *input, int8_t *output);

void tml_armv81mm_max_pool_2d(const tml_pool_2d_t *params, const int8_t *input, int8_t *output);

#endif
