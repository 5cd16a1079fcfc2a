/* SOFTMAX of int16 elements over the last dimension, with TFLite's tables. */
#ifndef TML_SOFTMAX16_H
#define TML_SOFTMAX16_H

#include "fixed_point.h"

typedef struct {
    int32_t rows;
    int32_t depth;
    tml_multiplier_t multiplier;           /* of differences, such that -65535 .. 0 is -10 .. 0 */
    const TML_FLASH int16_t *exponentials; /* [513]: exp(x) for x = -10 .. 0, Q0.15 */
    const TML_FLASH int16_t *reciprocals;  /* [513]: 1 / (1 + x) for x = 0 .. 1, Q0.15 */
} tml_softmax16_t;

void tml_softmax_int16(const tml_softmax16_t *params, const int16_t *input, int16_t *output);

#endif
