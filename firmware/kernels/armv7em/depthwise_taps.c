#include "armv7em/depthwise_taps.h"

#include <arm_acle.h>
#include <stddef.h>
#include <string.h>

#include "tap_pointers.h"

enum { TOGETHER = 4, END_WORDS = 4 };

static inline uint32_t word_at(const int8_t *elements) {
    uint32_t word;
    memcpy(&word, elements, sizeof word);
    return word;
}

static inline uint32_t rotated(uint32_t word) {
    return word >> 8 | word << 24;
}

static inline uint32_t low_bytes(uint32_t word) {
    return (uint32_t)__sxtb16((int8x4_t)word);
}

static inline int32_t multiply_accumulate(uint32_t a, uint32_t b, int32_t sum) {
    return __smlad((int16x2_t)a, (int16x2_t)b, sum);
}

static inline uint32_t lower_halves(uint32_t a, uint32_t b) {
    return (a & 0xFFFFu) | b << 16;
}

static inline uint32_t upper_halves(uint32_t a, uint32_t b) {
    return a >> 16 | (b & 0xFFFF0000u);
}

/* An element from 256 times a sum (requantize.inc). */
static inline int8_t element(const int32_t *end, int32_t sum, int32_t is_signed) {
    int32_t high = end[2];
    __asm__("smmla %0, %1, %2, %0" : "+r"(high) : "r"(sum), "r"(end[1]));
    if (is_signed) {
        high -= (int32_t)((uint32_t)sum >> 31) << 7;
    }
    return (int8_t)__ssat(high >> end[3], 8);
}

/* Four channels of one pixel, `channel` bytes from where the taps point. */
static inline void four(const tml_armv7em_depthwise_taps_t *params, const int32_t *packed,
                        const int8_t *const *taps, int32_t channel, int8_t *output) {
    const int32_t *weights = packed + TOGETHER * END_WORDS;
    int32_t sum_0 = packed[0];
    int32_t sum_1 = packed[END_WORDS];
    int32_t sum_2 = packed[2 * END_WORDS];
    int32_t sum_3 = packed[3 * END_WORDS];
    for (int32_t pair = 0; pair < params->pairs; pair++) {
        const uint32_t first = word_at(taps[0] + channel);
        const uint32_t second = word_at(taps[1] + channel);
        const uint32_t first_even = low_bytes(first);
        const uint32_t second_even = low_bytes(second);
        const uint32_t first_odd = low_bytes(rotated(first));
        const uint32_t second_odd = low_bytes(rotated(second));
        sum_0 =
            multiply_accumulate((uint32_t)weights[0], lower_halves(first_even, second_even), sum_0);
        sum_1 =
            multiply_accumulate((uint32_t)weights[1], lower_halves(first_odd, second_odd), sum_1);
        sum_2 =
            multiply_accumulate((uint32_t)weights[2], upper_halves(first_even, second_even), sum_2);
        sum_3 =
            multiply_accumulate((uint32_t)weights[3], upper_halves(first_odd, second_odd), sum_3);
        taps += 2;
        weights += TOGETHER;
    }
    output[0] = element(packed, sum_0, params->is_signed);
    output[1] = element(packed + END_WORDS, sum_1, params->is_signed);
    output[2] = element(packed + 2 * END_WORDS, sum_2, params->is_signed);
    output[3] = element(packed + 3 * END_WORDS, sum_3, params->is_signed);
}

static void pixel(const tml_armv7em_depthwise_taps_t *params, const int8_t *const *taps,
                  int8_t *output) {
    const int32_t words = TOGETHER * (END_WORDS + params->pairs);
    const int32_t *packed = params->packed;
    for (int32_t channel = 0; channel + TOGETHER <= params->channels; channel += TOGETHER) {
        four(params, packed, taps, channel, output + channel);
        packed += words;
    }
    if (params->last_packed != NULL) {
        const int32_t channel = params->channels - TOGETHER;
        four(params, params->last_packed, taps, channel, output + channel);
    }
}

void tml_armv7em_depthwise_taps(const tml_armv7em_depthwise_taps_t *params, const int8_t *input,
                                int8_t *output, uint8_t *scratch) {
    const tml_window_t *window = &params->window;
    const int8_t **taps = (const int8_t **)(void *)scratch;
    int8_t *border = (int8_t *)(taps + 2 * params->pairs);
    memset(border, params->input_zero_point, (size_t)params->channels);
    /* The tap that fills up the last pair has the weight 0. */
    taps[2 * params->pairs - 1] = border;
    for (int32_t batch = 0; batch < params->batches; batch++) {
        for (int32_t row = 0; row < window->output_rows; row++) {
            for (int32_t column = 0; column < window->output_columns; column++) {
                tml_point_taps(window, params->channels, input, row, column, border, taps);
                pixel(params, (const int8_t *const *)taps, output);
                tml_armv7em_clamp(&params->clamp, output, params->channels);
                output += params->channels;
            }
        }
        input += window->input_rows * window->input_columns * params->channels;
    }
}
