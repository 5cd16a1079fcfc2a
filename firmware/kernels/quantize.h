/* QUANTIZE and DEQUANTIZE between float32 and integers, and between integer types. */
#ifndef TML_QUANTIZE_H
#define TML_QUANTIZE_H

#include "fixed_point.h"

typedef struct {
    int32_t elements;
    float scale;
    int32_t zero_point;
} tml_affine_t;

typedef struct {
    int32_t elements;
    int32_t input_zero_point;
    tml_requantization_t requantization; /* one multiplier */
} tml_requantize_t;

void tml_quantize_int8(const tml_affine_t *params, const float *input, int8_t *output);
void tml_quantize_int16(const tml_affine_t *params, const float *input, int16_t *output);
void tml_dequantize_int8(const tml_affine_t *params, const int8_t *input, float *output);
void tml_dequantize_int16(const tml_affine_t *params, const int16_t *input, float *output);
void tml_requantize_int8_int16(const tml_requantize_t *params, const int8_t *input,
                               int16_t *output);
void tml_requantize_int16_int8(const tml_requantize_t *params, const int16_t *input,
                               int8_t *output);
void tml_requantize_int16_int16(const tml_requantize_t *params, const int16_t *input,
                                int16_t *output);
void tml_requantize_int8_int32(const tml_requantize_t *params, const int8_t *input,
                               int32_t *output);
void tml_requantize_int16_int32(const tml_requantize_t *params, const int16_t *input,
                                int32_t *output);
void tml_requantize_int32_int8(const tml_requantize_t *params, const int32_t *input,
                               int8_t *output);
void tml_requantize_int32_int16(const tml_requantize_t *params, const int32_t *input,
                                int16_t *output);

#endif
