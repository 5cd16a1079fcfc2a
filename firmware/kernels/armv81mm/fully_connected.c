#include "armv81mm/fully_connected.h"

#include "armv81mm/gemv.h"

enum { TOGETHER = 4 };

/* One row; `is_signed` is a constant where this is inlined. */
static inline __attribute__((always_inline)) void
one_row(const tml_armv81mm_fully_connected_t *params, const int8_t *input, int8_t *output,
        uint8_t is_signed) {
    const tml_armv81mm_limits_t limits = tml_armv81mm_limits(&params->range);
    const int32_t step = params->same_for_all ? 0 : TOGETHER;
    const int32_t inputs = params->inputs;
    const int32_t weight_bytes = tml_armv81mm_gemv_bytes(inputs);
    const int8_t *weights = params->weights;
    const int32_t *biases = params->biases;
    const int32_t *multipliers = params->multipliers;
    const int32_t *shifts = params->shifts;
    for (int32_t left = params->outputs; left > 0; left -= TOGETHER) {
        const int32x4_t sums =
            vaddq_s32(tml_armv81mm_gemv(input, weights, inputs), vldrwq_s32(biases));
        const int32x4_t elements = tml_armv81mm_requantize(limits, sums, vldrwq_s32(multipliers),
                                                           vldrwq_s32(shifts), is_signed);
        vstrbq_p_s32(output, elements, vctp32q((uint32_t)left));
        weights += weight_bytes;
        biases += TOGETHER;
        output += TOGETHER;
        multipliers += step;
        shifts += step;
    }
}

void tml_armv81mm_fully_connected(const tml_armv81mm_fully_connected_t *params, const int8_t *input,
                                  int8_t *output) {
    for (int32_t batch = 0; batch < params->batches; batch++) {
        if (params->range.is_signed) {
            one_row(params, input, output, 1);
        } else {
            one_row(params, input, output, 0);
        }
        input += params->inputs;
        output += params->outputs;
    }
}
