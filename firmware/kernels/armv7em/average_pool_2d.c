#include "armv7em/average_pool_2d.h"

#include "fixed_point.h"
#include <arm_acle.h>
#include <string.h>

/* The mean, halves rounded away from zero. */
static inline int8_t element(const tml_pool_2d_t *params, int32_t sum, int32_t count) {
    const int32_t mean = (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
    return (int8_t)tml_clamp(mean, params->lowest, params->highest);
}

/* Four channels of one output. */
static void average(const tml_pool_2d_t *params, const int8_t *channel, tml_taps_t rows,
                    tml_taps_t columns, int8_t *output) {
    const int32_t row_bytes = params->window.input_columns * params->channels;
    const int32_t taps = columns.end - columns.first;
    const int8_t *row = channel + rows.position * row_bytes + columns.position * params->channels;
    int16x2_t even = 0; /* channels 0 and 2 */
    int16x2_t odd = 0;
    for (int32_t i = rows.first; i < rows.end; i++, row += row_bytes) {
        const int8_t *tap = row;
        for (int32_t j = 0; j < taps; j++, tap += params->channels) {
            uint32_t four;
            memcpy(&four, tap, sizeof four);
            even = __sadd16(even, __sxtb16((int8x4_t)four));
            odd = __sadd16(odd, __sxtb16((int8x4_t)(four >> 8 | four << 24)));
        }
    }
    const int32_t count = (rows.end - rows.first) * taps;
    const int16_t sums[] = {(int16_t)even, (int16_t)odd, (int16_t)(even >> 16),
                            (int16_t)(odd >> 16)};
    for (int32_t i = 0; i < 4; i++) {
        output[i] = element(params, sums[i], count);
    }
}

void tml_armv7em_average_pool_2d(const tml_pool_2d_t *params, const int8_t *input, int8_t *output) {
    const tml_window_t *window = &params->window;
    for (int32_t batch = 0; batch < params->batches; batch++) {
        for (int32_t row = 0; row < window->output_rows; row++) {
            const tml_taps_t rows = tml_row_taps(window, row);
            for (int32_t column = 0; column < window->output_columns; column++) {
                const tml_taps_t columns = tml_column_taps(window, column);
                for (int32_t channel = 0; channel < params->channels; channel += 4) {
                    average(params, input + channel, rows, columns, output);
                    output += 4;
                }
            }
        }
        input += window->input_rows * window->input_columns * params->channels;
    }
}
