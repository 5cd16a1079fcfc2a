#include "conv_2d_float.h"

#include "float_functions.h"

/* Padded taps add nothing. */
static float one_output(const tml_conv_2d_float_t *params, const float *image,
                        const TML_FLASH float *weights, tml_taps_t rows, tml_taps_t columns) {
    const tml_window_t *window = &params->window;
    const int32_t depth = params->input_channels / params->groups;
    float sum = 0.0f;
    int32_t row = rows.position;
    for (int32_t i = rows.first; i < rows.end; i++, row += window->dilation_rows) {
        int32_t column = columns.position;
        for (int32_t j = columns.first; j < columns.end; j++, column += window->dilation_columns) {
            const float *x =
                image + (row * window->input_columns + column) * params->input_channels;
            const TML_FLASH float *w = weights + (i * window->kernel_columns + j) * depth;
            for (int32_t k = 0; k < depth; k++) {
                sum += x[k] * w[k];
            }
        }
    }
    return sum;
}

void tml_conv_2d_float(const tml_conv_2d_float_t *params, const float *input, float *output) {
    const tml_window_t *window = &params->window;
    const int32_t depth = params->input_channels / params->groups;
    const int32_t group_outputs = params->output_channels / params->groups;
    const int32_t filter = window->kernel_rows * window->kernel_columns * depth;
    for (int32_t batch = 0; batch < params->batches; batch++) {
        for (int32_t row = 0; row < window->output_rows; row++) {
            const tml_taps_t rows = tml_row_taps(window, row);
            for (int32_t column = 0; column < window->output_columns; column++) {
                const tml_taps_t columns = tml_column_taps(window, column);
                for (int32_t channel = 0; channel < params->output_channels; channel++) {
                    const float sum = one_output(params, input + channel / group_outputs * depth,
                                                 params->weights + channel * filter, rows, columns);
                    *output++ = tml_float_clamp(sum + params->bias[channel], params->lowest,
                                                params->highest);
                }
            }
        }
        input += window->input_rows * window->input_columns * params->input_channels;
    }
}
