#include "reciprocal.h"

int32_t tml_signed_high_multiply(int32_t a, int32_t b) {
    const int64_t product = (int64_t)a * b;
    const int64_t nudge = product >= 0 ? INT64_C(1) << 30 : 1 - (INT64_C(1) << 30);
    return (int32_t)((product + nudge) / (INT64_C(1) << 31));
}

int32_t tml_saturating_shift_left(int32_t value, int32_t exponent) {
    const int64_t shifted = (int64_t)value * (INT64_C(1) << exponent);
    return shifted > INT32_MAX ? INT32_MAX : shifted < INT32_MIN ? INT32_MIN : (int32_t)shifted;
}

int32_t tml_leading_zeros(uint32_t value) {
#if __SIZEOF_INT__ < 4
    return value == 0 ? 32 : __builtin_clzl(value);
#else
    return value == 0 ? 32 : __builtin_clz(value);
#endif
}

int32_t tml_one_over_one_plus(int32_t x) {
    const int32_t half_denominator = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2);
    /* 48/17 - 32/17 d */
    int32_t y = 1515870810 + tml_signed_high_multiply(half_denominator, -1010580540);
    for (int i = 0; i < 3; i++) {
        const int32_t error = (INT32_C(1) << 29) - tml_signed_high_multiply(half_denominator, y);
        y += tml_saturating_shift_left(tml_signed_high_multiply(y, error), 2);
    }
    return tml_saturating_shift_left(y, 1);
}

tml_reciprocal_t tml_reciprocal(int32_t value, int32_t integer_bits) {
    const int32_t headroom = tml_leading_zeros((uint32_t)value);
    const uint32_t fraction = ((uint32_t)value << headroom) - 0x80000000u;
    const tml_reciprocal_t reciprocal = {tml_one_over_one_plus((int32_t)fraction),
                                         integer_bits - headroom};
    return reciprocal;
}
