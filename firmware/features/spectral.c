#include "scaling.h"

#define LOG_FRACTION_BITS 8

typedef struct {
    int32_t re;
    int32_t im;
} complex_t;

static int32_t reversed(int32_t value, int32_t count) {
    int32_t result = 0;
    for (int32_t bit = 1; bit < count; bit <<= 1) {
        result = (result << 1) | (value & 1);
        value >>= 1;
    }
    return result;
}

/* One channel without its mean, under the window, in bit-reversed order. */
static void load(const tml_front_end_t *front_end, const int16_t *channel, complex_t *data) {
    const int32_t count = front_end->window;
    int32_t total = 0;
    for (int32_t i = 0; i < count; i++) {
        total += channel[i * front_end->channels];
    }
    const int32_t mean = (int32_t)tml_floor_divide(total, count);
    for (int32_t i = 0; i < count; i++) {
        const int64_t centred = channel[i * front_end->channels] - mean;
        complex_t *slot = &data[reversed(i, count)];
        slot->re = (int32_t)((centred * front_end->hann[i]) >> 15);
        slot->im = 0;
    }
}

/* The transform in place, decimation in time, radix 2. */
static void transform(const tml_front_end_t *front_end, complex_t *data) {
    const int32_t count = front_end->window;
    for (int32_t half = 1; half < count; half *= 2) {
        const int32_t stride = count / (2 * half);
        for (int32_t start = 0; start < count; start += 2 * half) {
            for (int32_t k = 0; k < half; k++) {
                const int64_t cosine = front_end->twiddles[2 * k * stride];
                const int64_t sine = front_end->twiddles[2 * k * stride + 1];
                complex_t *upper = &data[start + k];
                complex_t *lower = &data[start + k + half];
                const int32_t re =
                    (int32_t)((lower->re * cosine - lower->im * sine + (1 << 14)) >> 15);
                const int32_t im =
                    (int32_t)((lower->re * sine + lower->im * cosine + (1 << 14)) >> 15);
                lower->re = upper->re - re;
                lower->im = upper->im - im;
                upper->re += re;
                upper->im += im;
            }
        }
    }
}

/* log2(value + 1) in 1/256: a parabola between powers of two. */
static int32_t log2_of(uint64_t value) {
    value += 1;
    int32_t exponent = 63;
    while (!(value >> exponent)) {
        exponent--;
    }
    const uint64_t aligned = exponent >= LOG_FRACTION_BITS
                                 ? value >> (exponent - LOG_FRACTION_BITS)
                                 : value << (LOG_FRACTION_BITS - exponent);
    const int32_t fraction = (int32_t)aligned - (1 << LOG_FRACTION_BITS);
    const int32_t bend = (fraction * (256 - fraction) * 88) >> 16;
    return exponent * (1 << LOG_FRACTION_BITS) + fraction + bend;
}

static uint64_t energy_of(const complex_t *data, int32_t first, int32_t end) {
    uint64_t energy = 0;
    for (int32_t i = first; i < end; i++) {
        energy += (uint64_t)((int64_t)data[i].re * data[i].re);
        energy += (uint64_t)((int64_t)data[i].im * data[i].im);
    }
    return energy;
}

void tml_front_end_spectral(const tml_front_end_t *front_end, const int16_t *samples,
                            int8_t *features, void *scratch) {
    complex_t *data = scratch;
    for (int32_t channel = 0; channel < front_end->channels; channel++) {
        load(front_end, samples + channel, data);
        transform(front_end, data);
        for (int32_t band = 0; band < front_end->band_count; band++) {
            const uint64_t energy =
                energy_of(data, front_end->bands[band], front_end->bands[band + 1]);
            const int32_t index = band * front_end->channels + channel;
            features[index] = tml_scale_feature(front_end, index, log2_of(energy));
        }
    }
}
