/* Functions of float32 by plain arithmetic: every step rounds once, so that every core, and the
 * compiler's own check in Python, gives the same bits. Needs -ffp-contract=off.
 *
 * Source: the Cephes Mathematical Library's expf and tanhf (S. L. Moshier). */
#ifndef TML_FLOAT_FUNCTIONS_H
#define TML_FLOAT_FUNCTIONS_H

#include <stdint.h>

static inline float tml_float_clamp(float value, float lowest, float highest) {
    return value < lowest ? lowest : value > highest ? highest : value;
}

/* 0 below -87.3, and the largest that it can be above 88.7. */
float tml_float_exp(float x);
float tml_float_sigmoid(float x);
float tml_float_tanh(float x);

#endif
