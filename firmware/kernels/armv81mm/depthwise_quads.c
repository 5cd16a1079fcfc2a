#include "armv81mm/depthwise_quads.h"

#include <arm_mve.h>
#include <stddef.h>

enum { QUAD = 4, BLOCK_BYTES = TML_ARMV81MM_BLOCK_BYTES, TOGETHER = TML_ARMV81MM_BLOCK_CHANNELS };

/* Where everything lies that does not change. */
typedef struct {
    const tml_armv81mm_depthwise_quads_t *params;
    int8_t *blocks;
    tml_armv81mm_columns_t *table;
    int8_t *border; /* zero points of sixteen channels */
} work_t;

/* Blocks of elements below each other from row y on, without the border on the left and right. */
static void weave_rows(const work_t *work, const int8_t *image, int32_t y, int32_t channels,
                       int8_t *blocks) {
    const tml_window_t *window = &work->params->window;
    const int32_t before = window->before_columns;
    const int32_t inside = work->params->columns - before;
    const int32_t count = inside < window->input_columns ? inside : window->input_columns;
    tml_armv81mm_lines_t lines;
    for (int32_t i = 0; i < QUAD; i++, y += window->dilation_rows) {
        const int is_inside = y >= 0 && y < window->input_rows;
        const int32_t row_bytes = window->input_columns * work->params->channels;
        lines.elements[i] = is_inside ? image + y * row_bytes : work->border;
        lines.steps[i] = is_inside ? work->params->channels : 0;
    }
    tml_armv81mm_weave(&lines, count, channels, blocks + before * BLOCK_BYTES);
}

/* Blocks of elements beside each other of row y. */
static void weave_columns(const work_t *work, const int8_t *image, int32_t y, int32_t channels,
                          int8_t *blocks) {
    const tml_window_t *window = &work->params->window;
    const int32_t pixel_bytes = work->params->channels;
    const int8_t *row = image + y * window->input_columns * pixel_bytes;
    /* Words that lie inside as a whole are made together. */
    const int32_t whole = window->input_columns - (QUAD - 1) * window->dilation_columns;
    const int32_t end = work->params->columns - window->before_columns;
    int32_t count = 1;
    for (int32_t x = -window->before_columns; x < end; x += count) {
        count = 1;
        if (x >= 0 && x < whole) {
            count = (whole < end ? whole : end) - x;
        }
        tml_armv81mm_lines_t lines;
        for (int32_t i = 0; i < QUAD; i++) {
            const int32_t column = x + i * window->dilation_columns;
            const int is_inside = column >= 0 && column < window->input_columns;
            lines.elements[i] = is_inside ? row + column * pixel_bytes : work->border;
            lines.steps[i] = pixel_bytes;
        }
        tml_armv81mm_weave(&lines, count, channels, blocks);
        blocks += count * BLOCK_BYTES;
    }
}

/* The first output row of each of the steps of a strip: the last step may do a row again. */
static inline int32_t first_row(const tml_armv81mm_depthwise_quads_t *params, int32_t step) {
    const int32_t row = step * params->rows_together;
    const int32_t last = params->window.output_rows - params->rows_together;
    return row < last ? row : last;
}

/* Where windows of `count` steps from `step` on begin, and where their outputs go. */
static tml_armv81mm_columns_t *fill_table(const work_t *work, int32_t step, int32_t count) {
    const tml_armv81mm_depthwise_quads_t *params = work->params;
    const tml_window_t *window = &params->window;
    const int32_t pixel_bytes = params->channels * params->multiplier;
    const int32_t row_bytes = window->output_columns * pixel_bytes;
    const int32_t start = first_row(params, step);
    const int8_t *blocks = work->blocks;
    int32_t place = 0;
    int32_t column = 0;
    int32_t left = count * window->output_columns;
    tml_armv81mm_columns_t *entry = work->table;
    for (; left > 0; entry++) {
        for (int32_t i = 0; i < QUAD; i++) {
            entry->blocks[i] = blocks + column * window->stride_columns * BLOCK_BYTES;
            const int32_t output = place + column * pixel_bytes;
            if (params->rows_together == 2) {
                entry->places.two_rows[2 * i] = (uint16_t)output;
                entry->places.two_rows[2 * i + 1] = (uint16_t)(output + row_bytes);
            } else {
                entry->places.one_row[i] = (uint32_t)output;
            }
            /* The last output stands in for those that there are not. */
            if (--left > 0 && ++column == window->output_columns) {
                column = 0;
                blocks += params->quads * params->columns * BLOCK_BYTES;
                place = (first_row(params, ++step) - start) * row_bytes;
            }
        }
    }
    return entry;
}

