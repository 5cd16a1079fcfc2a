#include "resize_bilinear.h"

/* One output pixel between two rows of the input. */
static void mix_pixel(const tml_resize_bilinear_t *params, const int8_t *before,
                      const int8_t *after, int32_t down, const TML_FLASH int16_t *column,
                      int8_t *output) {
    const int32_t left = column[0] * params->channels;
    const int32_t right = column[1] * params->channels;
    const int32_t across = column[2];
    for (int32_t k = 0; k < params->channels; k++) {
        const int32_t above = before[left + k] * (1024 - across) + before[right + k] * across;
        const int32_t below = after[left + k] * (1024 - across) + after[right + k] * across;
        const int32_t total = above * (1024 - down) + below * down;
        output[k] = (int8_t)((total + (total > 0 ? INT32_C(1) << 19 : -(INT32_C(1) << 19))) /
                             (INT32_C(1) << 20));
    }
}

void tml_resize_bilinear_int8(const tml_resize_bilinear_t *params, const int8_t *input,
                              int8_t *output) {
    const int32_t line = params->input_columns * params->channels;
    for (int32_t batch = 0; batch < params->batches; batch++) {
        for (int32_t i = 0; i < params->output_rows; i++) {
            const TML_FLASH int16_t *row = &params->rows[i * TML_NEIGHBOUR_FIELDS];
            for (int32_t j = 0; j < params->output_columns; j++) {
                mix_pixel(params, input + row[0] * line, input + row[1] * line, row[2],
                          &params->columns[j * TML_NEIGHBOUR_FIELDS], output);
                output += params->channels;
            }
        }
        input += params->input_rows * line;
    }
}
