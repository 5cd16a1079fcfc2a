#include "binary.h"

/* Each loop below is compiled once for the function that it is given. */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE int32_t on_common_scale(const tml_scaled_t *input, int32_t left_shift,
                                      int32_t value) {
    const int32_t centred = (value - input->zero_point) * (INT32_C(1) << left_shift);
    return tml_scale(centred, input->multiplier, input->shift);
}

ALWAYS_INLINE int32_t finish(const tml_result_t *result, int32_t value) {
    const int32_t scaled = tml_scale(value, result->multiplier, result->shift);
    return tml_clamp(scaled + result->zero_point, result->lowest, result->highest);
}

ALWAYS_INLINE int32_t add(int32_t a, int32_t b) {
    return a + b;
}

ALWAYS_INLINE int32_t subtract(int32_t a, int32_t b) {
    return a - b;
}

ALWAYS_INLINE int32_t squared_difference(int32_t a, int32_t b) {
    return (a - b) * (a - b);
}

ALWAYS_INLINE int32_t maximum(int32_t a, int32_t b) {
    return a > b ? a : b;
}

ALWAYS_INLINE int32_t minimum(int32_t a, int32_t b) {
    return a < b ? a : b;
}

#define TML_ELEMENT_BITS 8
#include "binary_body.h"
#undef TML_ELEMENT_BITS
#define TML_ELEMENT_BITS 16
#include "binary_body.h"

void tml_squared_difference_int8(const tml_common_scale_t *params, const int8_t *a, const int8_t *b,
                                 int8_t *out) {
    combine_on_common_scale_int8(params, a, b, out, squared_difference);
}

#define DEFINE_PRELU(type, name)                                                                   \
    void tml_prelu_##name(const tml_product_t *params, const type *a, const int8_t *b,             \
                          type *out) {                                                             \
        tml_walk_t walk = {{0}, {0}};                                                              \
        for (int32_t i = 0; i < params->broadcast.elements; i++) {                                 \
            const int32_t value = a[walk.places[0]] - params->zero_points[0];                      \
            const int32_t slope = b[walk.places[1]] - params->zero_points[1];                      \
            out[i] = (type)(value >= 0 ? finish(&params->result, value)                            \
                                       : finish(&params->negative, value * slope));                \
            tml_walk_on(&params->broadcast, 2, &walk);                                             \
        }                                                                                          \
    }

DEFINE_PRELU(int8_t, int8)
DEFINE_PRELU(int16_t, int16)

static int compare(tml_comparison_t comparison, int32_t a, int32_t b) {
    switch (comparison) {
    case TML_EQUAL:
        return a == b;
    case TML_NOT_EQUAL:
        return a != b;
    case TML_LESS:
        return a < b;
    case TML_LESS_EQUAL:
        return a <= b;
    case TML_GREATER:
        return a > b;
    default:
        return a >= b;
    }
}

void tml_compare_int8(const tml_compare_t *params, const int8_t *a, const int8_t *b, uint8_t *out) {
    tml_walk_t walk = {{0}, {0}};
    for (int32_t i = 0; i < params->broadcast.elements; i++) {
        const int32_t x =
            on_common_scale(&params->inputs[0], params->left_shift, a[walk.places[0]]);
        const int32_t y =
            on_common_scale(&params->inputs[1], params->left_shift, b[walk.places[1]]);
        out[i] = (uint8_t)compare(params->comparison, x, y);
        tml_walk_on(&params->broadcast, 2, &walk);
    }
}

void tml_logical_and(const tml_plain_t *params, const uint8_t *a, const uint8_t *b, uint8_t *out) {
    tml_walk_t walk = {{0}, {0}};
    for (int32_t i = 0; i < params->broadcast.elements; i++) {
        out[i] = a[walk.places[0]] && b[walk.places[1]];
        tml_walk_on(&params->broadcast, 2, &walk);
    }
}

void tml_logical_or(const tml_plain_t *params, const uint8_t *a, const uint8_t *b, uint8_t *out) {
    tml_walk_t walk = {{0}, {0}};
    for (int32_t i = 0; i < params->broadcast.elements; i++) {
        out[i] = a[walk.places[0]] || b[walk.places[1]];
        tml_walk_on(&params->broadcast, 2, &walk);
    }
}

#define DEFINE_SELECT(bytes, type)                                                                 \
    void tml_select_##bytes(const tml_plain_t *params, const uint8_t *condition, const void *a,    \
                            const void *b, void *out) {                                            \
        tml_walk_t walk = {{0}, {0}};                                                              \
        for (int32_t i = 0; i < params->broadcast.elements; i++) {                                 \
            ((type *)out)[i] = condition[walk.places[0]] ? ((const type *)a)[walk.places[1]]       \
                                                         : ((const type *)b)[walk.places[2]];      \
            tml_walk_on(&params->broadcast, 3, &walk);                                             \
        }                                                                                          \
    }

DEFINE_SELECT(1, uint8_t)
DEFINE_SELECT(2, uint16_t)
DEFINE_SELECT(4, uint32_t)
