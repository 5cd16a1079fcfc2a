/* What every LSTM kernel does with the four gates of a unit. */
#ifndef TML_LSTM_CELL_H
#define TML_LSTM_CELL_H

#include "lstm.h"
#include "sigmoid_table.h"

static inline int32_t tml_saturated(int32_t value) {
    return tml_clamp(value, INT16_MIN, INT16_MAX);
}

/* From the gates before their activations, Q3.12, to the unit's new cell state and to what shows of
 * it: tanh of the cell state times the output gate, Q0.30. */
static inline int32_t tml_lstm_cell(const tml_lstm_t *params, const int32_t gates[4],
                                    int16_t *cell) {
    const int32_t three_quarters = 3;
    const int32_t into = tml_sigmoid(params->sigmoid_table, gates[0], three_quarters, 0);
    const int32_t forget = tml_sigmoid(params->sigmoid_table, gates[1], three_quarters, 0);
    const int32_t candidate = params->cell_is_tanh
                                  ? tml_tanh(params->sigmoid_table, gates[2], three_quarters, 0)
                                  : tml_sigmoid(params->sigmoid_table, gates[2], three_quarters, 0);
    const int32_t out = tml_sigmoid(params->sigmoid_table, gates[3], three_quarters, 0);
    const int32_t kept =
        tml_saturated(tml_scale(forget * *cell, params->forget.multiplier, params->forget.shift));
    const int32_t added =
        tml_saturated(tml_scale(into * candidate, params->update.multiplier, params->update.shift));
    int32_t state = tml_saturated(kept + added);
    if (params->clip > 0) {
        state = tml_clamp(state, -params->clip, params->clip);
    }
    *cell = (int16_t)state;
    return tml_tanh(params->sigmoid_table, state, params->tanh_multiplier,
                    params->tanh_right_shift) *
           out;
}

#endif
