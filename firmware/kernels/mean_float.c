#include "mean_float.h"

void tml_mean_or_sum_float(const tml_mean_float_t *params, const float *input, float *output) {
    for (int32_t i = 0; i < params->extents.outputs; i++) {
        int32_t index[TML_REDUCE_RANK] = {0};
        int32_t place = tml_kept_place(&params->extents, i);
        float sum = 0.0f;
        do {
            sum += input[place];
        } while (tml_next_reduced(&params->extents, index, &place));
        output[i] = sum / params->divisor;
    }
}
