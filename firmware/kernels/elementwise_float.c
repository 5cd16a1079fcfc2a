#include "elementwise_float.h"

#include "float_functions.h"

static float combined(tml_float_combination_t kind, float a, float b) {
    switch (kind) {
    case TML_FLOAT_ADD:
        return a + b;
    case TML_FLOAT_SUB:
        return a - b;
    case TML_FLOAT_MUL:
        return a * b;
    case TML_FLOAT_DIV:
        return a / b;
    case TML_FLOAT_SQUARED_DIFFERENCE:
        return (a - b) * (a - b);
    case TML_FLOAT_MAXIMUM:
        return a > b ? a : b;
    case TML_FLOAT_MINIMUM:
        return a < b ? a : b;
    default: /* TML_FLOAT_PRELU */
        return a >= 0.0f ? a : a * b;
    }
}

void tml_binary_float(const tml_binary_float_t *params, const float *a, const float *b,
                      float *out) {
    tml_walk_t walk = {{0}, {0}};
    for (int32_t i = 0; i < params->broadcast.elements; i++) {
        const float value = combined(params->kind, a[walk.places[0]], b[walk.places[1]]);
        out[i] = tml_float_clamp(value, params->lowest, params->highest);
        tml_walk_on(&params->broadcast, 2, &walk);
    }
}

static float function_of(const tml_unary_float_t *params, float x) {
    switch (params->kind) {
    case TML_FLOAT_RELU:
        return x < 0.0f ? 0.0f : x;
    case TML_FLOAT_RELU6:
        return tml_float_clamp(x, 0.0f, 6.0f);
    case TML_FLOAT_RELU_N1_TO_1:
        return tml_float_clamp(x, -1.0f, 1.0f);
    case TML_FLOAT_LEAKY_RELU:
        return x > 0.0f ? x : x * params->alpha;
    case TML_FLOAT_ABS:
        return x < 0.0f ? -x : x;
    case TML_FLOAT_NEG:
        return -x;
    case TML_FLOAT_ELU:
        return x < 0.0f ? tml_float_exp(x) - 1.0f : x;
    case TML_FLOAT_EXP:
        return tml_float_exp(x);
    case TML_FLOAT_LOGISTIC:
        return tml_float_sigmoid(x);
    case TML_FLOAT_TANH:
        return tml_float_tanh(x);
    default: /* TML_FLOAT_HARD_SWISH */
        return x * tml_float_clamp(x + 3.0f, 0.0f, 6.0f) / 6.0f;
    }
}

void tml_unary_float(const tml_unary_float_t *params, const float *input, float *output) {
    for (int32_t i = 0; i < params->elements; i++) {
        output[i] = function_of(params, input[i]);
    }
}
