/* FULLY_CONNECTED of int8 for Armv6-M: four outputs at a time (gemv.h). */
#ifndef TML_ARMV6M_FULLY_CONNECTED_H
#define TML_ARMV6M_FULLY_CONNECTED_H

#include "armv6m/gemv.h"

typedef struct {
    int32_t batches;
    int32_t inputs;
    int32_t outputs;
    int32_t passes; /* 4: inputs are read where they lie; 1: they are spread out first */
    tml_armv6m_gemv_t gemv;
    const uint32_t *weights; /* these four as in tml_armv6m_row_t */
    const uint16_t *chunks;
    const int32_t *biases;
    const int32_t *ends;
    int32_t ends_bytes;
    const uint32_t *last_weights; /* of the outputs behind the last quadruple, filled up to one */
    const uint16_t *last_chunks;
    int32_t lowest;
    int32_t highest;
} tml_armv6m_fully_connected_t;

/* Scratch, where there is one pass: 4 bytes an input. */
void tml_armv6m_fully_connected(const tml_armv6m_fully_connected_t *params, const int8_t *input,
                                int8_t *output, uint8_t *scratch);

/* The same for four passes. */
void tml_armv6m_fully_connected_in_place(const tml_armv6m_fully_connected_t *params,
                                         const int8_t *input, int8_t *output);

#endif
