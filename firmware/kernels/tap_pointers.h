/* Where each tap of a window reads, for kernels that do not treat borders as special cases. */
#ifndef TML_TAP_POINTERS_H
#define TML_TAP_POINTERS_H

#include "window.h"

/* For one output of an image [rows][columns][channels]; taps beyond it read `border`. */
static inline void tml_point_taps(const tml_window_t *window, int32_t channels, const int8_t *image,
                                  int32_t row, int32_t column, const int8_t *border,
                                  const int8_t **taps) {
    const int32_t first_y = row * window->stride_rows - window->before_rows;
    const int32_t first_x = column * window->stride_columns - window->before_columns;
    const int32_t last_y = first_y + (window->kernel_rows - 1) * window->dilation_rows;
    const int32_t last_x = first_x + (window->kernel_columns - 1) * window->dilation_columns;
    const int whole = first_y >= 0 && last_y < window->input_rows && first_x >= 0 &&
                      last_x < window->input_columns;
    const int32_t across = window->dilation_columns * channels;
    for (int32_t y = first_y; y <= last_y; y += window->dilation_rows) {
        const int8_t *tap = image + (y * window->input_columns + first_x) * channels;
        for (int32_t x = first_x; x <= last_x; x += window->dilation_columns, tap += across) {
            const int inside =
                whole || (y >= 0 && y < window->input_rows && x >= 0 && x < window->input_columns);
            *taps++ = inside ? tap : border;
        }
    }
}

#endif
