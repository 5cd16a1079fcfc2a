/* Source: TFLite's reference/log_softmax.h and internal/common.h. */
#include "log_softmax.h"

#include "reciprocal.h"

#define LOG_2 1488522236          /* Q0.31 */
#define SQRT_SQRT_HALF 1805811301 /* Q0.31 */
#define SQRT_HALF 1518500250      /* Q0.31 */

/* Two ways to write a value as r * 2^power, so that r stays near the fourth root of a half. */
typedef struct {
    int32_t r;     /* Q0.31 */
    int32_t power; /* Q6.25 */
} split_t;

static split_t split(int32_t value) {
    const int32_t quarter = INT32_C(1) << 23;
    const int32_t zeros = tml_leading_zeros((uint32_t)value);
    const int32_t first = tml_saturating_shift_left(
        tml_high_multiply((int32_t)((uint32_t)value << (zeros - 1)), SQRT_HALF), 1);
    const int32_t headroom = tml_leading_zeros((uint32_t)tml_high_multiply(value, SQRT_HALF)) - 1;
    const int32_t second = tml_saturating_shift_left(value, headroom);
    const int32_t first_power = (12 - zeros) * (INT32_C(1) << 25) + quarter;
    const int32_t second_power = (12 - headroom) * (INT32_C(1) << 25) - quarter;
    const split_t result = {first < second ? first : second,
                            first_power > second_power ? first_power : second_power};
    return result;
}

/* log(r) for r near SQRT_SQRT_HALF, Q6.25, without its constant: a rational approximation. */
static int32_t log_of_rest(int32_t r) {
    const int32_t alpha_n = 117049297, alpha_d = 127690142;
    const int32_t alpha_i = 1057819769, alpha_f = 638450708;
    const int64_t sum = (int64_t)r + SQRT_SQRT_HALF;
    const int32_t p = (int32_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
    const int32_t q = 2 * (r - SQRT_SQRT_HALF);
    const int32_t square = tml_signed_high_multiply(q, q);
    const int32_t numerator =
        tml_signed_high_multiply(q, r) +
        tml_signed_high_multiply(tml_signed_high_multiply(q, square), alpha_n);
    const int32_t inner = alpha_i + q + tml_signed_high_multiply(alpha_d, square);
    const int32_t denominator =
        tml_signed_high_multiply(p, inner) + tml_signed_high_multiply(alpha_f, q);
    return tml_signed_high_multiply(tml_rounding_shift_right(numerator, 6),
                                    tml_one_over_one_plus(denominator));
}

/* log of a value >= 1, Q12.19 to Q5.26. */
static int32_t log_of_sum(int32_t value) {
    const split_t parts = split(value);
    const int32_t log = tml_signed_high_multiply(parts.power, LOG_2) + log_of_rest(parts.r);
    return tml_saturating_shift_left(log, 1);
}

static void row_of_logs(const tml_log_softmax_t *params, const int8_t *input, int8_t *output) {
    int32_t maximum = INT8_MIN;
    for (int32_t i = 0; i < params->depth; i++) {
        maximum = input[i] > maximum ? input[i] : maximum;
    }
    int32_t sum = 0;
    for (int32_t i = 0; i < params->depth; i++) {
        sum += params->exponentials[maximum - input[i]];
    }
    const int32_t log_sum = log_of_sum(sum);
    const int32_t limit =
        tml_scale(log_sum + INT32_MIN, params->reverse.multiplier, params->reverse.shift);
    const int32_t lowest = limit > params->lowest - 1 ? limit : params->lowest - 1;
    for (int32_t i = 0; i < params->depth; i++) {
        const int32_t difference = input[i] - maximum;
        int32_t value = INT8_MIN;
        if (difference > lowest) {
            const int32_t log = params->differences[-difference] - log_sum;
            value = tml_clamp(tml_rounding_shift_right(log, 22) + INT8_MAX, INT8_MIN, INT8_MAX);
        }
        output[i] = (int8_t)value;
    }
}

void tml_log_softmax_int8(const tml_log_softmax_t *params, const int8_t *input, int8_t *output) {
    for (int32_t row = 0; row < params->rows; row++) {
        row_of_logs(params, input, output);
        input += params->depth;
        output += params->depth;
    }
}
