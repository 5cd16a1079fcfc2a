/* The transform that the spectral front ends share. */
#ifndef TML_FEATURES_TRANSFORM_H
#define TML_FEATURES_TRANSFORM_H

#include "power.h"
#include "scaling.h"
#include "tml/features.h"

/* Values are transformed with so many bits more, for what rounding takes away. */
#define TML_GUARD_BITS 2

/* Puts the values of one signal, one after another, where tml_transform wants them. */
typedef struct {
    const int16_t *hann;
    int32_t *data;
    int32_t count;    /* of values, a power of two */
    int32_t mean;     /* taken from each value */
    int32_t reversed; /* place of the next one: its number with the bits in reverse */
} tml_loader_t;

static inline tml_loader_t tml_loader(const tml_front_end_t *front_end, int32_t mean,
                                      int32_t *data) {
    return (tml_loader_t){front_end->hann, data, front_end->frame, mean, 0};
}

/* A value, within 17 bits as its distance from the mean is: the product fits 32. */
static inline int32_t tml_windowed(tml_loader_t *loader, int32_t value) {
    return ((value - loader->mean) * *loader->hann++) >> (15 - TML_GUARD_BITS);
}

/* The next two values, of an even number and the odd one after it. */
static inline void tml_load(tml_loader_t *loader, int32_t even, int32_t odd) {
    int32_t *place = loader->data + loader->reversed;
    place[0] = tml_windowed(loader, even);
    place[loader->count >> 1] = tml_windowed(loader, odd);
    /* Counts up from the highest bit but one down. */
    int32_t bit = loader->count >> 2;
    while (loader->reversed & bit) {
        loader->reversed ^= bit;
        bit >>= 1;
    }
    loader->reversed |= bit;
}

/* The next `front_end->frame` values `stride` apart, without their mean and under the window. */
static inline void tml_load_samples(const tml_front_end_t *front_end, const int16_t *samples,
                                    int32_t stride, int32_t *data) {
    const int32_t count = front_end->frame;
    int32_t total = 0;
    for (int32_t i = 0; i < count; i++) {
        total += samples[i * stride];
    }
    tml_loader_t loader = tml_loader(front_end, (int32_t)tml_floor_divide(total, count), data);
    for (int32_t i = 0; i < count; i += 2) {
        tml_load(&loader, samples[i * stride], samples[(i + 1) * stride]);
    }
}

/* The fast Fourier transform of front_end->frame real values in place, decimation in time. The real
 * part of bin i comes to data[i], the imaginary one to data[frame - i], up to half the sample rate;
 * there is one element more than values. */
void tml_transform(const tml_front_end_t *front_end, int32_t *data);

/* Energy of the bin whose parts these are. */
static inline uint64_t tml_bin_power(int32_t re, int32_t im) {
    return tml_power(re >> TML_GUARD_BITS, im >> TML_GUARD_BITS);
}

/* log2 of the energy of each band of one channel, scaled, to its place among the features. */
void tml_scale_bands(const tml_front_end_t *front_end, int32_t channel, const int32_t *data,
                     int8_t *features);

#endif
