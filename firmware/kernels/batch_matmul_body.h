/* The body of batch_matmul.c for one element type (elements.h). */
#include "elements.h"

/* One matrix of the output; returns where the next one starts. */
static TML_ELEMENT *TML_NAME(multiply)(const tml_batch_matmul_t *params, const TML_ELEMENT *left,
                                       const TML_ELEMENT *right, TML_ELEMENT *output) {
    for (int32_t row = 0; row < params->rows; row++) {
        for (int32_t column = 0; column < params->columns; column++) {
            const TML_ELEMENT *a = left + row * params->left.across;
            const TML_ELEMENT *b = right + column * params->right.across;
            TML_ACCUMULATOR sum = 0;
            for (int32_t k = 0; k < params->depth; k++) {
                sum += (TML_ACCUMULATOR)(*a - params->left.zero_point) *
                       (*b - params->right.zero_point);
                a += params->left.along;
                b += params->right.along;
            }
            *output++ = (TML_ELEMENT)TML_REQUANTIZE(&params->requantization, 0, sum);
        }
    }
    return output;
}

void TML_NAME(tml_batch_matmul)(const tml_batch_matmul_t *params, const TML_ELEMENT *left,
                                const TML_ELEMENT *right, TML_ELEMENT *output) {
    const int32_t *batches = params->batches;
    for (int32_t i = 0; i < batches[0] * batches[1] * batches[2]; i++) {
        const int32_t at[TML_MATMUL_BATCH_AXES] = {i / (batches[1] * batches[2]),
                                                   i / batches[2] % batches[1], i % batches[2]};
        const TML_ELEMENT *a = left;
        const TML_ELEMENT *b = right;
        for (int32_t axis = 0; axis < TML_MATMUL_BATCH_AXES; axis++) {
            a += at[axis] * params->left.batch_strides[axis];
            b += at[axis] * params->right.batch_strides[axis];
        }
        output = TML_NAME(multiply)(params, a, b, output);
    }
}
