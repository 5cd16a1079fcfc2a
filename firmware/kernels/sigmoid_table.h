/* Sigmoid and tanh of int16 elements from one table, interpolated as TFLite does. */
#ifndef TML_SIGMOID_TABLE_H
#define TML_SIGMOID_TABLE_H

#include <stdint.h>

/* `table` [256] is sigmoid(i / 24) in units of 2^-16; the result is Q0.15. value * multiplier /
 * 2^right_shift is 3/4 of the argument in Q3.12, and fits 32 bits. */
int32_t tml_sigmoid(const uint16_t *table, int32_t value, int32_t multiplier, int32_t right_shift);
int32_t tml_tanh(const uint16_t *table, int32_t value, int32_t multiplier, int32_t right_shift);

#endif
