/* FULLY_CONNECTED: rows of inputs times a matrix, with a bias. */
#ifndef TML_FULLY_CONNECTED_H
#define TML_FULLY_CONNECTED_H

#include "fixed_point.h"

typedef struct {
    int32_t batches;
    int32_t inputs;
    int32_t outputs;
    int32_t input_zero_point;
    const TML_FLASH int8_t *weights; /* [outputs][inputs] */
    const TML_FLASH int32_t *bias;   /* [outputs] */
    tml_requantization_t requantization;
} tml_fully_connected_t;

void tml_fully_connected_int8(const tml_fully_connected_t *params, const int8_t *input,
                              int8_t *output);
void tml_fully_connected_int16(const tml_fully_connected_t *params, const int16_t *input,
                               int16_t *output);

#endif
