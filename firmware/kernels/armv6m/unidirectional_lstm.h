/* UNIDIRECTIONAL_SEQUENCE_LSTM of int8 for Armv6-M: the four gates of a unit are a quadruple of
 * outputs (sums.h). */
#ifndef TML_ARMV6M_UNIDIRECTIONAL_LSTM_H
#define TML_ARMV6M_UNIDIRECTIONAL_LSTM_H

#include "armv6m/sums.h"
#include "kernels/lstm.h"

/* How a gate's sum a, below 2^20 either way, becomes Q3.12, exactly as tml_scale: its multiplier m
 * has digits of ten bits, the lowest first, with which the high part of a product takes three MULS:
 *
 *     t = floor(a * m / 2^20) = ((a * m0 >> 10) + a * m1 >> 10) + a * m2
 *
 * Both roundings are one sum, as in armv7em/requantize.inc: `half` is the half of the first, and
 * where something is shifted out after it, `second_half` is that of the second, which takes one
 * less for negative values. */
typedef struct {
    uint16_t digits[3];
    uint8_t shift; /* 11, less what the multiplier's own shift is to the left */
    int32_t half;
    int32_t second_half; /* 0: no second rounding */
} tml_armv6m_gate_t;

/* A row times the weights of all units' gates, [units][gates]. */
typedef struct {
    int32_t inputs;
    const int32_t *packed; /* of tml_armv6m_sums_t */
    tml_armv6m_gate_t gates[4];
} tml_armv6m_gates_t;

typedef struct {
    tml_lstm_common_t common;
    tml_armv6m_gates_t input;
    tml_armv6m_gates_t recurrent;
} tml_armv6m_lstm_t;

/* Scratch: 32 bytes a unit, and 8 bytes an input or a unit, whichever are more. */
void tml_armv6m_lstm(const tml_armv6m_lstm_t *params, const int8_t *input, int8_t *output,
                     int8_t *hidden, int16_t *cell, uint8_t *scratch);

#endif
