/* The transform that the spectral front ends share. */
#ifndef TML_FEATURES_TRANSFORM_H
#define TML_FEATURES_TRANSFORM_H

#include "tml/features.h"

typedef struct {
    int32_t re;
    int32_t im;
} tml_complex_t;

/* `count` values `stride` apart, without their mean and under the window, in the order that
 * tml_transform wants. */
void tml_transform_load(const tml_front_end_t *front_end, const int16_t *samples, int32_t stride,
                        tml_complex_t *data);

/* The fast Fourier transform of front_end->frame values in place, decimation in time, radix 2. */
void tml_transform(const tml_front_end_t *front_end, tml_complex_t *data);

/* Where the value of this index goes before the transform. */
int32_t tml_reversed(int32_t index, int32_t count);

/* One value under the window. */
int32_t tml_windowed(const tml_front_end_t *front_end, int32_t index, int32_t value);

static inline uint64_t tml_power(const tml_complex_t *bin) {
    return (uint64_t)((int64_t)bin->re * bin->re) + (uint64_t)((int64_t)bin->im * bin->im);
}

/* log2 in 1/256 of a value from 1, within 0.01: a parabola between powers of two. */
int32_t tml_log2(uint64_t value);

/* log2 of the energy of each band of one channel, scaled, to its place among the features. */
void tml_scale_bands(const tml_front_end_t *front_end, int32_t channel, const tml_complex_t *data,
                     int8_t *features);

#endif
