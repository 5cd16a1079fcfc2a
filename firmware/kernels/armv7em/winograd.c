#include "armv7em/winograd.h"

#include <arm_acle.h>
#include <string.h>

enum {
    POSITIONS = 4,
    ROWS = 4,
    COLUMNS = 6,
    TILE_COLUMNS = 2,
    OUTPUT_ROWS = 2,
    OUTPUT_COLUMNS = 4
};

/* Two channels at a time, as int16. */
typedef struct {
    int16x2_t columns[POSITIONS];
} row_t;

/* Of four inputs beside each other channels 0 and 2 of four, or, turned, 1 and 3. */
static inline row_t load(const int8_t *source, int32_t channels, int turned) {
    row_t row;
#pragma GCC unroll 4
    for (int32_t i = 0; i < POSITIONS; i++, source += channels) {
        uint32_t four;
        memcpy(&four, source, sizeof four);
        row.columns[i] = __sxtb16((int8x4_t)(turned ? four >> 8 | four << 24 : four));
    }
    return row;
}

static inline row_t minus(row_t a, row_t b) {
#pragma GCC unroll 4
    for (int32_t i = 0; i < POSITIONS; i++) {
        a.columns[i] = __ssub16(a.columns[i], b.columns[i]);
    }
    return a;
}

static inline row_t plus(row_t a, row_t b) {
#pragma GCC unroll 4
    for (int32_t i = 0; i < POSITIONS; i++) {
        a.columns[i] = __sadd16(a.columns[i], b.columns[i]);
    }
    return a;
}

/* A row of V, `step` words from a position to the next. Returns where the next row goes. */
static inline uint32_t *store(row_t row, uint32_t *target, int32_t step) {
    const int16x2_t *x = row.columns;
    target[0] = (uint32_t)__ssub16(x[0], x[2]);
    target += step;
    target[0] = (uint32_t)__sadd16(x[1], x[2]);
    target += step;
    target[0] = (uint32_t)__ssub16(x[2], x[1]);
    target += step;
    target[0] = (uint32_t)__ssub16(x[1], x[3]);
    return target + step;
}

/* V of two channels of a tile. */
static inline void transform_two(const int8_t *source, int32_t row_bytes, int32_t channels,
                                 int turned, uint32_t *target) {
    const row_t second = load(source + row_bytes, channels, turned);
    const row_t third = load(source + 2 * row_bytes, channels, turned);
    target = store(minus(load(source, channels, turned), third), target, channels);
    target = store(plus(second, third), target, channels);
    target = store(minus(third, second), target, channels);
    const row_t fourth = load(source + 3 * row_bytes, channels, turned);
    (void)store(minus(second, fourth), target, channels);
}

/* V of a tile; `target` is its first word. */
static void transform(const int8_t *source, int32_t row_bytes, int32_t channels, uint32_t *target) {
    for (int32_t channel = 0; channel < channels; channel += 4, source += 4, target += 4) {
        transform_two(source, row_bytes, channels, 0, target);
        transform_two(source, row_bytes, channels, 8, target + 1);
    }
}

/* The inputs of two tiles, [4][6][channels]; outside the image is the zero point. */
static void gather(const tml_armv7em_winograd_t *params, const int8_t *image, int32_t row,
                   int32_t column, int8_t *patch) {
    const tml_window_t *window = &params->window;
    const int32_t channels = params->input_channels;
    memset(patch, params->input_zero_point, (size_t)(ROWS * COLUMNS * channels));
    const int32_t first = column < 0 ? -column : 0;
    const int32_t beyond = window->input_columns - column;
    const int32_t end = beyond < COLUMNS ? beyond : COLUMNS;
    for (int32_t i = 0; i < ROWS; i++, row++) {
        if (row >= 0 && row < window->input_rows && first < end) {
            memcpy(patch + (i * COLUMNS + first) * channels,
                   image + (row * window->input_columns + column + first) * channels,
                   (size_t)((end - first) * channels));
        }
    }
}

