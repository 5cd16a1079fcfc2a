/* The body of pool_2d.c for one element type (elements.h); only taps inside the image count. */
#include "elements.h"

/* The mean of the window, halves rounded away from zero. */
static int32_t TML_NAME(window_mean)(const tml_pool_2d_t *params, const TML_ELEMENT *channel,
                                     tml_taps_t rows, tml_taps_t columns) {
    const int32_t count = (rows.end - rows.first) * (columns.end - columns.first);
    int32_t sum = 0;
    for (int32_t i = 0; i < rows.end - rows.first; i++) {
        for (int32_t j = 0; j < columns.end - columns.first; j++) {
            sum += channel[((rows.position + i) * params->window.input_columns + columns.position +
                            j) *
                           params->channels];
        }
    }
    return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
}

static int32_t TML_NAME(window_maximum)(const tml_pool_2d_t *params, const TML_ELEMENT *channel,
                                        tml_taps_t rows, tml_taps_t columns) {
    int32_t maximum = TML_LOWEST;
    for (int32_t i = 0; i < rows.end - rows.first; i++) {
        for (int32_t j = 0; j < columns.end - columns.first; j++) {
            const int32_t x = channel[((rows.position + i) * params->window.input_columns +
                                       columns.position + j) *
                                      params->channels];
            maximum = x > maximum ? x : maximum;
        }
    }
    return maximum;
}

static void TML_NAME(pool)(const tml_pool_2d_t *params, const TML_ELEMENT *input,
                           TML_ELEMENT *output,
                           int32_t (*reduce)(const tml_pool_2d_t *, const TML_ELEMENT *, tml_taps_t,
                                             tml_taps_t)) {
    const tml_window_t *window = &params->window;
    for (int32_t batch = 0; batch < params->batches; batch++) {
        for (int32_t row = 0; row < window->output_rows; row++) {
            const tml_taps_t rows = tml_row_taps(window, row);
            for (int32_t column = 0; column < window->output_columns; column++) {
                const tml_taps_t columns = tml_column_taps(window, column);
                for (int32_t channel = 0; channel < params->channels; channel++) {
                    const int32_t value = reduce(params, input + channel, rows, columns);
                    *output++ = (TML_ELEMENT)tml_clamp(value, params->lowest, params->highest);
                }
            }
        }
        input += window->input_rows * window->input_columns * params->channels;
    }
}

void TML_NAME(tml_average_pool_2d)(const tml_pool_2d_t *params, const TML_ELEMENT *input,
                                   TML_ELEMENT *output) {
    TML_NAME(pool)(params, input, output, TML_NAME(window_mean));
}

void TML_NAME(tml_max_pool_2d)(const tml_pool_2d_t *params, const TML_ELEMENT *input,
                               TML_ELEMENT *output) {
    TML_NAME(pool)(params, input, output, TML_NAME(window_maximum));
}
