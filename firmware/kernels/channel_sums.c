#include "channel_sums.h"

#ifdef __ARM_FEATURE_SIMD32
#include <arm_acle.h>
#include <string.h>
#endif

#ifdef __ARM_FEATURE_SIMD32
#define SUMMED_IN_16_BITS 255 /* elements down to -128 */

/* Two channels a register, as long as their sums fit. */
static void sum_four(const tml_channel_sums_t *params, const int8_t *input, int32_t *sums) {
    for (int32_t left = params->pixels; left > 0; left -= SUMMED_IN_16_BITS) {
        int16x2_t even = 0;
        int16x2_t odd = 0;
        for (int32_t i = left < SUMMED_IN_16_BITS ? left : SUMMED_IN_16_BITS; i > 0; i--) {
            uint32_t four;
            memcpy(&four, input, sizeof four);
            even = __sadd16(even, __sxtb16((int8x4_t)four));
            odd = __sadd16(odd, __sxtb16((int8x4_t)(four >> 8 | four << 24)));
            input += params->channels;
        }
        sums[0] += (int16_t)even;
        sums[1] += (int16_t)odd;
        sums[2] += even >> 16;
        sums[3] += odd >> 16;
    }
}
#else
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
#endif

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

static int8_t mean_of(const tml_mean_of_sums_t *params, int32_t sum) {
    const int32_t scaled = tml_scale(sum - params->offset, params->multiplier, params->shift);
    return (int8_t)tml_clamp(scaled + params->zero_point, INT8_MIN, INT8_MAX);
}

void tml_mean_of_sums(const tml_mean_of_sums_t *params, const int32_t *sums, int8_t *output) {
    for (int32_t i = 0; i < params->channels; i++) {
        output[i] = mean_of(params, sums[i]);
    }
}

void tml_channel_means(const tml_channel_means_t *params, const int8_t *input, int8_t *output) {
    const int32_t channels = params->sums.channels;
    int32_t channel = 0;
    for (; channel + 4 <= channels; channel += 4) {
        int32_t sums[4] = {0};
        sum_four(&params->sums, input + channel, sums);
        for (int32_t i = 0; i < 4; i++) {
            *output++ = mean_of(&params->mean, sums[i]);
        }
    }
    for (; channel < channels; channel++) {
        int32_t sum = 0;
        sum_one(&params->sums, input + channel, &sum);
        *output++ = mean_of(&params->mean, sum);
    }
}
