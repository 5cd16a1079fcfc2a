#include "pool_2d_float.h"

#include <float.h>

#include "float_functions.h"

static float pooled(const tml_pool_2d_float_t *params, const float *channel, tml_taps_t rows,
                    tml_taps_t columns) {
    const int32_t height = rows.end - rows.first;
    const int32_t width = columns.end - columns.first;
    float result = params->average ? 0.0f : -FLT_MAX;
    for (int32_t i = 0; i < height; i++) {
        for (int32_t j = 0; j < width; j++) {
            const int32_t pixel =
                (rows.position + i) * params->window.input_columns + columns.position + j;
            const float x = channel[pixel * params->channels];
            if (params->average) {
                result += x;
            } else {
                result = x > result ? x : result;
            }
        }
    }
    return params->average ? result / (float)(height * width) : result;
}

void tml_pool_2d_float(const tml_pool_2d_float_t *params, const float *input, float *output) {
    const tml_window_t *window = &params->window;
    for (int32_t batch = 0; batch < params->batches; batch++) {
        for (int32_t row = 0; row < window->output_rows; row++) {
            const tml_taps_t rows = tml_row_taps(window, row);
            for (int32_t column = 0; column < window->output_columns; column++) {
                const tml_taps_t columns = tml_column_taps(window, column);
                for (int32_t channel = 0; channel < params->channels; channel++) {
                    const float value = pooled(params, input + channel, rows, columns);
                    *output++ = tml_float_clamp(value, params->lowest, params->highest);
                }
            }
        }
        input += window->input_rows * window->input_columns * params->channels;
    }
}
