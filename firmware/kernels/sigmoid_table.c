/* Source: TFLite's reference_integer_ops/logistic.h and tanh.h: tanh(x) = 2 sigmoid(2 x) - 1. */
#include "sigmoid_table.h"

static int32_t scaled(int32_t value, int32_t multiplier, int32_t right_shift) {
    const int32_t rounding = right_shift > 0 ? 1 << (right_shift - 1) : 0;
    return (value * multiplier + rounding) >> right_shift;
}

/* The table at `magnitude` / 2^bits, times 2^bits; `highest` beyond its end. */
static uint32_t interpolated(const uint16_t *table, uint32_t magnitude, uint32_t bits,
                             uint32_t highest) {
    const uint32_t whole = magnitude >> bits;
    if (whole >= 255) {
        return highest;
    }
    const uint32_t below = table[whole];
    const uint32_t fraction = magnitude & ((1u << bits) - 1u);
    return (below << bits) + fraction * (table[whole + 1] - below);
}

int32_t tml_sigmoid(const uint16_t *table, int32_t value, int32_t multiplier, int32_t right_shift) {
    const int32_t argument = scaled(value, multiplier, right_shift);
    if (argument >= 0) {
        return (int32_t)((interpolated(table, (uint32_t)argument, 9, 0x7FFFu << 10) + 512u) >> 10);
    }
    const uint32_t mirrored = interpolated(table, (uint32_t)-argument, 9, 0x7FFFu << 10);
    return (int32_t)(((1u << 25) - mirrored + 511u) >> 10);
}

int32_t tml_tanh(const uint16_t *table, int32_t value, int32_t multiplier, int32_t right_shift) {
    const int32_t argument = scaled(value, multiplier, right_shift);
    const uint32_t magnitude = argument < 0 ? (uint32_t)-argument : (uint32_t)argument;
    const int32_t above = (int32_t)interpolated(table, magnitude, 8, 0xFFFFu << 8) - (1 << 23);
    return argument >= 0 ? (above + 128) >> 8 : (127 - above) >> 8;
}
