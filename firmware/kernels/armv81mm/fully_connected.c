#include "armv81mm/fully_connected.h"

#include <stddef.h>
#include <string.h>

enum { TOGETHER = 4, LANES = 16 };

/* One row; `is_signed` is a constant where this is inlined. */
static inline __attribute__((always_inline)) void
one_row(const tml_armv81mm_fully_connected_t *params, const int8_t *input, int8_t *output,
        uint8_t is_signed) {
    const tml_armv81mm_limits_t limits = tml_armv81mm_limits(&params->range);
    const int32_t step = params->same_for_all ? 0 : TOGETHER;
    const int32_t row_bytes = LANES * params->blocks;
    const int8_t *weights = params->weights;
    const int32_t *biases = params->biases;
    const int32_t *multipliers = params->multipliers;
    const int32_t *shifts = params->shifts;
    for (int32_t left = params->outputs; left > 0; left -= TOGETHER) {
        const int8_t *x = input;
        const int8_t *w_1 = weights + row_bytes;
        const int8_t *w_2 = w_1 + row_bytes;
        const int8_t *w_3 = w_2 + row_bytes;
        int32_t sum_0 = biases[0];
        int32_t sum_1 = biases[1];
        int32_t sum_2 = biases[2];
        int32_t sum_3 = biases[3];
        int32_t block = params->blocks;
        do {
            const int8x16_t activations = vldrbq_s8(x);
            sum_0 = vmladavaq_s8(sum_0, vldrbq_s8(weights), activations);
            sum_1 = vmladavaq_s8(sum_1, vldrbq_s8(w_1), activations);
            sum_2 = vmladavaq_s8(sum_2, vldrbq_s8(w_2), activations);
            sum_3 = vmladavaq_s8(sum_3, vldrbq_s8(w_3), activations);
            x += LANES;
            weights += LANES;
            w_1 += LANES;
            w_2 += LANES;
            w_3 += LANES;
        } while (--block > 0);
        weights = w_3;
        biases += TOGETHER;
        int32x4_t sums = vdupq_n_s32(sum_0);
        sums = vsetq_lane_s32(sum_1, sums, 1);
        sums = vsetq_lane_s32(sum_2, sums, 2);
        sums = vsetq_lane_s32(sum_3, sums, 3);
        const int32x4_t elements = tml_armv81mm_requantize(limits, sums, vldrwq_s32(multipliers),
                                                           vldrwq_s32(shifts), is_signed);
        vstrbq_p_s32(output, elements, vctp32q((uint32_t)left));
        output += TOGETHER;
        multipliers += step;
        shifts += step;
    }
}

void tml_armv81mm_fully_connected(const tml_armv81mm_fully_connected_t *params, const int8_t *input,
                                  int8_t *output, uint8_t *scratch) {
    int8_t *row = (int8_t *)scratch;
    for (int32_t batch = 0; batch < params->batches; batch++) {
        /* What lies beyond a row meets weights of 0. */
        memcpy(row, input, (size_t)params->inputs);
        if (params->range.is_signed) {
            one_row(params, row, output, 1);
        } else {
            one_row(params, row, output, 0);
        }
        input += params->inputs;
        output += params->outputs;
    }
}
