/* The body of fully_connected.c for one element type (elements.h). */
#include "elements.h"

void TML_NAME(tml_fully_connected)(const tml_fully_connected_t *params, const TML_ELEMENT *input,
                                   TML_ELEMENT *output) {
    for (int32_t batch = 0; batch < params->batches; batch++) {
        const TML_FLASH int8_t *weights = params->weights;
        for (int32_t channel = 0; channel < params->outputs; channel++) {
            TML_ACCUMULATOR sum = params->bias[channel];
            for (int32_t k = 0; k < params->inputs; k++) {
                sum += (input[k] - params->input_zero_point) * weights[k];
            }
            weights += params->inputs;
            *output++ = (TML_ELEMENT)TML_REQUANTIZE(&params->requantization, channel, sum);
        }
        input += params->inputs;
    }
}
