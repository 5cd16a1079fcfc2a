/* Elements from four 32-bit accumulators at a time, exactly as tml_requantize (fixed_point.h), for
 * the vectors of Armv8.1-M (MVE). */
#ifndef TML_ARMV81MM_REQUANTIZE_H
#define TML_ARMV81MM_REQUANTIZE_H

#include <arm_mve.h>

#include "armv81mm/range.h"

/* What channels have in common, as the kernels keep it. */
typedef struct {
    int32_t zero_point;
    int32x4_t lowest;
    int32x4_t highest;
} tml_armv81mm_limits_t;

static inline tml_armv81mm_limits_t tml_armv81mm_limits(const tml_armv81mm_range_t *range) {
    const tml_armv81mm_limits_t limits = {range->zero_point, vdupq_n_s32(range->lowest),
                                          vdupq_n_s32(range->highest)};
    return limits;
}

/* VRSHL takes halves up; one less makes it take those of negative values down. */
static inline int32x4_t tml_armv81mm_shifted_down(int32x4_t value, uint8_t is_signed) {
    return is_signed ? vaddq_s32(value, vshrq_n_s32(value, 31)) : value;
}

static inline int32x4_t tml_armv81mm_clamped(tml_armv81mm_limits_t limits, int32x4_t value) {
    const int32x4_t moved = vaddq_n_s32(value, limits.zero_point);
    return vminq_s32(vmaxq_s32(moved, limits.lowest), limits.highest);
}

/* Of one channel; shifts to the right are negative. `is_signed` is a constant where this is
 * inlined. */
static inline int32x4_t tml_armv81mm_requantize_channel(tml_armv81mm_limits_t limits,
                                                        int32x4_t sums, int32_t multiplier,
                                                        int32_t shift, uint8_t is_signed) {
    const int32x4_t value = vqrdmulhq_n_s32(sums, multiplier);
    const int32x4_t moved = vrshlq_n_s32(tml_armv81mm_shifted_down(value, is_signed), shift);
    return tml_armv81mm_clamped(limits, moved);
}

/* Of four channels. */
static inline int32x4_t tml_armv81mm_requantize(tml_armv81mm_limits_t limits, int32x4_t sums,
                                                int32x4_t multipliers, int32x4_t shifts,
                                                uint8_t is_signed) {
    const int32x4_t value = vqrdmulhq_s32(sums, multipliers);
    const int32x4_t moved = vrshlq_s32(tml_armv81mm_shifted_down(value, is_signed), shifts);
    return tml_armv81mm_clamped(limits, moved);
}

#endif
