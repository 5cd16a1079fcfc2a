/* How a two-dimensional window walks over an image, [rows][columns][channels]. */
#ifndef TML_WINDOW_H
#define TML_WINDOW_H

#include <stdint.h>

typedef struct {
    int32_t kernel_rows, kernel_columns;     /* taps, 1.. */
    int32_t stride_rows, stride_columns;     /* 1.. */
    int32_t dilation_rows, dilation_columns; /* distance between taps, 1.. */
    int32_t before_rows, before_columns;     /* padding above and to the left, 0.. */
    int32_t input_rows, input_columns;
    int32_t output_rows, output_columns;
} tml_window_t;

/* The taps of one dimension that lie inside the image: first, end, and where the first one reads.
 */
typedef struct {
    int32_t first, end, position;
} tml_taps_t;

static inline tml_taps_t tml_taps(int32_t output, int32_t stride, int32_t before, int32_t dilation,
                                  int32_t kernel, int32_t input) {
    const int32_t origin = output * stride - before;
    tml_taps_t taps = {0, kernel, origin};
    if (origin < 0) {
        taps.first = (-origin + dilation - 1) / dilation;
        taps.position = origin + taps.first * dilation;
    }
    const int32_t fitting = (input - origin + dilation - 1) / dilation;
    if (fitting < taps.end) {
        taps.end = fitting;
    }
    return taps;
}

static inline tml_taps_t tml_row_taps(const tml_window_t *window, int32_t output_row) {
    return tml_taps(output_row, window->stride_rows, window->before_rows, window->dilation_rows,
                    window->kernel_rows, window->input_rows);
}

static inline tml_taps_t tml_column_taps(const tml_window_t *window, int32_t output_column) {
    return tml_taps(output_column, window->stride_columns, window->before_columns,
                    window->dilation_columns, window->kernel_columns, window->input_columns);
}

#endif
