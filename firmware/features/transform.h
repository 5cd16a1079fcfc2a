/* The transform that the spectral front ends share. */
#ifndef TML_FEATURES_TRANSFORM_H
#define TML_FEATURES_TRANSFORM_H

#include "scaling.h"
#include "tml/features.h"

typedef struct {
    int32_t re;
    int32_t im;
} tml_complex_t;

/* Puts the values of one signal, one after another, where tml_transform wants them. */
typedef struct {
    const int16_t *hann;
    tml_complex_t *data;
    int32_t count;    /* of values, a power of two */
    int32_t mean;     /* taken from each value */
    int32_t reversed; /* place of the next one: its number with the bits in reverse */
} tml_loader_t;

static inline tml_loader_t tml_loader(const tml_front_end_t *front_end, int32_t mean,
                                      tml_complex_t *data) {
    return (tml_loader_t){front_end->hann, data, front_end->frame, mean, 0};
}

/* The next value, within 17 bits as its distance from the mean is: the product fits 32. */
static inline void tml_load(tml_loader_t *loader, int32_t value) {
    loader->data[loader->reversed].re = ((value - loader->mean) * *loader->hann++) >> 15;
    /* Counts up from the highest bit down. */
    int32_t bit = loader->count >> 1;
    while (loader->reversed & bit) {
        loader->reversed ^= bit;
        bit >>= 1;
    }
    loader->reversed |= bit;
}

/* The next `front_end->frame` values `stride` apart, without their mean and under the window. */
static inline void tml_load_samples(const tml_front_end_t *front_end, const int16_t *samples,
                                    int32_t stride, tml_complex_t *data) {
    const int32_t count = front_end->frame;
    int32_t total = 0;
    for (int32_t i = 0; i < count; i++) {
        total += samples[i * stride];
    }
    tml_loader_t loader = tml_loader(front_end, (int32_t)tml_floor_divide(total, count), data);
    for (int32_t i = 0; i < count; i++) {
        tml_load(&loader, samples[i * stride]);
    }
}

/* The fast Fourier transform of front_end->frame real values in place, decimation in time. Only
 * the lower half of the result is whole, up to half the sample rate; imaginary parts need not be
 * set before. */
void tml_transform(const tml_front_end_t *front_end, tml_complex_t *data);

static inline uint64_t tml_power(const tml_complex_t *bin) {
    return (uint64_t)((int64_t)bin->re * bin->re) + (uint64_t)((int64_t)bin->im * bin->im);
}

/* log2 of the energy of each band of one channel, scaled, to its place among the features. */
void tml_scale_bands(const tml_front_end_t *front_end, int32_t channel, const tml_complex_t *data,
                     int8_t *features);

#endif
