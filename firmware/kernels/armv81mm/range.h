/* What the channels of an int8 output have in common. */
#ifndef TML_ARMV81MM_RANGE_H
#define TML_ARMV81MM_RANGE_H

#include <stdint.h>

typedef struct {
    int32_t zero_point;
    int32_t lowest;
    int32_t highest;
    /* 1: round negative halves away from zero, which only shows where they do not saturate. All
     * channels shift to the right then. */
    uint8_t is_signed;
} tml_armv81mm_range_t;

#endif
