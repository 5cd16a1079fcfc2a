/* RESIZE_BILINEAR over [batches][rows][columns][channels], with positions worked out beforehand. */
#ifndef TML_RESIZE_BILINEAR_H
#define TML_RESIZE_BILINEAR_H

#include "tml/flash.h"

#include <stdint.h>

/* For each output row or column, three numbers: the inputs before and after it, and the weight of
 * the second one in 1/1024. */
#define TML_NEIGHBOUR_FIELDS 3

typedef struct {
    int32_t batches;
    int32_t input_rows, input_columns;
    int32_t output_rows, output_columns;
    int32_t channels;
    const TML_FLASH int16_t *rows;    /* [output_rows][TML_NEIGHBOUR_FIELDS] */
    const TML_FLASH int16_t *columns; /* [output_columns][TML_NEIGHBOUR_FIELDS] */
} tml_resize_bilinear_t;

void tml_resize_bilinear_int8(const tml_resize_bilinear_t *params, const int8_t *input,
                              int8_t *output);

#endif
