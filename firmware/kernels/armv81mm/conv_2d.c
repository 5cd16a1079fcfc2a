#include "armv81mm/conv_2d.h"

#include <stddef.h>
#include <string.h>

enum { PIXELS = 4, LANES = 16 };

/* All channels of four pixels. `is_signed` is a constant where this is inlined. */
static inline __attribute__((always_inline)) void all_channels(const tml_armv81mm_conv_2d_t *params,
                                                               const int8_t *const *pixels,
                                                               int8_t *output, uint32x4_t offsets,
                                                               uint8_t is_signed) {
    const int8_t *weights = params->weights;
    const tml_armv81mm_channel_t *channel = params->channels;
    const tml_armv81mm_limits_t limits = tml_armv81mm_limits(&params->range);
    const int32_t blocks = params->blocks;
    const int8_t *const x_0 = pixels[0];
    const int8_t *const x_1 = pixels[1];
    const int8_t *const x_2 = pixels[2];
    const int8_t *const x_3 = pixels[3];
    int8_t *const end = output + params->output_channels;
    do {
        int32_t sum_0 = channel->bias;
        int32_t sum_1 = sum_0;
        int32_t sum_2 = sum_0;
        int32_t sum_3 = sum_0;
        const int8_t *at_0 = x_0;
        const int8_t *at_1 = x_1;
        const int8_t *at_2 = x_2;
        const int8_t *at_3 = x_3;
        int32_t left = blocks;
        do {
            const int8x16_t w = vldrbq_s8(weights);
            sum_0 = vmladavaq_s8(sum_0, vldrbq_s8(at_0), w);
            sum_1 = vmladavaq_s8(sum_1, vldrbq_s8(at_1), w);
            sum_2 = vmladavaq_s8(sum_2, vldrbq_s8(at_2), w);
            sum_3 = vmladavaq_s8(sum_3, vldrbq_s8(at_3), w);
            weights += LANES;
            at_0 += LANES;
            at_1 += LANES;
            at_2 += LANES;
            at_3 += LANES;
        } while (--left > 0);
        int32x4_t sums = vdupq_n_s32(sum_0);
        sums = vsetq_lane_s32(sum_1, sums, 1);
        sums = vsetq_lane_s32(sum_2, sums, 2);
        sums = vsetq_lane_s32(sum_3, sums, 3);
        const int32x4_t elements = tml_armv81mm_requantize_channel(
            limits, sums, channel->multiplier, channel->shift, is_signed);
        vstrbq_scatter_offset_s32(output++, offsets, elements);
        channel++;
    } while (output != end);
}

static __attribute__((noinline)) void four_pixels(const tml_armv81mm_conv_2d_t *params,
                                                  const int8_t *const *pixels, int8_t *output,
                                                  uint32x4_t offsets) {
    if (params->range.is_signed) {
        all_channels(params, pixels, output, offsets, 1);
    } else {
        all_channels(params, pixels, output, offsets, 0);
    }
}

/* Where four pixels' outputs lie; where fewer are left, the last one is computed again. */
static uint32x4_t output_offsets(int32_t left, int32_t channels) {
    const uint32x4_t places = {0, 1, 2, 3};
    const uint32_t last = left < PIXELS ? (uint32_t)left - 1u : PIXELS - 1u;
    return vmulq_n_u32(vminq_u32(places, vdupq_n_u32(last)), (uint32_t)channels);
}

/* One output's window; outside the image is the zero point. */
static void gather(const tml_armv81mm_conv_2d_t *params, const int8_t *image, int32_t row,
                   int32_t column, int8_t *patch) {
    const tml_window_t *window = &params->window;
    const int32_t channels = params->input_channels;
    const tml_taps_t rows = tml_row_taps(window, row);
    const tml_taps_t columns = tml_column_taps(window, column);
    const int whole = rows.end - rows.first == window->kernel_rows &&
                      columns.end - columns.first == window->kernel_columns;
    if (!whole) {
        memset(patch, params->input_zero_point, (size_t)params->depth);
    }
    const int32_t patch_row = window->kernel_columns * channels;
    const int32_t image_row = window->dilation_rows * window->input_columns * channels;
    const int32_t step = window->dilation_columns * channels;
    int8_t *target = patch + rows.first * patch_row + columns.first * channels;
    const int8_t *source =
        image + (rows.position * window->input_columns + columns.position) * channels;
    const int32_t taps = columns.end - columns.first;
    /* Neighbouring taps are one piece. */
    const int32_t pieces = step == channels ? 1 : taps;
    const int32_t bytes = step == channels ? taps * channels : channels;
    for (int32_t i = rows.first; i < rows.end; i++, target += patch_row, source += image_row) {
        for (int32_t j = 0; j < pieces; j++) {
            int8_t *to = target + j * channels;
            const int8_t *from = source + j * step;
            for (int32_t left = bytes; left > 0; left -= LANES, to += LANES, from += LANES) {
                const mve_pred16_t some = vctp8q((uint32_t)left);
                vstrbq_p_s8(to, vldrbq_z_s8(from, some), some);
            }
        }
    }
}

void tml_armv81mm_pointwise(const tml_armv81mm_conv_2d_t *params, const int8_t *input,
                            int8_t *output) {
    const tml_window_t *window = &params->window;
    const int32_t channels = params->output_channels;
    int32_t left = params->batches * window->output_rows * window->output_columns;
    for (; left > 0; left -= PIXELS) {
        const int8_t *pixels[PIXELS];
        for (int32_t i = 0; i < PIXELS; i++) {
            pixels[i] = input + (i < left ? i : left - 1) * params->depth;
        }
        four_pixels(params, pixels, output, output_offsets(left, channels));
        input += PIXELS * params->depth;
        output += PIXELS * channels;
    }
}

void tml_armv81mm_conv_2d(const tml_armv81mm_conv_2d_t *params, const int8_t *input, int8_t *output,
                          uint8_t *scratch) {
    const tml_window_t *window = &params->window;
    const int8_t *pixels[PIXELS];
    int8_t *patches = (int8_t *)scratch;
    const int32_t patch_bytes = params->blocks * LANES;
    for (int32_t batch = 0; batch < params->batches; batch++) {
        int32_t row = 0;
        int32_t column = 0;
        int32_t left = window->output_rows * window->output_columns;
        for (; left > 0; left -= PIXELS) {
            const int32_t count = left < PIXELS ? left : PIXELS;
            for (int32_t i = 0; i < PIXELS; i++) {
                pixels[i] = patches + (i < count ? i : count - 1) * patch_bytes;
            }
            for (int32_t i = 0; i < count; i++) {
                gather(params, input, row, column, patches + i * patch_bytes);
                if (++column == window->output_columns) {
                    column = 0;
                    row++;
                }
            }
            four_pixels(params, pixels, output, output_offsets(left, params->output_channels));
            output += count * params->output_channels;
        }
        input += window->input_rows * window->input_columns * params->input_channels;
    }
}
