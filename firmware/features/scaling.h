/* What all front ends share: a feature's integer becomes an int8 element. */
#ifndef TML_FEATURES_SCALING_H
#define TML_FEATURES_SCALING_H

#include "tml/features.h"

#define TML_FEATURE_SHIFT 24

/* `index` counts offsets and multipliers; `value` lies within 31 bits. */
static inline int8_t tml_scale_feature(const tml_front_end_t *front_end, int32_t index,
                                       int32_t value) {
    const int64_t centred = (int64_t)value - front_end->offsets[index];
    const int64_t rounded =
        centred * front_end->multipliers[index] + (INT64_C(1) << (TML_FEATURE_SHIFT - 1));
    const int64_t element = (rounded >> TML_FEATURE_SHIFT) + front_end->zero_point;
    return (int8_t)(element < INT8_MIN ? INT8_MIN : element > INT8_MAX ? INT8_MAX : element);
}

/* Division that rounds down, as Python's does; the divisor is positive. */
static inline int64_t tml_floor_divide(int64_t dividend, int64_t divisor) {
    const int64_t quotient = dividend / divisor;
    return quotient - (dividend % divisor < 0);
}

#endif
