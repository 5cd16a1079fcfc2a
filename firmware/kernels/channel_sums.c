#include "channel_sums.h"

/* Four channels stay in registers over all pixels. */
static void sum_four(const tml_channel_sums_t *params, const int8_t *input, int32_t *sums) {
    int32_t sum_0 = sums[0];
    int32_t sum_1 = sums[1];
    int32_t sum_2 = sums[2];
    int32_t sum_3 = sums[3];
    for (int32_t i = 0; i < params->pixels; i++, input += params->channels) {
        sum_0 += input[0];
        sum_1 += input[1];
        sum_2 += input[2];
        sum_3 += input[3];
    }
    sums[0] = sum_0;
    sums[1] = sum_1;
    sums[2] = sum_2;
    sums[3] = sum_3;
}

static void sum_one(const tml_channel_sums_t *params, const int8_t *input, int32_t *sum) {
    for (int32_t i = 0; i < params->pixels; i++, input += params->channels) {
        *sum += *input;
    }
}

void tml_channel_sums(const tml_channel_sums_t *params, const int8_t *input, int32_t *sums) {
    for (int32_t i = 0; i < params->channels && !params->continues; i++) {
        sums[i] = 0;
    }
    int32_t channel = 0;
    for (; channel + 4 <= params->channels; channel += 4) {
        sum_four(params, input + channel, sums + channel);
    }
    for (; channel < params->channels; channel++) {
        sum_one(params, input + channel, sums + channel);
    }
}

void tml_average_of_sums(const tml_average_of_sums_t *params, const int32_t *sums, int8_t *output) {
    const int32_t half = params->count / 2;
    for (int32_t i = 0; i < params->channels; i++) {
        const int32_t sum = sums[i];
        const int32_t mean = (sum > 0 ? sum + half : sum - half) / params->count;
        output[i] = (int8_t)tml_clamp(mean, params->lowest, params->highest);
    }
}

void tml_mean_of_sums(const tml_mean_of_sums_t *params, const int32_t *sums, int8_t *output) {
    for (int32_t i = 0; i < params->channels; i++) {
        const int32_t scaled =
            tml_scale(sums[i] - params->offset, params->multiplier, params->shift);
        output[i] = (int8_t)tml_clamp(scaled + params->zero_point, INT8_MIN, INT8_MAX);
    }
}
