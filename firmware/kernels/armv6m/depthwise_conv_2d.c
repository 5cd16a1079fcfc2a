#include "armv6m/depthwise_conv_2d.h"

#include <stddef.h>

typedef struct {
    int32_t first, end;
} span_t;

static inline int32_t least(int32_t a, int32_t b) {
    return a < b ? a : b;
}

/* Words whose activations lie inside the image in both halves: at least 0 of them. */
static span_t both_inside(const tml_armv6m_axis_t *axis) {
    const int32_t end = axis->before + axis->inputs - axis->shift * axis->stride;
    const span_t span = {axis->before, least(end, axis->words)};
    return (span_t){span.first, span.end < span.first ? span.first : span.end};
}

/* Words that have one inside the image. */
static span_t any_inside(const tml_armv6m_axis_t *axis) {
    const int32_t first = axis->before - axis->shift * axis->stride;
    return (span_t){first < 0 ? 0 : first, least(axis->before + axis->inputs, axis->words)};
}

/* How the channels of an image are spread, each in turn. */
typedef struct {
    span_t rows[4]; /* of the plane, with words that have one half outside the image */
    span_t columns[4];
    tml_armv6m_spread_t inside; /* and words that have none; `lower` is the channel */
    int32_t upper_bytes;        /* from there to `upper` */
} layout_t;

static layout_t layout_of(const tml_armv6m_depthwise_conv_2d_t *params, uint32_t *plane) {
    const tml_armv6m_axis_t *rows = &params->rows;
    const tml_armv6m_axis_t *columns = &params->columns;
    const span_t some_rows = any_inside(rows);
    const span_t some_columns = any_inside(columns);
    const span_t all_rows = both_inside(rows);
    const span_t all_columns = both_inside(columns);
    const int32_t width = all_columns.end - all_columns.first;
    return (layout_t){
        .rows = {{some_rows.first, all_rows.first},
                 {all_rows.end, some_rows.end},
                 all_rows,
                 all_rows},
        .columns = {some_columns,
                    some_columns,
                    {some_columns.first, all_columns.first},
                    {all_columns.end, some_columns.end}},
        .inside =
            {
                .plane = plane + all_rows.first * columns->words + all_columns.first,
                .width_bytes = 4 * width,
                .rows = all_rows.end - all_rows.first,
                .step_bytes = columns->input_bytes,
                .skip_bytes = rows->input_bytes - width * columns->input_bytes,
                .plane_skip_bytes = 4 * (columns->words - width),
            },
        .upper_bytes = rows->shift * rows->stride * rows->input_bytes +
                       columns->shift * columns->stride * columns->input_bytes,
    };
}

/* A row of one channel, or NULL outside the image. */
static inline const int8_t *row_of(const tml_armv6m_axis_t *rows, const int8_t *input,
                                   int32_t row) {
    return row >= 0 && row < rows->inputs ? input + row * rows->input_bytes : NULL;
}

static inline int32_t activation(const tml_armv6m_depthwise_conv_2d_t *params, const int8_t *row,
                                 int32_t column) {
    const tml_armv6m_axis_t *columns = &params->columns;
    return row != NULL && column >= 0 && column < columns->inputs
               ? row[column * columns->input_bytes]
               : params->input_zero_point;
}

/* Words one by one. */
static void spread_border(const tml_armv6m_depthwise_conv_2d_t *params, const int8_t *input,
                          span_t rows, span_t columns, uint32_t *plane) {
    const int32_t column_shift = params->columns.shift * params->columns.stride;
    for (int32_t i = rows.first; i < rows.end; i++) {
        const int32_t row = i - params->rows.before;
        const int8_t *low = row_of(&params->rows, input, row);
        const int8_t *high =
            row_of(&params->rows, input, row + params->rows.shift * params->rows.stride);
        uint32_t *words = plane + i * params->columns.words;
        for (int32_t j = columns.first; j < columns.end; j++) {
            const int32_t column = j - params->columns.before;
            words[j] = (uint32_t)activation(params, low, column) +
                       ((uint32_t)activation(params, high, column + column_shift) << 16);
        }
    }
}

/* One channel of an image into its plane; the border that belongs to no half stays. */
static void spread(const tml_armv6m_depthwise_conv_2d_t *params, layout_t *layout,
                   const int8_t *input, uint32_t *plane) {
    for (int32_t i = 0; i < 4; i++) {
        if (layout->columns[i].first < layout->columns[i].end) {
            spread_border(params, input, layout->rows[i], layout->columns[i], plane);
        }
    }
    if (layout->inside.width_bytes > 0 && layout->inside.rows > 0) {
        layout->inside.lower = input;
        layout->inside.upper = input + layout->upper_bytes;
        tml_armv6m_spread(&layout->inside);
    }
}

static void convolve(const tml_armv6m_depthwise_conv_2d_t *params, const int8_t *input,
                     int8_t *output, uint32_t *words) {
    const tml_armv6m_axis_t *rows = &params->rows;
    const tml_armv6m_axis_t *columns = &params->columns;
    const int32_t taps = rows->taps * columns->taps;
    int32_t *weights = (int32_t *)(words + rows->words * columns->words);
    const int32_t step_bytes = 4 * columns->stride;
    const int32_t row_bytes = 4 * columns->words;
    const int8_t *next = params->weights;
    const uint8_t *choice = params->choice;
    layout_t layout = layout_of(params, words);
    tml_armv6m_plane_t plane = {
        .weights = weights,
        .weights_end = weights + taps,
        .weights_row_bytes = 4 * columns->taps,
        .lowest = params->lowest,
        .highest = params->highest,
        .step_bytes = step_bytes,
        .end = words + columns->outputs * columns->stride,
        .row_bytes = rows->stride * row_bytes,
        .skip_bytes = rows->stride * row_bytes - columns->outputs * step_bytes,
        .half_bytes = rows->shift * rows->output_bytes + columns->shift * columns->output_bytes,
        .output_step_bytes = columns->output_bytes,
        .output_skip_bytes = rows->output_bytes - columns->outputs * columns->output_bytes,
        .rows = rows->outputs,
        .plane = words,
        .tap_skip_bytes = row_bytes - 4 * columns->taps,
        .ends = params->ends,
    };
    for (int32_t channel = 0; channel < params->channels; channel++) {
        spread(params, &layout, input + channel, words);
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
    uint32_t *words = (uint32_t *)(void *)scratch;
    const uint32_t border = (uint32_t)params->input_zero_point * 0x10001u;
    for (int32_t i = 0; i < params->rows.words * params->columns.words; i++) {
        words[i] = border;
    }
    for (int32_t batch = 0; batch < params->batches; batch++) {
        convolve(params, input, output, words);
        input += params->input_bytes;
        output += params->output_bytes;
    }
}
