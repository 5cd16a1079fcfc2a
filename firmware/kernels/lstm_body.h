/* The body of lstm.c for one element type (elements.h). */
#include "elements.h"

/* A product with one matrix, as Q3.12. */
static int32_t TML_NAME(product)(const TML_ELEMENT *row, const int8_t *weights, int32_t length,
                                 int32_t bias, tml_multiplier_t multiplier) {
    TML_ACCUMULATOR sum = bias;
    for (int32_t k = 0; k < length; k++) {
        sum += row[k] * weights[k];
    }
    return tml_saturated(TML_SCALE(sum, multiplier.multiplier, multiplier.shift));
}

static int32_t TML_NAME(gate)(const tml_lstm_t *params, const tml_lstm_gate_t *gate,
                              const TML_ELEMENT *row, const TML_ELEMENT *hidden, int32_t unit) {
    const int32_t from_input =
        TML_NAME(product)(row, gate->weights + unit * params->inputs, params->inputs,
                          gate->bias[unit], gate->multiplier);
    const int32_t from_hidden =
        TML_NAME(product)(hidden, gate->recurrent + unit * params->units, params->units,
                          gate->recurrent_bias[unit], gate->recurrent_multiplier);
    return tml_saturated(from_input + from_hidden);
}

/* One row of the output, which is the new hidden state. */
static void TML_NAME(lstm_row)(const tml_lstm_t *params, const TML_ELEMENT *row,
                               const TML_ELEMENT *hidden, TML_ELEMENT *output, int16_t *cell) {
    for (int32_t unit = 0; unit < params->units; unit++) {
        int32_t gates[4];
        for (int32_t g = 0; g < 4; g++) {
            gates[g] = TML_NAME(gate)(params, &params->gates[g], row, hidden, unit);
        }
        const int32_t shown = tml_lstm_cell(params, gates, &cell[unit]);
        const int32_t value = tml_scale(shown, params->hidden.multiplier, params->hidden.shift);
        output[unit] = (TML_ELEMENT)tml_clamp(value + params->hidden_zero_point, TML_LOWEST,
                                              -(TML_LOWEST + 1));
    }
}

void TML_NAME(tml_lstm)(const tml_lstm_t *params, const TML_ELEMENT *input, TML_ELEMENT *output,
                        TML_ELEMENT *hidden, int16_t *cell) {
    const int32_t step_rows = params->time_major ? params->batches : 1;
    const int32_t batch_rows = params->time_major ? 1 : params->steps;
    for (int32_t batch = 0; batch < params->batches; batch++) {
        const TML_ELEMENT *before = hidden + batch * params->units;
        for (int32_t step = 0; step < params->steps; step++) {
            const int32_t row = step * step_rows + batch * batch_rows;
            TML_ELEMENT *after = output + row * params->units;
            TML_NAME(lstm_row)
            (params, input + row * params->inputs, before, after, cell + batch * params->units);
            before = after;
        }
        memcpy(hidden + batch * params->units, before, (size_t)params->units * sizeof(TML_ELEMENT));
    }
}
