#include "armv81mm/pool_2d.h"

#include <arm_mve.h>

/* The taps of an output that lie inside the image, of which there is at least one. */
typedef struct {
    int32_t rows, columns;
    int32_t pixel_bytes, row_bytes;
} taps_t;

/* |mean| of |sums|, halves up: exact for count <= 255 and sums up to 128 * count. */
static inline uint32x4_t divided(uint32x4_t sums, uint32_t count, uint32_t reciprocal) {
    const uint32x4_t doubled = vshlq_n_u32(vaddq_n_u32(sums, count / 2), 1);
    return vmulhq_u32(doubled, vdupq_n_u32(reciprocal));
}

/* The mean of eight channels, halves away from zero. */
static inline int16x8_t mean(int16x8_t sums, uint32_t count, uint32_t reciprocal) {
    const uint16x8_t sizes = vreinterpretq_u16_s16(vabsq_s16(sums));
    const uint32x4_t even = divided(vmovlbq_u16(sizes), count, reciprocal);
    const uint32x4_t odd = divided(vmovltq_u16(sizes), count, reciprocal);
    const int16x8_t means = vreinterpretq_s16_u16(vmovntq_u32(vreinterpretq_u16_u32(even), odd));
    return vnegq_m_s16(means, means, vcmpltq_n_s16(sums, 0));
}

static void average(const tml_pool_2d_t *params, taps_t taps, const int8_t *pixel, int8_t *output) {
    const uint32_t count = (uint32_t)(taps.rows * taps.columns);
    const uint32_t reciprocal = ((1u << 31) + count - 1u) / count;
    const int16x8_t lowest = vdupq_n_s16((int16_t)params->lowest);
    const int16x8_t highest = vdupq_n_s16((int16_t)params->highest);
    for (int32_t left = params->channels; left > 0; left -= 8, pixel += 8, output += 8) {
        const mve_pred16_t some = vctp16q((uint32_t)left);
        int16x8_t sums = vdupq_n_s16(0);
        const int8_t *row = pixel;
        for (int32_t i = taps.rows; i > 0; i--, row += taps.row_bytes) {
            const int8_t *tap = row;
            for (int32_t j = taps.columns; j > 0; j--, tap += taps.pixel_bytes) {
                sums = vaddq_s16(sums, vldrbq_z_s16(tap, some));
            }
        }
        const int16x8_t value = mean(sums, count, reciprocal);
        vstrbq_p_s16(output, vminq_s16(vmaxq_s16(value, lowest), highest), some);
    }
}

static void maximum(const tml_pool_2d_t *params, taps_t taps, const int8_t *pixel, int8_t *output) {
    const int8x16_t highest = vdupq_n_s8((int8_t)params->highest);
    for (int32_t left = params->channels; left > 0; left -= 16, pixel += 16, output += 16) {
        const mve_pred16_t some = vctp8q((uint32_t)left);
        int8x16_t most = vdupq_n_s8((int8_t)params->lowest);
        const int8_t *row = pixel;
        for (int32_t i = taps.rows; i > 0; i--, row += taps.row_bytes) {
            const int8_t *tap = row;
            for (int32_t j = taps.columns; j > 0; j--, tap += taps.pixel_bytes) {
                most = vmaxq_s8(most, vldrbq_z_s8(tap, some));
            }
        }
        vstrbq_p_s8(output, vminq_s8(most, highest), some);
    }
}

static inline void pool(const tml_pool_2d_t *params, const int8_t *input, int8_t *output,
                        void (*reduce)(const tml_pool_2d_t *, taps_t, const int8_t *, int8_t *)) {
    const tml_window_t *window = &params->window;
    taps_t taps = {.pixel_bytes = params->channels,
                   .row_bytes = window->input_columns * params->channels};
    for (int32_t batch = 0; batch < params->batches; batch++) {
        for (int32_t row = 0; row < window->output_rows; row++) {
            const tml_taps_t rows = tml_row_taps(window, row);
            const int8_t *line = input + rows.position * taps.row_bytes;
            taps.rows = rows.end - rows.first;
            for (int32_t column = 0; column < window->output_columns; column++) {
                const tml_taps_t columns = tml_column_taps(window, column);
                taps.columns = columns.end - columns.first;
                reduce(params, taps, line + columns.position * taps.pixel_bytes, output);
                output += params->channels;
            }
        }
        input += window->input_rows * taps.row_bytes;
    }
}

void tml_armv81mm_average_pool_2d(const tml_pool_2d_t *params, const int8_t *input,
                                  int8_t *output) {
    pool(params, input, output, average);
}

void tml_armv81mm_max_pool_2d(const tml_pool_2d_t *params, const int8_t *input, int8_t *output) {
    pool(params, input, output, maximum);
}
