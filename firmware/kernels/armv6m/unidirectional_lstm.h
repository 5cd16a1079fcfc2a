/* UNIDIRECTIONAL_SEQUENCE_LSTM of int8 for Armv6-M: the four gates of a unit are a quadruple of
 * outputs (gemv.h). */
#ifndef TML_ARMV6M_UNIDIRECTIONAL_LSTM_H
#define TML_ARMV6M_UNIDIRECTIONAL_LSTM_H

#include "armv6m/gemv.h"
#include "kernels/lstm.h"

/* A row times the weights of all units' gates, [units][gates]; as in tml_armv6m_row_t, in one pass.
 */
typedef struct {
    int32_t inputs;
    const uint32_t *weights;
    const uint16_t *chunks;
    const int32_t *biases;
} tml_armv6m_gates_t;

typedef struct {
    tml_lstm_t lstm; /* its gates have multipliers only */
    tml_armv6m_gates_t input;
    tml_armv6m_gates_t recurrent;
} tml_armv6m_lstm_t;

/* Scratch: 32 bytes a unit, and 4 bytes an input or a unit, whichever are more. */
void tml_armv6m_lstm(const tml_armv6m_lstm_t *params, const int8_t *input, int8_t *output,
                     int8_t *hidden, int16_t *cell, uint8_t *scratch);

#endif
