/* Operators on two tensors, element by element, with broadcasting. */
#ifndef TML_BINARY_H
#define TML_BINARY_H

#include "broadcast.h"
#include "fixed_point.h"

/* How an input is brought to the common scale. */
typedef struct {
    int32_t zero_point;
    int32_t multiplier;
    int32_t shift; /* <= 0 */
} tml_scaled_t;

/* How a result becomes an element of the output. */
typedef struct {
    int32_t multiplier;
    int32_t shift;
    int32_t zero_point;
    int32_t lowest;
    int32_t highest;
} tml_result_t;

/* ADD, SUB, SQUARED_DIFFERENCE. */
typedef struct {
    tml_broadcast_t broadcast;
    tml_scaled_t inputs[2];
    int32_t left_shift; /* headroom of the common scale: 20, 15 or 7 */
    tml_result_t result;
} tml_common_scale_t;

/* MUL and PRELU, which has a second result for negative elements. */
typedef struct {
    tml_broadcast_t broadcast;
    int32_t zero_points[2];
    tml_result_t result;
    tml_result_t negative;
} tml_product_t;

/* MAXIMUM, MINIMUM, LOGICAL_AND, LOGICAL_OR, SELECT_V2. */
typedef struct {
    tml_broadcast_t broadcast;
} tml_plain_t;

typedef enum {
    TML_EQUAL,
    TML_NOT_EQUAL,
    TML_LESS,
    TML_LESS_EQUAL,
    TML_GREATER,
    TML_GREATER_EQUAL
} tml_comparison_t;

typedef struct {
    tml_broadcast_t broadcast;
    tml_scaled_t inputs[2];
    int32_t left_shift;
    tml_comparison_t comparison;
} tml_compare_t;

void tml_add_int8(const tml_common_scale_t *params, const int8_t *a, const int8_t *b, int8_t *out);
void tml_add_int16(const tml_common_scale_t *params, const int16_t *a, const int16_t *b,
                   int16_t *out);
void tml_sub_int8(const tml_common_scale_t *params, const int8_t *a, const int8_t *b, int8_t *out);
void tml_sub_int16(const tml_common_scale_t *params, const int16_t *a, const int16_t *b,
                   int16_t *out);
void tml_squared_difference_int8(const tml_common_scale_t *params, const int8_t *a, const int8_t *b,
                                 int8_t *out);
void tml_mul_int8(const tml_product_t *params, const int8_t *a, const int8_t *b, int8_t *out);
void tml_mul_int16(const tml_product_t *params, const int16_t *a, const int16_t *b, int16_t *out);
void tml_prelu_int8(const tml_product_t *params, const int8_t *a, const int8_t *b, int8_t *out);
void tml_prelu_int16(const tml_product_t *params, const int16_t *a, const int8_t *b, int16_t *out);
void tml_maximum_int8(const tml_plain_t *params, const int8_t *a, const int8_t *b, int8_t *out);
void tml_maximum_int16(const tml_plain_t *params, const int16_t *a, const int16_t *b, int16_t *out);
void tml_minimum_int8(const tml_plain_t *params, const int8_t *a, const int8_t *b, int8_t *out);
void tml_minimum_int16(const tml_plain_t *params, const int16_t *a, const int16_t *b, int16_t *out);
void tml_compare_int8(const tml_compare_t *params, const int8_t *a, const int8_t *b, uint8_t *out);
void tml_logical_and(const tml_plain_t *params, const uint8_t *a, const uint8_t *b, uint8_t *out);
void tml_logical_or(const tml_plain_t *params, const uint8_t *a, const uint8_t *b, uint8_t *out);
/* By the size of an element: 1, 2 or 4 bytes. */
void tml_select_1(const tml_plain_t *params, const uint8_t *condition, const void *a, const void *b,
                  void *out);
void tml_select_2(const tml_plain_t *params, const uint8_t *condition, const void *a, const void *b,
                  void *out);
void tml_select_4(const tml_plain_t *params, const uint8_t *condition, const void *a, const void *b,
                  void *out);

#endif
