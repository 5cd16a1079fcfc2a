/* The body of lstm.c for one element type (elements.h). */
#include "elements.h"

/* A product with one matrix, as Q3.12. */
static int32_t TML_NAME(product)(const TML_ELEMENT *row, const TML_FLASH int8_t *weights,
                                 int32_t length, int32_t bias, tml_multiplier_t multiplier) {
    TML_ACCUMULATOR sum = bias;
    for (int32_t k = 0; k < length; k++) {
        sum += row[k] * weights[k];
    }
    return tml_saturated(TML_SCALE(sum, multiplier.multiplier, multiplier.shift));
}

static int32_t TML_NAME(gate)(const tml_lstm_t *params, const tml_lstm_gate_t *gate,
                              const TML_ELEMENT *row, const TML_ELEMENT *hidden, int32_t unit) {
    const int32_t from_input =
        TML_NAME(product)(row, gate->weights + unit * params->common.inputs, params->common.inputs,
                          gate->bias[unit], gate->multiplier);
    const int32_t from_hidden = TML_NAME(product)(
        hidden, gate->recurrent + unit * params->common.units, params->common.units,
        gate->recurrent_bias[unit], gate->recurrent_multiplier);
    return tml_saturated(from_input + from_hidden);
}

/* One row of the output, which is the new hidden state. */
static void TML_NAME(lstm_row)(const tml_lstm_t *params, const TML_ELEMENT *row,
                               const TML_ELEMENT *hidden, TML_ELEMENT *output, int16_t *cell) {
    for (int32_t unit = 0; unit < params->common.units; unit++) {
        int32_t gates[4];
        for (int32_t g = 0; g < 4; g++) {
            gates[g] = TML_NAME(gate)(params, &params->gates[g], row, hidden, unit);
        }
        const int32_t shown = tml_lstm_cell(&params->common, gates, &cell[unit]);
        const int32_t value =
            tml_scale(shown, params->common.hidden.multiplier, params->common.hidden.shift);
        output[unit] = (TML_ELEMENT)tml_clamp(value + params->common.hidden_zero_point, TML_LOWEST,
                                              -(TML_LOWEST + 1));
    }
}

void TML_NAME(tml_lstm)(const tml_lstm_t *params, const TML_ELEMENT *input, TML_ELEMENT *output,
                        TML_ELEMENT *hidden, int16_t *cell) {
    const int32_t step_rows = params->common.time_major ? params->common.batches : 1;
    const int32_t batch_rows = params->common.time_major ? 1 : params->common.steps;
    for (int32_t batch = 0; batch < params->common.batches; batch++) {
        const TML_ELEMENT *before = hidden + batch * params->common.units;
        for (int32_t step = 0; step < params->common.steps; step++) {
            const int32_t row = step * step_rows + batch * batch_rows;
            TML_ELEMENT *after = output + row * params->common.units;
            TML_NAME(lstm_row)
            (params, input + row * params->common.inputs, before, after,
             cell + batch * params->common.units);
            before = after;
        }
        memcpy(hidden + batch * params->common.units, before,
               (size_t)params->common.units * sizeof(TML_ELEMENT));
    }
}
