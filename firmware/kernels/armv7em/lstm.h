/* UNIDIRECTIONAL_SEQUENCE_LSTM of int8 for Armv7E-M: each gate's two products by the 256 trick
 * (gemv.h). */
#ifndef TML_ARMV7EM_LSTM_H
#define TML_ARMV7EM_LSTM_H

/* By folder, for this header has the same name. */
#include "kernels/lstm.h"

#include "armv7em/gemv.h"

/* One gate's way to Q3.12. */
typedef struct {
    tml_armv7em_ends_t ends;
    int32_t words[3]; /* m, constants, S (requantize.inc) */
} tml_armv7em_lstm_gate_t;

/* The four matrices that one row is multiplied with. */
typedef struct {
    int32_t inputs;
    int32_t gate_words;    /* of the packed weights, from a gate to the next */
    const int32_t *packed; /* of tml_armv7em_row_t, gate after gate */
    tml_armv7em_lstm_gate_t gates[4];
} tml_armv7em_lstm_matrices_t;

typedef struct {
    tml_lstm_common_t common;
    int32_t filled_units; /* rounded up to a multiple of four */
    tml_armv7em_lstm_matrices_t input;
    tml_armv7em_lstm_matrices_t hidden;
} tml_armv7em_lstm_t;

/* Scratch: 8 * filled_units elements of int16, then the longer row expanded. */
void tml_armv7em_lstm(const tml_armv7em_lstm_t *params, const int8_t *input, int8_t *output,
                      int8_t *hidden, int16_t *cell, uint8_t *scratch);

#endif
