#include "int16.h"

void tml_sigmoid_int16(const tml_sigmoid_t *params, const int16_t *input, int16_t *output) {
    for (int32_t i = 0; i < params->elements; i++) {
        const int32_t argument =
            tml_sigmoid_argument(input[i], params->multiplier, params->right_shift);
        output[i] = (int16_t)tml_sigmoid(params->table, argument);
    }
}

void tml_tanh_int16(const tml_sigmoid_t *params, const int16_t *input, int16_t *output) {
    for (int32_t i = 0; i < params->elements; i++) {
        const int32_t argument =
            tml_sigmoid_argument(input[i], params->multiplier, params->right_shift);
        output[i] = (int16_t)tml_tanh(params->table, argument);
    }
}

void tml_two_slopes_int16(const tml_two_slopes_t *params, const int16_t *input, int16_t *output) {
    for (int32_t i = 0; i < params->elements; i++) {
        const int32_t value = input[i];
        const tml_multiplier_t slope = value >= 0 ? params->above : params->below;
        const int32_t scaled = tml_scale(value < 0 && params->mirrored ? -value : value,
                                         slope.multiplier, slope.shift);
        output[i] = (int16_t)tml_clamp(scaled, params->lowest, params->highest);
    }
}
