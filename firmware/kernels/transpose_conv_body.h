/* The body of transpose_conv.c for one element type (elements.h). */
#include "elements.h"

static TML_ACCUMULATOR TML_NAME(one_output)(const tml_transpose_conv_t *params,
                                            const TML_ELEMENT *image,
                                            const TML_FLASH int8_t *weights, int32_t row,
                                            int32_t column) {
    const tml_window_t *window = &params->window;
    const int32_t depth = params->input_channels;
    TML_ACCUMULATOR sum = 0;
    for (int32_t i = 0; i < window->kernel_rows; i++) {
        const int32_t from_row =
            source_of(row, i, window->before_rows, window->stride_rows, window->output_rows);
        for (int32_t j = 0; j < window->kernel_columns && from_row >= 0; j++) {
            const int32_t from_column = source_of(column, j, window->before_columns,
                                                  window->stride_columns, window->output_columns);
            if (from_column < 0) {
                continue;
            }
            const TML_ELEMENT *x =
                image + (from_row * window->output_columns + from_column) * depth;
            const TML_FLASH int8_t *w = weights + (i * window->kernel_columns + j) * depth;
            for (int32_t k = 0; k < depth; k++) {
                sum += (x[k] - params->input_zero_point) * w[k];
            }
        }
    }
    return sum;
}

void TML_NAME(tml_transpose_conv)(const tml_transpose_conv_t *params, const TML_ELEMENT *input,
                                  TML_ELEMENT *output) {
    const tml_window_t *window = &params->window;
    const int32_t filter = window->kernel_rows * window->kernel_columns * params->input_channels;
    for (int32_t batch = 0; batch < params->batches; batch++) {
        for (int32_t row = 0; row < window->input_rows; row++) {
            for (int32_t column = 0; column < window->input_columns; column++) {
                for (int32_t channel = 0; channel < params->output_channels; channel++) {
                    const TML_ACCUMULATOR sum = TML_NAME(one_output)(
                        params, input, params->weights + channel * filter, row, column);
                    *output++ = (TML_ELEMENT)TML_REQUANTIZE(&params->requantization, channel,
                                                            params->bias[channel] + sum);
                }
            }
        }
        input += window->output_rows * window->output_columns * params->input_channels;
    }
}
