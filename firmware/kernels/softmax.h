/* SOFTMAX of int8 elements over the last dimension, with a table of exponentials. */
#ifndef TML_SOFTMAX_H
#define TML_SOFTMAX_H

#include "tml/flash.h"

#include <stdint.h>

typedef struct {
    int32_t rows;
    int32_t depth;
    int32_t count;                         /* of exponentials, at least 1 */
    const TML_FLASH int32_t *exponentials; /* exp of minus the index, scaled, Q0.31; beyond are 0 */
} tml_softmax_t;

void tml_softmax_int8(const tml_softmax_t *params, const int8_t *input, int8_t *output);
void tml_softmax_int8_int16(const tml_softmax_t *params, const int8_t *input, int16_t *output);

#endif
