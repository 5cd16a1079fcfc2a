#include "quantize.h"

/* round(value), halves away from zero, within -2^30 .. 2^30; 0 for what is not a number. */
static int32_t round_half_away(float value) {
    const float limit = 1073741824.0f;
    if (value != value) {
        return 0;
    }
    if (value >= limit) {
        return INT32_C(1) << 30;
    }
    if (value <= -limit) {
        return -(INT32_C(1) << 30);
    }
    /* Truncation is exact, and so is the difference: adding 0.5 would round once too often. */
    const int32_t whole = (int32_t)value;
    const float rest = value - (float)whole;
    return whole + (rest >= 0.5f) - (rest <= -0.5f);
}

#define DEFINE_AFFINE(type, name, lowest, highest)                                                 \
    void tml_quantize_##name(const tml_affine_t *params, const float *input, type *output) {       \
        for (int32_t i = 0; i < params->elements; i++) {                                           \
            const int32_t value = round_half_away(input[i] / params->scale) + params->zero_point;  \
            output[i] = (type)tml_clamp(value, lowest, highest);                                   \
        }                                                                                          \
    }                                                                                              \
    void tml_dequantize_##name(const tml_affine_t *params, const type *input, float *output) {     \
        for (int32_t i = 0; i < params->elements; i++) {                                           \
            output[i] = params->scale * (float)(input[i] - params->zero_point);                    \
        }                                                                                          \
    }

DEFINE_AFFINE(int8_t, int8, INT8_MIN, INT8_MAX)
DEFINE_AFFINE(int16_t, int16, INT16_MIN, INT16_MAX)

/* The subtraction wraps, as the accumulators of other kernels do. */
#define DEFINE_REQUANTIZE(from, to, name)                                                          \
    void tml_requantize_##name(const tml_requantize_t *params, const from *input, to *output) {    \
        for (int32_t i = 0; i < params->elements; i++) {                                           \
            const uint32_t centred = (uint32_t)input[i] - (uint32_t)params->input_zero_point;      \
            output[i] = (to)tml_requantize(&params->requantization, 0, (int32_t)centred);          \
        }                                                                                          \
    }

DEFINE_REQUANTIZE(int8_t, int16_t, int8_int16)
DEFINE_REQUANTIZE(int16_t, int8_t, int16_int8)
DEFINE_REQUANTIZE(int16_t, int16_t, int16_int16)
DEFINE_REQUANTIZE(int8_t, int32_t, int8_int32)
DEFINE_REQUANTIZE(int16_t, int32_t, int16_int32)
DEFINE_REQUANTIZE(int32_t, int8_t, int32_int8)
DEFINE_REQUANTIZE(int32_t, int16_t, int32_int16)
