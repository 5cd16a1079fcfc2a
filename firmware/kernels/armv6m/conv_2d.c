#include "armv6m/conv_2d.h"

#include <string.h>

enum { PIXELS = 4, TAP_WORDS = PIXELS / 2 };

/* An output's window. */
typedef struct {
    int32_t row; /* of the first tap in the image, may lie outside */
    int32_t column;
} origin_t;

typedef struct {
    const tml_armv6m_conv_2d_t *params;
    const int8_t *image;
    const int8_t *outside; /* what taps outside the image see: a pixel of zero points */
} source_t;

/* Where a tap reads. */
static inline const int8_t *tap(const source_t *source, int32_t row, int32_t column) {
    const tml_window_t *window = &source->params->window;
    /* Negative ones become large. */
    if ((uint32_t)row >= (uint32_t)window->input_rows ||
        (uint32_t)column >= (uint32_t)window->input_columns) {
        return source->outside;
    }
    return source->image + (row * window->input_columns + column) * source->params->input_channels;
}

/* Whether taps lie side by side in the image in all rows of a window. */
static inline int inside(const tml_window_t *window, origin_t origin) {
    return window->dilation_columns == 1 && origin.row >= 0 && origin.column >= 0 &&
           origin.row + (window->kernel_rows - 1) * window->dilation_rows < window->input_rows &&
           origin.column + window->kernel_columns <= window->input_columns;
}

/* The windows of two outputs. */
static void gather(const source_t *source, origin_t first, origin_t second, uint32_t *tile) {
    const tml_window_t *window = &source->params->window;
    const int32_t channels = source->params->input_channels;
    const int whole = inside(window, first) && inside(window, second);
    const int32_t runs = whole ? 1 : window->kernel_columns;
    const int32_t taps = whole ? channels * window->kernel_columns : channels;
    for (int32_t i = 0; i < window->kernel_rows; i++) {
        for (int32_t j = 0; j < runs; j++) {
            const int32_t column = j * window->dilation_columns;
            tml_armv6m_pack(tap(source, first.row, first.column + column),
                            tap(source, second.row, second.column + column), tile, taps);
            tile += TAP_WORDS * taps;
        }
        first.row += window->dilation_rows;
        second.row += window->dilation_rows;
    }
}

/* Origins of outputs in their order. */
static origin_t next(const tml_window_t *window, origin_t *walk) {
    const origin_t origin = *walk;
    walk->column += window->stride_columns;
    if (walk->column >= window->output_columns * window->stride_columns - window->before_columns) {
        walk->column = -window->before_columns;
        walk->row += window->stride_rows;
    }
    return origin;
}

static void convolve(const tml_armv6m_conv_2d_t *params, const source_t *source, int8_t *output,
                     uint32_t *words, int32_t taps) {
    const tml_window_t *window = &params->window;
    const int8_t *image = source->image;
    const int32_t channels = params->output_channels;
    origin_t walk = {-window->before_rows, -window->before_columns};
    for (int32_t left = window->output_rows * window->output_columns; left > 0; left -= PIXELS) {
        /* Where fewer than four pixels are left, the last one is computed again. */
        const int32_t last = left < PIXELS ? left - 1 : PIXELS - 1;
        const int32_t places[PIXELS] = {0, last < 1 ? last : 1, last < 2 ? last : 2, last};
        if (params->in_order) {
            tml_armv6m_pack(image, image + places[1] * taps, words, taps);
            tml_armv6m_pack(image + places[2] * taps, image + last * taps, words + 1, taps);
            image += PIXELS * taps;
        } else {
            origin_t origins[PIXELS] = {{0, 0}};
            for (int32_t i = 0; i < PIXELS; i++) {
                origins[i] = i <= last ? next(window, &walk) : origins[last];
            }
            gather(source, origins[0], origins[1], words);
            gather(source, origins[2], origins[3], words + 1);
        }
        const tml_armv6m_tile_t tile = {
            .offset_1_bytes = places[1] * channels,
            .offset_2_bytes = places[2] * channels,
            .offset_3_bytes = last * channels,
            .tile = words,
            .weights = params->weights,
            .chunks = params->chunks,
            .ends = params->ends,
            .output = output,
            .output_end = output + channels,
            .lowest = params->lowest,
            .highest = params->highest,
            .tile_end = words + TAP_WORDS * taps,
        };
        params->gemm(&tile);
        output += PIXELS * channels;
    }
}

void tml_armv6m_conv_2d(const tml_armv6m_conv_2d_t *params, const int8_t *input, int8_t *output,
                        uint8_t *scratch) {
    const tml_window_t *window = &params->window;
    const int32_t taps = window->kernel_rows * window->kernel_columns * params->input_channels;
    uint32_t *words = (uint32_t *)(void *)scratch;
    int8_t *outside = (int8_t *)(words + TAP_WORDS * taps);
    if (params->bordered) {
        memset(outside, params->input_zero_point, (size_t)params->input_channels);
    }
    for (int32_t batch = 0; batch < params->batches; batch++) {
        const source_t source = {params, input, outside};
        convolve(params, &source, output, words, taps);
        input += window->input_rows * window->input_columns * params->input_channels;
        output += window->output_rows * window->output_columns * params->output_channels;
    }
}
