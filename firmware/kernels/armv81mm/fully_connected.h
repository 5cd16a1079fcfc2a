/* FULLY_CONNECTED of int8 for Armv8.1-M: four outputs at a time, sixteen products an instruction.
 */
#ifndef TML_ARMV81MM_FULLY_CONNECTED_H
#define TML_ARMV81MM_FULLY_CONNECTED_H

#include "armv81mm/requantize.h"

typedef struct {
    int32_t batches;
    int32_t inputs;
    int32_t outputs;
    const int8_t *weights; /* of four outputs each (gemv.h), the last ones filled up */
    /* Filled up, too; the input's zero point is folded into biases. */
    const int32_t *biases;
    const int32_t *multipliers; /* four for all where same_for_all */
    const int32_t *shifts;      /* to the right where negative */
    uint8_t same_for_all;
    tml_armv81mm_range_t range;
} tml_armv81mm_fully_connected_t;

void tml_armv81mm_fully_connected(const tml_armv81mm_fully_connected_t *params, const int8_t *input,
                                  int8_t *output);

#endif
