/* Division as drivers round. */
#ifndef TML_SENSORS_DIVIDE_H
#define TML_SENSORS_DIVIDE_H

#include <stdint.h>

/* To the nearest; halves away from zero. `by` is above 0. */
static inline int64_t tml_divided(int64_t value, int64_t by) {
    return (value < 0 ? value - by / 2 : value + by / 2) / by;
}

#endif
