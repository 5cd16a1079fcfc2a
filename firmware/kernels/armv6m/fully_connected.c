#include "armv6m/fully_connected.h"

#include <string.h>

static void multiply(const tml_armv6m_fully_connected_t *params, const int8_t *input,
                     int8_t *output) {
    const int32_t whole = params->outputs & ~3;
    const int32_t words = params->passes == 1 ? params->inputs : (params->inputs + 3) / 4;
    tml_armv6m_row_t row = {
        .input = input,
        .weights = params->weights,
        .chunks = params->chunks,
        .biases = params->biases,
        .ends = params->ends,
        .ends_bytes = params->ends_bytes,
        .output = output,
        .output_end = output + whole,
        .pass_bytes = 4 * words,
        .passes = params->passes,
        .lowest = params->lowest,
        .highest = params->highest,
    };
    if (whole > 0) {
        params->gemv(&row);
    }
    if (whole < params->outputs) {
        int8_t last[4];
        row.weights = params->last_weights;
        row.chunks = params->last_chunks;
        row.biases = params->biases + whole;
        row.ends = params->ends + params->ends_bytes / 4 * whole;
        row.output = last;
        row.output_end = last + 4;
        params->gemv(&row);
        memcpy(output + whole, last, (size_t)(params->outputs - whole));
    }
}

void tml_armv6m_fully_connected(const tml_armv6m_fully_connected_t *params, const int8_t *input,
                                int8_t *output, uint8_t *scratch) {
    for (int32_t batch = 0; batch < params->batches; batch++) {
        for (int32_t i = 0; i < params->inputs; i++) {
            scratch[4 * i] = (uint8_t)*input++;
        }
        multiply(params, (const int8_t *)scratch, output);
        output += params->outputs;
    }
}

void tml_armv6m_fully_connected_in_place(const tml_armv6m_fully_connected_t *params,
                                         const int8_t *input, int8_t *output) {
    for (int32_t batch = 0; batch < params->batches; batch++) {
        multiply(params, input, output);
        input += params->inputs;
        output += params->outputs;
    }
}
