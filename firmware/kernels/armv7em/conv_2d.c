#include "armv7em/conv_2d.h"

#include <stddef.h>
#include <string.h>

#include "armv7em/expand.h"

enum { PIXELS = 3 };

static inline void copy_word(int8_t *target, const int8_t *source) {
    uint32_t word;
    memcpy(&word, source, sizeof word);
    memcpy(target, &word, sizeof word);
}

/* Rows of a window are short: loops over words beat memcpy. */
__attribute__((noinline)) static void copy(int8_t *target, const int8_t *source, int32_t bytes) {
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

static inline int32_t words_for(int32_t bytes) {
    return (bytes + 3) / 4;
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
        fill((uint32_t *)(void *)patch, params->input_zero_point,
             words_for(window->kernel_rows * window->kernel_columns * channels));
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
    tile->packed = params->packed;
    tile->output_end = output + (channels & ~1);
    tml_armv7em_gemm(tile);
    if (params->last_packed != NULL) {
        tile->packed = params->last_packed;
        tile->output = output + channels - 2;
        tile->output_end = output + channels;
        tml_armv7em_gemm(tile);
        tile->output = output;
    }
}

/* A convolution under way. */
typedef struct {
    const tml_armv7em_conv_2d_t *params;
    const int8_t *image;
    /* The next output, and where its window starts and that of its row's first column, in bytes
     * from the image's start. */
    int32_t row, column;
    int32_t origin, row_origin;
    /* To the next row of a window as it lies in the image, and from a window to the next. */
    int32_t row_bytes, stride_bytes;
    tml_armv7em_pixels_t pixels; /* the next windows */
    uint32_t *rests;             /* what is left of their rows */
    int32_t rest_words;          /* of each */
    int8_t *patches;             /* gathered windows */
    int32_t patch_bytes;
} work_t;

static inline void advance(work_t *work, int32_t outputs) {
    const tml_window_t *window = &work->params->window;
    work->origin += outputs * work->stride_bytes;
    work->column += outputs;
    if (work->column == window->output_columns) {
        work->column = 0;
        work->row++;
        work->row_origin +=
            window->stride_rows * window->input_columns * work->params->input_channels;
        work->origin = work->row_origin;
    }
}

/* Whether the windows of the next outputs are in one row and lie inside the image. */
static inline int lie_inside(const work_t *work, int32_t outputs) {
    const tml_armv7em_conv_2d_t *params = work->params;
    return work->column >= params->first_column && work->column + outputs <= params->end_column &&
           work->row >= params->first_row && work->row < params->end_row;
}

static inline void take(work_t *work, int32_t pixel, const int8_t *source, int32_t row_bytes) {
    work->pixels.pixels[pixel] = source;
    work->pixels.steps_bytes[pixel] = row_bytes - 4 * work->pixels.row_words;
}

/* Windows of which some do not lie inside, or of fewer than three outputs: then the last one is
 * there again. */
static void take_some(work_t *work, int32_t outputs) {
    const tml_armv7em_conv_2d_t *params = work->params;
    for (int32_t pixel = 0; pixel < outputs; pixel++) {
        if (lie_inside(work, 1)) {
            take(work, pixel, work->image + work->origin, work->row_bytes);
        } else {
            int8_t *patch = work->patches + pixel * work->patch_bytes;
            gather(params, work->image, work->row, work->column, patch);
            take(work, pixel, patch, params->window.kernel_columns * params->input_channels);
        }
        advance(work, 1);
    }
    for (int32_t pixel = outputs; pixel < PIXELS; pixel++) {
        work->pixels.pixels[pixel] = work->pixels.pixels[outputs - 1];
        work->pixels.steps_bytes[pixel] = work->pixels.steps_bytes[outputs - 1];
    }
}

/* What is left of the rows of a window, one after the other. */
static inline void collect_rest(const work_t *work, int32_t pixel, uint32_t *rest) {
    const int32_t bytes = work->params->row_rest;
    const int32_t rows = work->pixels.rows;
    const int32_t row_bytes = work->pixels.steps_bytes[pixel] + 4 * work->pixels.row_words;
    const int8_t *source = work->pixels.pixels[pixel] + 4 * work->pixels.row_words;
    if (bytes == 1 && rows == 3) { /* 3x3 windows of three channels */
        *rest = (uint32_t)(uint8_t)source[0] | (uint32_t)(uint8_t)source[row_bytes] << 8 |
                (uint32_t)(uint8_t)source[2 * row_bytes] << 16;
        return;
    }
    int8_t *target = (int8_t *)rest;
    for (int32_t row = 0; row < rows; row++, source += row_bytes) {
        if (bytes > 1) {
            memcpy(target, source, 2);
        }
        target += bytes;
        target[-1] = source[bytes - 1];
    }
}

/* The same of three windows into the tile's end. */
static void expand_rest(const work_t *work, uint32_t *tile) {
    uint32_t *const rests = work->rests;
    const int32_t words = work->rest_words;
    for (int32_t pixel = 0; pixel < PIXELS; pixel++) {
        collect_rest(work, pixel, rests + pixel * words);
    }
    for (int32_t word = 0; word < words; word++, tile += 2 * PIXELS) {
        for (int32_t pixel = 0; pixel < PIXELS; pixel++) {
            const uint32_t four = rests[pixel * words + word];
            tile[pixel] = tml_armv7em_a_of(four);
            tile[PIXELS + pixel] = tml_armv7em_y_of(four);
        }
    }
}

/* The activations of the next outputs into the tile. */
static inline void fill_tile(work_t *work, int32_t outputs) {
    if (outputs == PIXELS && lie_inside(work, PIXELS)) {
        const int8_t *source = work->image + work->origin;
        take(work, 0, source, work->row_bytes);
        take(work, 1, source + work->stride_bytes, work->row_bytes);
        take(work, 2, source + 2 * work->stride_bytes, work->row_bytes);
        advance(work, PIXELS);
    } else {
        take_some(work, outputs);
    }
    uint32_t *tile = work->pixels.tile;
    if (work->pixels.row_words > 0) {
        tile = tml_armv7em_expand(&work->pixels);
    }
    if (work->rest_words > 0) {
        expand_rest(work, tile);
    }
}

static work_t start(const tml_armv7em_conv_2d_t *params, const int8_t *image, uint8_t *scratch) {
    const tml_window_t *window = &params->window;
    const int32_t row_bytes = window->input_columns * params->input_channels;
    const int32_t window_bytes =
        window->kernel_rows * window->kernel_columns * params->input_channels;
    const int32_t rest_words = words_for(params->row_rest * window->kernel_rows);
    uint32_t *const tile = (uint32_t *)(void *)scratch;
    uint32_t *const rests = tile + 2 * PIXELS * params->groups;
    work_t work = {
        .params = params,
        .image = image,
        .row_origin =
            -window->before_rows * row_bytes - window->before_columns * params->input_channels,
        .row_bytes = window->dilation_rows * row_bytes,
        .stride_bytes = window->stride_columns * params->input_channels,
        .pixels = {.tile = tile, .row_words = params->row_words, .rows = window->kernel_rows},
        .rests = rests,
        .rest_words = rest_words,
        .patches = (int8_t *)(rests + PIXELS * rest_words),
        .patch_bytes = 4 * words_for(window_bytes),
    };
    work.origin = work.row_origin;
    return work;
}

static void convolve(const tml_armv7em_conv_2d_t *params, const int8_t *image, int8_t *output,
                     uint8_t *scratch) {
    work_t work = start(params, image, scratch);
    const int32_t channels = params->output_channels;
    tml_armv7em_tile_t tile = {
        .tile = work.pixels.tile,
        .tile_end = work.pixels.tile + 2 * PIXELS * params->groups,
        .turns = tml_armv7em_turns(params->groups, TML_ARMV7EM_TILE_UNROLLED),
        .ends = params->ends,
        .addend = params->addend,
    };
    int32_t left = params->window.output_rows * params->window.output_columns;
    while (left > 0) {
        const int32_t pixels = left < PIXELS ? left : PIXELS;
        fill_tile(&work, pixels);
        tile.output = output;
        tile.offset_1_bytes = pixels > 1 ? channels : 0;
        tile.offset_2_bytes = (pixels - 1) * channels;
        run(params, &tile);
        tml_armv7em_clamp(&params->clamp, output, pixels * channels);
        output += pixels * channels;
        left -= pixels;
    }
}

void tml_armv7em_conv_2d(const tml_armv7em_conv_2d_t *params, const int8_t *input, int8_t *output,
                         uint8_t *scratch) {
    const tml_window_t *window = &params->window;
    for (int32_t batch = 0; batch < params->batches; batch++) {
        convolve(params, input, output, scratch);
        input += window->input_rows * window->input_columns * params->input_channels;
        output += window->output_rows * window->output_columns * params->output_channels;
    }
}
