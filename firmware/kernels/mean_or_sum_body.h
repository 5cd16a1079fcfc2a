/* The body of mean_or_sum.c for one element type (elements.h). */
#include "elements.h"

void TML_NAME(tml_mean_or_sum)(const tml_mean_or_sum_t *params, const TML_ELEMENT *input,
                               TML_ELEMENT *output) {
    for (int32_t i = 0; i < params->extents.outputs; i++) {
        int32_t index[TML_REDUCE_RANK] = {0};
        int32_t place = tml_kept_place(&params->extents, i);
        int32_t sum = 0;
        do {
            sum += input[place];
        } while (tml_next_reduced(&params->extents, index, &place));
        const int32_t scaled = tml_scale(sum - params->offset, params->multiplier, params->shift);
        output[i] =
            (TML_ELEMENT)tml_clamp(scaled + params->zero_point, TML_LOWEST, -(TML_LOWEST + 1));
    }
}
