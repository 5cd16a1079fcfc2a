/* MEAN and SUM over any axes. The compiler merges the shape into kept and reduced dimensions. */
#ifndef TML_MEAN_OR_SUM_H
#define TML_MEAN_OR_SUM_H

#include "fixed_point.h"

#define TML_REDUCE_RANK 6

/* A dimension as the kernel walks it. */
typedef struct {
    int32_t size;
    int32_t stride; /* in elements of the input */
} tml_extent_t;

typedef struct {
    int32_t kept_rank;                     /* 0 .. TML_REDUCE_RANK */
    int32_t reduced_rank;                  /* 0 .. TML_REDUCE_RANK */
    tml_extent_t kept[TML_REDUCE_RANK];    /* outermost first */
    tml_extent_t reduced[TML_REDUCE_RANK]; /* outermost first */
    int32_t outputs;                       /* product of the kept sizes */
    int32_t offset;                        /* zero point times the number of elements summed */
    int32_t multiplier;                    /* any, >= 0: the mean's division is in it */
    int32_t shift;
    int32_t zero_point;
} tml_mean_or_sum_t;

void tml_mean_or_sum_int8(const tml_mean_or_sum_t *params, const int8_t *input, int8_t *output);
void tml_mean_or_sum_int16(const tml_mean_or_sum_t *params, const int16_t *input, int16_t *output);

#endif
