#include "softmax_float.h"

#include "float_functions.h"

void tml_softmax_float(const tml_softmax_float_t *params, const float *input, float *output) {
    for (int32_t row = 0; row < params->rows; row++) {
        float maximum = input[0];
        for (int32_t i = 1; i < params->depth; i++) {
            maximum = input[i] > maximum ? input[i] : maximum;
        }
        float sum = 0.0f;
        for (int32_t i = 0; i < params->depth; i++) {
            output[i] = tml_float_exp((input[i] - maximum) * params->beta);
            sum += output[i];
        }
        for (int32_t i = 0; i < params->depth; i++) {
            output[i] = output[i] / sum;
        }
        input += params->depth;
        output += params->depth;
    }
}
