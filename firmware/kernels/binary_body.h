/* The body of binary.c for one element type (elements.h). */
#include "elements.h"

ALWAYS_INLINE void TML_NAME(combine_on_common_scale)(const tml_common_scale_t *params,
                                                     const TML_ELEMENT *a, const TML_ELEMENT *b,
                                                     TML_ELEMENT *out,
                                                     int32_t (*combine)(int32_t, int32_t)) {
    tml_walk_t walk = {{0}, {0}};
    for (int32_t i = 0; i < params->broadcast.elements; i++) {
        const int32_t x =
            on_common_scale(&params->inputs[0], params->left_shift, a[walk.places[0]]);
        const int32_t y =
            on_common_scale(&params->inputs[1], params->left_shift, b[walk.places[1]]);
        out[i] = (TML_ELEMENT)finish(&params->result, combine(x, y));
        tml_walk_on(&params->broadcast, 2, &walk);
    }
}

void TML_NAME(tml_add)(const tml_common_scale_t *params, const TML_ELEMENT *a, const TML_ELEMENT *b,
                       TML_ELEMENT *out) {
    TML_NAME(combine_on_common_scale)(params, a, b, out, add);
}

void TML_NAME(tml_sub)(const tml_common_scale_t *params, const TML_ELEMENT *a, const TML_ELEMENT *b,
                       TML_ELEMENT *out) {
    TML_NAME(combine_on_common_scale)(params, a, b, out, subtract);
}

void TML_NAME(tml_mul)(const tml_product_t *params, const TML_ELEMENT *a, const TML_ELEMENT *b,
                       TML_ELEMENT *out) {
    tml_walk_t walk = {{0}, {0}};
    for (int32_t i = 0; i < params->broadcast.elements; i++) {
        const int32_t x = a[walk.places[0]] - params->zero_points[0];
        const int32_t y = b[walk.places[1]] - params->zero_points[1];
        out[i] = (TML_ELEMENT)finish(&params->result, x * y);
        tml_walk_on(&params->broadcast, 2, &walk);
    }
}

ALWAYS_INLINE void TML_NAME(combine_plain)(const tml_plain_t *params, const TML_ELEMENT *a,
                                           const TML_ELEMENT *b, TML_ELEMENT *out,
                                           int32_t (*combine)(int32_t, int32_t)) {
    tml_walk_t walk = {{0}, {0}};
    for (int32_t i = 0; i < params->broadcast.elements; i++) {
        out[i] = (TML_ELEMENT)combine(a[walk.places[0]], b[walk.places[1]]);
        tml_walk_on(&params->broadcast, 2, &walk);
    }
}

void TML_NAME(tml_maximum)(const tml_plain_t *params, const TML_ELEMENT *a, const TML_ELEMENT *b,
                           TML_ELEMENT *out) {
    TML_NAME(combine_plain)(params, a, b, out, maximum);
}

void TML_NAME(tml_minimum)(const tml_plain_t *params, const TML_ELEMENT *a, const TML_ELEMENT *b,
                           TML_ELEMENT *out) {
    TML_NAME(combine_plain)(params, a, b, out, minimum);
}
