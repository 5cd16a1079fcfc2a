#include "armv81mm/depthwise_conv_2d.h"

#include <stddef.h>
#include <string.h>

#include "tap_pointers.h"

enum { TOGETHER = 8, END_WORDS = 12 };

/* Whole vectors, or those lanes that there are; `whole` is a constant where this is inlined. */
static inline int16x8_t loaded(const int8_t *elements, int whole, mve_pred16_t some) {
    return whole ? vldrbq_s16(elements) : vldrbq_z_s16(elements, some);
}

/* Eight channels of one pixel, or those of them that there are. */
static inline __attribute__((always_inline)) void
eight(const tml_armv81mm_depthwise_conv_2d_t *params, tml_armv81mm_limits_t limits,
      const int8_t *weights, const int32_t *ends, const int8_t *const *taps, int32_t channel,
      int8_t *output, int whole) {
    const mve_pred16_t some = vctp16q((uint32_t)(params->channels - channel));
    const uint8_t is_signed = params->range.is_signed;
    int32x4_t even = vldrwq_s32(ends);
    int32x4_t odd = vldrwq_s32(ends + END_WORDS);
    int32_t left = params->pairs;
    do {
        const int16x8_t first = loaded(taps[0] + channel, whole, some);
        const int16x8_t second = loaded(taps[1] + channel, whole, some);
        const int16x8_t products = vaddq_s16(vmulq_s16(first, vldrbq_s16(weights)),
                                             vmulq_s16(second, vldrbq_s16(weights + TOGETHER)));
        even = vaddq_s32(even, vmovlbq_s16(products));
        odd = vaddq_s32(odd, vmovltq_s16(products));
        taps += 2;
        weights += 2 * TOGETHER;
    } while (--left > 0);
    even = tml_armv81mm_requantize(limits, even, vldrwq_s32(ends + 4), vldrwq_s32(ends + 8),
                                   is_signed);
    odd = tml_armv81mm_requantize(limits, odd, vldrwq_s32(ends + END_WORDS + 4),
                                  vldrwq_s32(ends + END_WORDS + 8), is_signed);
    const int16x8_t elements = vmovntq_s32(vreinterpretq_s16_s32(even), odd);
    if (whole) {
        vstrbq_s16(output + channel, elements);
    } else {
        vstrbq_p_s16(output + channel, elements, some);
    }
}

static void pixel(const tml_armv81mm_depthwise_conv_2d_t *params, const int8_t *const *taps,
                  int8_t *output) {
    const tml_armv81mm_limits_t limits = tml_armv81mm_limits(&params->range);
    const int8_t *weights = params->weights;
    const int32_t *ends = params->ends;
    const int32_t step = 2 * TOGETHER * params->pairs;
    int32_t channel = 0;
    for (; channel + TOGETHER <= params->channels; channel += TOGETHER) {
        eight(params, limits, weights, ends, taps, channel, output, 1);
        weights += step;
        ends += 2 * END_WORDS;
    }
    if (channel < params->channels) {
        eight(params, limits, weights, ends, taps, channel, output, 0);
    }
}

void tml_armv81mm_depthwise_conv_2d(const tml_armv81mm_depthwise_conv_2d_t *params,
                                    const int8_t *input, int8_t *output, uint8_t *scratch) {
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
                output += params->channels;
            }
        }
        input += window->input_rows * window->input_columns * params->channels;
    }
}