/* Blocks of the steps of a strip, for the channels from `image` on. */
static void weave_strip(const work_t *work, const int8_t *image, int32_t step, int32_t count,
                        int32_t channels) {
    const tml_armv81mm_depthwise_quads_t *params = work->params;
    const tml_window_t *window = &params->window;
    int8_t *blocks = work->blocks;
    for (int32_t i = 0; i < count; i++) {
        int32_t y = first_row(params, step + i) * window->stride_rows - window->before_rows;
        for (int32_t quad = 0; quad < params->quads; quad++) {
            if (params->along_columns) {
                weave_columns(work, image, y, channels, blocks);
            } else {
                weave_rows(work, image, y, channels, blocks);
            }
            y += QUAD * window->dilation_rows;
            blocks += params->columns * BLOCK_BYTES;
        }
    }
}

static void one_image(const work_t *work, const int8_t *input, int8_t *output) {
    const tml_armv81mm_depthwise_quads_t *params = work->params;
    const tml_window_t *window = &params->window;
    const int32_t together = params->rows_together;
    const int32_t steps = (window->output_rows + together - 1) / together;
    const int32_t output_channels = params->channels * params->multiplier;
    tml_armv81mm_quads_t quads = {
        .table = work->table,
        .offsets = params->offsets,
        .words = params->words,
        .steps = params->steps,
        .range = &params->range,
    };
    for (int32_t step = 0; step < steps; step += params->strip) {
        const int32_t left = steps - step;
        const int32_t count = left < params->strip ? left : params->strip;
        if (step == 0 || left <= params->strip) {
            quads.table_end = fill_table(work, step, count);
        }
        quads.packed = params->packed;
        quads.output = output + first_row(params, step) * window->output_columns * output_channels;
        for (int32_t channel = 0; channel < params->channels; channel += TOGETHER) {
            const int32_t rest = params->channels - channel;
            const int32_t channels = rest < TOGETHER ? rest : TOGETHER;
            weave_strip(work, input + channel, step, count, channels);
            quads.packed_end = quads.packed + channels * params->multiplier * params->channel_bytes;
            params->kernel(&quads);
            quads.packed = quads.packed_end;
            quads.output += channels * params->multiplier;
        }
    }
}

void tml_armv81mm_depthwise_quads(const tml_armv81mm_depthwise_quads_t *params, const int8_t *input,
                                  int8_t *output, uint8_t *scratch) {
    const tml_window_t *window = &params->window;
    const int32_t image_bytes = window->input_rows * window->input_columns * params->channels;
    const int32_t outputs = window->output_rows * window->output_columns;
    const int32_t block_count = params->strip * params->quads * params->columns;
    const int32_t entries = (params->strip * window->output_columns + QUAD - 1) / QUAD;
    work_t work = {.params = params, .blocks = (int8_t *)scratch};
    work.table = (tml_armv81mm_columns_t *)(void *)(work.blocks + block_count * BLOCK_BYTES);
    work.border = (int8_t *)(work.table + entries);
    /* Only the borders on the left and right stay. */
    const int8x16_t outside = vdupq_n_s8((int8_t)params->input_zero_point);
    vstrbq_s8(work.border, outside);
    for (int32_t i = 0; i < block_count * BLOCK_BYTES; i += TOGETHER) {
        vstrbq_s8(work.blocks + i, outside);
    }
    for (int32_t batch = 0; batch < params->batches; batch++) {
        one_image(&work, input, output);
        input += image_bytes;
        output += outputs * params->channels * params->multiplier;
    }
}
