#include "armv6m/unidirectional_lstm.h"

#include <string.h>

#include "kernels/fixed_point.h"

/* tml_scale of a product of two int16, which is mostly by a power of two. */
static inline int32_t scaled_product(int32_t value, int32_t multiplier, int32_t shift) {
    if (multiplier != 1 << 30) {
        return tml_rounding_shift_right(tml_high_multiply(value, multiplier), -shift);
    }
    const int32_t doubled = value + 1; /* the first rounding's half */
    const int32_t negative = doubled < 0 ? -1 : 0;
    return (doubled + (1 << -shift) + 2 * negative) >> (1 - shift);
}

#define TML_LSTM_SCALE scaled_product
#include "kernels/lstm_cell.h"

enum { GATES = 4, SPREAD = 8 };

typedef struct {
    int32_t *from_input; /* [units][gates] */
    int32_t *from_hidden;
    int8_t *spread; /* a row, one element in eight bytes */
} scratch_t;

/* Sums of one gate, in their place, to Q3.12. */
static void scale(const tml_armv6m_gate_t *gate, int32_t units, int32_t *sums) {
    const int32_t low = gate->digits[0];
    const int32_t middle = gate->digits[1];
    const int32_t high = gate->digits[2];
    const int32_t half = gate->half;
    const int32_t second_half = gate->second_half;
    const int32_t negative = second_half > 0 ? 1 << 11 : 0;
    const int32_t shift = gate->shift;
    for (const int32_t *const end = sums + GATES * units; sums != end; sums += GATES) {
        const int32_t sum = *sums;
        int32_t product = (((sum * low >> 10) + sum * middle) >> 10) + sum * high + half;
        product -= product < 0 ? negative : 0;
        *sums = tml_saturated((product + second_half) >> shift);
    }
}

static void multiply(const tml_armv6m_gates_t *gates, int32_t units, const int8_t *row,
                     int8_t *spread, int32_t *sums) {
    const int8_t *const end = row + gates->inputs;
    for (int8_t *place = spread; row != end; place += SPREAD) {
        *place = *row++;
    }
    const tml_armv6m_sums_t work = {
        .input = spread,
        .packed = gates->packed,
        .output = sums,
        .output_end = sums + GATES * units,
    };
    tml_armv6m_sums(&work);
    for (int32_t g = 0; g < GATES; g++) {
        scale(&gates->gates[g], units, sums + g);
    }
}

/* One row of the output, which is the new hidden state. */
static void advance(const tml_armv6m_lstm_t *params, const int8_t *row, const int8_t *hidden,
                    int8_t *output, int16_t *cell, const scratch_t *scratch) {
    const tml_lstm_common_t *lstm = &params->common;
    const int32_t *from_input = scratch->from_input;
    const int32_t *from_hidden = scratch->from_hidden;
    multiply(&params->input, lstm->units, row, scratch->spread, scratch->from_input);
    multiply(&params->recurrent, lstm->units, hidden, scratch->spread, scratch->from_hidden);
    for (int32_t unit = 0; unit < lstm->units; unit++) {
        int32_t gates[GATES];
        for (int32_t g = 0; g < GATES; g++) {
            gates[g] = tml_saturated(*from_input++ + *from_hidden++);
        }
        const int32_t shown = tml_lstm_cell(lstm, gates, &cell[unit]);
        const int32_t value = scaled_product(shown, lstm->hidden.multiplier, lstm->hidden.shift);
        output[unit] = (int8_t)tml_clamp(value + lstm->hidden_zero_point, INT8_MIN, INT8_MAX);
    }
}

void tml_armv6m_lstm(const tml_armv6m_lstm_t *params, const int8_t *input, int8_t *output,
                     int8_t *hidden, int16_t *cell, uint8_t *scratch) {
    const tml_lstm_common_t *lstm = &params->common;
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
