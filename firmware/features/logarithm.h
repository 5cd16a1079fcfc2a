/* A logarithm in integers, the same on every core. */
#ifndef TML_FEATURES_LOGARITHM_H
#define TML_FEATURES_LOGARITHM_H

#include <stdint.h>

/* log2 in 1/256 of a value from 1, within 0.01: a parabola between powers of two. */
int32_t tml_log2(uint64_t value);

#endif
