#include "armv7em/conv_2d.h"

#include <stddef.h>
#include <string.h>

enum { PIXELS = 3 };

static inline void copy_word(int8_t *target, const int8_t *source) {
    uint32_t word;
    memcpy(&word, source, sizeof word);
    memcpy(target, &word, sizeof word);
}

/* Rows of a window are short: loops over words beat a call. */
static inline void copy(int8_t *target, const int8_t *source, int32_t bytes) {
    const int8_t *const end = source + bytes;
    if (bytes < 4) {
        while (source != end) {
            *target++ = *source++;
        }
        return;
    }
    for (; end - source >= 16; source += 16, target += 16) {
        copy_word(target, source);
        copy_word(target + 4, source + 4);
        copy_word(target + 8, source + 8);
        copy_word(target + 12, source + 12);
    }
    for (; end - source >= 4; source += 4, target += 4) {
        copy_word(target, source);
    }
    if (source != end) {
        const int32_t back = 4 - (int32_t)(end - source);
        copy_word(target - back, source - back);
    }
}

static inline void fill(uint32_t *words, int32_t byte, int32_t count) {
    const uint32_t word = (uint32_t)(uint8_t)byte * 0x01010101u;
    for (int32_t i = 0; i < count; i++) {
        words[i] = word;
    }
}

/* Whether all taps of one dimension lie inside the image, for an output that reads from `origin`.
 */
static inline int inside(int32_t origin, int32_t dilation, int32_t kernel, int32_t input) {
    return origin >= 0 && origin + (kernel - 1) * dilation < input;
}

/* One output's window, [kernel rows][kernel columns][channels]; outside it is the zero point. */
static void gather(const tml_armv7em_conv_2d_t *params, const int8_t *image, int32_t row,
                   int32_t column, int8_t *patch) {
    const tml_window_t *window = &params->window;
    const int32_t channels = params->input_channels;
    tml_taps_t rows = {0, window->kernel_rows, row * window->stride_rows - window->before_rows};
    tml_taps_t columns = {0, window->kernel_columns,
                          column * window->stride_columns - window->before_columns};
    if (!inside(rows.position, window->dilation_rows, rows.end, window->input_rows) ||
        !inside(columns.position, window->dilation_columns, columns.end, window->input_columns)) {
        rows = tml_row_taps(window, row);
        columns = tml_column_taps(window, column);
        fill((uint32_t *)(void *)patch, params->input_zero_point, params->groups);
    }
    const int32_t taps = columns.end - columns.first;
    const int32_t patch_row = window->kernel_columns * channels;
    const int32_t image_row = window->dilation_rows * window->input_columns * channels;
    int8_t *target = patch + rows.first * patch_row + columns.first * channels;
    const int8_t *source =
        image + (rows.position * window->input_columns + columns.position) * channels;
    for (int32_t i = rows.first; i < rows.end; i++, target += patch_row, source += image_row) {
        if (window->dilation_columns == 1) {
            copy(target, source, taps * channels);
            continue;
        }
        for (int32_t j = 0; j < taps; j++) {
            copy(target + j * channels, source + j * window->dilation_columns * channels, channels);
        }
    }
}

static void run(const tml_armv7em_conv_2d_t *params, tml_armv7em_tile_t *tile) {
    int8_t *output = tile->output;
    const int32_t channels = params->output_channels;
    tile->stream = params->stream;
    tile->output_end = output + (channels & ~1);
    params->gemm(tile);
    if (params->last_stream != NULL) {
        tile->stream = params->last_stream;
        tile->output = output + channels - 2;
        tile->output_end = output + channels;
        params->gemm(tile);
        tile->output = output;
    }
}

static void convolve(const tml_armv7em_conv_2d_t *params, const int8_t *image, int8_t *output,
                     uint32_t *expanded) {
    const tml_window_t *window = &params->window;
    const int32_t patch_bytes = 4 * params->groups;
    int8_t *patches = (int8_t *)(expanded + 2 * PIXELS * params->groups);
    tml_armv7em_tile_t tile = {
        .tile = expanded,
        .tile_end = expanded + 2 * PIXELS * params->groups,
        .skipped = tml_armv7em_skipped(params->groups - 1),
    };
    int32_t left = window->output_rows * window->output_columns;
    int32_t row = 0;
    int32_t column = 0;
    while (left > 0) {
        /* Where fewer than three pixels are left, the last one is computed again. */
        const int32_t pixels = left < PIXELS ? left : PIXELS;
        const int32_t second = pixels > 1 ? 1 : 0;
        if (params->in_order) {
            const int8_t *last = image + (pixels - 1) * patch_bytes;
            tml_armv7em_expand(image, image + second * patch_bytes, last, expanded, params->groups);
            image += pixels * patch_bytes;
        } else {
            for (int32_t pixel = 0; pixel < pixels; pixel++) {
                gather(params, image, row, column, patches + pixel * patch_bytes);
                if (++column == window->output_columns) {
                    column = 0;
                    row++;
                }
            }
            tml_armv7em_expand(patches, patches + second * patch_bytes,
                               patches + (pixels - 1) * patch_bytes, expanded, params->groups);
        }
        tile.output = output;
        tile.offset_1_bytes = second * params->output_channels;
        tile.offset_2_bytes = (pixels - 1) * params->output_channels;
        run(params, &tile);
        tml_armv7em_clamp(&params->clamp, output, pixels * params->output_channels);
        output += pixels * params->output_channels;
        left -= pixels;
    }
}

void tml_armv7em_conv_2d(const tml_armv7em_conv_2d_t *params, const int8_t *input, int8_t *output,
                         uint8_t *scratch) {
    const tml_window_t *window = &params->window;
    for (int32_t batch = 0; batch < params->batches; batch++) {
        convolve(params, input, output, (uint32_t *)(void *)scratch);
        input += window->input_rows * window->input_columns * params->input_channels;
        output += window->output_rows * window->output_columns * params->output_channels;
    }
}
