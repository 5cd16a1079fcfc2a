/* Operators on single int16 elements. */
#ifndef TML_INT16_H
#define TML_INT16_H

#include "fixed_point.h"
#include "sigmoid_table.h"

/* LOGISTIC, TANH. */
typedef struct {
    int32_t elements;
    int32_t multiplier; /* as for tml_sigmoid_argument */
    int32_t right_shift;
    const TML_FLASH uint32_t *table;
} tml_sigmoid_t;

/* RELU and its like, LEAKY_RELU, ABS: one factor for elements from 0, another below. */
typedef struct {
    int32_t elements;
    tml_multiplier_t above;
    tml_multiplier_t below;
    uint8_t mirrored; /* 1: elements below 0 change their sign */
    int32_t lowest;
    int32_t highest;
} tml_two_slopes_t;

void tml_sigmoid_int16(const tml_sigmoid_t *params, const int16_t *input, int16_t *output);
void tml_tanh_int16(const tml_sigmoid_t *params, const int16_t *input, int16_t *output);
void tml_two_slopes_int16(const tml_two_slopes_t *params, const int16_t *input, int16_t *output);

#endif
