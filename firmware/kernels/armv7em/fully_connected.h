/* FULLY_CONNECTED of int8 for Armv7E-M: four outputs at a time (gemv.h). */
#ifndef TML_ARMV7EM_FULLY_CONNECTED_H
#define TML_ARMV7EM_FULLY_CONNECTED_H

#include "armv7em/clamp.h"
#include "armv7em/gemv.h"

typedef struct {
    int32_t batches;
    int32_t inputs;
    int32_t outputs;
    tml_armv7em_ends_t ends;
    const int32_t *words; /* for `ends`, of all outputs or of each */
    int32_t words_bytes;  /* from one output's to the next's */
    int32_t addend;
    const int32_t *packed;      /* quadruples of outputs, see tml_armv7em_row_t */
    const int32_t *last_packed; /* outputs that are left, filled up to four; or NULL */
    tml_armv7em_clamp_t clamp;
} tml_armv7em_fully_connected_t;

/* Scratch: 8 bytes for every four inputs, rounded up. */
void tml_armv7em_fully_connected(const tml_armv7em_fully_connected_t *params, const int8_t *input,
                                 int8_t *output, uint8_t *scratch);

#endif
