/* Source: TFLite's reference/softmax.h; gemmlowp's fixed point for the reciprocal. */
#include "softmax.h"

#include "fixed_point.h"

#define ACCUMULATOR_INTEGER_BITS 12

/* SaturatingRoundingDoublingHighMul for operands of either sign, but not both INT32_MIN. */
static int32_t signed_high_multiply(int32_t a, int32_t b) {
    const int64_t product = (int64_t)a * b;
    const int64_t nudge = product >= 0 ? INT64_C(1) << 30 : 1 - (INT64_C(1) << 30);
    return (int32_t)((product + nudge) / (INT64_C(1) << 31));
}

static int32_t saturating_double(int32_t value, int32_t exponent) {
    const int64_t shifted = (int64_t)value * (INT64_C(1) << exponent);
    return shifted > INT32_MAX ? INT32_MAX : shifted < INT32_MIN ? INT32_MIN : (int32_t)shifted;
}

/* 1 / (1 + x) for x in [0, 1), both Q0.31: Newton and Raphson's method in Q2.29. */
static int32_t one_over_one_plus(int32_t x) {
    const int32_t half_denominator = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2);
    /* 48/17 - 32/17 d */
    int32_t y = 1515870810 + signed_high_multiply(half_denominator, -1010580540);
    for (int i = 0; i < 3; i++) {
        const int32_t error = (1 << 29) - signed_high_multiply(half_denominator, y);
        y += saturating_double(signed_high_multiply(y, error), 2);
    }
    return saturating_double(y, 1);
}

/* 1 / sum as a Q0.31 scale and the bits that it is above one. */
typedef struct {
    int32_t scale;
    int32_t bits_over_unit;
} reciprocal_t;

static reciprocal_t reciprocal_of(int32_t sum) {
    int32_t headroom = 0;
    while (!(((uint32_t)sum << headroom) & 0x80000000u)) {
        headroom++;
    }
    const uint32_t fraction = ((uint32_t)sum << headroom) - 0x80000000u;
    const reciprocal_t reciprocal = {one_over_one_plus((int32_t)fraction),
                                     ACCUMULATOR_INTEGER_BITS - headroom};
    return reciprocal;
}

static int32_t maximum_of(const int8_t *row, int32_t depth) {
    int32_t maximum = INT8_MIN;
    for (int32_t i = 0; i < depth; i++) {
        maximum = row[i] > maximum ? row[i] : maximum;
    }
    return maximum;
}

static reciprocal_t row_reciprocal(const tml_softmax_t *params, const int8_t *row,
                                   int32_t maximum) {
    int32_t sum = 0;
    for (int32_t i = 0; i < params->depth; i++) {
        sum += tml_rounding_shift_right(params->exponentials[maximum - row[i]],
                                        ACCUMULATOR_INTEGER_BITS);
    }
    return reciprocal_of(sum);
}

/* One output of `bits` bits, 0 for the lowest element. */
static int32_t share(int32_t exponential, reciprocal_t reciprocal, int32_t bits) {
    const int32_t product = tml_high_multiply(exponential, reciprocal.scale);
    const int32_t value = tml_rounding_shift_right(product, reciprocal.bits_over_unit + 31 - bits);
    const int32_t highest = (1 << bits) - 1;
    return value > highest ? highest : value;
}

void tml_softmax_int8(const tml_softmax_t *params, const int8_t *input, int8_t *output) {
    for (int32_t row = 0; row < params->rows; row++) {
        const int32_t maximum = maximum_of(input, params->depth);
        const reciprocal_t reciprocal = row_reciprocal(params, input, maximum);
        for (int32_t i = 0; i < params->depth; i++) {
            const int32_t value = share(params->exponentials[maximum - input[i]], reciprocal, 8);
            output[i] = (int8_t)(value + INT8_MIN);
        }
        input += params->depth;
        output += params->depth;
    }
}

void tml_softmax_int8_int16(const tml_softmax_t *params, const int8_t *input, int16_t *output) {
    for (int32_t row = 0; row < params->rows; row++) {
        const int32_t maximum = maximum_of(input, params->depth);
        const reciprocal_t reciprocal = row_reciprocal(params, input, maximum);
        for (int32_t i = 0; i < params->depth; i++) {
            const int32_t value = share(params->exponentials[maximum - input[i]], reciprocal, 16);
            output[i] = (int16_t)(value + INT16_MIN);
        }
        input += params->depth;
        output += params->depth;
    }
}
