/* REDUCE_MAX, REDUCE_MIN, ARG_MAX, ARG_MIN over any axes. */
#ifndef TML_REDUCE_EXTREMUM_H
#define TML_REDUCE_EXTREMUM_H

#include "extents.h"

typedef struct {
    tml_extents_t extents;
    uint8_t largest; /* 1: the maximum; 0: the minimum */
} tml_reduce_extremum_t;

void tml_reduce_extremum_int8(const tml_reduce_extremum_t *params, const int8_t *input,
                              int8_t *output);
/* The place of the first extremum along one reduced axis. */
void tml_arg_extremum_int8(const tml_reduce_extremum_t *params, const int8_t *input,
                           int32_t *output);

#endif
