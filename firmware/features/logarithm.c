#include "logarithm.h"

#define LOG_FRACTION_BITS 8

int32_t tml_log2(uint64_t value) {
    const int32_t exponent = 63 - __builtin_clzll(value);
    const uint64_t aligned = exponent >= LOG_FRACTION_BITS
                                 ? value >> (exponent - LOG_FRACTION_BITS)
                                 : value << (LOG_FRACTION_BITS - exponent);
    const int32_t fraction = (int32_t)aligned - (1 << LOG_FRACTION_BITS);
    const int32_t bend = (fraction * (256 - fraction) * 88) >> 16;
    return exponent * (1 << LOG_FRACTION_BITS) + fraction + bend;
}
