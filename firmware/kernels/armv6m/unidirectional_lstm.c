#include "armv6m/unidirectional_lstm.h"

#include <string.h>

#include "kernels/lstm_cell.h"

enum { GATES = 4 };

typedef struct {
    int32_t *from_input; /* [units][gates] */
    int32_t *from_hidden;
    int8_t *spread; /* a row, one element in four bytes */
} scratch_t;

static void multiply(const tml_armv6m_gates_t *gates, int32_t units, const int8_t *row,
                     int8_t *spread, int32_t *sums) {
    for (int32_t i = 0; i < gates->inputs; i++) {
        spread[4 * i] = row[i];
    }
    const tml_armv6m_row_t work = {
        .input = spread,
        .weights = gates->weights,
        .chunks = gates->chunks,
        .biases = gates->biases,
        .output = (int8_t *)sums,
        .output_end = (int8_t *)(sums + GATES * units),
        .pass_bytes = 4 * gates->inputs,
        .passes = 1,
    };
    tml_armv6m_gemv_sums(&work);
}

static inline int32_t gate(int32_t sum, tml_multiplier_t multiplier) {
    return tml_saturated(tml_scale(sum, multiplier.multiplier, multiplier.shift));
}

/* One row of the output, which is the new hidden state. */
static void advance(const tml_armv6m_lstm_t *params, const int8_t *row, const int8_t *hidden,
                    int8_t *output, int16_t *cell, const scratch_t *scratch) {
    const tml_lstm_common_t *lstm = &params->lstm.common;
    const int32_t *from_input = scratch->from_input;
    const int32_t *from_hidden = scratch->from_hidden;
    multiply(&params->input, lstm->units, row, scratch->spread, scratch->from_input);
    multiply(&params->recurrent, lstm->units, hidden, scratch->spread, scratch->from_hidden);
    for (int32_t unit = 0; unit < lstm->units; unit++) {
        int32_t gates[GATES];
        for (int32_t g = 0; g < GATES; g++) {
            gates[g] =
                tml_saturated(gate(*from_input++, params->lstm.gates[g].multiplier) +
                              gate(*from_hidden++, params->lstm.gates[g].recurrent_multiplier));
        }
        const int32_t shown = tml_lstm_cell(lstm, gates, &cell[unit]);
        const int32_t value = tml_scale(shown, lstm->hidden.multiplier, lstm->hidden.shift);
        output[unit] = (int8_t)tml_clamp(value + lstm->hidden_zero_point, INT8_MIN, INT8_MAX);
    }
}

void tml_armv6m_lstm(const tml_armv6m_lstm_t *params, const int8_t *input, int8_t *output,
                     int8_t *hidden, int16_t *cell, uint8_t *scratch) {
    const tml_lstm_common_t *lstm = &params->lstm.common;
    int32_t *sums = (int32_t *)(void *)scratch;
    const scratch_t places = {
        .from_input = sums,
        .from_hidden = sums + GATES * lstm->units,
        .spread = (int8_t *)(sums + 2 * GATES * lstm->units),
    };
    const int32_t step_rows = lstm->time_major ? lstm->batches : 1;
    const int32_t batch_rows = lstm->time_major ? 1 : lstm->steps;
    for (int32_t batch = 0; batch < lstm->batches; batch++) {
        const int8_t *before = hidden + batch * lstm->units;
        for (int32_t step = 0; step < lstm->steps; step++) {
            const int32_t row = step * step_rows + batch * batch_rows;
            int8_t *after = output + row * lstm->units;
            advance(params, input + row * lstm->inputs, before, after, cell + batch * lstm->units,
                    &places);
            before = after;
        }
        memcpy(hidden + batch * lstm->units, before, (size_t)lstm->units);
    }
}
