/* UNIDIRECTIONAL_SEQUENCE_LSTM: rows in time, each with what the rows before it left. */
#ifndef TML_LSTM_H
#define TML_LSTM_H

#include "fixed_point.h"

/* One gate: its two products become Q3.12 before sigmoid or tanh. */
typedef struct {
    const TML_FLASH int8_t *weights;         /* [units][inputs] */
    const TML_FLASH int8_t *recurrent;       /* [units][units] */
    const TML_FLASH int32_t *bias;           /* [units], the input's zero point folded in */
    const TML_FLASH int32_t *recurrent_bias; /* [units], the hidden state's zero point folded in */
    tml_multiplier_t multiplier;
    tml_multiplier_t recurrent_multiplier;
} tml_lstm_gate_t;

/* What an LSTM is, whatever the form of its weights. */
typedef struct {
    int32_t batches;
    int32_t steps;
    int32_t inputs;
    int32_t units;
    uint8_t time_major;      /* 1: rows are [steps][batches], 0: [batches][steps] */
    uint8_t cell_is_tanh;    /* the cell gate's activation: 1 tanh, 0 sigmoid */
    int32_t clip;            /* of the cell state; <= 0 for none */
    tml_multiplier_t forget; /* forget gate times cell state */
    tml_multiplier_t update; /* input gate times cell gate */
    tml_multiplier_t hidden; /* tanh of the cell state times output gate */
    int32_t hidden_zero_point;
    int32_t tanh_multiplier; /* of the cell state, for tml_sigmoid_argument */
    int32_t tanh_right_shift;
    const TML_FLASH uint32_t *sigmoid_table; /* sigmoid_table.h */
} tml_lstm_common_t;

typedef struct {
    tml_lstm_common_t common;
    tml_lstm_gate_t gates[4]; /* input, forget, cell, output */
} tml_lstm_t;

/* hidden [batches][units] and cell [batches][units] are read and written. */
void tml_lstm_int8(const tml_lstm_t *params, const int8_t *input, int8_t *output, int8_t *hidden,
                   int16_t *cell);
void tml_lstm_int16(const tml_lstm_t *params, const int16_t *input, int16_t *output,
                    int16_t *hidden, int16_t *cell);

#endif
