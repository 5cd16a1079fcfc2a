/* The body of mean_or_sum.c for one element type (elements.h). */
#include "elements.h"

static int32_t TML_NAME(sum_of)(const tml_extent_t *extents, int32_t rank,
                                const TML_ELEMENT *input) {
    int32_t index[TML_REDUCE_RANK] = {0};
    int32_t sum = 0;
    for (;;) {
        sum += *input;
        int32_t axis = rank - 1;
        for (; axis >= 0; axis--) {
            input += extents[axis].stride;
            if (++index[axis] < extents[axis].size) {
                break;
            }
            input -= extents[axis].size * extents[axis].stride;
            index[axis] = 0;
        }
        if (axis < 0) {
            return sum;
        }
    }
}

void TML_NAME(tml_mean_or_sum)(const tml_mean_or_sum_t *params, const TML_ELEMENT *input,
                               TML_ELEMENT *output) {
    for (int32_t i = 0; i < params->outputs; i++) {
        int32_t offset = 0;
        int32_t rest = i;
        for (int32_t axis = params->kept_rank - 1; axis >= 0; axis--) {
            offset += rest % params->kept[axis].size * params->kept[axis].stride;
            rest /= params->kept[axis].size;
        }
        const int32_t sum = TML_NAME(sum_of)(params->reduced, params->reduced_rank, input + offset);
        const int32_t scaled = tml_scale(sum - params->offset, params->multiplier, params->shift);
        output[i] =
            (TML_ELEMENT)tml_clamp(scaled + params->zero_point, TML_LOWEST, -(TML_LOWEST + 1));
    }
}
