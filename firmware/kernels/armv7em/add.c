#include "armv7em/add.h"

/* tml_high_multiply of a value that comes doubled. */
static inline int32_t high_multiply(int32_t doubled, int32_t multiplier) {
    int32_t high;
    __asm__("smmulr %0, %1, %2" : "=r"(high) : "r"(doubled), "r"(multiplier));
    return high;
}

/* tml_rounding_shift_right with what does not change from element to element. */
typedef struct {
    int32_t half;
    int32_t away; /* -1, to round negative halves down; 0 where nothing is shifted out */
    int32_t exponent;
} rounding_t;

static rounding_t rounding(int32_t shift) {
    const rounding_t found = {shift < 0 ? 1 << (-shift - 1) : 0, shift < 0 ? -1 : 0, -shift};
    return found;
}

static inline int32_t shift_right(rounding_t rounding, int32_t value) {
    return (value + (value < 0 ? rounding.away : 0) + rounding.half) >> rounding.exponent;
}

/* `sign` is a constant where this is inlined. */
static inline __attribute__((always_inline)) void combine(const tml_common_scale_t *params,
                                                          const int8_t *a, const int8_t *b,
                                                          int8_t *out, int32_t sign) {
    const int32_t unit = 1 << (params->left_shift + 1);
    const tml_scaled_t first = params->inputs[0];
    const tml_scaled_t second = params->inputs[1];
    const tml_result_t result = params->result;
    const rounding_t rounding_a = rounding(first.shift);
    const rounding_t rounding_b = rounding(second.shift);
    const rounding_t rounding_out = rounding(result.shift);
    int8_t *const end = out + params->broadcast.elements;
    while (out != end) {
        const int32_t x = high_multiply((*a++ - first.zero_point) * unit, first.multiplier);
        const int32_t y = high_multiply((*b++ - second.zero_point) * unit, second.multiplier);
        const int32_t sum = shift_right(rounding_a, x) + sign * shift_right(rounding_b, y);
        const int32_t scaled = shift_right(rounding_out, high_multiply(2 * sum, result.multiplier));
        *out++ = (int8_t)tml_clamp(scaled + result.zero_point, result.lowest, result.highest);
    }
}

void tml_armv7em_add(const tml_common_scale_t *params, const int8_t *a, const int8_t *b,
                     int8_t *out) {
    combine(params, a, b, out, 1);
}

void tml_armv7em_sub(const tml_common_scale_t *params, const int8_t *a, const int8_t *b,
                     int8_t *out) {
    combine(params, a, b, out, -1);
}
