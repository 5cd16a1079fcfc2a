#include "cast.h"

/* A number between types: an integer of 32 bits, or a float. */
typedef struct {
    int32_t whole;
    float real;
} number_t;

static number_t loaded(tml_dtype_t from, const void *input, int32_t i) {
    number_t number = {0, 0.0f};
    switch (from) {
    case TML_FLOAT32:
        number.real = ((const float *)input)[i];
        return number;
    case TML_INT32:
        number.whole = ((const int32_t *)input)[i];
        break;
    case TML_INT16:
        number.whole = ((const int16_t *)input)[i];
        break;
    case TML_INT8:
        number.whole = ((const int8_t *)input)[i];
        break;
    default: /* TML_UINT8, TML_BOOL */
        number.whole = ((const uint8_t *)input)[i];
        break;
    }
    number.real = (float)number.whole;
    return number;
}

/* The nearest integer within the limits towards zero; 0 for what is not a number. */
static int32_t truncated(float value, int32_t lowest, int32_t highest) {
    if (value != value) {
        return 0;
    }
    if (value >= (float)highest) {
        return highest;
    }
    return value <= (float)lowest ? lowest : (int32_t)value;
}

static int32_t whole(tml_dtype_t from, number_t number, int32_t lowest, int32_t highest) {
    return from == TML_FLOAT32 ? truncated(number.real, lowest, highest) : number.whole;
}

static void store(const tml_cast_t *params, number_t number, void *output, int32_t i) {
    switch (params->to) {
    case TML_FLOAT32:
        ((float *)output)[i] = number.real;
        break;
    case TML_INT32:
        ((int32_t *)output)[i] = whole(params->from, number, INT32_MIN, INT32_MAX);
        break;
    case TML_INT16:
        ((int16_t *)output)[i] = (int16_t)whole(params->from, number, INT16_MIN, INT16_MAX);
        break;
    case TML_INT8:
        ((int8_t *)output)[i] = (int8_t)whole(params->from, number, INT8_MIN, INT8_MAX);
        break;
    case TML_BOOL:
        ((uint8_t *)output)[i] = number.whole != 0 || number.real != 0.0f;
        break;
    default: /* TML_UINT8 */
        ((uint8_t *)output)[i] = (uint8_t)whole(params->from, number, 0, UINT8_MAX);
        break;
    }
}

void tml_cast(const tml_cast_t *params, const void *input, void *output) {
    for (int32_t i = 0; i < params->elements; i++) {
        store(params, loaded(params->from, input, i), output, i);
    }
}

void tml_logical_not(const tml_logical_not_t *params, const uint8_t *input, uint8_t *output) {
    for (int32_t i = 0; i < params->elements; i++) {
        output[i] = !input[i];
    }
}
