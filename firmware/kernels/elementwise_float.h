/* Operators on float32 tensors, element by element. */
#ifndef TML_ELEMENTWISE_FLOAT_H
#define TML_ELEMENTWISE_FLOAT_H

#include "broadcast.h"

typedef enum {
    TML_FLOAT_ADD,
    TML_FLOAT_SUB,
    TML_FLOAT_MUL,
    TML_FLOAT_DIV,
    TML_FLOAT_SQUARED_DIFFERENCE,
    TML_FLOAT_MAXIMUM,
    TML_FLOAT_MINIMUM,
    TML_FLOAT_PRELU
} tml_float_combination_t;

typedef enum {
    TML_FLOAT_RELU,
    TML_FLOAT_RELU6,
    TML_FLOAT_RELU_N1_TO_1,
    TML_FLOAT_LEAKY_RELU,
    TML_FLOAT_ABS,
    TML_FLOAT_NEG,
    TML_FLOAT_ELU,
    TML_FLOAT_EXP,
    TML_FLOAT_LOGISTIC,
    TML_FLOAT_TANH,
    TML_FLOAT_HARD_SWISH
} tml_float_function_t;

typedef struct {
    tml_broadcast_t broadcast;
    tml_float_combination_t kind;
    float lowest; /* clamp of the fused activation */
    float highest;
} tml_binary_float_t;

typedef struct {
    int32_t elements;
    tml_float_function_t kind;
    float alpha; /* LEAKY_RELU's slope below 0 */
} tml_unary_float_t;

void tml_binary_float(const tml_binary_float_t *params, const float *a, const float *b, float *out);
void tml_unary_float(const tml_unary_float_t *params, const float *input, float *output);

#endif
