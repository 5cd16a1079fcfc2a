#include "armv6m/depthwise_conv_2d.h"

/* What a plane of these parameters has, the same for all channels. */
typedef struct {
    int32_t half;    /* rows of outputs in a half */
    int32_t shift;   /* rows of outputs from one half to the other */
    int32_t columns; /* of the image that fit into the plane */
    int32_t first;   /* row of the plane from which on both halves are inside the image */
    int32_t end;     /* and the row from which on the second is not */
} layout_t;

static layout_t layout_of(const tml_armv6m_depthwise_conv_2d_t *params) {
    const tml_armv6m_axis_t *rows = &params->rows;
    const int32_t half = (rows->outputs + 1) / 2;
    const int32_t shift = rows->outputs - half;
    const int32_t room = params->plane_columns - params->columns.before;
    const int32_t end = rows->before + rows->inputs - shift * rows->stride;
    return (layout_t){
        .half = half,
        .shift = shift,
        .columns = params->columns.inputs < room ? params->columns.inputs : room,
        .first = rows->before,
        .end = end < params->plane_rows ? end : params->plane_rows,
    };
}

/* A row of the plane of which one half is, or both are, outside the image. */
static void spread_border(const tml_armv6m_depthwise_conv_2d_t *params, const layout_t *layout,
                          const int8_t *input, int32_t row, uint32_t *words) {
    const tml_armv6m_axis_t *rows = &params->rows;
    const int32_t lower = row - rows->before;
    const int32_t upper = lower + layout->shift * rows->stride;
    const int has_lower = lower >= 0 && lower < rows->inputs;
    const int has_upper = upper >= 0 && upper < rows->inputs;
    for (int32_t i = 0; i < layout->columns; i++) {
        const int8_t *column = input + i * params->columns.input_bytes;
        const int32_t low =
            has_lower ? column[lower * rows->input_bytes] : params->input_zero_point;
        const int32_t high =
            has_upper ? column[upper * rows->input_bytes] : params->input_zero_point;
        words[i] = (uint32_t)low + ((uint32_t)high << 16);
    }
}

/* One channel of an image into its plane, inside the border of columns. */
static void spread(const tml_armv6m_depthwise_conv_2d_t *params, const layout_t *layout,
                   const int8_t *input, uint32_t *plane) {
    const tml_armv6m_axis_t *rows = &params->rows;
    uint32_t *words = plane + params->columns.before;
    for (int32_t row = 0; row < params->plane_rows; row++, words += params->plane_columns) {
        if (row != layout->first || layout->end <= layout->first) {
            spread_border(params, layout, input, row, words);
            continue;
        }
        const int32_t step = params->columns.input_bytes;
        const int32_t count = layout->end - layout->first;
        const tml_armv6m_spread_t work = {
            .zero = 0,
            .upper = input + layout->shift * rows->stride * rows->input_bytes,
            .lower = input,
            .plane = words,
            .width_bytes = 4 * layout->columns,
            .rows = count,
            .step_bytes = step,
            .skip_bytes = rows->input_bytes - layout->columns * step,
            .plane_skip_bytes = 4 * (params->plane_columns - layout->columns),
        };
        tml_armv6m_spread(&work);
        row += count - 1;
        words += (count - 1) * params->plane_columns;
    }
}

static void convolve(const tml_armv6m_depthwise_conv_2d_t *params, const layout_t *layout,
                     const int8_t *input, int8_t *output, uint32_t *words) {
    const int32_t taps = params->kernel_rows * params->kernel_columns;
    int32_t *weights = (int32_t *)(words + params->plane_rows * params->plane_columns);
    const int32_t row_bytes = 4 * params->plane_columns;
    const int32_t rows_bytes = params->rows.stride * row_bytes;
    const int32_t step_bytes = 4 * params->columns.stride;
    const int32_t outputs = params->columns.outputs;
    const int32_t output_bytes = params->columns.output_bytes;
    const int8_t *next = params->weights;
    const uint8_t *choice = params->choice;
    tml_armv6m_plane_t plane = {
        .weights = weights,
        .weights_end = weights + taps,
        .weights_row_bytes = 4 * params->kernel_columns,
        .lowest = params->lowest,
        .highest = params->highest,
        .step_bytes = step_bytes,
        .end = words + outputs * params->columns.stride,
        .row_bytes = rows_bytes,
        .skip_bytes = rows_bytes - outputs * step_bytes,
        .half_bytes = layout->shift * params->rows.output_bytes,
        .output_step_bytes = output_bytes,
        .output_skip_bytes = params->rows.output_bytes - outputs * output_bytes,
        .rows = layout->half,
        .plane = words,
        .tap_skip_bytes = row_bytes - 4 * params->kernel_columns,
        .ends = params->ends,
    };
    for (int32_t channel = 0; channel < params->channels; channel++) {
        spread(params, layout, input + channel, words);
        for (int32_t copy = 0; copy < params->multiplier; copy++) {
            for (int32_t i = 0; i < taps; i++) {
                weights[i] = *next++;
            }
            plane.output = output++;
            params->kernels[*choice++](&plane);
            plane.ends += params->end_words;
        }
    }
}

void tml_armv6m_depthwise_conv_2d(const tml_armv6m_depthwise_conv_2d_t *params, const int8_t *input,
                                  int8_t *output, uint8_t *scratch) {
    const tml_armv6m_axis_t *rows = &params->rows;
    const tml_armv6m_axis_t *columns = &params->columns;
    const layout_t layout = layout_of(params);
    uint32_t *words = (uint32_t *)(void *)scratch;
    const uint32_t border = (uint32_t)params->input_zero_point * 0x10001u;
    for (int32_t i = 0; i < params->plane_rows * params->plane_columns; i++) {
        words[i] = border;
    }
    for (int32_t batch = 0; batch < params->batches; batch++) {
        convolve(params, &layout, input, output, words);
        input += rows->inputs * columns->inputs * params->channels;
        output += rows->outputs * columns->outputs * params->channels * params->multiplier;
    }
}
