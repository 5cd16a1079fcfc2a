/* A fused activation that clamps inside the range of int8: after the kernel, which saturates. */
#ifndef TML_ARMV7EM_CLAMP_H
#define TML_ARMV7EM_CLAMP_H

#include <stdint.h>

typedef struct {
    int32_t lowest; /* -128 .. 127 */
    int32_t highest;
} tml_armv7em_clamp_t;

static inline void tml_armv7em_clamp(const tml_armv7em_clamp_t *clamp, int8_t *elements,
                                     int32_t count) {
    if (clamp->lowest == INT8_MIN && clamp->highest == INT8_MAX) {
        return;
    }
    for (int32_t i = 0; i < count; i++) {
        const int32_t x = elements[i];
        const int32_t floored = x < clamp->lowest ? clamp->lowest : x;
        elements[i] = (int8_t)(floored > clamp->highest ? clamp->highest : floored);
    }
}

#endif
