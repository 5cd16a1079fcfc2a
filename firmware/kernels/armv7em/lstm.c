#include "armv7em/lstm.h"

#include <stddef.h>
#include <string.h>

#include "armv7em/expand.h"

/* tml_scale of a product of two int16, for a shift below 0. */
static inline int32_t scaled_product(int32_t value, int32_t multiplier, int32_t shift) {
    int32_t high;
    __asm__("smmulr %0, %1, %2" : "=r"(high) : "r"(2 * value), "r"(multiplier));
    return (high + (1 << (-shift - 1)) - (high < 0)) >> -shift;
}

#define TML_LSTM_SCALE scaled_product
#include "lstm_cell.h"

enum { GATES = 4 };

/* A row times four matrices, Q3.12: [gates][filled units]. */
static void multiply(const tml_armv7em_lstm_matrices_t *matrices, const int8_t *row, int32_t units,
                     uint32_t *expanded, int16_t *products) {
    const int32_t groups = (matrices->inputs + 3) / 4;
    tml_armv7em_row_t work = {
        .pixel = expanded,
        .pixel_end = tml_armv7em_expand_row(expanded, row, matrices->inputs),
        .turns = tml_armv7em_turns(groups, TML_ARMV7EM_ROW_UNROLLED),
    };
    for (int32_t gate = 0; gate < GATES; gate++) {
        work.output = (int8_t *)products;
        products += units;
        work.output_end = (int8_t *)products;
        work.packed = matrices->packed + gate * matrices->gate_words;
        work.ends = matrices->gates[gate].ends;
        work.words = matrices->gates[gate].words;
        tml_armv7em_gemv(&work);
    }
}

/* One row of the output, which is the new hidden state. */
static void advance(const tml_armv7em_lstm_t *params, const int16_t *products, int8_t *output,
                    int16_t *cell) {
    const tml_lstm_common_t *common = &params->common;
    const int32_t stride = params->filled_units;
    for (int32_t unit = 0; unit < common->units; unit++, products++) {
        int32_t gates[GATES];
#pragma GCC unroll 4
        for (int32_t gate = 0; gate < GATES; gate++) {
            const int32_t sum = products[gate * stride] + products[(GATES + gate) * stride];
            gates[gate] = __ssat(sum, 16);
        }
        const int32_t shown = tml_lstm_cell(common, gates, &cell[unit]);
        const int32_t value =
            scaled_product(shown, common->hidden.multiplier, common->hidden.shift);
        output[unit] = (int8_t)__ssat(value + common->hidden_zero_point, 8);
    }
}

void tml_armv7em_lstm(const tml_armv7em_lstm_t *params, const int8_t *input, int8_t *output,
                      int8_t *hidden, int16_t *cell, uint8_t *scratch) {
    const tml_lstm_common_t *common = &params->common;
    const int32_t units = params->filled_units;
    int16_t *products = (int16_t *)(void *)scratch;
    uint32_t *expanded = (uint32_t *)(void *)(products + 2 * GATES * units);
    const int32_t step_rows = common->time_major ? common->batches : 1;
    const int32_t batch_rows = common->time_major ? 1 : common->steps;
    for (int32_t batch = 0; batch < common->batches; batch++) {
        const int8_t *before = hidden + batch * common->units;
        for (int32_t step = 0; step < common->steps; step++) {
            const int32_t row = step * step_rows + batch * batch_rows;
            int8_t *after = output + row * common->units;
            multiply(&params->input, input + row * common->inputs, units, expanded, products);
            multiply(&params->hidden, before, units, expanded, products + GATES * units);
            advance(params, products, after, cell + batch * common->units);
            before = after;
        }
        memcpy(hidden + batch * common->units, before, (size_t)common->units);
    }
}
