/* The body of add.c for one element type (elements.h). */
#include "elements.h"

static int32_t TML_NAME(rescaled)(const tml_add_t *params, const tml_add_input_t *input,
                                  int32_t value) {
    const int32_t centred = (value - input->zero_point) * (1 << params->left_shift);
    return tml_scale(centred, input->multiplier, input->shift);
}

void TML_NAME(tml_add)(const tml_add_t *params, const TML_ELEMENT *a, const TML_ELEMENT *b,
                       TML_ELEMENT *output) {
    int32_t index[TML_BROADCAST_RANK] = {0};
    for (int32_t i = 0; i < params->elements; i++) {
        const int32_t sum = TML_NAME(rescaled)(params, &params->inputs[0], *a) +
                            TML_NAME(rescaled)(params, &params->inputs[1], *b);
        const int32_t scaled = tml_scale(sum, params->multiplier, params->shift);
        output[i] =
            (TML_ELEMENT)tml_clamp(scaled + params->zero_point, params->lowest, params->highest);
        for (int32_t axis = params->rank - 1; axis >= 0; axis--) {
            a += params->inputs[0].strides[axis];
            b += params->inputs[1].strides[axis];
            if (++index[axis] < params->dims[axis]) {
                break;
            }
            a -= params->dims[axis] * params->inputs[0].strides[axis];
            b -= params->dims[axis] * params->inputs[1].strides[axis];
            index[axis] = 0;
        }
    }
}
