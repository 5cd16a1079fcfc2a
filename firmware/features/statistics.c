#include "scaling.h"

#define FRACTION_BITS 4
#define STATISTICS 6

/* The integer square root, rounded down, of a value below 2^62: one bit at a time. */
static uint32_t square_root(uint64_t value) {
    uint64_t root = 0;
    for (uint64_t bit = UINT64_C(1) << 62; bit != 0; bit >>= 2) {
        if (value >= root + bit) {
            value -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return (uint32_t)root;
}

typedef struct {
    int64_t total;
    int64_t squares;
    int64_t steps;
    int32_t minimum;
    int32_t maximum;
} sums_t;

static sums_t sums_of(const int16_t *channel, int32_t count, int32_t stride) {
    sums_t sums = {0, 0, 0, INT16_MAX, INT16_MIN};
    for (int32_t i = 0; i < count; i++) {
        const int32_t x = channel[i * stride];
        sums.total += x;
        sums.squares += x * x;
        sums.minimum = x < sums.minimum ? x : sums.minimum;
        sums.maximum = x > sums.maximum ? x : sums.maximum;
        if (i > 0) {
            const int32_t step = x - channel[(i - 1) * stride];
            sums.steps += step < 0 ? -step : step;
        }
    }
    return sums;
}

static int32_t crossings_of(const int16_t *channel, int32_t count, int32_t stride, int32_t mean) {
    int32_t crossings = 0;
    for (int32_t i = 1; i < count; i++) {
        const int before = channel[(i - 1) * stride] * (1 << FRACTION_BITS) > mean;
        const int after = channel[i * stride] * (1 << FRACTION_BITS) > mean;
        crossings += before != after;
    }
    return crossings;
}

void tml_front_end_statistics(const tml_front_end_t *front_end, const int16_t *samples,
                              int8_t *features, void *scratch) {
    (void)scratch;
    const int32_t count = (int32_t)front_end->window;
    const int32_t unit = 1 << FRACTION_BITS;
    for (int32_t channel = 0; channel < front_end->channels; channel++) {
        const sums_t sums = sums_of(samples + channel, count, front_end->channels);
        const int32_t mean = (int32_t)tml_floor_divide(sums.total * unit, count);
        const uint64_t spread = (uint64_t)(count * sums.squares - sums.total * sums.total);
        const uint32_t root = square_root(spread << (2 * FRACTION_BITS));
        const int32_t values[STATISTICS] = {
            mean,
            (int32_t)(root / (uint32_t)count),
            sums.minimum * unit,
            sums.maximum * unit,
            (int32_t)(sums.steps * unit / (count > 1 ? count - 1 : 1)),
            crossings_of(samples + channel, count, front_end->channels, mean) * unit,
        };
        for (int32_t i = 0; i < STATISTICS; i++) {
            features[channel * STATISTICS + i] =
                tml_scale_feature(front_end, channel * STATISTICS + i, values[i]);
        }
    }
}
