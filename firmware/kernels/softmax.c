/* Source: TFLite's reference/softmax.h; gemmlowp's fixed point for the reciprocal. */
#include "softmax.h"

#include "fixed_point.h"
#include "reciprocal.h"

#define ACCUMULATOR_INTEGER_BITS 12

static int32_t maximum_of(const int8_t *row, int32_t depth) {
    int32_t maximum = INT8_MIN;
    for (int32_t i = 0; i < depth; i++) {
        maximum = row[i] > maximum ? row[i] : maximum;
    }
    return maximum;
}

static inline int32_t exponential(const tml_softmax_t *params, int32_t difference) {
    return difference < params->count ? params->exponentials[difference] : 0;
}

static tml_reciprocal_t row_reciprocal(const tml_softmax_t *params, const int8_t *row,
                                       int32_t maximum) {
    int32_t sum = 0;
    for (int32_t i = 0; i < params->depth; i++) {
        sum += tml_rounding_shift_right(exponential(params, maximum - row[i]),
                                        ACCUMULATOR_INTEGER_BITS);
    }
    return tml_reciprocal(sum, ACCUMULATOR_INTEGER_BITS);
}

/* One output of `bits` bits, 0 for the lowest element. */
static int32_t share(int32_t part, tml_reciprocal_t reciprocal, int32_t bits) {
    const int32_t product = tml_high_multiply(part, reciprocal.scale);
    const int32_t value = tml_rounding_shift_right(product, reciprocal.bits_over_unit + 31 - bits);
    const int32_t highest = (INT32_C(1) << bits) - 1;
    return value > highest ? highest : value;
}

void tml_softmax_int8(const tml_softmax_t *params, const int8_t *input, int8_t *output) {
    for (int32_t row = 0; row < params->rows; row++) {
        const int32_t maximum = maximum_of(input, params->depth);
        const tml_reciprocal_t reciprocal = row_reciprocal(params, input, maximum);
        for (int32_t i = 0; i < params->depth; i++) {
            const int32_t value = share(exponential(params, maximum - input[i]), reciprocal, 8);
            output[i] = (int8_t)(value + INT8_MIN);
        }
        input += params->depth;
        output += params->depth;
    }
}

void tml_softmax_int8_int16(const tml_softmax_t *params, const int8_t *input, int16_t *output) {
    for (int32_t row = 0; row < params->rows; row++) {
        const int32_t maximum = maximum_of(input, params->depth);
        const tml_reciprocal_t reciprocal = row_reciprocal(params, input, maximum);
        for (int32_t i = 0; i < params->depth; i++) {
            const int32_t value = share(exponential(params, maximum - input[i]), reciprocal, 16);
            output[i] = (int16_t)(value + INT16_MIN);
        }
        input += params->depth;
        output += params->depth;
    }
}
