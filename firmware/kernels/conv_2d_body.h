/* The body of conv_2d.c for one element type (elements.h); padded taps add nothing. */
#include "elements.h"

static TML_ACCUMULATOR TML_NAME(one_output)(const tml_conv_2d_t *params, const TML_ELEMENT *image,
                                            const TML_FLASH int8_t *weights, tml_taps_t rows,
                                            tml_taps_t columns) {
    const tml_window_t *window = &params->window;
    const int32_t depth = params->input_channels / params->groups;
    TML_ACCUMULATOR sum = 0;
    int32_t row = rows.position;
    for (int32_t i = rows.first; i < rows.end; i++, row += window->dilation_rows) {
        int32_t column = columns.position;
        for (int32_t j = columns.first; j < columns.end; j++, column += window->dilation_columns) {
            const TML_ELEMENT *x =
                image + (row * window->input_columns + column) * params->input_channels;
            const TML_FLASH int8_t *w = weights + (i * window->kernel_columns + j) * depth;
            for (int32_t k = 0; k < depth; k++) {
                sum += (x[k] - params->input_zero_point) * w[k];
            }
        }
    }
    return sum;
}

void TML_NAME(tml_conv_2d)(const tml_conv_2d_t *params, const TML_ELEMENT *input,
                           TML_ELEMENT *output) {
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
                    const TML_ACCUMULATOR sum =
                        TML_NAME(one_output)(params, input + channel / group_outputs * depth,
                                             params->weights + channel * filter, rows, columns);
                    *output++ = (TML_ELEMENT)TML_REQUANTIZE(&params->requantization, channel,
                                                            params->bias[channel] + sum);
                }
            }
        }
        input += window->input_rows * window->input_columns * params->input_channels;
    }
}
