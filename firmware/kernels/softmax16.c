/* Source: TFLite's reference/softmax.h (SoftmaxInt16). */
#include "softmax16.h"

#include "reciprocal.h"

/* LUTLookup: between two of 513 values. */
static int32_t interpolated(const TML_FLASH int16_t *table, int32_t value) {
    const TML_FLASH int16_t *at = table + 256 + (value >> 7);
    return at[0] + (((at[1] - at[0]) * (value & 127) + 64) >> 7);
}

static int32_t exponential(const tml_softmax16_t *params, int32_t difference) {
    const int32_t scaled =
        tml_scale(difference, params->multiplier.multiplier, params->multiplier.shift);
    /* Clamped before and after the addition, which would overflow on absurd scales. */
    const int32_t place = tml_clamp(scaled, -65535, 0) + INT16_MAX;
    return interpolated(params->exponentials, place);
}

static void row_of_shares(const tml_softmax16_t *params, const int16_t *input, int16_t *output) {
    int32_t maximum = INT16_MIN;
    for (int32_t i = 0; i < params->depth; i++) {
        maximum = input[i] > maximum ? input[i] : maximum;
    }
    int32_t sum = 0;
    for (int32_t i = 0; i < params->depth; i++) {
        const int32_t value = exponential(params, input[i] - maximum);
        output[i] = (int16_t)value;
        sum += value;
    }
    const int32_t zeros = tml_leading_zeros((uint32_t)sum);
    const int32_t fraction = (int32_t)((((uint32_t)sum << (zeros - 1)) + (1u << 13)) >> 14);
    const int32_t place =
        tml_clamp(fraction - (INT32_C(1) << 15) - (INT32_C(1) << 16), INT16_MIN, INT16_MAX);
    const int32_t reciprocal = interpolated(params->reciprocals, place);
    const int32_t right_shift = 31 - zeros;
    for (int32_t i = 0; i < params->depth; i++) {
        const int32_t share =
            (output[i] * reciprocal + (INT32_C(1) << (right_shift - 1))) >> right_shift;
        output[i] = (int16_t)tml_clamp(share, 0, INT16_MAX);
    }
}

void tml_softmax_int16(const tml_softmax16_t *params, const int16_t *input, int16_t *output) {
    for (int32_t row = 0; row < params->rows; row++) {
        row_of_shares(params, input, output);
        input += params->depth;
        output += params->depth;
    }
}
