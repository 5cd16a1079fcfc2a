/* What every LSTM kernel does with the four gates of a unit. */
#ifndef TML_LSTM_CELL_H
#define TML_LSTM_CELL_H

#ifdef __ARM_FEATURE_SAT
#include <arm_acle.h>
#endif

#include "lstm.h"
#include "sigmoid_table.h"

/* How a product of two int16 is scaled; a core may have a shorter way. */
#ifndef TML_LSTM_SCALE
#define TML_LSTM_SCALE tml_scale
#endif

static inline int32_t tml_saturated(int32_t value) {
#ifdef __ARM_FEATURE_SAT
    return __ssat(value, 16);
#else
    /* Mostly nothing is to be done, which is one comparison. */
    return value == (int16_t)value ? value : value < 0 ? INT16_MIN : INT16_MAX;
#endif
}

/* From the gates before their activations, Q3.12, to the unit's new cell state and to what shows of
 * it: tanh of the cell state times the output gate, Q0.30. */
static inline int32_t tml_lstm_cell(const tml_lstm_common_t *params, const int32_t gates[4],
                                    int16_t *cell) {
    const TML_FLASH uint32_t *table = params->sigmoid_table;
    const int32_t into = tml_sigmoid_within(table, 3 * gates[0]);
    const int32_t forget = tml_sigmoid_within(table, 3 * gates[1]);
    const int32_t candidate = params->cell_is_tanh ? tml_tanh(table, 3 * gates[2])
                                                   : tml_sigmoid_within(table, 3 * gates[2]);
    const int32_t out = tml_sigmoid_within(table, 3 * gates[3]);
    const int32_t kept = tml_saturated(
        TML_LSTM_SCALE(forget * *cell, params->forget.multiplier, params->forget.shift));
    const int32_t added = tml_saturated(
        TML_LSTM_SCALE(into * candidate, params->update.multiplier, params->update.shift));
    int32_t state = tml_saturated(kept + added);
    if (params->clip > 0) {
        state = tml_clamp(state, -params->clip, params->clip);
    }
    *cell = (int16_t)state;
    const int32_t argument =
        tml_sigmoid_argument(state, params->tanh_multiplier, params->tanh_right_shift);
    return tml_tanh(table, argument) * out;
}

#endif
