/* Activations as the 256 trick wants them (gemm.h), one pixel at a time. */
#ifndef TML_ARMV7EM_EXPAND_H
#define TML_ARMV7EM_EXPAND_H

#include <arm_acle.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t tml_armv7em_a_of(uint32_t four) {
    return (uint32_t)__sxtab16((int16x2_t)0xFF81FF81, (int8x4_t)four);
}

static inline uint32_t tml_armv7em_y_of(uint32_t four) {
    return four ^ 0x007F007Fu;
}

static inline uint32_t *tml_armv7em_expand_four(uint32_t *pixel, uint32_t four) {
    *pixel++ = tml_armv7em_a_of(four);
    *pixel++ = tml_armv7em_y_of(four);
    return pixel;
}

/* A row of any length, filled up with zeros; returns where the next one goes. */
static inline uint32_t *tml_armv7em_expand_row(uint32_t *pixel, const int8_t *input,
                                               int32_t inputs) {
    uint32_t four;
    for (uint32_t next; inputs >= 8; inputs -= 8, input += 8) {
        memcpy(&four, input, sizeof four);
        memcpy(&next, input + 4, sizeof next);
        pixel = tml_armv7em_expand_four(pixel, four);
        pixel = tml_armv7em_expand_four(pixel, next);
    }
    for (; inputs >= 4; inputs -= 4, input += 4) {
        memcpy(&four, input, sizeof four);
        pixel = tml_armv7em_expand_four(pixel, four);
    }
    if (inputs > 0) {
        four = 0;
        memcpy(&four, input, (size_t)inputs);
        pixel = tml_armv7em_expand_four(pixel, four);
    }
    return pixel;
}

#endif
