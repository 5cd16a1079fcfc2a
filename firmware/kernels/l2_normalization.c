/* Source: TFLite's reference_integer_ops/l2normalization.h and internal/common.h. */
#include "l2_normalization.h"

#include "fixed_point.h"
#include "reciprocal.h"

#define OUTPUT_SHIFT 7 /* the output's scale is 1/128 */

/* 1 / sqrt(value) (GetInvSqrtQuantizedMultiplierExp). */
static tml_multiplier_t inverse_root(int32_t value) {
    tml_multiplier_t result = {INT32_MAX, 0};
    if (value <= 1) {
        return result;
    }
    int32_t right_shift = 11;
    while (value >= INT32_C(1) << 29) {
        value /= 4;
        right_shift++;
    }
    const int32_t pairs = (tml_leading_zeros((uint32_t)value) - 1) / 2 - 1;
    right_shift -= pairs;
    value <<= 2 * pairs;
    /* Newton's method in Q3.28. */
    const int32_t half = tml_rounding_shift_right(value >> 1, 1);
    int32_t x = INT32_C(1) << 28;
    for (int i = 0; i < 5; i++) {
        const int32_t square = tml_signed_high_multiply(x, x);
        const int32_t cube = tml_saturating_shift_left(tml_signed_high_multiply(square, x), 6);
        const int32_t next = tml_signed_high_multiply(x, (INT32_C(1) << 28) + (INT32_C(1) << 27)) -
                             tml_signed_high_multiply(half, cube);
        x = tml_saturating_shift_left(next, 3);
    }
    result.multiplier = tml_signed_high_multiply(x, 1518500250); /* sqrt(1/2) */
    result.shift = -right_shift;
    return result;
}

void tml_l2_normalization_int8(const tml_l2_normalization_t *params, const int8_t *input,
                               int8_t *output) {
    for (int32_t row = 0; row < params->rows; row++) {
        int32_t sum = 0;
        for (int32_t i = 0; i < params->depth; i++) {
            const int32_t value = input[i] - params->zero_point;
            sum += value * value;
        }
        const tml_multiplier_t inverse = inverse_root(sum);
        for (int32_t i = 0; i < params->depth; i++) {
            const int32_t scaled = tml_scale(input[i] - params->zero_point, inverse.multiplier,
                                             inverse.shift + OUTPUT_SHIFT);
            output[i] = (int8_t)tml_clamp(scaled, INT8_MIN, INT8_MAX);
        }
        input += params->depth;
        output += params->depth;
    }
}
