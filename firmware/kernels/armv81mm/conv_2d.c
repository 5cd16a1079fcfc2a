#include "armv81mm/conv_2d.h"

#include <stddef.h>
#include <string.h>

#include "armv81mm/patch.h"

enum { PIXELS = TML_ARMV81MM_PIXELS, LANES = TML_ARMV81MM_LANES };

/* How windows come into patches. */
typedef struct {
    int spread;
    int32_t taps; /* of a row, that lie beside each other: all, or 1 where they are dilated */
    int32_t image_row_bytes, window_row_bytes, tap_bytes;
    uint32_t whole_rows, whole_columns; /* places of the first tap from which all are inside */
    tml_armv81mm_pieces_t whole;        /* for these */
} plan_t;

static plan_t plan_of(const tml_armv81mm_conv_2d_t *params) {
    const tml_window_t *window = &params->window;
    const int32_t channels = params->input_channels;
    const int32_t reach_rows = (window->kernel_rows - 1) * window->dilation_rows;
    const int32_t reach_columns = (window->kernel_columns - 1) * window->dilation_columns;
    plan_t plan = {
        .spread = params->order == TML_ARMV81MM_SPREAD,
        .taps = window->dilation_columns == 1 ? window->kernel_columns : 1,
        .image_row_bytes = window->dilation_rows * window->input_columns * channels,
        .window_row_bytes = window->kernel_columns * channels,
        .tap_bytes = window->dilation_columns * channels,
    };
    if (window->input_rows > reach_rows && window->input_columns > reach_columns) {
        plan.whole_rows = (uint32_t)(window->input_rows - reach_rows);
        plan.whole_columns = (uint32_t)(window->input_columns - reach_columns);
    }
    plan.whole =
        tml_armv81mm_pieces(window->kernel_rows, plan.taps * channels, plan.image_row_bytes,
                            plan.window_row_bytes, plan.spread ? PIXELS : 1);
    return plan;
}

static inline void copy(int spread, tml_armv81mm_pieces_t pieces, const int8_t *from, int8_t *to) {
    if (spread) {
        tml_armv81mm_spread(pieces, from, to);
    } else {
        tml_armv81mm_copy(pieces, from, to);
    }
}

/* A window that lies partly outside, which is the zero point. */
static __attribute__((noinline)) void gather_part(const tml_armv81mm_conv_2d_t *params,
                                                  const plan_t *plan, const int8_t *image,
                                                  int32_t row, int32_t column, int8_t *patch) {
    const tml_window_t *window = &params->window;
    const int32_t channels = params->input_channels;
    const int32_t scale = plan->spread ? PIXELS : 1;
    const int8x16_t outside = vdupq_n_s8((int8_t)params->input_zero_point);
    for (int32_t block = 0; block < params->blocks; block++) {
        vstrbq_s8(patch + block * LANES * scale, outside);
    }
    const tml_taps_t rows = tml_row_taps(window, row);
    const tml_taps_t columns = tml_column_taps(window, column);
    const int32_t taps = columns.end - columns.first;
    const int32_t count = rows.end - rows.first;
    if (taps <= 0 || count <= 0) {
        return;
    }
    const int32_t together = window->dilation_columns == 1 ? taps : 1;
    const tml_armv81mm_pieces_t pieces = tml_armv81mm_pieces(
        count, together * channels, plan->image_row_bytes, plan->window_row_bytes, scale);
    patch += scale * (rows.first * plan->window_row_bytes + columns.first * channels);
    image += (rows.position * window->input_columns + columns.position) * channels;
    for (int32_t tap = 0; tap < taps; tap += together) {
        copy(plan->spread, pieces, image, patch);
        patch += scale * channels;
        image += plan->tap_bytes;
    }
}

/* A window; where it is spread, each vector is followed by those of the other pixels. */
static inline void gather(const tml_armv81mm_conv_2d_t *params, const plan_t *plan,
                          const int8_t *image, int32_t row, int32_t column, int8_t *patch) {
    const tml_window_t *window = &params->window;
    const int32_t y = row * window->stride_rows - window->before_rows;
    const int32_t x = column * window->stride_columns - window->before_columns;
    if ((uint32_t)y >= plan->whole_rows || (uint32_t)x >= plan->whole_columns) {
        gather_part(params, plan, image, row, column, patch);
        return;
    }
    image += (y * window->input_columns + x) * params->input_channels;
    int32_t tap = 0;
    do {
        copy(plan->spread, plan->whole, image, patch);
        patch += (plan->spread ? PIXELS : 1) * params->input_channels;
        image += plan->tap_bytes;
        tap += plan->taps;
    } while (tap < window->kernel_columns);
}

