#include "float_functions.h"

#define LOWEST -87.33654f
#define HIGHEST 88.72283f

/* 2^n for n = -126 .. 127: an exponent without a fraction. */
static float power_of_two(int32_t n) {
    const union {
        uint32_t bits;
        float value;
    } number = {(uint32_t)(n + 127) << 23};
    return number.value;
}

float tml_float_exp(float x) {
    if (x <= LOWEST) {
        return 0.0f;
    }
    x = x > HIGHEST ? HIGHEST : x;
    if (x != x) {
        return x;
    }
    const float turns = x * 1.44269504f;
    const int32_t n = (int32_t)(turns + (turns >= 0.0f ? 0.5f : -0.5f));
    const float whole = (float)n;
    /* log(2) in two parts, the first of few bits */
    const float r = (x - whole * 0.693359375f) - whole * -2.12194440e-4f;
    float y = 1.9875691500e-4f;
    y = y * r + 1.3981999507e-3f;
    y = y * r + 8.3334519073e-3f;
    y = y * r + 4.1665795894e-2f;
    y = y * r + 1.6666665459e-1f;
    y = y * r + 5.0000001201e-1f;
    y = (y * r) * r + r + 1.0f;
    /* In two steps: 2^128 has no float. */
    const int32_t half = n / 2;
    return (y * power_of_two(half)) * power_of_two(n - half);
}

float tml_float_sigmoid(float x) {
    return 1.0f / (1.0f + tml_float_exp(-x));
}

float tml_float_tanh(float x) {
    const float magnitude = x < 0.0f ? -x : x;
    if (magnitude < 0.625f) {
        const float square = x * x;
        float y = -5.70498872745e-3f;
        y = y * square + 2.06390887954e-2f;
        y = y * square + -5.37397155531e-2f;
        y = y * square + 1.33314422036e-1f;
        y = y * square + -3.33332819422e-1f;
        return y * square * x + x;
    }
    const float large = 1.0f - 2.0f / (tml_float_exp(magnitude + magnitude) + 1.0f);
    return x < 0.0f ? -large : large;
}
