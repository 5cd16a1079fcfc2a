/* BATCH_MATMUL: matrices times matrices, walked by strides. */
#ifndef TML_BATCH_MATMUL_H
#define TML_BATCH_MATMUL_H

#include "fixed_point.h"

#define TML_MATMUL_BATCH_AXES 3

/* Strides in elements; 0 along an axis that repeats the matrix. */
typedef struct {
    int32_t batch_strides[TML_MATMUL_BATCH_AXES];
    int32_t across; /* from row to row of the left, from column to column of the right input */
    int32_t along;  /* along the products of a sum */
    int32_t zero_point;
} tml_matmul_operand_t;

typedef struct {
    int32_t batches[TML_MATMUL_BATCH_AXES];
    int32_t rows;
    int32_t columns;
    int32_t depth;
    tml_matmul_operand_t left;
    tml_matmul_operand_t right;
    tml_requantization_t requantization; /* one multiplier */
} tml_batch_matmul_t;

void tml_batch_matmul_int8(const tml_batch_matmul_t *params, const int8_t *left,
                           const int8_t *right, int8_t *output);
void tml_batch_matmul_int16(const tml_batch_matmul_t *params, const int16_t *left,
                            const int16_t *right, int16_t *output);

#endif
