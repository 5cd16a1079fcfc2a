/* Sigmoid and tanh of int16 elements from one table, interpolated as TFLite does.
 *
 * The table has 512 words; word 256 + i is for arguments from i steps on: sigmoid there in units of
 * 2^-16, a step being 1/24, and in the upper half what the next step adds. Results are Q0.15.
 *
 * Source: TFLite's reference_integer_ops/logistic.h and tanh.h: tanh(x) = 2 sigmoid(2 x) - 1. */
#ifndef TML_SIGMOID_TABLE_H
#define TML_SIGMOID_TABLE_H

#include "tml/flash.h"

#include <stdint.h>

#ifdef __ARM_FEATURE_SAT
#include <arm_acle.h>
#endif

/* 3/4 of an argument in Q3.12; the product fits 32 bits. */
static inline int32_t tml_sigmoid_argument(int32_t value, int32_t multiplier, int32_t right_shift) {
    const int32_t rounding = right_shift > 0 ? INT32_C(1) << (right_shift - 1) : 0;
    return (value * multiplier + rounding) >> right_shift;
}

/* Sigmoid times 2^(16 + bits), for steps of 2^bits. */
static inline int32_t tml_sigmoid_between(const TML_FLASH uint32_t *table, int32_t argument,
                                          int32_t bits) {
    const TML_FLASH uint32_t *const middle = table + 256;
    const uint32_t step = middle[argument >> bits];
    const uint32_t fraction = (uint32_t)argument & ((UINT32_C(1) << bits) - 1u);
    return (int32_t)(((step & 0xFFFFu) << bits) + fraction * (step >> 16));
}

/* For 3/4 of an argument in Q3.12, which stays within the table. */
static inline int32_t tml_sigmoid_within(const TML_FLASH uint32_t *table, int32_t argument) {
    return (tml_sigmoid_between(table, argument, 9) + 512 - (int32_t)((uint32_t)argument >> 31)) >>
           10;
}

/* For any argument. */
static inline int32_t tml_sigmoid(const TML_FLASH uint32_t *table, int32_t argument) {
    const int32_t end = INT32_C(255) << 9;
    if (argument >= end) {
        return 32767;
    }
    return argument <= -end ? 1 : tml_sigmoid_within(table, argument);
}

static inline int32_t tml_tanh(const TML_FLASH uint32_t *table, int32_t argument) {
#ifdef __ARM_FEATURE_SAT
    const int32_t clamped = __ssat(argument, 17);
#else
    const int32_t end = INT32_C(1) << 16;
    const int32_t clamped = argument >= end ? end - 1 : argument < -end ? -end : argument;
#endif
    const int32_t doubled = tml_sigmoid_between(table, clamped, 8) - (INT32_C(1) << 23);
    return (doubled + 128 - (int32_t)((uint32_t)clamped >> 31)) >> 8;
}

#endif
