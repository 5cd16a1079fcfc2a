/* The body of svdf.c for one element type of the state (elements.h). */
#include "elements.h"

/* Moves a filter's memory on by one and returns the sum of its products through time, which wraps.
 */
static uint32_t TML_NAME(through_time)(const tml_svdf_t *params, int32_t newest,
                                       const TML_FLASH TML_ELEMENT *times, TML_ELEMENT *state) {
    uint32_t sum = 0;
    const int32_t last = params->memory - 1;
    for (int32_t i = 0; i < last; i++) {
        state[i] = state[i + 1];
        sum += (uint32_t)(times[i] * (state[i] - params->state_zero_point));
    }
    const int32_t clamped = tml_clamp(newest, TML_LOWEST, -(TML_LOWEST + 1));
    state[last] = (TML_ELEMENT)(clamped + params->state_zero_point);
    return sum + (uint32_t)(times[last] * (state[last] - params->state_zero_point));
}

void TML_NAME(tml_svdf)(const tml_svdf_t *params, const int8_t *input, int8_t *output,
                        TML_ELEMENT *state) {
    for (int32_t batch = 0; batch < params->batches; batch++) {
        const TML_FLASH int8_t *features = params->features;
        const TML_FLASH TML_ELEMENT *times = params->times;
        for (int32_t unit = 0; unit < params->units; unit++) {
            uint32_t sum = (uint32_t)params->bias[unit];
            for (int32_t filter = 0; filter < params->rank; filter++) {
                const int32_t product = feature(params, input, features);
                const int32_t newest =
                    tml_scale(product, params->into_state.multiplier, params->into_state.shift);
                sum += TML_NAME(through_time)(params, newest, times, state);
                features += params->inputs;
                times += params->memory;
                state += params->memory;
            }
            *output++ = (int8_t)tml_requantize(&params->requantization, 0, (int32_t)sum);
        }
        input += params->inputs;
    }
}
