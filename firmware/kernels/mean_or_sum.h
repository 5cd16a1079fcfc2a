/* MEAN and SUM over any axes. */
#ifndef TML_MEAN_OR_SUM_H
#define TML_MEAN_OR_SUM_H

#include "extents.h"
#include "fixed_point.h"

typedef struct {
    tml_extents_t extents;
    int32_t offset;     /* zero point times the number of elements summed */
    int32_t multiplier; /* any, >= 0: the mean's division is in it */
    int32_t shift;
    int32_t zero_point;
} tml_mean_or_sum_t;

void tml_mean_or_sum_int8(const tml_mean_or_sum_t *params, const int8_t *input, int8_t *output);
void tml_mean_or_sum_int16(const tml_mean_or_sum_t *params, const int16_t *input, int16_t *output);

#endif
