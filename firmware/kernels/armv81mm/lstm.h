/* UNIDIRECTIONAL_SEQUENCE_LSTM of int8 for Armv8.1-M: four units at a time. */
#ifndef TML_ARMV81MM_LSTM_H
#define TML_ARMV81MM_LSTM_H

/* By folder, for this header has the same name. */
#include "kernels/lstm.h"

/* A product with a gate's matrix: tml_multiplier_t in three steps. */
typedef struct {
    const int8_t *weights; /* of four units each (gemv.h) */
    const int32_t *biases; /* [units, rounded up to a multiple of four] */
    tml_multiplier_t multiplier;
} tml_armv81mm_lstm_product_t;

typedef struct {
    tml_lstm_common_t common;
    tml_armv81mm_lstm_product_t inputs[4]; /* gates as in tml_lstm_t */
    tml_armv81mm_lstm_product_t hidden[4];
} tml_armv81mm_lstm_t;

void tml_armv81mm_lstm(const tml_armv81mm_lstm_t *params, const int8_t *input, int8_t *output,
                       int8_t *hidden, int16_t *cell);

#endif