/* V of the tiles whose first input is at this row and column. */
static void fill(const tml_armv7em_winograd_t *params, const int8_t *image, int32_t row,
                 int32_t column, uint32_t *tiles) {
    const tml_window_t *window = &params->window;
    const int32_t channels = params->input_channels;
    const int8_t *source = image + (row * window->input_columns + column) * channels;
    int32_t row_bytes = window->input_columns * channels;
    if (row < 0 || row + ROWS > window->input_rows || column < 0 ||
        column + COLUMNS > window->input_columns) {
        int8_t *patch = (int8_t *)(tiles + POSITIONS * POSITIONS * channels);
        gather(params, image, row, column, patch);
        source = patch;
        row_bytes = COLUMNS * channels;
    }
    transform(source, row_bytes, channels, tiles);
    transform(source + TILE_COLUMNS * channels, row_bytes, channels, tiles + 2);
}

/* Where outputs go; those outside the image to `spare`. */
static void place(const tml_armv7em_winograd_t *params, int32_t rows, int32_t columns,
                  int32_t spare_bytes, int32_t *offsets_bytes) {
    const int32_t channels = params->output_channels;
    const int32_t row_bytes = params->window.output_columns * channels;
    for (int32_t i = 0; i < OUTPUT_ROWS * OUTPUT_COLUMNS; i++) {
        const int32_t row = i / TILE_COLUMNS % OUTPUT_ROWS;
        const int32_t column = i % TILE_COLUMNS + i / OUTPUT_COLUMNS * TILE_COLUMNS;
        offsets_bytes[i] =
            row < rows && column < columns ? row * row_bytes + column * channels : spare_bytes;
    }
}

static tml_armv7em_winograd_tiles_t start(const tml_armv7em_winograd_t *params, uint32_t *tiles) {
    /* The first group of four channels stands by itself. */
    const int32_t groups = params->input_channels / 4 - 1;
    const int32_t turns =
        (groups + TML_ARMV7EM_WINOGRAD_UNROLLED - 1) / TML_ARMV7EM_WINOGRAD_UNROLLED;
    return (tml_armv7em_winograd_tiles_t){
        .tiles = tiles,
        .tiles_end = tiles + POSITIONS * POSITIONS * params->input_channels,
        .skipped = turns > 0 ? turns * TML_ARMV7EM_WINOGRAD_UNROLLED - groups
                             : TML_ARMV7EM_WINOGRAD_UNROLLED,
        .turns = turns,
        .position_bytes = 4 * params->input_channels,
        .packed = params->packed,
        .ends = params->ends,
        .addend = params->addend,
    };
}

static void convolve(const tml_armv7em_winograd_t *params, const int8_t *image, int8_t *output,
                     uint32_t *tiles) {
    const tml_window_t *window = &params->window;
    const int32_t channels = params->output_channels;
    tml_armv7em_winograd_tiles_t work = start(params, tiles);
    int8_t *const spare =
        (int8_t *)(tiles + (POSITIONS * POSITIONS + ROWS * COLUMNS / 4) * params->input_channels);
    for (int32_t row = 0; row < window->output_rows; row += OUTPUT_ROWS) {
        for (int32_t column = 0; column < window->output_columns; column += OUTPUT_COLUMNS) {
            fill(params, image, row - window->before_rows, column - window->before_columns, tiles);
            work.output = output + (row * window->output_columns + column) * channels;
            work.output_end = work.output + channels;
            place(params, window->output_rows - row, window->output_columns - column,
                  (int32_t)(spare - work.output), work.offsets_bytes);
            tml_armv7em_winograd_products(&work);
        }
    }
    tml_armv7em_clamp(&params->clamp, output,
                      window->output_rows * window->output_columns * channels);
}

void tml_armv7em_winograd(const tml_armv7em_winograd_t *params, const int8_t *input, int8_t *output,
                          uint8_t *scratch) {
    const tml_window_t *window = &params->window;
    for (int32_t batch = 0; batch < params->batches; batch++) {
        convolve(params, input, output, (uint32_t *)(void *)scratch);
        input += window->input_rows * window->input_columns * params->input_channels;
        output += window->output_rows * window->output_columns * params->output_channels;
    }
}