/* The place of an output. */
typedef struct {
    int32_t row, column;
} place_t;

/* Windows of the next `count` outputs into the patch; where they are fewer than four, the last one
 * stands in for others. */
static void gather_all(const tml_armv81mm_conv_2d_t *params, const plan_t *plan,
                       const int8_t *image, place_t *place, int32_t count, int8_t *patch) {
    const int32_t window_bytes = plan->spread ? LANES : LANES * params->blocks;
    int8_t *windows = plan->spread ? patch : patch + PIXELS * window_bytes;
    for (int32_t i = 0; i < PIXELS; i++) {
        gather(params, plan, image, place->row, place->column, windows + i * window_bytes);
        if (i + 1 >= count && i + 1 < PIXELS) {
            continue;
        }
        if (++place->column == params->window.output_columns) {
            place->column = 0;
            place->row++;
        }
    }
    if (!plan->spread) {
        tml_armv81mm_interleave(windows, windows + window_bytes, windows + 2 * window_bytes,
                                windows + 3 * window_bytes, window_bytes, patch);
    }
}

/* The same for pixels as they lie. */
static void take_in_order(const int8_t *input, int32_t depth, int32_t count, int8_t *patch) {
    const int8_t *second = input + (count > 1 ? depth : 0);
    const int8_t *third = second + (count > 2 ? depth : 0);
    const int8_t *fourth = third + (count > 3 ? depth : 0);
    tml_armv81mm_interleave(input, second, third, fourth, depth, patch);
}

/* Where pairs of channels of `count` pixels go, and whatever stands in for the last one. */
static void set_places(uint16_t places[2 * PIXELS], int32_t count, int32_t channels,
                       int32_t second) {
    for (int32_t i = 0; i < PIXELS; i++) {
        const int32_t pixel = i < count ? i : count - 1;
        places[2 * i] = (uint16_t)(pixel * channels);
        places[2 * i + 1] = (uint16_t)(pixel * channels + second);
    }
}

/* All channels of `count` pixels. */
static void multiply(const tml_armv81mm_conv_2d_t *params, tml_armv81mm_tile_t *tile,
                     int32_t count) {
    const int32_t channels = params->output_channels;
    if (channels > 1) {
        params->gemm(tile);
    }
    if (params->last_packed != NULL) {
        tml_armv81mm_tile_t last = *tile;
        last.output += channels - 1;
        last.packed = params->last_packed;
        last.packed_end = params->last_packed + tml_armv81mm_pair_words(params->blocks);
        set_places(last.places, count, channels, 0);
        params->gemm(&last);
    }
}

void tml_armv81mm_conv_2d(const tml_armv81mm_conv_2d_t *params, const int8_t *input, int8_t *output,
                          uint8_t *scratch) {
    const tml_window_t *window = &params->window;
    int8_t *const patch = (int8_t *)scratch;
    tml_armv81mm_tile_t tile = {
        .packed = params->packed,
        .patch = patch,
        .packed_end =
            params->packed + params->output_channels / 2 * tml_armv81mm_pair_words(params->blocks),
        .range = &params->range,
    };
    tml_armv81mm_set_blocks(&tile, params->blocks);
    const plan_t plan = plan_of(params);
    const int32_t outputs = window->output_rows * window->output_columns;
    for (int32_t batch = 0; batch < params->batches; batch++) {
        place_t place = {0, 0};
        set_places(tile.places, PIXELS, params->output_channels, 1);
        for (int32_t first = 0; first < outputs; first += PIXELS) {
            const int32_t left = outputs - first;
            const int32_t count = left < PIXELS ? left : PIXELS;
            if (count < PIXELS) {
                set_places(tile.places, count, params->output_channels, 1);
            }
            if (params->order == TML_ARMV81MM_IN_ORDER) {
                take_in_order(input + first * params->depth, params->depth, count, patch);
            } else {
                gather_all(params, &plan, input, &place, count, patch);
            }
            tile.output = output;
            multiply(params, &tile, count);
            output += count * params->output_channels;
        }
        input += window->input_rows * window->input_columns * params->input_channels;
    }
}
