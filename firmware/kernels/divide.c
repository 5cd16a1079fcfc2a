/* Source: TFLite's reference/div.h. */
#include "divide.h"

#include "reciprocal.h"

/* What lies beyond every element, for a division by 0. */
#define BEYOND 256

static int32_t quotient(const tml_result_t *result, int32_t dividend, int32_t divisor) {
    if (divisor == 0) {
        return dividend > 0 ? BEYOND : dividend < 0 ? -BEYOND : 0;
    }
    /* A multiplier must not be negative. */
    const int32_t value = divisor < 0 ? -dividend : dividend;
    const tml_reciprocal_t inverse = tml_reciprocal(divisor < 0 ? -divisor : divisor, 31);
    const int32_t headroom = tml_leading_zeros((uint32_t)(value < 0 ? ~value : value)) - 1;
    const int32_t fine = tml_high_multiply((int32_t)((uint32_t)value << headroom), inverse.scale);
    const int32_t right_shift = inverse.bits_over_unit + headroom - result->shift;
    if (right_shift > 31) {
        return 0;
    }
    return tml_rounding_shift_right(tml_high_multiply(fine, result->multiplier), right_shift);
}

void tml_div_int8(const tml_divide_t *params, const int8_t *a, const int8_t *b, int8_t *out) {
    const tml_result_t *result = &params->result;
    tml_walk_t walk = {{0}, {0}};
    for (int32_t i = 0; i < params->broadcast.elements; i++) {
        const int32_t value = quotient(result, a[walk.places[0]] - params->zero_points[0],
                                       b[walk.places[1]] - params->zero_points[1]);
        out[i] = (int8_t)tml_clamp(value + result->zero_point, result->lowest, result->highest);
        tml_walk_on(&params->broadcast, 2, &walk);
    }
}
