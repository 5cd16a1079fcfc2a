#include "armv7em/pools.h"

#include "fixed_point.h"
#include <arm_acle.h>
#include <string.h>

/* Where the taps of an output lie. */
typedef struct {
    const int8_t *first; /* channel 0 */
    int32_t rows, columns;
    int32_t row_bytes;
    int32_t column_bytes;
} taps_t;

/* Four channels of one output; `taps->first` is where they begin. */
typedef void (*pool_t)(const tml_pool_2d_t *params, const taps_t *taps, int8_t *output);

static inline uint32_t word_at(const int8_t *elements) {
    uint32_t word;
    memcpy(&word, elements, sizeof word);
    return word;
}

/* The mean, halves rounded away from zero. */
static inline int8_t mean(const tml_pool_2d_t *params, int32_t sum, int32_t count) {
    const int32_t rounded = (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
    return (int8_t)tml_clamp(rounded, params->lowest, params->highest);
}

static inline void average(const tml_pool_2d_t *params, const taps_t *taps, int8_t *output) {
    int16x2_t even = 0; /* channels 0 and 2 */
    int16x2_t odd = 0;
    const int8_t *row = taps->first;
    for (int32_t i = 0; i < taps->rows; i++, row += taps->row_bytes) {
        const int8_t *tap = row;
        for (int32_t j = 0; j < taps->columns; j++, tap += taps->column_bytes) {
            const uint32_t four = word_at(tap);
            even = __sadd16(even, __sxtb16((int8x4_t)four));
            odd = __sadd16(odd, __sxtb16((int8x4_t)(four >> 8 | four << 24)));
        }
    }
    const int32_t count = taps->rows * taps->columns;
    const int16_t sums[] = {(int16_t)even, (int16_t)odd, (int16_t)(even >> 16),
                            (int16_t)(odd >> 16)};
    for (int32_t i = 0; i < 4; i++) {
        output[i] = mean(params, sums[i], count);
    }
}

static inline uint32_t four_times(int32_t element) {
    return (uint32_t)(uint8_t)element * 0x01010101u;
}

/* The larger ones of four elements each: a where a - b >= 0. */
static inline uint32_t larger(uint32_t a, uint32_t b) {
    (void)__ssub8((int8x4_t)a, (int8x4_t)b);
    return (uint32_t)__sel((uint8x4_t)a, (uint8x4_t)b);
}

static inline uint32_t smaller(uint32_t a, uint32_t b) {
    (void)__ssub8((int8x4_t)b, (int8x4_t)a);
    return (uint32_t)__sel((uint8x4_t)a, (uint8x4_t)b);
}

static inline void maximum(const tml_pool_2d_t *params, const taps_t *taps, int8_t *output) {
    uint32_t four = four_times(params->lowest);
    const int8_t *row = taps->first;
    for (int32_t i = 0; i < taps->rows; i++, row += taps->row_bytes) {
        const int8_t *tap = row;
        for (int32_t j = 0; j < taps->columns; j++, tap += taps->column_bytes) {
            four = larger(four, word_at(tap));
        }
    }
    four = smaller(four, four_times(params->highest));
    memcpy(output, &four, sizeof four);
}

/* All outputs; inlined with its pool. */
static inline __attribute__((always_inline)) void
walk(const tml_pool_2d_t *params, const int8_t *input, int8_t *output, pool_t pool) {
    const tml_window_t *window = &params->window;
    const int32_t channels = params->channels;
    const int32_t row_bytes = window->input_columns * channels;
    for (int32_t batch = 0; batch < params->batches; batch++) {
        for (int32_t row = 0; row < window->output_rows; row++) {
            const tml_taps_t rows = tml_row_taps(window, row);
            for (int32_t column = 0; column < window->output_columns; column++) {
                const tml_taps_t columns = tml_column_taps(window, column);
                taps_t taps = {
                    .first = input + rows.position * row_bytes + columns.position * channels,
                    .rows = rows.end - rows.first,
                    .columns = columns.end - columns.first,
                    .row_bytes = row_bytes,
                    .column_bytes = channels,
                };
                for (int32_t channel = 0; channel < channels; channel += 4) {
                    pool(params, &taps, output);
                    taps.first += 4;
                    output += 4;
                }
            }
        }
        input += window->input_rows * row_bytes;
    }
}

void tml_armv7em_average_pool_2d(const tml_pool_2d_t *params, const int8_t *input, int8_t *output) {
    walk(params, input, output, average);
}

void tml_armv7em_max_pool_2d(const tml_pool_2d_t *params, const int8_t *input, int8_t *output) {
    walk(params, input, output, maximum);
}
